//! Reading several portals of a cabinet at once, as its owner follows it.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::{MemberId, Trouble};

/// Which portals to read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum RunOf {
    /// All portals of the cabinet.
    All,
    /// These; what is not linked to the cabinet is left out.
    These(Vec<MemberId>),
}

/// How far the reading of several portals has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunProgress {
    /// Names the run.
    pub id: String,
    /// When it was asked for.
    #[serde(with = "crate::moment")]
    pub made_at: OffsetDateTime,
    /// How many portals it is of.
    pub total: u32,
    /// How many of them were read.
    pub read: u32,
    /// Those that could not be read, and why.
    pub failed: Vec<RunFailure>,
    /// Those that are being read right now.
    pub reading: Vec<MemberId>,
    /// How many were not read because it was stopped.
    pub skipped: u32,
    /// When nothing was left to do; nothing while it goes on.
    #[serde(with = "crate::moment::option")]
    pub finished_at: Option<OffsetDateTime>,
}

/// A portal that could not be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunFailure {
    /// Which.
    pub member_id: MemberId,
    /// Why.
    pub trouble: Trouble,
}

/// A reading that failed since the last one that did not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadFailure {
    /// When.
    #[serde(with = "crate::moment")]
    pub at: OffsetDateTime,
    /// Why.
    pub trouble: Trouble,
}

impl RunProgress {
    /// How many portals are dealt with, whatever came of it.
    #[must_use]
    pub fn done(&self) -> u32 {
        let failed = u32::try_from(self.failed.len()).unwrap_or(u32::MAX);
        self.read
            .saturating_add(failed)
            .saturating_add(self.skipped)
    }
}
