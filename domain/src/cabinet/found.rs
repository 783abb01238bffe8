//! What a search over all portals of a cabinet found.

use serde::{Deserialize, Serialize};

use super::Mark;
use crate::search::Hit;
use crate::{MemberId, PortalState};

/// What was found, the best first.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Found {
    /// What was typed, as far as it is read.
    pub query: String,
    /// What was made of it.
    pub read_as: ReadAs,
    /// Whether nothing is exactly so, and what is found is a letter off.
    pub nearly: bool,
    /// The only portal that was searched, where one alone was meant.
    pub only: Option<OnlyIn>,
    /// How many portals there are to search; void links are none.
    pub portals: u32,
    /// How many of them were not read yet.
    pub unread: u32,
    /// How many rows were found, shown or not.
    pub total: u32,
    /// In how many portals.
    pub found_in: u32,
    /// The portals with the best hits.
    pub groups: Vec<FoundIn>,
}

/// The only portal that was searched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OnlyIn {
    /// The portal.
    pub member_id: MemberId,
    /// What it is called: as its owner calls it, or by its address.
    pub name: String,
}

/// What was made of what somebody typed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum ReadAs {
    /// Nothing was typed.
    #[default]
    Nothing,
    /// It is too little to look for.
    TooShort,
    /// It was looked for as it is.
    Typed,
    /// It was looked for as the same keys give it in the other language.
    OtherLayout(String),
}

/// What was found in one portal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FoundIn {
    /// The portal.
    pub member_id: MemberId,
    /// Its last known address.
    pub address: String,
    /// What the cabinet's owner calls it; may be empty.
    pub label: String,
    /// The colour that the owner gave it.
    pub mark: Option<Mark>,
    /// How it stands.
    pub state: PortalState,
    /// How many rows were found in it.
    pub total: u32,
    /// The best of them.
    pub hits: Vec<Hit>,
}
