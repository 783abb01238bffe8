//! How two readings of one portal differ, row by row and by ID. What a reading could not see is no
//! deletion: rows are missing where an administrator's reading does not find them, and new where an
//! administrator's reading before did not have them.
//!
//! Items of lists come and go with their field, untold; stages are told beside their funnel, since
//! robots name them.

mod differences;
mod find;
mod known;
mod order;
mod rows;

use serde::{Deserialize, Serialize};

use crate::Meaning;
use crate::item::ItemRef;

pub use differences::changes;
pub use find::{Described, find};
pub use known::known_after;

/// One row that differs between two readings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// Which row: as it is called now, or was last.
    pub item: ItemRef,
    /// What became of it.
    pub difference: Difference,
}

/// What became of a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Difference {
    /// It was not there before.
    Added,
    /// It is not there any more.
    Removed,
    /// It is called otherwise, and nothing else differs.
    Renamed {
        /// What it was called.
        before: String,
        /// What it is called.
        after: String,
    },
    /// Attributes differ, its name perhaps among them.
    Changed(Vec<Altered>),
}

/// An attribute that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Altered {
    /// Which.
    pub attribute: Attribute,
    /// What it was.
    pub before: Value,
    /// What it is.
    pub after: Value,
}

/// What rows are described by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Attribute {
    /// What people call it.
    Name,
    /// Its place among its likes: told where it changed places with another.
    Order,
    /// The number of its row in the portal.
    Number,
    /// The funnel of a stage.
    Funnel,
    /// Whether it is chosen where nobody says otherwise.
    Default,
    /// What a stage means.
    Meaning,
    /// The colour of a stage.
    Color,
    /// Whether Bitrix24 guards it against removal.
    System,
    /// The type of a field.
    Type,
    /// What the values of a field point to.
    RefersTo,
    /// Whether a field must be filled in.
    Required,
    /// Whether a field holds several values.
    Multiple,
    /// An identifier from outside.
    XmlId,
    /// A person's position at work.
    Position,
    /// A person's departments.
    Departments,
    /// Whether a person works there.
    Active,
}

/// What an attribute holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Value {
    /// Nothing.
    Nothing,
    /// A text of the portal's.
    Text(String),
    /// A number.
    Number(i64),
    /// Yes or no.
    Flag(bool),
    /// What a stage means.
    Meaning(Meaning),
    /// The code of a field's type.
    Type(String),
    /// Texts of the portal's.
    Texts(Vec<String>),
}

/// Kinds of changes, by which a history is filtered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    /// Rows that were not there before.
    Added,
    /// Rows that are not there any more.
    Removed,
    /// Rows that are called otherwise.
    Renamed,
    /// Rows with other attributes.
    Changed,
}

impl ChangeKind {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Added, Self::Removed, Self::Renamed, Self::Changed];

    /// Its lasting name.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Removed => "removed",
            Self::Renamed => "renamed",
            Self::Changed => "changed",
        }
    }

    /// The kind of a [`code`](Self::code).
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

impl Difference {
    /// Of which kind it is.
    #[must_use]
    pub const fn kind(&self) -> ChangeKind {
        match self {
            Self::Added => ChangeKind::Added,
            Self::Removed => ChangeKind::Removed,
            Self::Renamed { .. } => ChangeKind::Renamed,
            Self::Changed(_) => ChangeKind::Changed,
        }
    }
}

impl Change {
    /// What somebody may look for in it: the ID, names before and after, and what changed.
    #[must_use]
    pub fn texts(&self) -> Vec<&str> {
        let mut texts = vec![self.item.id.as_str(), self.item.label.as_str()];
        texts.extend(self.item.within.as_deref());
        match &self.difference {
            Difference::Renamed { before, after } => texts.extend([before.as_str(), after]),
            Difference::Changed(altered) => {
                for value in altered.iter().flat_map(|one| [&one.before, &one.after]) {
                    match value {
                        Value::Text(text) | Value::Type(text) => texts.push(text),
                        Value::Texts(more) => texts.extend(more.iter().map(String::as_str)),
                        _ => {}
                    }
                }
            }
            Difference::Added | Difference::Removed => {}
        }
        texts
    }
}
