//! What a portal was, as a cabinet follows it.

use serde::{Deserialize, Serialize};
use time::{Date, OffsetDateTime};

use crate::change::{Change, ChangeKind, Described};
use crate::item::ItemKind;

/// A version of a portal: what all readings found from the first to the last of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VersionMark {
    /// Its number; later versions have greater ones.
    pub number: u32,
    /// When the first reading found it so.
    #[serde(with = "crate::moment")]
    pub first_read_at: OffsetDateTime,
    /// When the last one did.
    #[serde(with = "crate::moment")]
    pub last_read_at: OffsetDateTime,
    /// The number of the user whose rights saw it; 0 where that was not kept.
    pub viewer_id: i64,
    /// Whether that user administers the portal.
    pub by_administrator: bool,
    /// How many rows differ from the version before.
    pub changes: u32,
}

/// Which changes to tell of.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct HistoryFilter {
    /// Of these kinds; of all where there are none.
    pub kinds: Vec<ChangeKind>,
    /// Of rows of these kinds; of all where there are none.
    pub what: Vec<ItemKind>,
    /// From this day on, by UTC.
    pub from: Option<Date>,
    /// Up to this day, by UTC.
    pub to: Option<Date>,
    /// With these words in their IDs, names or attributes.
    pub text: String,
}

/// Where in a history to read on, from the newer to the older.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryPlace {
    /// The version of the last change that was looked at.
    pub number: u32,
    /// Its place among that version's changes.
    pub place: u32,
}

/// A version with those of its changes that were asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VersionChanges {
    /// The version.
    pub mark: VersionMark,
    /// What changed with it.
    pub changes: Vec<Change>,
}

/// A part of a history, the newest first.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct HistoryPage {
    /// Versions with changes that match.
    pub versions: Vec<VersionChanges>,
    /// Where older ones begin.
    pub next: Option<HistoryPlace>,
    /// The first version that the cabinet may see; nothing where there is none yet.
    pub first: Option<VersionMark>,
}

/// What an ID stood for on a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LookedUp {
    /// The ID, as it was asked for.
    pub id: String,
    /// The version that was there at the end of that day; nothing where none was.
    pub version: Option<VersionMark>,
    /// The rows that had the ID then.
    pub found: Vec<RowThen>,
    /// What became of rows with this ID, the newest first.
    pub story: Vec<VersionChanges>,
}

/// A row that had the ID.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowThen {
    /// The row with what it held then.
    pub row: Described,
    /// Whether it is there now.
    pub is_there: bool,
}
