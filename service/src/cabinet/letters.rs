//! What is mailed, in both languages. No mail repeats what a stranger could have typed, so that
//! nobody writes to others by way of CRMAP; links lead to the configured address alone (SEC-69).

mod en;
mod ru;

use crmap_domain::Lang;
use crmap_domain::cabinet::{Email, Level};

use super::Mail;

/// Pages that mails lead to.
const LOG_IN: &str = "/login";
const FORGOTTEN: &str = "/password";
pub(super) const NEW_PASSWORD: &str = "/password/new";
const SUPPORT: &str = "/legal/support";

/// A subject and a body.
type Words = (&'static str, String);

/// What there is to tell the owner of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Letter {
    /// A new password can be set.
    Reset {
        /// Where; it holds the code.
        link: String,
        /// For how many minutes.
        minutes: u32,
    },
    /// Somebody registered with an address that has a cabinet.
    AlreadyRegistered {
        /// Where to log in.
        log_in: String,
        /// Where to ask for a new password.
        reset: String,
    },
    /// The cabinet has another address; goes to the old one.
    EmailChanged {
        /// The new one, masked.
        to: String,
    },
    /// The password was changed by somebody who knew it.
    PasswordChanged,
    /// The password was set by a mailed code.
    PasswordReset,
    /// A portal was linked.
    Linked {
        /// The portal's address.
        address: String,
        /// What the link allows.
        level: Level,
        /// The number of the portal's user who did it.
        user_id: i64,
    },
    /// A link allows something else now.
    LevelChanged {
        /// The portal's address.
        address: String,
        /// What the link allows.
        level: Level,
        /// The number of the portal's user who did it.
        user_id: i64,
    },
    /// A link was ended.
    Unlinked {
        /// The portal's address.
        address: String,
        /// The number of the portal's user who did it; nothing where the owner did.
        user_id: Option<i64>,
    },
}

impl Letter {
    /// With a code to set a new password by, in the part of the address that no server is sent.
    pub(crate) fn reset(site: &str, code: &str, minutes: u32) -> Self {
        Self::Reset {
            link: format!("{site}{NEW_PASSWORD}#{code}"),
            minutes,
        }
    }

    /// With the ways to what is there already.
    pub(crate) fn already_registered(site: &str) -> Self {
        Self::AlreadyRegistered {
            log_in: format!("{site}{LOG_IN}"),
            reset: format!("{site}{FORGOTTEN}"),
        }
    }

    /// The mail that tells of it.
    pub(crate) fn to(&self, to: Email, lang: Lang, site: &str) -> Mail {
        let (subject, body) = match lang {
            Lang::Ru => ru::words(self, site),
            Lang::En => en::words(self, site),
        };
        let text = match lang {
            Lang::Ru => format!("Здравствуйте.\n\n{body}\n\n—\nCRMAP, {site}\n"),
            Lang::En => format!("Hello.\n\n{body}\n\n—\nCRMAP, {site}\n"),
        };
        Mail {
            to,
            subject: subject.to_owned(),
            text,
        }
    }
}

#[cfg(test)]
mod tests;
