//! What was done in a cabinet, and what was asked of a portal.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::Level;
use crate::MemberId;

/// Something that was done to or with an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deed {
    /// When.
    #[serde(with = "crate::moment")]
    pub at: OffsetDateTime,
    /// What.
    pub kind: DeedKind,
}

/// Kinds of deeds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeedKind {
    /// The account was made.
    Registered,
    /// Somebody logged in, from an address.
    LoggedIn {
        /// The address.
        ip: String,
    },
    /// Its owner logged out.
    LoggedOut,
    /// A device was signed out from another one; how many.
    DevicesEnded {
        /// How many.
        count: u32,
    },
    /// The name was changed.
    Renamed,
    /// The email address was changed.
    EmailChanged {
        /// The old one, masked.
        from: String,
        /// The new one, masked.
        to: String,
    },
    /// The password was changed by somebody who knew it.
    PasswordChanged,
    /// A mail to set a new password was asked for.
    ResetAsked,
    /// The password was set anew by such a mail.
    PasswordReset,
    /// The connection token was replaced.
    TokenRenewed,
    /// A portal was linked, by a user of the portal.
    Linked {
        /// The portal.
        member_id: MemberId,
        /// Its address then.
        address: String,
        /// The number of the portal's user.
        user_id: i64,
        /// What the link allows.
        level: Level,
    },
    /// A link was ended.
    Unlinked {
        /// The portal.
        member_id: MemberId,
        /// Its address then.
        address: String,
        /// The number of the portal's user who did it; nothing where the account's owner did.
        user_id: Option<i64>,
    },
    /// A portal asked for all its data to be deleted when it removed the application; its link went
    /// with them.
    PortalErased,
    /// A file of many portals was written.
    Exported {
        /// How many portals.
        portals: u32,
        /// What the form of the file is called: `csv`, `workbook`.
        form: String,
    },
}

impl DeedKind {
    /// Whether it is news to the account's owner, who did not do it.
    #[must_use]
    pub const fn is_news(&self) -> bool {
        matches!(
            self,
            Self::Linked { .. }
                | Self::Unlinked {
                    user_id: Some(_),
                    ..
                }
                | Self::PortalErased
        )
    }
}

/// A request to a portal, from the record that is kept for some days (SEC-38).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JournalLine {
    /// When it was sent.
    #[serde(with = "crate::moment")]
    pub at: OffsetDateTime,
    /// The number of the user whose rights were used.
    pub user_id: Option<i64>,
    /// The method.
    pub method: String,
    /// The status of the answer; nothing where none came.
    pub status: Option<u16>,
    /// How long it took.
    pub duration_ms: u32,
    /// The portal's code of an error.
    pub error: Option<String>,
    /// The request without its secrets, cut short.
    pub request: String,
    /// The answer without its secrets, cut short.
    pub response: String,
    /// How long the answer was.
    pub response_bytes: u64,
}

/// Where in the record to read on, from the newer to the older.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JournalPlace {
    /// The moment of the last line that was read, in unix milliseconds.
    pub at_ms: i64,
    /// Its name.
    pub id: String,
}
