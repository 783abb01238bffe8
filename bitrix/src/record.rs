//! One request for the record: when it was sent, what came of it, and both bodies masked and cut
//! (SEC-38). It keeps nothing itself, and costs next to nothing where no record is kept.

use std::time::Duration;

use crmap_crm::{CrmError, Journal, JournalEntry};
use crmap_domain::{MemberId, Unreachable};
use time::OffsetDateTime;
use tokio::time::Instant;

use crate::classify::Failure;
use crate::context::Context;
use crate::egress::{Answer, Encoding, Post};
use crate::mask;

/// A request that was begun.
pub(crate) struct Record<'a> {
    journal: &'a dyn Journal,
    at: OffsetDateTime,
    started: Instant,
    method: String,
    request: String,
}

/// Whose account a request belongs to.
pub(crate) struct Owner<'a> {
    pub(crate) member_id: &'a MemberId,
    pub(crate) user_id: Option<i64>,
}

/// What came back: the answer, if one did, and the error, if it is one.
pub(crate) struct Heard<'a> {
    pub(crate) answer: Option<&'a Answer>,
    pub(crate) error: Option<String>,
}

impl<'a> Record<'a> {
    /// Begins the record of a request, where one is kept.
    pub(crate) fn begin(
        context: &'a Context,
        method: String,
        post: &Post,
        secrets: &[&str],
    ) -> Option<Self> {
        let journal = context.journal.as_deref()?;
        let request = match post.encoding {
            Encoding::Json => mask::json(&post.body, secrets),
            Encoding::Form => mask::form(&post.body, secrets),
        };
        Some(Self {
            journal,
            at: context.clock.now(),
            started: Instant::now(),
            method,
            request,
        })
    }

    /// Hands the record over.
    pub(crate) fn end(self, owner: &Owner<'_>, heard: Heard<'_>, secrets: &[&str]) {
        let Heard { answer, error } = heard;
        let body = answer.map(|answer| answer.body.as_slice());
        self.journal.record(JournalEntry {
            member_id: owner.member_id.clone(),
            user_id: owner.user_id,
            at: self.at,
            method: self.method,
            status: answer.map(|answer| answer.status),
            duration: self.started.elapsed().max(Duration::from_micros(1)),
            error,
            request: self.request,
            response: body.map_or_else(String::new, |body| mask::json(body, secrets)),
            response_bytes: body.map_or(0, |body| body.len() as u64),
        });
    }
}

/// The code of a failure: the portal's own, or a word for what happened on the way.
pub(crate) fn code(failure: &Failure) -> String {
    match failure {
        Failure::Said(said) if said.code.is_empty() => format!("HTTP {}", said.status),
        Failure::Said(said) => said.code.clone(),
        Failure::Fault(error) => word(error).to_owned(),
    }
}

/// What happened on the way, in a word.
pub(crate) fn word(error: &CrmError) -> &'static str {
    match error {
        CrmError::WrongAddress { .. } => "wrong_address",
        CrmError::NotAPortal { .. } => "not_json",
        CrmError::RateLimited { .. } => "rate_limited",
        CrmError::Moved => "moved",
        CrmError::Gone => "gone",
        CrmError::Unreachable { why, .. } => match why {
            Unreachable::Dns => "dns",
            Unreachable::Tls => "tls",
            Unreachable::Timeout => "timeout",
            Unreachable::Connection => "connection",
        },
        CrmError::PortalFailed { .. } => "portal_failed",
        CrmError::TooLarge { .. } => "too_large",
        CrmError::Malformed { .. } => "malformed",
        _ => "failed",
    }
}
