//! How a moment is written: by RFC 3339 where people and programs of others read it, as two numbers
//! where only CRMAP does.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use time::{OffsetDateTime, UtcOffset};

pub(crate) fn serialize<S: Serializer>(
    at: &OffsetDateTime,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    if serializer.is_human_readable() {
        return time::serde::rfc3339::serialize(at, serializer);
    }
    (at.unix_timestamp(), at.offset().whole_seconds()).serialize(serializer)
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<OffsetDateTime, D::Error> {
    if deserializer.is_human_readable() {
        return time::serde::rfc3339::deserialize(deserializer);
    }
    let (seconds, offset) = <(i64, i32)>::deserialize(deserializer)?;
    let offset = UtcOffset::from_whole_seconds(offset).map_err(de::Error::custom)?;
    let at = OffsetDateTime::from_unix_timestamp(seconds).map_err(de::Error::custom)?;
    at.checked_to_offset(offset)
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
