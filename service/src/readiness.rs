//! Whether this process can serve (REL-25): what it would otherwise find out by failing people.

use std::sync::Arc;
use std::time::Duration;

use crmap_store::StoreError;
use tokio::time::{Instant, timeout};

use crate::{Services, figures};

/// Within what time the answer comes, whatever the database does and others ask.
const IN_TIME: Duration = Duration::from_millis(1_800);
/// Within what time a look is over.
const LOOKED_IN_TIME: Duration = Duration::from_millis(1_500);
/// How far the clock may be from the database's: sessions and tokens go by the one, leases by the
/// other.
const SKEW: time::Duration = time::Duration::minutes(2);

/// Why this process should be sent nobody.
#[derive(Debug, thiserror::Error)]
pub enum NotReady {
    /// The database is away, or takes too long.
    #[error("the database is not available")]
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
            Self::Database(_) => "the database is not available",
            Self::Structure => "the database's structure is not that of this release",
            Self::Keys => "the database is sealed with other keys",
            Self::Clock { .. } => "the clock is off",
        }
    }

    /// Whether the database may be there all the same and have too much to do: it did not answer in
    /// time, or gave us no connection.
    fn is_doubtful(&self) -> bool {
        match self {
            Self::Database(None) => true,
            Self::Database(Some(error)) => error.is_want_of_connections(),
            _ => false,
        }
    }
}

/// Whether this process can serve, and why not.
type Answer = Result<(), Arc<NotReady>>;

/// What was lately found out.
#[derive(Default)]
pub(crate) struct Looks {
    last: Option<(Instant, Answer)>,
    /// Whether the last look was a doubtful one that was not believed.
    is_doubted: bool,
}

impl Looks {
    /// What whoever asks at `now` is told without another look.
    fn lately(&self, now: Instant, shared: Duration) -> Option<Answer> {
        let (looked_at, answer) = self.last.as_ref()?;
        (now.duration_since(*looked_at) < shared).then(|| answer.clone())
    }

    /// Believes what a look at `now` gave; two doubtful ones in a row are believed where one is not.
    fn believe(&mut self, now: Instant, outcome: Result<(), NotReady>) -> Answer {
        let was_ready = matches!(self.last, Some((_, Ok(()))));
        let is_doubtful = outcome.as_ref().is_err_and(NotReady::is_doubtful);
        self.is_doubted = is_doubtful && was_ready && !self.is_doubted;
        let answer = if self.is_doubted {
            Ok(())
        } else {
            outcome.map_err(Arc::new)
        };
        self.last = Some((now, answer.clone()));
        answer
    }

    /// Why the process is not ready, as far as it was believed.
    fn problem(&self) -> Option<&NotReady> {
        let (_, answer) = self.last.as_ref()?;
        answer.as_ref().err().map(AsRef::as_ref)
    }
}

/// # Whether this process can serve
impl Services {
    /// Whether the database answers, is of this release or a later one and sealed with our keys, and
    /// shows about the same time. Whoever asks within a second of each other shares one look, so that
    /// asking costs nothing; and a process that was ready stays so when a single look finds the
    /// database too busy: a rush is no outage. The log tells when the answer changes.
    ///
    /// # Errors
    /// [`NotReady`].
    pub async fn readiness(&self) -> Result<(), Arc<NotReady>> {
        let asked = timeout(IN_TIME, self.shared_look()).await;
        // Others were looking all the time.
        asked.unwrap_or_else(|_late| Err(Arc::new(NotReady::Database(None))))
    }

    async fn shared_look(&self) -> Answer {
        let mut looks = self.looks.lock().await;
        let now = Instant::now();
        if let Some(answer) = looks.lately(now, self.settings.readiness_shared) {
            return answer;
        }
        let outcome = match timeout(LOOKED_IN_TIME, self.look()).await {
            Ok(outcome) => outcome,
            Err(_late) => Err(NotReady::Database(None)),
        };
        let before = looks.problem().map(NotReady::word);
        let answer = looks.believe(Instant::now(), outcome);
        figures::ready(answer.is_ok());
        if looks.is_doubted {
            tracing::info!("the database was too busy to be looked at; it is looked at once more");
        }
        tell(before, looks.problem());
        answer
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
}

/// Probes ask often; the log is told once.
fn tell(before: Option<&'static str>, problem: Option<&NotReady>) {
    match problem {
        Some(error) if before != Some(error.word()) => {
            let cause = std::error::Error::source(error).map(ToString::to_string);
            tracing::error!(%error, cause, "this process is not ready to serve");
        }
        None if before.is_some() => tracing::info!("this process is ready to serve again"),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn late() -> Result<(), NotReady> {
        Err(NotReady::Database(None))
    }

    fn away() -> Result<(), NotReady> {
        let refused = std::io::Error::from(std::io::ErrorKind::ConnectionRefused);
        Err(NotReady::Database(Some(refused.into())))
    }

    #[test]
    fn rel_25_a_rush_is_no_outage_and_an_outage_is_believed_at_once() {
        let told = |outcomes: Vec<Result<(), NotReady>>| {
            let mut looks = Looks::default();
            let outcomes = outcomes.into_iter();
            let told = outcomes.map(|outcome| looks.believe(Instant::now(), outcome).is_ok());
            told.collect::<Vec<_>>()
        };
        assert_eq!(told(vec![Ok(()), late(), Ok(())]), [true, true, true]);
        assert_eq!(
            told(vec![Ok(()), late(), late(), late(), Ok(()), late()]),
            [true, true, false, false, true, true]
        );
        assert_eq!(told(vec![Ok(()), away(), Ok(())]), [true, false, true]);
        assert_eq!(told(vec![Ok(()), late(), away()]), [true, true, false]);
        // One that was never ready, or is not any more, has to be shown to be.
        assert_eq!(told(vec![late(), Ok(())]), [false, true]);
        assert_eq!(told(vec![Ok(()), away(), late()]), [true, false, false]);
        for outcome in [
            NotReady::Structure,
            NotReady::Keys,
            NotReady::Clock { seconds: 130 },
        ] {
            assert_eq!(told(vec![Ok(()), Err(outcome)]), [true, false]);
        }
    }

    #[test]
    fn rel_25_who_asks_soon_after_another_is_told_the_same() {
        let (mut looks, now) = (Looks::default(), Instant::now());
        let shared = Duration::from_secs(1);
        assert!(looks.lately(now, shared).is_none());
        for (outcome, is_ready) in [(Ok(()), true), (away(), false)] {
            assert_eq!(looks.believe(now, outcome).is_ok(), is_ready);
            let soon = looks.lately(now + Duration::from_millis(999), shared);
            assert_eq!(soon.map(|answer| answer.is_ok()), Some(is_ready));
            assert!(looks.lately(now + shared, shared).is_none());
            assert!(looks.lately(now, Duration::ZERO).is_none());
        }
    }
}
