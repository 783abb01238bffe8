//! What operators watch. The names are lasting: dashboards and alarms know them.

use std::time::Duration;

use metrics::{counter, gauge, histogram};

use crate::Services;

/// Whether the database answered when it was last counted: 1 or 0.
const DATABASE: &str = "crmap_database_up";
/// Portals, by state.
const PORTALS: &str = "crmap_portals";
/// People's chains of tokens, by state.
const CHAINS: &str = "crmap_token_chains";
/// What waits to be done: events, mails, readings.
const WAITING: &str = "crmap_waiting";
/// Tries that were refused since there had been too many, by what was limited.
const REFUSED: &str = "crmap_limits_hit_total";
/// Seconds that the hash of a password waited for its place.
const HASH_WAIT: &str = "crmap_password_hash_wait_seconds";
/// Hashes of passwords that found no place.
const HASH_REFUSED: &str = "crmap_password_hash_refused_total";

/// A try was refused since there had been too many of its kind.
pub(crate) fn limit_hit(kind: &'static str) {
    counter!(REFUSED, "limit" => kind).increment(1);
}

/// The hash of a password waited so long for its place.
pub(crate) fn hash_waited(wait: Duration) {
    histogram!(HASH_WAIT).record(wait);
}

/// There was no place for the hash of a password.
pub(crate) fn hash_refused() {
    counter!(HASH_REFUSED).increment(1);
}

impl Services {
    /// Counts what comes and goes in the database, for whoever reads the figures next. A database
    /// that does not answer is a figure as well.
    pub async fn count_what_waits(&self) {
        let waiting = match self.store.waiting().await {
            Ok(waiting) => waiting,
            Err(error) => {
                tracing::warn!(%error, "what waits in the database could not be counted");
                gauge!(DATABASE).set(0.0);
                return;
            }
        };
        gauge!(DATABASE).set(1.0);
        for (state, count) in waiting.portals {
            gauge!(PORTALS, "state" => state.code()).set(figure(count));
        }
        for (status, count) in waiting.chains {
            gauge!(CHAINS, "state" => status).set(figure(count));
        }
        for (what, count) in [
            ("events", waiting.events),
            ("mails", waiting.mails),
            ("readings", waiting.readings),
        ] {
            gauge!(WAITING, "what" => what).set(figure(count));
        }
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a figure for people; nobody has 2^53 portals"
)]
const fn figure(count: u64) -> f64 {
    count as f64
}
