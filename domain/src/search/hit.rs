//! A row that a search over many portals found, as pages show it.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::item::ItemRef;

/// A row that was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hit {
    /// The row.
    pub item: ItemRef,
    /// The number of a custom field or of a stage, which have an ID of another kind besides.
    pub number: Option<i64>,
    /// What it belongs to: the funnel of a stage, the field of a list item. Nothing where whoever
    /// read the portal could not see that.
    pub parent: Option<HitParent>,
    /// The parts of the label that were looked for.
    pub label_marks: Vec<Mark>,
    /// The parts of the ID that were looked for.
    pub id_marks: Vec<Mark>,
}

/// What a row that was found belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HitParent {
    /// A funnel's number, a field's code.
    pub id: String,
    /// The field's number; nothing for a funnel.
    pub number: Option<i64>,
    /// What people call it; may be empty.
    pub label: String,
}

/// A part of a text: its first byte, and the one after its last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark(u32, u32);

impl Mark {
    /// The bytes of the text.
    #[must_use]
    pub const fn range(self) -> Range<usize> {
        self.0 as usize..self.1 as usize
    }
}

impl From<Range<usize>> for Mark {
    fn from(range: Range<usize>) -> Self {
        let place = |at| u32::try_from(at).unwrap_or(u32::MAX);
        Self(place(range.start), place(range.end))
    }
}
