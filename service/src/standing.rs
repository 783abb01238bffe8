//! The state machine of portals: what each piece of evidence makes of a portal's state, when it is
//! asked again, and when it counts as gone. Pure: it asks nobody and stores nothing.

use crmap_domain::PortalState;
use time::{Duration, OffsetDateTime};

/// The longest that a healthy portal goes without being called: a refresh token lasts 180 days, so
/// it is used once in 120 to 150 (security.md §4.8).
const KEEP_ALIVE: Duration = Duration::days(120);
const KEEP_ALIVE_SPREAD: Duration = Duration::days(30);
/// A portal that says that the application is not installed is asked once more after this time
/// before it is believed.
const SECOND_THOUGHT: Duration = Duration::hours(1);
/// A deleted portal is believed to be gone after this many probes over this time (F02).
const GONE_PROBES: u32 = 6;
const GONE_AFTER: Duration = Duration::hours(72);
/// A portal of which no token is left, and where nobody opens the application for this long, counts
/// as one that it was removed from (bitrix24.md §1.11).
const FORSAKEN: Duration = Duration::days(30);
/// An account that Bitrix24 blocked for overload is left in peace this long (REL-19).
const BLOCKED: Duration = Duration::hours(24);
/// The reason of such a state.
pub(crate) const OVERLOADED: &str = "OVERLOAD_LIMIT";

/// What a portal is known to be before the evidence.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Before<'a> {
    /// Its state.
    pub(crate) state: PortalState,
    /// Since when.
    pub(crate) since: OffsetDateTime,
    /// The code that came with it.
    pub(crate) reason: &'a str,
    /// Since when it is this code.
    pub(crate) reason_since: OffsetDateTime,
    /// How many probes in a row have failed.
    pub(crate) probes: u32,
}

/// What was learned of a portal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Evidence {
    /// It answered as it should.
    Answered,
    /// Its subscription does not allow the interface.
    NotPaid(String),
    /// Its administrator keeps the known users out.
    Restricted,
    /// No chain of tokens is left.
    NoTokens(String),
    /// It, or its authority, says that the application is not installed.
    NotInstalled(String),
    /// The authority refuses the application: not installed there, or our own secret is wrong.
    /// `others_accepted` tells whether the authority took the same secret for another portal.
    ClientRefused { code: String, others_accepted: bool },
    /// No sensible answer.
    Silent(String),
    /// The authority is not to be had, which says nothing of the portal.
    AuthorityAway,
    /// The portal was deleted.
    Gone(String),
    /// Bitrix24 blocked the portal's interface for overload.
    Blocked,
    /// It answers that it has moved, and its authority does not say where.
    Moved,
}

/// What follows from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Verdict {
    /// The state from now on.
    pub(crate) state: PortalState,
    /// Why; empty where all is well.
    pub(crate) reason: String,
    /// How many probes in a row have failed by now.
    pub(crate) probes: u32,
    /// When to ask again, if at all.
    pub(crate) next_probe: Option<OffsetDateTime>,
    /// Whether the application is to be taken for removed, its event having been lost.
    pub(crate) ended: bool,
}

/// Judges `evidence`. `spread` is a random number from 0 to 1 that keeps portals from being asked
/// all at once.
pub(crate) fn judge(
    before: Before<'_>,
    evidence: Evidence,
    now: OffsetDateTime,
    spread: f64,
) -> Verdict {
    match evidence {
        Evidence::Answered => Verdict {
            state: PortalState::Ok,
            reason: String::new(),
            probes: 0,
            next_probe: Some(now + KEEP_ALIVE + KEEP_ALIVE_SPREAD * spread),
            ended: false,
        },
        // It says nothing of the portal, and is over soon.
        Evidence::AuthorityAway => Verdict {
            state: before.state,
            reason: before.reason.to_owned(),
            probes: before.probes,
            next_probe: Some(now + jittered(Duration::seconds(90), spread)),
            ended: false,
        },
        // Nothing can be asked without a token; the next opening brings one. When none does for
        // long, the application was removed and nobody said so.
        Evidence::NoTokens(code) => Verdict {
            state: PortalState::Revoked,
            reason: code,
            probes: before.probes.saturating_add(1),
            next_probe: Some(now + FORSAKEN + Duration::hours(1)),
            ended: before.state == PortalState::Revoked && now - before.since >= FORSAKEN,
        },
        failure => {
            let ended = is_the_end(before, &failure, now);
            let (state, reason, wait) = consequence(failure, before.probes);
            Verdict {
                state,
                reason,
                probes: before.probes.saturating_add(1),
                next_probe: Some(now + jittered(wait, spread)),
                ended,
            }
        }
    }
}

/// The state that a failure leads to, its reason, and how long to wait after so many failures.
fn consequence(failure: Evidence, failures: u32) -> (PortalState, String, Duration) {
    let hours = Duration::hours;
    match failure {
        Evidence::NotPaid(code) => {
            let wait = pace(failures, hours(1), hours(24));
            (PortalState::NeedsPayment, code, wait)
        }
        Evidence::Restricted => {
            let wait = pace(failures, hours(6), hours(24));
            (
                PortalState::Restricted,
                "user_access_error".to_owned(),
                wait,
            )
        }
        Evidence::NotInstalled(_) => {
            let reason = NOT_INSTALLED.to_owned();
            (PortalState::Revoked, reason, SECOND_THOUGHT)
        }
        Evidence::ClientRefused { code, .. } => {
            let wait = pace(failures, SECOND_THOUGHT, hours(24));
            (PortalState::Revoked, code, wait)
        }
        Evidence::Gone(code) => (PortalState::Unreachable, code, hours(12)),
        Evidence::Blocked => {
            let reason = OVERLOADED.to_owned();
            (PortalState::Unreachable, reason, BLOCKED)
        }
        Evidence::Moved => {
            let wait = pace(failures, hours(1), hours(12));
            (PortalState::Moved, "moved".to_owned(), wait)
        }
        Evidence::Silent(code) => {
            let wait = pace(failures, Duration::minutes(5), hours(12));
            (PortalState::Unreachable, code, wait)
        }
        Evidence::Answered | Evidence::AuthorityAway | Evidence::NoTokens(_) => {
            // Judged before; as a failure they would be silence.
            (PortalState::Unreachable, String::new(), hours(1))
        }
    }
}

/// Whether the portal is to be taken for one that the application was removed from.
fn is_the_end(before: Before<'_>, failure: &Evidence, now: OffsetDateTime) -> bool {
    match failure {
        Evidence::NotInstalled(_) => is_second_thought(before, NOT_INSTALLED, now),
        Evidence::ClientRefused {
            code,
            others_accepted,
        } => *others_accepted && is_second_thought(before, code, now),
        Evidence::Gone(code) => {
            before.state == PortalState::Unreachable
                && before.reason == *code
                && before.probes.saturating_add(1) >= GONE_PROBES
                && now - before.reason_since >= GONE_AFTER
        }
        _ => false,
    }
}

/// Portals and authorities have several codes for the same.
const NOT_INSTALLED: &str = "NOT_INSTALLED";

/// Whether the portal said the same at least an hour ago.
fn is_second_thought(before: Before<'_>, code: &str, now: OffsetDateTime) -> bool {
    before.state == PortalState::Revoked
        && before.reason == code
        && before.probes >= 1
        && now - before.reason_since >= SECOND_THOUGHT
}

/// Twice as long after each failure, up to `longest`.
fn pace(failures: u32, first: Duration, longest: Duration) -> Duration {
    (first * 2_i32.pow(failures.min(12))).min(longest)
}

/// Up to a fifth longer, never shorter: a limit is not undercut by chance.
fn jittered(wait: Duration, spread: f64) -> Duration {
    wait + wait * (spread.clamp(0.0, 1.0) * 0.2)
}

#[cfg(test)]
mod tests;
