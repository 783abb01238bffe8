//! Refreshing a token: what comes back, and what the caller must do when it does not.

use crmap_domain::MemberId;
use secrecy::SecretString;
use time::Duration;

use crate::CrmError;

/// What a refresh is asked of.
#[derive(Debug, Clone)]
pub struct RefreshRequest {
    /// The authority that knows the account, as a proof of it named it; the connector's own order
    /// of authorities where it is not known.
    pub authority: Option<String>,
    /// The token to be used up.
    pub refresh_token: SecretString,
}

/// A pair of tokens as the authority gave it. The old refresh token is used up.
///
/// A token is seen by whoever says so, and by nobody else (SEC-34):
///
/// ```
/// use secrecy::ExposeSecret as _;
///
/// fn used(pair: &crmap_crm::FreshTokens) -> &str {
///     pair.access_token.expose_secret()
/// }
/// ```
///
/// ```compile_fail
/// fn shown(pair: &crmap_crm::FreshTokens) -> String {
///     format!("{}", pair.access_token)
/// }
/// ```
///
/// ```compile_fail
/// fn taken(pair: &crmap_crm::FreshTokens) -> &str {
///     &pair.refresh_token
/// }
/// ```
///
/// ```compile_fail
/// fn compared(pair: &crmap_crm::FreshTokens) -> bool {
///     pair.access_token == pair.refresh_token
/// }
/// ```
#[derive(Debug, Clone)]
pub struct FreshTokens {
    /// The new access token.
    pub access_token: SecretString,
    /// The new refresh token.
    pub refresh_token: SecretString,
    /// How long the access token lasts from now on.
    pub expires_in: Duration,
    /// The account that the pair belongs to. The caller compares it with the one it asked for.
    pub member_id: MemberId,
    /// The user that the pair belongs to. The caller compares it with the one it asked for.
    pub user_id: i64,
    /// The account's address, host with the port where it is not the usual one.
    pub address: String,
    /// The base address of the account's interface, checked to be one that may be called.
    pub base: String,
}

/// Why there is no new pair, by what the caller does about it.
#[derive(Debug, thiserror::Error)]
pub enum RefreshError {
    /// Nothing was sent: the old token is certainly unused. Try again later.
    #[error("the authority could not be reached")]
    NotSent(#[source] CrmError),
    /// Something was sent and no sensible answer came: the old token may be used up or not.
    #[error("the authority gave no sensible answer")]
    Ambiguous(#[source] CrmError),
    /// The token is used up, has run out or was taken back.
    #[error("the authority refuses the token ({code})")]
    Rejected {
        /// The authority's code.
        code: String,
    },
    /// The application is not installed in the account.
    #[error("the application is not installed there ({code})")]
    NotInstalled {
        /// The authority's code.
        code: String,
    },
    /// The authority refuses the application: its identifier or secret is wrong, or the application
    /// is not installed in the account; the answer does not tell which.
    #[error("the authority refuses the application ({code})")]
    ClientRefused {
        /// The authority's code.
        code: String,
    },
    /// The account's subscription has ended; its tokens come back with it.
    #[error("the account's subscription has ended ({code})")]
    NotPaid {
        /// The authority's code.
        code: String,
    },
    /// The account no longer exists.
    #[error("the authority does not know the account")]
    Gone,
}
