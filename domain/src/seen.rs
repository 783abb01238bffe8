//! What is new to somebody who saw a portal before.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::item::ItemKind;

/// How a portal differs from what was seen at the end of the visit before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct News {
    /// When that was.
    #[serde(with = "crate::moment")]
    pub since: OffsetDateTime,
    /// Rows that were not there.
    pub added: u32,
    /// Rows that were otherwise.
    pub changed: u32,
    /// Rows that are gone.
    pub removed: u32,
    /// The rows that are marked: what they are, their number among those of their kind, and whether
    /// they are new.
    pub rows: Vec<(ItemKind, usize, bool)>,
}
