//! What can keep CRMAP from reading a portal, as codes that a person can be told about.

use serde::{Deserialize, Serialize};

/// Why a portal could not be read. Each has one sentence that says what happened and one that says
/// what to do next; both faces of CRMAP and its command line use the same ones.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trouble {
    /// The address is not one that a portal can have.
    WrongAddress,
    /// Something answers there, but it is not a Bitrix24.
    NotAPortal,
    /// The webhook does not exist any more, or never did.
    UnknownWebhook,
    /// The opening's access token has run out.
    Expired,
    /// The portal no longer knows the application, or has taken the token back.
    Revoked,
    /// The portal's subscription or plan does not allow REST.
    NotPaid,
    /// The user has no right to what was asked.
    NoRights,
    /// The administrator keeps this user out of the application.
    Restricted,
    /// The application or webhook lacks this scope.
    MissingScope(String),
    /// The portal's limit of requests was reached.
    RateLimited,
    /// Bitrix24 has blocked REST of this portal by hand.
    Blocked,
    /// The portal has moved to another address.
    Moved,
    /// The portal was deleted.
    Gone,
    /// No answer came.
    Unreachable(Unreachable),
    /// The portal answered with a failure of its own.
    PortalFailed,
    /// The answer was larger than CRMAP takes.
    TooLarge,
    /// The answer of this method could not be understood at this place.
    Malformed {
        /// The REST method.
        method: String,
        /// The place in the answer: `result[3].ID`.
        place: String,
    },
    /// The opening could not be proved to come from the portal that it names.
    NotProved,
    /// The server that proves openings does not answer.
    ProofUnavailable,
    /// CRMAP's own storage does not answer.
    StoreUnavailable,
    /// CRMAP itself failed.
    Internal,
}

/// Why no answer came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unreachable {
    /// No such host name.
    Dns,
    /// Nothing listens, or the connection broke.
    Connection,
    /// The certificate or the encryption is not right.
    Tls,
    /// No answer in time.
    Timeout,
}
