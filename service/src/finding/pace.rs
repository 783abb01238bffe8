//! How often one account may search. It is counted in the process: a search changes nothing, and
//! counting it in the database would cost more than the search.

use std::num::NonZeroU32;
use std::sync::Arc;

use crmap_crm::Clock;
use governor::clock::Clock as GovernorsClock;
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter};

/// So many at once,
const BURST: NonZeroU32 = NonZeroU32::new(40).unwrap();
/// and so many more in a second: faster than anybody types.
const PER_SECOND: NonZeroU32 = NonZeroU32::new(8).unwrap();
/// Above this many accounts, those that could search at once again are forgotten.
const MOST: usize = 10_000;

/// What is left to each account.
pub(super) struct Pace(RateLimiter<String, HashMapStateStore<String>, Told, NoOpMiddleware<Nanos>>);

/// The clock that everything here goes by.
#[derive(Clone)]
struct Told(Arc<dyn Clock>);

impl GovernorsClock for Told {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        let since = self.0.now().unix_timestamp_nanos();
        Nanos::from(u64::try_from(since).unwrap_or_default())
    }
}

impl Pace {
    pub(super) fn new(clock: Arc<dyn Clock>) -> Self {
        let quota = Quota::per_second(PER_SECOND).allow_burst(BURST);
        Self(RateLimiter::new(
            quota,
            HashMapStateStore::default(),
            Told(clock),
        ))
    }

    /// Counts a search of an account; says whether it may.
    pub(super) fn allows(&self, account: &str) -> bool {
        if self.0.len() >= MOST {
            self.0.retain_recent();
        }
        self.0.check_key(&account.to_owned()).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use time::{Duration, OffsetDateTime};

    use super::*;

    struct Hand(Mutex<OffsetDateTime>);

    impl Clock for Hand {
        fn now(&self) -> OffsetDateTime {
            *self.0.lock().unwrap()
        }
    }

    #[test]
    fn each_account_has_a_pace_of_its_own() {
        let start = OffsetDateTime::UNIX_EPOCH + Duration::days(20_000);
        let hand = Arc::new(Hand(Mutex::new(start)));
        let pace = Pace::new(hand.clone());
        let allowed = |account, now| {
            *hand.0.lock().unwrap() = now;
            (0..100).filter(|_| pace.allows(account)).count()
        };
        assert_eq!(allowed("one", start), 40);
        assert_eq!(allowed("two", start), 40);
        assert_eq!(allowed("one", start), 0);
        assert_eq!(allowed("one", start + Duration::milliseconds(500)), 4);
        assert_eq!(
            allowed("one", start - Duration::hours(1)),
            0,
            "the clock was set back"
        );
        assert_eq!(allowed("one", start + Duration::hours(1)), 40);
    }
}
