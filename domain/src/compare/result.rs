//! What a comparison says.

use serde::{Deserialize, Serialize};

use crate::{Color, EntityKind, Meaning, PortalInfo, Reading, Refusal, Section, Specification};

/// Two specifications, side by side.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comparison {
    /// What is on the left.
    pub left: Head,
    /// What is on the right.
    pub right: Head,
    /// Whether both are of one portal, so that IDs count.
    pub same_portal: bool,
    /// Funnels with their stages.
    pub funnels: Compared<FunnelRow>,
    /// Why no stages are compared; nothing where they are.
    pub stages: Option<Unknown>,
    /// Custom fields by entity, with the items of their lists.
    pub fields: Vec<FieldsCompared>,
}

/// Which portal one side is of, and how it was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// The portal.
    pub portal: PortalInfo,
    /// The reading.
    pub reading: Reading,
}

impl Head {
    pub(super) fn of(specification: &Specification) -> Self {
        Self {
            portal: specification.portal.clone(),
            reading: specification.reading.clone(),
        }
    }
}

/// Rows of one kind, or why they cannot be compared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Compared<T> {
    /// Every row of both sides, in the order of the left one.
    Rows(Vec<T>),
    /// A side does not know its rows.
    Unknown(Unknown),
}

impl<T> Compared<T> {
    /// The rows; none where they are not known.
    #[must_use]
    pub fn rows(&self) -> &[T] {
        match self {
            Self::Rows(rows) => rows,
            Self::Unknown(_) => &[],
        }
    }
}

/// What a portal refused, by side; one of them at least.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unknown {
    /// Why the left side does not know.
    pub left: Option<Refusal>,
    /// Why the right side does not know.
    pub right: Option<Refusal>,
}

impl Unknown {
    /// What two sections refuse; nothing where both have their rows.
    pub(super) fn of<T>(left: &Section<T>, right: &Section<T>) -> Option<Self> {
        let (left, right) = (left.refusal().cloned(), right.refusal().cloned());
        (left.is_some() || right.is_some()).then_some(Self { left, right })
    }
}

/// The custom fields of one entity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldsCompared {
    /// Whose.
    pub entity: EntityKind,
    /// Its fields.
    pub rows: Compared<FieldRow>,
}

/// What belongs together, or what stands alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row<I> {
    /// What people call it on the left, or on the right where it is only there; may be empty.
    pub label: String,
    /// Its IDs.
    pub ids: Ids<I>,
    /// In what the two differ; empty where they are equal or one stands alone.
    pub differences: Vec<Difference>,
    /// Whether somebody said so, rather than the rules.
    pub by_hand: bool,
}

impl<I> Row<I> {
    /// How the sides stand to each other, apart from what belongs below the row.
    #[must_use]
    pub const fn verdict(&self) -> Verdict {
        match &self.ids {
            Ids::Left(_) => Verdict::OnlyLeft,
            Ids::Right(_) => Verdict::OnlyRight,
            Ids::Both { .. } if self.differences.is_empty() => Verdict::Equal,
            Ids::Both { .. } => Verdict::Different,
        }
    }

    const fn is_pair(&self) -> bool {
        matches!(self.ids, Ids::Both { .. })
    }

    fn is_unequal(&self) -> bool {
        self.verdict() != Verdict::Equal
    }
}

/// The ID of a thing on each side that has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ids<I> {
    /// It is on both.
    Both {
        /// On the left.
        left: I,
        /// On the right.
        right: I,
    },
    /// It is on the left alone.
    Left(I),
    /// It is on the right alone.
    Right(I),
}

impl<I> Ids<I> {
    /// The one on the left.
    #[must_use]
    pub const fn left(&self) -> Option<&I> {
        match self {
            Self::Both { left, .. } | Self::Left(left) => Some(left),
            Self::Right(_) => None,
        }
    }

    /// The one on the right.
    #[must_use]
    pub const fn right(&self) -> Option<&I> {
        match self {
            Self::Both { right, .. } | Self::Right(right) => Some(right),
            Self::Left(_) => None,
        }
    }

    /// Out of what each side has; nothing where neither has anything.
    pub(super) fn of(left: Option<I>, right: Option<I>) -> Option<Self> {
        match (left, right) {
            (Some(left), Some(right)) => Some(Self::Both { left, right }),
            (Some(left), None) => Some(Self::Left(left)),
            (None, Some(right)) => Some(Self::Right(right)),
            (None, None) => None,
        }
    }
}

/// How the two sides of a row stand to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The same.
    Equal,
    /// Together, but not the same.
    Different,
    /// On the left alone.
    OnlyLeft,
    /// On the right alone.
    OnlyRight,
}

impl Verdict {
    /// All of them, in the order in which they are told.
    pub const ALL: [Self; 4] = [
        Self::Equal,
        Self::Different,
        Self::OnlyLeft,
        Self::OnlyRight,
    ];
}

/// A funnel with its stages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FunnelRow {
    /// The funnel itself.
    pub row: Row<FunnelId>,
    /// Its stages; none where stages are not known.
    pub stages: Vec<Row<StageId>>,
}

impl FunnelRow {
    /// Whether the funnel is on both sides and its stages are not the same.
    #[must_use]
    pub fn differs_inside(&self) -> bool {
        self.row.is_pair() && self.stages.iter().any(Row::is_unequal)
    }
}

/// A funnel of one side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct FunnelId {
    /// Its number.
    pub id: i64,
    /// Whether only its stages tell of it: the reader may not see it, so nobody knows its name.
    pub hidden: bool,
}

/// A stage of one side.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StageId {
    /// The dictionary: `DEAL_STAGE_7`.
    pub entity_id: String,
    /// The identifier in it: `C7:WON`.
    pub status_id: String,
}

/// A custom field with the items of its list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldRow {
    /// The field itself.
    pub row: Row<FieldId>,
    /// Its type's code, on the left where it is there.
    pub type_code: String,
    /// The items, by their numbers.
    pub items: Vec<Row<i64>>,
}

impl FieldRow {
    /// Whether the field is on both sides and the items of its list are not the same.
    #[must_use]
    pub fn differs_inside(&self) -> bool {
        self.row.is_pair() && self.items.iter().any(Row::is_unequal)
    }
}

/// A custom field of one side.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldId {
    /// Its number.
    pub id: i64,
    /// Its code.
    pub code: String,
}

/// A value on each side.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change<T> {
    /// On the left.
    pub left: T,
    /// On the right.
    pub right: T,
}

impl<T> Change<T> {
    /// The two values; nothing where they are the same.
    pub(super) fn between<U: PartialEq + ToOwned<Owned = T> + ?Sized>(
        left: &U,
        right: &U,
    ) -> Option<Self> {
        (left != right).then(|| Self {
            left: left.to_owned(),
            right: right.to_owned(),
        })
    }
}

/// In what two things that belong together differ.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Difference {
    /// The ID, which counts within one portal alone.
    Id(Change<String>),
    /// The name, the label, or the value of a list item.
    Name(Change<String>),
    /// The code of a field, unless Bitrix24 made up both.
    Code(Change<String>),
    /// The code of the type.
    Type(Change<String>),
    /// What the values point to.
    RefersTo(Change<Vec<String>>),
    /// Whether a card needs it.
    Required(Change<bool>),
    /// Whether it holds several values.
    Multiple(Change<bool>),
    /// Whether it is chosen beforehand.
    Default(Change<bool>),
    /// What a stage means.
    Meaning(Change<Meaning>),
    /// The colour of a stage.
    Color(Change<Option<Color>>),
    /// Whether Bitrix24 guards it.
    System(Change<bool>),
    /// An identifier from outside, unless Bitrix24 made it up.
    XmlId(Change<Option<String>>),
    /// The place among those that are on both sides, from 1. Of rows in another order only those are
    /// said to differ that would have to move.
    Place(Change<u32>),
}
