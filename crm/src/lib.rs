//! The port: what CRMAP asks of any CRM, whichever connector answers. It knows no protocol, no
//! address format and no HTTP; the Bitrix24 side lives in `bitrix`.
//!
//! A [`CrmConnector`] proves what comes in from a CRM ([`OpeningClaim`] to [`ProvenOpening`]), renews
//! tokens, and gives a [`CrmAccount`] to whoever has [`Access`]: one account with the rights of one
//! user, which can be read, asked how it stands, and made to know CRMAP. What goes wrong is a
//! [`CrmError`], told apart by what the caller does about it; renewing has a [`RefreshError`] of its
//! own, since there it matters whether the old token may be used up.
//!
//! What a connector needs of the rest of the house comes in as an argument: time ([`Clock`]), a place
//! for the record of requests ([`Journal`]), limits that several processes keep together
//! ([`SharedPace`]).
#![warn(missing_docs)]

mod access;
mod clock;
mod error;
#[cfg(feature = "fake")]
mod fake;
mod figure;
mod journal;
mod pace;
mod refresh;
#[cfg(feature = "fake")]
pub mod sample;
mod setup;

use std::sync::Arc;

use async_trait::async_trait;
use crmap_domain::{Lang, MemberId, Specification};
use secrecy::SecretString;

pub use access::{Access, Credential, OpeningClaim, ProvenOpening};
pub use clock::{Clock, SystemClock};
pub use error::CrmError;
#[cfg(feature = "fake")]
pub use fake::{FakeCrm, FixedClock};
pub use figure::{Figure, FigureKind};
pub use journal::{Journal, JournalEntry, NoJournal};
pub use pace::{OwnPace, Rate, SharedPace, Turn};
pub use refresh::{FreshTokens, RefreshError, RefreshRequest};
pub use setup::{AccountStanding, Doors, SetUp, SetUpStep, StepOutcome};

/// One account of a CRM, with the rights of one of its users.
#[async_trait]
pub trait CrmAccount: Send + Sync {
    /// Reads everything that the user may see, with labels in `lang`, in as few requests as the CRM
    /// allows. What the CRM refuses in part is noted in the specification; the rest is delivered.
    ///
    /// # Errors
    /// A [`CrmError`] when the account as a whole could not be read.
    async fn read_specification(&self, lang: Lang) -> Result<Specification, CrmError>;

    /// Asks how the account stands towards the application and who the user is; the smallest
    /// request there is, for probes and for proving a user's rights.
    ///
    /// # Errors
    /// A [`CrmError`] when the account does not let the user in or does not answer.
    async fn standing(&self) -> Result<AccountStanding, CrmError>;

    /// Binds what is missing of events and places in the account, as far as the user's rights and
    /// the application's scopes reach; what is there already stays. Nothing is bound with the
    /// rights of a user who does not administer the account.
    ///
    /// # Errors
    /// A [`CrmError`] when the account as a whole could not be asked; a step that fails alone is
    /// noted in the outcome.
    async fn set_up(&self, doors: &Doors) -> Result<SetUp, CrmError>;
}

/// The way to the accounts of one kind of CRM.
#[async_trait]
pub trait CrmConnector: Send + Sync {
    /// The account that `access` opens; nothing is sent yet.
    ///
    /// # Errors
    /// [`CrmError::WrongAddress`] when the address is not one that may be called.
    fn account(&self, access: &Access) -> Result<Arc<dyn CrmAccount>, CrmError>;

    /// Asks the CRM's own authority whether an opening is what it claims to be, and gives back what
    /// the authority says; nothing of the claim is believed without it.
    ///
    /// # Errors
    /// [`CrmError::NotProved`] when the authority says otherwise, [`CrmError::ProofUnavailable`]
    /// when it does not answer.
    async fn prove_opening(&self, claim: &OpeningClaim) -> Result<ProvenOpening, CrmError>;

    /// Asks the authority whose an access token is, for the account `member_id`, wherever that
    /// account lives by now; what the answer says of the address is to be followed (SEC-08, 12).
    ///
    /// # Errors
    /// As [`prove_opening`](Self::prove_opening); [`CrmError::Expired`] and [`CrmError::Revoked`]
    /// where the authority says so of the token.
    async fn prove_token(
        &self,
        access_token: &SecretString,
        member_id: &MemberId,
    ) -> Result<ProvenOpening, CrmError>;

    /// Uses a refresh token up and gives the new pair. It is sent once and never repeated; the
    /// caller decides what an ambiguous end means.
    ///
    /// # Errors
    /// [`RefreshError`], by what the caller does about it.
    async fn refresh(&self, request: &RefreshRequest) -> Result<FreshTokens, RefreshError>;
}
