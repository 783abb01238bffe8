//! Moments as the database keeps them: milliseconds since 1970.

use std::time::Duration;

use time::OffsetDateTime;

pub(crate) fn to_ms(moment: OffsetDateTime) -> i64 {
    // The range of `time` is ±9999 years, a tenth of what fits.
    i64::try_from(moment.unix_timestamp_nanos() / 1_000_000).unwrap_or(i64::MAX)
}

pub(crate) fn from_ms(ms: i64) -> Option<OffsetDateTime> {
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(ms) * 1_000_000).ok()
}

pub(crate) fn span_ms(span: Duration) -> i64 {
    i64::try_from(span.as_millis()).unwrap_or(i64::MAX / 4)
}

/// A span that the database worked out; nothing where it is over.
pub(crate) fn span(ms: i64) -> Duration {
    Duration::from_millis(u64::try_from(ms).unwrap_or(0))
}
