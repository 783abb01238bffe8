//! How a moment is written: by RFC 3339 where people and programs of others read it, as two numbers
//! where only CRMAP does. Those are exact to the millisecond, like what the database keeps, so that a
//! browser puts moments in the same order as the server.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use time::{OffsetDateTime, UtcOffset};

/// A moment in milliseconds since 1970; what is shorter is left out.
#[must_use]
pub fn to_ms(at: OffsetDateTime) -> i64 {
    // The range of `time` is ±9999 years, a tenth of what fits.
    i64::try_from(at.unix_timestamp_nanos().div_euclid(1_000_000)).unwrap_or(i64::MAX)
}

/// The moment so many milliseconds after 1970 began; nothing where that is too far away.
#[must_use]
pub fn from_ms(ms: i64) -> Option<OffsetDateTime> {
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(ms) * 1_000_000).ok()
}

pub(crate) fn serialize<S: Serializer>(
    at: &OffsetDateTime,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    if serializer.is_human_readable() {
        return time::serde::rfc3339::serialize(at, serializer);
    }
    (to_ms(*at), at.offset().whole_seconds()).serialize(serializer)
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<OffsetDateTime, D::Error> {
    if deserializer.is_human_readable() {
        return time::serde::rfc3339::deserialize(deserializer);
    }
    let (ms, offset) = <(i64, i32)>::deserialize(deserializer)?;
    let offset = UtcOffset::from_whole_seconds(offset).map_err(de::Error::custom)?;
    from_ms(ms)
        .and_then(|at| at.checked_to_offset(offset))
        .ok_or_else(|| de::Error::custom("no such moment"))
}

/// A moment that may not be there, written as by this module.
pub(crate) mod option {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};
    use time::OffsetDateTime;

    #[derive(Serialize, Deserialize)]
    struct Moment(#[serde(with = "super")] OffsetDateTime);

    pub(crate) fn serialize<S: Serializer>(
        at: &Option<OffsetDateTime>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        at.map(Moment).serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<OffsetDateTime>, D::Error> {
        let at = Option::<Moment>::deserialize(deserializer)?;
        Ok(at.map(|Moment(at)| at))
    }
}
