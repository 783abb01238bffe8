//! Portals of a cabinet, and cabinets of a portal.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::ReadFailure;
use crate::{MemberId, Standing, Totals};

/// What a link allows a cabinet to do with a portal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// To read it.
    #[default]
    Read,
    /// To change it as well; given by the portal's administrator in so many words.
    ReadWrite,
}

impl Level {
    /// Its lasting name, as it is stored and logged.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::ReadWrite => "read_write",
        }
    }

    /// The level of a [`code`](Self::code).
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Read, Self::ReadWrite]
            .into_iter()
            .find(|level| level.code() == code)
    }
}

/// A colour by which a cabinet's owner tells portals apart; pages have it in light and in dark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mark {
    /// Red.
    Red,
    /// Orange.
    Orange,
    /// Yellow.
    Yellow,
    /// Green.
    Green,
    /// Turquoise.
    Teal,
    /// Blue.
    Blue,
    /// Violet.
    Violet,
    /// Pink.
    Pink,
}

impl Mark {
    /// All of them, in the order of the rainbow.
    pub const ALL: [Self; 8] = [
        Self::Red,
        Self::Orange,
        Self::Yellow,
        Self::Green,
        Self::Teal,
        Self::Blue,
        Self::Violet,
        Self::Pink,
    ];

    /// Its lasting name, as it is stored and as style sheets know it.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Red => "red",
            Self::Orange => "orange",
            Self::Yellow => "yellow",
            Self::Green => "green",
            Self::Teal => "teal",
            Self::Blue => "blue",
            Self::Violet => "violet",
            Self::Pink => "pink",
        }
    }

    /// The colour of a [`code`](Self::code).
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mark| mark.code() == code)
    }
}

/// What a cabinet's owner writes on a portal; nobody else sees it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Description {
    /// A name instead of the portal's address; may be empty.
    pub label: String,
    /// A note; may be empty.
    pub note: String,
    /// A colour.
    pub mark: Option<Mark>,
    /// Tags, in the owner's order.
    pub tags: Vec<String>,
}

/// Said of a description that is too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a label or note is too long, or there are too many tags")]
pub struct InvalidDescription;

impl Description {
    /// The longest label, in characters.
    pub const LABEL: usize = 80;
    /// The longest note, in characters.
    pub const NOTE: usize = 2_000;
    /// The longest tag, in characters.
    pub const TAG: usize = 40;
    /// The most tags.
    pub const TAGS: usize = 20;

    /// Trims it and drops empty and repeated tags.
    ///
    /// # Errors
    /// [`InvalidDescription`] for more than the limits above allow.
    pub fn tidy(self) -> Result<Self, InvalidDescription> {
        let mut tags: Vec<String> = Vec::new();
        for tag in &self.tags {
            let tag = tag.split_whitespace().collect::<Vec<_>>().join(" ");
            let is_known = tags
                .iter()
                .any(|known| known.to_lowercase() == tag.to_lowercase());
            if !tag.is_empty() && !is_known {
                tags.push(tag);
            }
        }
        let tidy = Self {
            label: self.label.split_whitespace().collect::<Vec<_>>().join(" "),
            note: self.note.trim().to_owned(),
            mark: self.mark,
            tags,
        };
        let fits = |text: &str, most| text.chars().count() <= most;
        let all_fit = fits(&tidy.label, Self::LABEL)
            && fits(&tidy.note, Self::NOTE)
            && tidy.tags.len() <= Self::TAGS
            && tidy.tags.iter().all(|tag| fits(tag, Self::TAG));
        if all_fit {
            Ok(tidy)
        } else {
            Err(InvalidDescription)
        }
    }
}

/// A portal as the dashboard of one cabinet shows it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PortalCard {
    /// The portal.
    pub member_id: MemberId,
    /// Its last known address.
    pub address: String,
    /// What the cabinet's owner wrote on it.
    pub description: Description,
    /// What the link allows.
    pub level: Level,
    /// When it was linked.
    #[serde(with = "crate::moment")]
    pub linked_at: OffsetDateTime,
    /// How it stands.
    pub standing: Standing,
    /// When its snapshot was taken; nothing where there is none.
    #[serde(with = "crate::moment::option")]
    pub read_at: Option<OffsetDateTime>,
    /// How much the snapshot holds.
    pub totals: Option<Totals>,
    /// Whether the owner keeps it among the favourites.
    pub favourite: bool,
    /// When the owner last looked at it.
    #[serde(with = "crate::moment::option")]
    pub opened_at: Option<OffsetDateTime>,
    /// How many things changed in it since then; a thousand for more.
    pub changes: u32,
    /// Why it could not be read, where the last reading failed.
    pub failure: Option<ReadFailure>,
}

/// What the page of one portal says of its connection.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PortalDetails {
    /// As on the dashboard.
    pub card: PortalCard,
    /// The number of the portal's user who linked it.
    pub linked_by: i64,
    /// The portal's plan: `ru_basic`.
    pub plan: Option<String>,
    /// The application's version in the portal.
    pub version: Option<i64>,
    /// The scopes that the application was given.
    pub scopes: Vec<String>,
    /// Whose rights can be used to read it, in the order in which they are tried.
    pub rights: Vec<RightsOf>,
}

/// The rights of one of a portal's users.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RightsOf {
    /// The user's number in the portal.
    pub user_id: i64,
    /// Whether the user administers the portal.
    pub administrator: bool,
    /// Whether they can be used.
    pub usable: bool,
    /// When they were last used.
    #[serde(with = "crate::moment")]
    pub last_used_at: OffsetDateTime,
}

/// A cabinet as the administrator of a portal sees it before linking: enough to know the right one
/// by (SEC-22).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CabinetPreview {
    /// The owner's name.
    pub name: String,
    /// The owner's address, masked.
    pub email: String,
    /// What the present link allows, where there is one.
    pub linked: Option<Level>,
}

/// A cabinet that a portal is linked to, as the portal's administrator sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkOnPortal {
    /// Names the link; no secret.
    pub id: String,
    /// The owner's name.
    pub name: String,
    /// The owner's address, masked.
    pub email: String,
    /// What it allows.
    pub level: Level,
    /// When it was made.
    #[serde(with = "crate::moment")]
    pub linked_at: OffsetDateTime,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_read_back() {
        for mark in Mark::ALL {
            assert_eq!(Mark::from_code(mark.code()), Some(mark));
        }
        assert_eq!(Level::from_code("read_write"), Some(Level::ReadWrite));
        assert_eq!(Level::from_code("write"), None);
    }

    #[test]
    fn a_description_is_tidied_and_bounded() {
        let typed = Description {
            label: "  Ромашка   Москва ".into(),
            note: "\n звонить после обеда\n".into(),
            mark: Some(Mark::Teal),
            tags: vec![
                " VIP ".into(),
                "vip".into(),
                String::new(),
                "юг  край".into(),
            ],
        };
        let tidy = typed.clone().tidy().unwrap();
        assert_eq!(tidy.label, "Ромашка Москва");
        assert_eq!(tidy.note, "звонить после обеда");
        assert_eq!(tidy.tags, ["VIP", "юг край"]);
        let long = Description {
            label: "я".repeat(81),
            ..typed
        };
        assert_eq!(long.tidy(), Err(InvalidDescription));
    }
}
