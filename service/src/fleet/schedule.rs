//! When a portal is read again. Pure: the clock and chance are arguments.

use crmap_domain::Trouble;
use time::{Duration, OffsetDateTime};

/// After so many readings in a row that failed or were broken off, a portal waits for its usual time:
/// trying on would help nobody.
pub(crate) const GIVE_UP_AFTER: u32 = 5;
/// A portal that somebody asked for comes so many times as early as one that is merely due: a person
/// waits for it, and the others get on all the same.
pub(crate) const DUE_WEIGHT: u32 = 4;
/// How long after something changed in a portal it is read, so that a burst of changes costs one
/// reading.
pub(crate) const DEBOUNCE: std::time::Duration = std::time::Duration::from_secs(60);
/// How long after it was linked a portal is read that the page which linked it did not read.
pub(crate) const FIRST_READING: Duration = Duration::seconds(30);

/// The usual interval is up to a tenth shorter or longer, so that portals that were linked at one
/// moment drift apart.
const SPREAD: f64 = 0.1;
/// A portal that Bitrix24 has blocked by hand is left in peace for a day (REL-19).
const BLOCKED: Duration = Duration::hours(24);
/// What is over soon by its nature, and says nothing of the portal: how long to wait at the most
/// after the first failure, and after many.
const PASSING: (Duration, Duration) = (Duration::seconds(15), Duration::seconds(60));
/// The same where the authority is away: all portals meet that together (REL-08).
const AWAY: (Duration, Duration) = (Duration::seconds(30), Duration::seconds(120));
/// The same of all else.
const LASTING: (Duration, Duration) = (Duration::minutes(1), Duration::hours(1));
/// Nothing is tried again sooner.
const SOONEST: Duration = Duration::seconds(1);

/// When a portal is due that was read. `chance` is a random number from 0 to 1.
pub(crate) fn after_success(
    now: OffsetDateTime,
    interval: std::time::Duration,
    chance: f64,
) -> OffsetDateTime {
    let factor = 1.0 - SPREAD + 2.0 * SPREAD * chance.clamp(0.0, 1.0);
    now + interval.mul_f64(factor)
}

/// When a portal is due whose reading failed, for the `attempts`th time in a row: ever later, at a
/// moment of chance within the time that is left to it, so that those that failed together do not
/// come back together (REL-16).
pub(crate) fn after_failure(
    now: OffsetDateTime,
    trouble: &Trouble,
    attempts: u32,
    interval: std::time::Duration,
    chance: f64,
) -> OffsetDateTime {
    let (first, longest) = match trouble {
        Trouble::Blocked => return now + BLOCKED * (1.0 + SPREAD * chance.clamp(0.0, 1.0)),
        Trouble::RateLimited | Trouble::StoreUnavailable => PASSING,
        Trouble::ProofUnavailable => AWAY,
        _ if attempts >= GIVE_UP_AFTER => return after_success(now, interval, chance),
        _ => LASTING,
    };
    let doublings = attempts.saturating_sub(1).min(12);
    let most = (first * 2_i32.pow(doublings)).min(longest);
    now + (most * chance.clamp(0.0, 1.0)).max(SOONEST)
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    const NOW: OffsetDateTime = datetime!(2026-03-01 12:00 UTC);
    const DAY: std::time::Duration = std::time::Duration::from_secs(24 * 3_600);

    fn wait(trouble: &Trouble, attempts: u32, chance: f64) -> Duration {
        after_failure(NOW, trouble, attempts, DAY, chance) - NOW
    }

    #[test]
    fn portals_that_were_read_together_drift_apart() {
        let wait = |chance| after_success(NOW, DAY, chance) - NOW;
        assert_eq!(wait(0.0), Duration::seconds(24 * 3_240));
        assert_eq!(wait(0.5), Duration::hours(24));
        assert_eq!(wait(1.0), Duration::seconds(24 * 3_960));
    }

    #[test]
    fn rel_16_failures_are_tried_ever_later_with_full_jitter() {
        let failed = Trouble::PortalFailed;
        let longest: Vec<i64> = (1..GIVE_UP_AFTER)
            .map(|attempts| wait(&failed, attempts, 1.0).whole_seconds())
            .collect();
        assert_eq!(longest, [60, 120, 240, 480]);
        assert_eq!(wait(&failed, 4, 0.5), Duration::seconds(240));
        assert_eq!(wait(&failed, 4, 0.0), SOONEST);
    }

    #[test]
    fn rel_11_a_portal_that_fails_on_and_on_waits_for_its_usual_time() {
        let malformed = Trouble::Malformed {
            method: "user.get".to_owned(),
            place: "result".to_owned(),
        };
        for attempts in GIVE_UP_AFTER..GIVE_UP_AFTER + 3 {
            assert_eq!(wait(&malformed, attempts, 0.5), Duration::hours(24));
        }
    }

    #[test]
    fn rel_16_a_storm_of_limits_is_outlived_and_over_within_a_minute() {
        for attempts in 1..100 {
            assert!(wait(&Trouble::RateLimited, attempts, 1.0) <= Duration::seconds(60));
        }
        assert_eq!(wait(&Trouble::RateLimited, 40, 1.0), Duration::seconds(60));
        // On average at most one try a minute (REL-08).
        assert_eq!(
            wait(&Trouble::ProofUnavailable, 40, 0.5),
            Duration::seconds(60)
        );
    }

    #[test]
    fn rel_19_a_blocked_portal_is_left_alone_for_a_day() {
        for attempts in [1, 9] {
            assert_eq!(wait(&Trouble::Blocked, attempts, 0.0), BLOCKED);
            assert!(wait(&Trouble::Blocked, attempts, 1.0) > BLOCKED);
        }
    }
}
