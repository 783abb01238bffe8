//! The record of requests to accounts, for their owners and for the rule of the Marketplace that
//! requests and answers are kept for three days (bitrix24.md §8.1, SEC-38).

use std::time::Duration;

use crmap_domain::MemberId;
use time::OffsetDateTime;

/// One request with its answer. Secrets and personal data are masked already, bodies are bounded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalEntry {
    /// The account.
    pub member_id: MemberId,
    /// The user whose rights were used, where it is known.
    pub user_id: Option<i64>,
    /// When the request was sent.
    pub at: OffsetDateTime,
    /// The method, with its commands where it is a batch: `batch`, `app.info`.
    pub method: String,
    /// The HTTP status; none where no answer came.
    pub status: Option<u16>,
    /// From the request to the end of the answer.
    pub duration: Duration,
    /// The code of the error, where the answer is one or none came.
    pub error: Option<String>,
    /// The parameters, masked and cut.
    pub request: String,
    /// The answer, masked and cut.
    pub response: String,
    /// The size of the answer before it was cut, in bytes.
    pub response_bytes: u64,
}

/// Takes the record of each request. It must not block and must not fail: what cannot be kept is
/// counted and reported by the implementation.
pub trait Journal: Send + Sync {
    /// Takes one entry.
    fn record(&self, entry: JournalEntry);
}

/// Keeps nothing, for commands without a database.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoJournal;

impl Journal for NoJournal {
    fn record(&self, _entry: JournalEntry) {}
}
