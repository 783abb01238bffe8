//! What an answer can become on its way.

use serde::{Deserialize, Serialize};

/// What comes instead of an answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "effect", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Effect {
    /// An error of the REST envelope (§3.6).
    Error {
        /// The HTTP status.
        status: u16,
        /// The code.
        error: String,
        /// The sentence.
        description: String,
    },
    /// An HTML page.
    Html {
        /// The HTTP status.
        status: u16,
    },
    /// A 302 to another address, as after a rename (§2.7).
    Redirect {
        /// The address.
        location: String,
    },
    /// The answer breaks off half-way, though the transport is in order.
    TruncatedJson,
    /// Status 200 and nothing.
    EmptyBody,
    /// An endless-looking JSON string.
    HugeBody {
        /// How long.
        bytes: usize,
    },
    /// No answer at all, the connection stays open.
    Hang,
    /// The connection is reset.
    Reset,
    /// The honest answer, one byte after another (F10).
    Drip {
        /// Milliseconds between two bytes.
        ms: u64,
    },
    /// The headers of an answer, and no body ever (F10).
    HeadersOnly,
    /// Half of the honest answer, then a reset (F11).
    ResetHalfWay,
    /// The honest answer, shorter than its `Content-Length` says (F11).
    WrongLength,
    /// Few bytes of gzip that become many (F12).
    GzipBomb {
        /// How many MiB.
        mib: usize,
    },
    /// Lists within lists (F12).
    DeepJson {
        /// How deep.
        depth: usize,
    },
    /// An object of very many members (F12).
    ManyKeys {
        /// How many.
        keys: usize,
    },
    /// Any body, as JSON (F08, F16).
    Raw {
        /// The HTTP status.
        status: u16,
        /// The body.
        body: String,
    },
    /// Status 200 and a page that wants to know whether one is human (F09).
    Captcha,
    /// The honest answer, later. A token is traded in after the delay too, unless the effect is one
    /// of [`super::Fault::AfterRotation`].
    Delay {
        /// Milliseconds.
        ms: u64,
    },
}

impl Effect {
    /// An error of the REST envelope.
    #[must_use]
    pub fn error(status: u16, error: &str, description: &str) -> Self {
        Self::Error {
            status,
            error: error.to_owned(),
            description: description.to_owned(),
        }
    }

    /// Does it keep the honest answer from being made at all?
    pub(crate) const fn replaces(&self) -> bool {
        !matches!(
            self,
            Self::TruncatedJson
                | Self::Delay { .. }
                | Self::Drip { .. }
                | Self::ResetHalfWay
                | Self::WrongLength
        )
    }

    /// The rate limit is hit (§3.5).
    #[must_use]
    pub fn query_limit() -> Self {
        Self::error(503, "QUERY_LIMIT_EXCEEDED", "Too many requests")
    }

    /// A method has used up its run time (§3.5).
    #[must_use]
    pub fn operation_time_limit() -> Self {
        let text = "Method is blocked due to operation time limit";
        Self::error(429, "OPERATION_TIME_LIMIT", text)
    }

    /// The portal was blocked by hand (§3.5).
    #[must_use]
    pub fn overload() -> Self {
        Self::error(503, "OVERLOAD_LIMIT", "REST API is blocked due to overload")
    }

    /// The access token is too old (§3.6).
    #[must_use]
    pub fn expired_token() -> Self {
        Self::error(
            401,
            "expired_token",
            "The access token provided has expired",
        )
    }

    /// The portal has no plan with REST (§5).
    #[must_use]
    pub fn unpaid() -> Self {
        Self::error(
            403,
            "ACCESS_DENIED",
            "REST API is available only on commercial plans",
        )
    }

    /// The portal is gone (§3.6).
    #[must_use]
    pub fn portal_deleted() -> Self {
        Self::error(500, "PORTAL_DELETED", "Portal was deleted")
    }

    /// The administrator gives the application to other users only (§3.6).
    #[must_use]
    pub fn user_access() -> Self {
        let text = "The user does not have access to the application";
        Self::error(403, "user_access_error", text)
    }

    /// The user lacks rights (§3.6).
    #[must_use]
    pub fn invalid_credentials() -> Self {
        Self::error(403, "INVALID_CREDENTIALS", "Invalid request credentials")
    }

    /// The portal stumbles (§3.6).
    #[must_use]
    pub fn internal_error() -> Self {
        Self::error(500, "INTERNAL_SERVER_ERROR", "Internal server error")
    }
}
