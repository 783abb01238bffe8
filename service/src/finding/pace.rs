//! How often one account may search. It is counted in the process: a search changes nothing, and
//! counting it in the database would cost more than the search.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use time::OffsetDateTime;

/// So many at once,
const BURST: f64 = 40.0;
/// and so many more in a second: faster than anybody types.
const PER_SECOND: f64 = 8.0;
/// Above this many accounts, those that could search at once again are forgotten.
const MOST: usize = 10_000;

/// What is left to each account, and since when.
#[derive(Default)]
pub(super) struct Pace(Mutex<HashMap<String, (f64, OffsetDateTime)>>);

impl Pace {
    /// Counts a search of an account; says whether it may.
    pub(super) fn allows(&self, account: &str, now: OffsetDateTime) -> bool {
        // Entries are whole, whatever panicked.
        let mut left = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if left.len() >= MOST {
            left.retain(|_, (left, since)| grown(*left, *since, now) < BURST);
        }
        let entry = left.entry(account.to_owned()).or_insert((BURST, now));
        let have = grown(entry.0, entry.1, now);
        let allows = have >= 1.0;
        *entry = (if allows { have - 1.0 } else { have }, now);
        allows
    }
}

fn grown(left: f64, since: OffsetDateTime, now: OffsetDateTime) -> f64 {
    let seconds = (now - since).as_seconds_f64().max(0.0);
    (left + seconds * PER_SECOND).min(BURST)
}

#[cfg(test)]
mod tests {
    use time::Duration;

    use super::*;

    #[test]
    fn each_account_has_a_pace_of_its_own() {
        let (pace, start) = (Pace::default(), OffsetDateTime::UNIX_EPOCH);
        let allowed = |account, now| (0..100).filter(|_| pace.allows(account, now)).count();
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
