//! Answers that must not tell whether an address has an account come at even moments after the
//! question: what the work for them takes differs by parts of a millisecond, which would tell it to
//! whoever asks often enough (SEC-64). The first of these moments is later than the work is done,
//! hash and all, so that usually all come at that one; of work that takes longer, only what lies
//! near an even moment tells anything. Who is let in does not wait.

use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use crate::Services;

impl Services {
    /// Waits for the next even moment after `began`.
    pub(super) async fn even_out(&self, began: Instant) {
        sleep_until(began + rounded(began.elapsed(), self.settings.even_answers)).await;
    }
}

/// The next whole number of beats after `time`; itself where there are no beats.
fn rounded(time: Duration, beat: Duration) -> Duration {
    let beats = time.as_nanos().checked_div(beat.as_nanos());
    beats.map_or(time, |beats| {
        beat.saturating_mul(u32::try_from(beats + 1).unwrap_or(u32::MAX))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sec_64_answers_come_at_the_next_even_moment() {
        let ms = Duration::from_millis;
        for (time, even) in [(0, 100), (1, 100), (99, 100), (100, 200), (250, 300)] {
            assert_eq!(rounded(ms(time), ms(100)), ms(even));
        }
        assert_eq!(rounded(ms(7), Duration::ZERO), ms(7));
    }
}
