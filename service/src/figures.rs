//! What operators watch. The names are lasting: dashboards and alarms know them.

use std::time::Duration;

use crmap_crm::{Figure, RefreshError};
use crmap_store::{Readiness, Waiting};
use metrics::{counter, gauge, histogram};
use time::OffsetDateTime;

use crate::{Reception, Services};

const DATABASE: Figure = Figure::gauge(
    "crmap_database_up",
    "Whether the database answered when it was last counted: 1 or 0.",
);
const CONNECTIONS: Figure = Figure::gauge(
    "crmap_database_connections",
    "Connections to the database, by pool and by whether they are used or idle.",
);
const CONNECTIONS_MOST: Figure = Figure::gauge(
    "crmap_database_connections_max",
    "Connections to the database that there may be at the most, by pool.",
);
const READY: Figure = Figure::gauge(
    "crmap_ready",
    "Whether this process can serve: database, its structure, its keys and the clock are right: 1 or 0.",
);
const SKEW: Figure = Figure::gauge(
    "crmap_clock_skew_seconds",
    "How far this process's clock is ahead of the database's.",
);
const PORTALS: Figure = Figure::gauge("crmap_portals", "Portals, by state.");
const CHAINS: Figure = Figure::gauge("crmap_token_chains", "People's chains of tokens, by state.");
const WAITING: Figure = Figure::gauge(
    "crmap_waiting",
    "What waits to be done: events in the inbox, mails in the outbox, readings that runs wait for.",
);
const OLDEST: Figure = Figure::gauge(
    "crmap_waiting_oldest_seconds",
    "For how long the oldest of what waits has been waiting; 0 where nothing waits.",
);
const DUE: Figure = Figure::gauge(
    "crmap_readings_due",
    "Linked portals in good state whose time to be read has come.",
);
const LATE: Figure = Figure::gauge(
    "crmap_readings_late",
    "Those of them whose time came more than 15 minutes ago.",
);
const READINGS: Figure = Figure::counter(
    "crmap_readings_total",
    "Readings of portals for cabinets, by what came of them.",
);
const READING_SECONDS: Figure = Figure::histogram(
    "crmap_reading_seconds",
    "Seconds that readings for cabinets took that came to an end of their own.",
);
const REFRESHES: Figure = Figure::counter(
    "crmap_token_refreshes_total",
    "Refresh tokens that were used up or tried, by what came of it.",
);
const EVENTS: Figure = Figure::counter(
    "crmap_events_total",
    "Events that came from portals, by what became of them.",
);
const MAILS: Figure = Figure::counter(
    "crmap_mails_total",
    "Tries to send a mail, by what came of them.",
);
const PAGE_SESSIONS: Figure = Figure::gauge(
    "crmap_page_sessions",
    "Sessions of pages inside portals that this process has in memory.",
);
const JOURNAL_LOST: Figure = Figure::counter(
    "crmap_journal_lost_total",
    "Requests to portals that are missing in the record of requests.",
);
const REFUSED: Figure = Figure::counter(
    "crmap_limits_hit_total",
    "Tries that were refused since there had been too many, by what was limited.",
);
const LOG_INS: Figure = Figure::counter(
    "crmap_log_ins_total",
    "Log-ins to cabinets whose password was compared, by whether it was right.",
);
const HASH_WAIT: Figure = Figure::histogram(
    "crmap_password_hash_wait_seconds",
    "Seconds that the hash of a password waited for its place.",
);
const HASH_REFUSED: Figure = Figure::counter(
    "crmap_password_hash_refused_total",
    "Hashes of passwords that found no place.",
);

/// The figures of the use cases.
pub const FIGURES: &[Figure] = &[
    DATABASE,
    CONNECTIONS,
    CONNECTIONS_MOST,
    READY,
    SKEW,
    PORTALS,
    CHAINS,
    WAITING,
    OLDEST,
    DUE,
    LATE,
    READINGS,
    READING_SECONDS,
    REFRESHES,
    EVENTS,
    MAILS,
    PAGE_SESSIONS,
    JOURNAL_LOST,
    REFUSED,
    LOG_INS,
    HASH_WAIT,
    HASH_REFUSED,
];

/// A reading that was due so long ago is late.
const LATE_AFTER: Duration = Duration::from_secs(15 * 60);

/// A try was refused since there had been too many of its kind.
pub(crate) fn limit_hit(kind: &'static str) {
    counter!(REFUSED.name, "limit" => kind).increment(1);
}

/// A password was compared.
pub(crate) fn log_in(outcome: &'static str) {
    counter!(LOG_INS.name, "outcome" => outcome).increment(1);
}

/// The hash of a password waited so long for its place.
pub(crate) fn hash_waited(wait: Duration) {
    histogram!(HASH_WAIT.name).record(wait);
}

/// There was no place for the hash of a password.
pub(crate) fn hash_refused() {
    counter!(HASH_REFUSED.name).increment(1);
}

/// A reading for cabinets came to its end; one of its own took so long.
pub(crate) fn reading(outcome: &'static str, took: Option<Duration>) {
    counter!(READINGS.name, "outcome" => outcome).increment(1);
    if let Some(took) = took {
        histogram!(READING_SECONDS.name).record(took);
    }
}

/// A refresh token was used, or tried.
pub(crate) fn refresh(outcome: &'static str) {
    counter!(REFRESHES.name, "outcome" => outcome).increment(1);
}

/// What a refusal is called.
pub(crate) const fn refused_as(error: &RefreshError) -> &'static str {
    match error {
        RefreshError::NotSent(_) => "not_sent",
        RefreshError::Ambiguous(_) => "ambiguous",
        RefreshError::Rejected { .. } => "rejected",
        RefreshError::NotInstalled { .. } => "not_installed",
        RefreshError::ClientRefused { .. } => "client_refused",
        RefreshError::NotPaid { .. } => "not_paid",
        RefreshError::Gone => "gone",
    }
}

/// An event came.
pub(crate) fn event(became: Option<Reception>) {
    let outcome = match became {
        Some(Reception::Taken) => "taken",
        Some(Reception::Known) => "known",
        Some(Reception::Ignored) => "ignored",
        None => "not_kept",
    };
    counter!(EVENTS.name, "outcome" => outcome).increment(1);
}

/// A mail was tried.
pub(crate) fn mail(outcome: &'static str) {
    counter!(MAILS.name, "outcome" => outcome).increment(1);
}

/// A request is missing in the record.
pub(crate) fn journal_lost() {
    counter!(JOURNAL_LOST.name).increment(1);
}

/// Whether the process can serve.
pub(crate) fn ready(is_ready: bool) {
    gauge!(READY.name).set(if is_ready { 1.0 } else { 0.0 });
}

/// What the database's clock shows, and ours at the same moment.
pub(crate) fn skew(readiness: &Readiness, now: OffsetDateTime) {
    gauge!(SKEW.name).set((now - readiness.clock).as_seconds_f64());
}

/// # Figures for operators
impl Services {
    /// Counts what comes and goes in the database, for whoever reads the figures next. A database
    /// that does not answer is a figure as well.
    pub async fn count_what_waits(&self) {
        // Tells its own figures.
        let _ = self.readiness().await;
        gauge!(PAGE_SESSIONS.name).set(figure(self.sessions.count() as u64));
        for pool in self.store.pools() {
            let connections = |state: &'static str, count: u32| {
                gauge!(CONNECTIONS.name, "pool" => pool.name, "state" => state).set(count);
            };
            connections("used", pool.used);
            connections("idle", pool.idle);
            gauge!(CONNECTIONS_MOST.name, "pool" => pool.name).set(pool.most);
        }
        match self.store.waiting(self.clock.now(), LATE_AFTER).await {
            Ok(waiting) => {
                gauge!(DATABASE.name).set(1.0);
                show(waiting);
            }
            Err(error) => {
                tracing::warn!(%error, "what waits in the database could not be counted");
                gauge!(DATABASE.name).set(0.0);
            }
        }
    }
}

fn show(waiting: Waiting) {
    for (state, count) in waiting.portals {
        gauge!(PORTALS.name, "state" => state.code()).set(figure(count));
    }
    for (status, count) in waiting.chains {
        gauge!(CHAINS.name, "state" => status).set(figure(count));
    }
    let counts = [waiting.events, waiting.mails, waiting.readings];
    let kinds = ["events", "mails", "readings"];
    for ((what, count), oldest) in kinds.into_iter().zip(counts).zip(waiting.oldest) {
        gauge!(WAITING.name, "what" => what).set(figure(count));
        let age = oldest.unwrap_or_default().as_secs_f64();
        gauge!(OLDEST.name, "what" => what).set(age);
    }
    gauge!(DUE.name).set(figure(waiting.due));
    gauge!(LATE.name).set(figure(waiting.late));
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a figure for people; nobody has 2^53 portals"
)]
const fn figure(count: u64) -> f64 {
    count as f64
}
