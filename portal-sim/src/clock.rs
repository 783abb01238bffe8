//! The one place where the simulated cloud looks at the clock; it holds no time of its own.

use time::{OffsetDateTime, UtcOffset, format_description::well_known::Rfc3339};

/// The moment now, in the time zone that the simulated portals live in (Moscow).
#[expect(
    clippy::disallowed_methods,
    reason = "this is the clock that the rest of the crate asks"
)]
pub(crate) fn now() -> OffsetDateTime {
    OffsetDateTime::now_utc().to_offset(portal_offset())
}

/// A moment as the portal writes it: ISO 8601 with its offset (§3.2).
pub(crate) fn iso(moment: OffsetDateTime) -> String {
    let whole = moment.replace_nanosecond(0).unwrap_or(moment);
    whole
        .to_offset(portal_offset())
        .format(&Rfc3339)
        .unwrap_or_default()
}

/// A moment as seconds since 1970 with their fraction, as `time.start` has it.
pub(crate) fn seconds(moment: OffsetDateTime) -> f64 {
    let millis = moment.unix_timestamp_nanos() / 1_000_000;
    millis as f64 / 1000.0
}

fn portal_offset() -> UtcOffset {
    UtcOffset::from_hms(3, 0, 0).unwrap_or(UtcOffset::UTC)
}
