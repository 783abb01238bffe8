//! The request log that tests read: who called what, and how it ended. No parameters, no tokens.

use std::sync::{Mutex, PoisonError};

use serde::Serialize;

use crate::worlds::UserRole;

/// How a caller proved who it is (§3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AuthKind {
    /// An incoming webhook: user and code in the path.
    Webhook,
    /// An application's access token in the parameter `auth`.
    Token,
    /// Nothing, or nothing that the portal knows.
    None,
}

/// One HTTP request to a portal's REST or to the OAuth server.
#[derive(Clone, Debug, Serialize)]
pub struct RequestLogEntry {
    /// When the request came in, ISO 8601.
    pub time: String,
    /// The HTTP method.
    pub http_method: String,
    /// The REST method as it was called, without `.json`; on the OAuth server its path.
    pub rest_method: String,
    /// The commands inside a batch, in order.
    pub inner_methods: Vec<String>,
    /// How the caller proved itself.
    pub auth: AuthKind,
    /// The user whose webhook or token it was.
    pub user_id: Option<u32>,
    /// What that user may do.
    pub role: Option<UserRole>,
    /// The HTTP status of the answer; 0 when none was given (hang, reset).
    pub status: u16,
    /// The error code of the answer.
    pub error: Option<String>,
    /// How long the answer took.
    pub duration_ms: u64,
    /// The `Host` header.
    pub host: String,
}

/// The log of one server.
#[derive(Debug, Default)]
pub(crate) struct RequestLog(Mutex<Vec<RequestLogEntry>>);

impl RequestLog {
    pub(crate) fn push(&self, entry: RequestLogEntry) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(entry);
    }

    pub(crate) fn entries(&self) -> Vec<RequestLogEntry> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    pub(crate) fn clear(&self) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
    }
}
