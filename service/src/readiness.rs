//! Whether this process can serve (REL-25): what it would otherwise find out by failing people.

use std::time::Duration;

use crmap_store::StoreError;
use tokio::time::timeout;

use crate::{Services, figures};

/// Within what time the answer comes, whatever the database does.
const IN_TIME: Duration = Duration::from_millis(1_500);
/// How far the clock may be from the database's: sessions and tokens go by the one, leases by the
/// other.
const SKEW: time::Duration = time::Duration::minutes(2);

/// Why this process should be sent nobody.
#[derive(Debug, thiserror::Error)]
pub enum NotReady {
    /// The database is away, or takes too long.
    #[error("the database is not to be had")]
    Database(#[source] Option<StoreError>),
    /// The database is not as this release left it.
    #[error("the database's structure is not that of this release")]
    Structure,
    /// The database is another one, or its keys are.
    #[error("the database is sealed with other keys than ours")]
    Keys,
    /// The clock is wrong, ours or the database's.
    #[error("the clock is {seconds} s ahead of the database's")]
    Clock {
        /// How far ours is ahead.
        seconds: i64,
    },
}

impl NotReady {
    /// What a probe is told.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Database(_) => "the database is not to be had",
            Self::Structure => "the database's structure is not that of this release",
            Self::Keys => "the database is sealed with other keys",
            Self::Clock { .. } => "the clock is off",
        }
    }
}

impl Services {
    /// Whether the database answers, is of this release or a later one and sealed with our keys, and
    /// shows about the same time. The log tells when that changes.
    ///
    /// # Errors
    /// [`NotReady`].
    pub async fn readiness(&self) -> Result<(), NotReady> {
        let outcome = match timeout(IN_TIME, self.look()).await {
            Ok(outcome) => outcome,
            Err(_late) => Err(NotReady::Database(None)),
        };
        figures::ready(outcome.is_ok());
        self.tell(outcome.as_ref().err());
        outcome
    }

    async fn look(&self) -> Result<(), NotReady> {
        let before = self.clock.now();
        let told = self.store.readiness().await;
        let told = told.map_err(|error| NotReady::Database(Some(error)))?;
        // The moment of the answer is between the two.
        let now = before + (self.clock.now() - before) / 2;
        figures::skew(&told, now);
        let ahead = now - told.clock;
        if !told.is_up_to_date {
            Err(NotReady::Structure)
        } else if !told.has_our_keys {
            Err(NotReady::Keys)
        } else if ahead.abs() > SKEW {
            let seconds = ahead.whole_seconds();
            Err(NotReady::Clock { seconds })
        } else {
            Ok(())
        }
    }

    /// Probes ask often; the log is told once.
    fn tell(&self, problem: Option<&NotReady>) {
        let word = problem.map(NotReady::word);
        let before = {
            // The value is replaced whole.
            let mut told = self
                .told_unready
                .lock()
                .unwrap_or_else(std::sync::PoisonError::into_inner);
            std::mem::replace(&mut *told, word)
        };
        match problem {
            Some(error) if before != word => {
                let cause = std::error::Error::source(error).map(ToString::to_string);
                tracing::error!(%error, cause, "this process is not ready to serve");
            }
            None if before.is_some() => tracing::info!("this process is ready to serve again"),
            _ => {}
        }
    }
}
