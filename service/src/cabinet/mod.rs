//! Cabinets: the people who have one, how they are let in, and what they can do with their account.
//! Nothing here says whether an address has an account to anybody but its owner (SEC-64).

mod account;
mod arranging;
mod commonplace;
mod delivery;
mod devices;
mod evenness;
mod exporting;
mod freshening;
mod hashing;
mod letters;
mod limits;
mod linking;
mod login;
mod mailer;
mod news;
mod operating;
mod portals;
mod proving;
mod refreshing;
mod registration;
mod reset;
mod secrets;
mod strength;
mod visitor;

use std::time::Duration;

use crmap_domain::Lang;
use crmap_domain::cabinet::{AccountData, Denial};
use crmap_store::{StoreError, Tenant};
use secrecy::SecretString;

pub use delivery::MailTimes;
pub use exporting::ExportTurn;
pub use hashing::PasswordCost;
pub use mailer::{Mail, MailError, Mailer};
pub use operating::{AccountWanted, Operating, OperatingError};
pub use visitor::Visitor;

pub(crate) use account::of_account;
pub(crate) use exporting::Exports;
pub(crate) use hashing::Hasher;
pub(crate) use limits::MATCH;
pub(crate) use refreshing::{Flights, GOOD_FOR, Landed};

/// How long a session lives that nobody uses (SEC-61).
pub(crate) const IDLE: Duration = Duration::from_secs(24 * 60 * 60);
/// How long a session lives at the most, which is also how long its cookie is kept.
const LONGEST: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// A browser that is logged in; [`Services::enter`](crate::Services::enter) alone makes one.
pub struct Entered {
    /// The account, as it was when the request came.
    pub account: AccountData,
    tenant: Tenant,
    session_id: String,
}

impl Entered {
    /// Whose rows it may see.
    pub(crate) const fn tenant(&self) -> &Tenant {
        &self.tenant
    }
}

impl std::fmt::Debug for Entered {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Entered")
            .field("account", &self.tenant.id())
            .finish_non_exhaustive()
    }
}

/// What somebody fills in to get a cabinet.
pub struct Registration {
    /// The name.
    pub name: String,
    /// The address.
    pub email: String,
    /// The password, exactly as it was typed.
    pub password: SecretString,
    /// The language of mails.
    pub lang: Lang,
}

/// What somebody fills in to be let in.
pub struct LogIn {
    /// The address.
    pub email: String,
    /// The password, exactly as it was typed.
    pub password: SecretString,
}

/// What a browser is given that was let in.
#[derive(Debug)]
pub struct LoggedIn {
    /// What it shows from now on: 256 random bits, base64url.
    pub cookie: SecretString,
    /// What it is known by when it logs in again, so that strangers' tries do not count against it.
    pub device: SecretString,
    /// How long the cookie is good for at the most.
    pub lives: Duration,
}

/// What to tell a person of a failing database; what it was is logged here.
pub(crate) fn denial_of(error: StoreError) -> Denial {
    match error {
        StoreError::Unavailable(_)
        | StoreError::Full(_)
        | StoreError::ReadOnly(_)
        | StoreError::Conflict(_) => {
            tracing::warn!(%error, "the database did not serve a cabinet");
            Denial::StoreUnavailable
        }
        error => {
            tracing::error!(%error, "the database failed a cabinet");
            Denial::Internal
        }
    }
}
