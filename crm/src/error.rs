//! What can go wrong with a CRM, by what the caller does about it.

use std::error::Error as StdError;
use std::time::Duration;

use crmap_domain::{Trouble, Unreachable};

/// Why an account could not be read or an opening not be proved. Sources are for logs alone and
/// carry neither addresses nor secrets.
#[derive(Debug, thiserror::Error)]
pub enum CrmError {
    /// The address may not be called: not an address, not https, or inside the operator's network.
    #[error("the address may not be called: {reason}")]
    WrongAddress {
        /// What is wrong with it.
        reason: &'static str,
    },
    /// Something answers, but not this kind of CRM.
    #[error("the answer is not this CRM's (HTTP {status})")]
    NotAPortal {
        /// The HTTP status of the answer.
        status: u16,
    },
    /// The webhook is not known.
    #[error("the webhook is not known")]
    UnknownWebhook,
    /// The access token has run out; a fresh one would do.
    #[error("the access token has run out")]
    Expired,
    /// The application is not installed in the account.
    #[error("the application is not installed in the account ({code})")]
    NotInstalled {
        /// The CRM's code.
        code: String,
    },
    /// The token was taken back, or is not known to the account.
    #[error("the account no longer accepts the application ({code})")]
    Revoked {
        /// The CRM's code.
        code: String,
    },
    /// The account's plan or subscription does not allow the interface.
    #[error("the account's subscription does not allow the interface ({code})")]
    NotPaid {
        /// The CRM's code.
        code: String,
    },
    /// The user's rights do not reach.
    #[error("the user has no right to {method}")]
    NoRights {
        /// The method.
        method: String,
    },
    /// The administrator keeps the user out of the application.
    #[error("the user is kept out of the application")]
    Restricted,
    /// The application or webhook lacks a scope.
    #[error("the scope {scope:?} is missing")]
    MissingScope {
        /// The scope; empty where the CRM does not name it.
        scope: String,
    },
    /// The limit of requests is reached and retrying within the deadline did not help.
    #[error("the account's limit of requests is reached")]
    RateLimited {
        /// How long to wait, where the CRM tells.
        retry_after: Option<Duration>,
    },
    /// The interface is blocked by the CRM's operator; retrying makes it worse.
    #[error("the account's interface is blocked for overload")]
    Blocked,
    /// The account has moved; its new address must come from the authority.
    #[error("the account has moved")]
    Moved,
    /// The account was deleted.
    #[error("the account was deleted")]
    Gone,
    /// No answer came.
    #[error("no answer: {why:?}")]
    Unreachable {
        /// Which kind of silence.
        why: Unreachable,
        /// The transport's own error, without addresses.
        #[source]
        source: Option<Box<dyn StdError + Send + Sync>>,
    },
    /// The CRM answered with a failure of its own.
    #[error("{method} failed at the account (HTTP {status}, code {code:?})")]
    PortalFailed {
        /// The method.
        method: String,
        /// The HTTP status.
        status: u16,
        /// The CRM's code, bounded in length.
        code: String,
    },
    /// The answer was larger than is taken.
    #[error("the answer is larger than {limit} bytes")]
    TooLarge {
        /// The limit.
        limit: usize,
    },
    /// The answer could not be understood.
    #[error("the answer of {method} cannot be understood at {place}")]
    Malformed {
        /// The method.
        method: String,
        /// The place in the answer: `result[3].ID`.
        place: String,
    },
    /// The authority does not confirm the opening.
    #[error("the opening is not proved: {reason}")]
    NotProved {
        /// Which check failed.
        reason: &'static str,
    },
    /// The authority does not answer, or not sensibly.
    #[error("the authority that proves openings is not available")]
    ProofUnavailable {
        /// What happened there.
        #[source]
        source: Option<Box<CrmError>>,
    },
}

impl CrmError {
    /// What to tell a person about it.
    #[must_use]
    pub fn trouble(&self) -> Trouble {
        match self {
            Self::WrongAddress { .. } => Trouble::WrongAddress,
            Self::NotAPortal { .. } => Trouble::NotAPortal,
            Self::UnknownWebhook => Trouble::UnknownWebhook,
            Self::Expired => Trouble::Expired,
            Self::NotInstalled { .. } | Self::Revoked { .. } => Trouble::Revoked,
            Self::NotPaid { .. } => Trouble::NotPaid,
            Self::NoRights { .. } => Trouble::NoRights,
            Self::Restricted => Trouble::Restricted,
            Self::MissingScope { scope } => Trouble::MissingScope(scope.clone()),
            Self::RateLimited { .. } => Trouble::RateLimited,
            Self::Blocked => Trouble::Blocked,
            Self::Moved => Trouble::Moved,
            Self::Gone => Trouble::Gone,
            Self::Unreachable { why, .. } => Trouble::Unreachable(*why),
            Self::PortalFailed { .. } => Trouble::PortalFailed,
            Self::TooLarge { .. } => Trouble::TooLarge,
            Self::Malformed { method, place } => Trouble::Malformed {
                method: method.clone(),
                place: place.clone(),
            },
            Self::NotProved { .. } => Trouble::NotProved,
            Self::ProofUnavailable { .. } => Trouble::ProofUnavailable,
        }
    }
}
