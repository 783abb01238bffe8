//! Time as an argument.

use time::OffsetDateTime;

/// Tells the time; tests tell it what to say.
pub trait Clock: Send + Sync {
    /// The present moment, in UTC.
    fn now(&self) -> OffsetDateTime;
}
