//! Moments as the database keeps them: milliseconds since 1970.

use std::time::Duration;

pub(crate) use crmap_domain::moment::{from_ms, to_ms};

pub(crate) fn span_ms(span: Duration) -> i64 {
    i64::try_from(span.as_millis()).unwrap_or(i64::MAX / 4)
}

/// A span that the database worked out; nothing where it is over.
pub(crate) fn span(ms: i64) -> Duration {
    Duration::from_millis(u64::try_from(ms).unwrap_or(0))
}
