//! Time as an argument, and the clock that programs pass for it.

use time::OffsetDateTime;

/// Tells the time; tests tell it what to say.
pub trait Clock: Send + Sync {
    /// The present moment, in UTC.
    fn now(&self) -> OffsetDateTime;
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> OffsetDateTime {
        #[expect(
            clippy::disallowed_methods,
            reason = "the one place where time comes in"
        )]
        OffsetDateTime::now_utc()
    }
}
