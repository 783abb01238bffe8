//! The port: what CRMAP asks of any CRM, whichever connector answers. It knows no protocol, no
//! address format and no HTTP; the Bitrix24 side lives in `bitrix`.
#![warn(missing_docs)]

mod access;
mod clock;
mod error;
#[cfg(feature = "fake")]
mod fake;
mod journal;
mod pace;
mod refresh;
#[cfg(feature = "fake")]
pub mod sample;
mod setup;

use std::sync::Arc;

use async_trait::async_trait;
use crmap_domain::{Lang, Specification};

pub use access::{Access, Credential, OpeningClaim, ProvenOpening};
pub use clock::Clock;
pub use error::CrmError;
#[cfg(feature = "fake")]
pub use fake::{FakeCrm, FixedClock};
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
}
