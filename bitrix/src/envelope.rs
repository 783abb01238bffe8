//! The frame of every answer: result or error, totals, time (bitrix24.md §3.2). It leaves the
//! result itself unread.

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::time::Duration;

use crmap_crm::CrmError;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use time::UtcOffset;
use time::format_description::well_known::Rfc3339;

use crate::classify::{Failure, Said};
use crate::decode::Loose;
use crate::egress::Answer;
use crate::repair;

const DEEPEST: usize = 64;

/// A good answer.
#[derive(Debug)]
pub(crate) struct Envelope {
    pub(crate) result: Box<RawValue>,
    pub(crate) total: Option<u64>,
    pub(crate) next: Option<u64>,
    pub(crate) times: Times,
}

/// What an answer tells of the portal's time.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Times {
    /// The portal's offset from UTC.
    pub(crate) offset: Option<UtcOffset>,
    /// In how long the portal starts to count the method's time anew.
    pub(crate) reset: Option<Duration>,
}

#[derive(Deserialize)]
struct Wire<'a> {
    #[serde(borrow, default, deserialize_with = "present")]
    result: Option<&'a RawValue>,
    #[serde(default)]
    error: Loose,
    #[serde(default)]
    error_description: Loose,
    #[serde(default)]
    total: Loose,
    #[serde(default)]
    next: Loose,
    #[serde(borrow, default, deserialize_with = "present")]
    time: Option<&'a RawValue>,
}

/// `null` is a result, too; only a missing key is none.
fn present<'de, D: Deserializer<'de>>(input: D) -> Result<Option<&'de RawValue>, D::Error> {
    <&RawValue>::deserialize(input).map(Some)
}

#[derive(Deserialize, Default)]
struct WireTime {
    #[serde(default)]
    date_start: Loose,
    #[serde(default)]
    finish: Loose,
    #[serde(default)]
    operating_reset_at: Loose,
}

/// Reads the frame of an answer to `method`.
pub(crate) fn open(method: &str, answer: &Answer) -> Result<Envelope, Failure> {
    if (300..400).contains(&answer.status) {
        return Err(CrmError::Moved.into());
    }
    let malformed = |place: &str| {
        Failure::Fault(CrmError::Malformed {
            method: method.to_owned(),
            place: place.to_owned(),
        })
    };
    let text = repair::as_text(&answer.body);
    if !looks_like_json(&text, answer.says_json) {
        return Err(not_json(method, answer.status));
    }
    if deeper_than(&text, DEEPEST) {
        return Err(malformed("answer: nested too deeply"));
    }
    let wire: Wire<'_> = serde_json::from_str(&text).map_err(|_| malformed("answer"))?;
    let times = wire.time.map(times_in).unwrap_or_default();
    match wire.result {
        Some(result) if wire.error.is_empty() && answer.status < 400 => Ok(Envelope {
            result: result.to_owned(),
            total: count(&wire.total),
            next: count(&wire.next),
            times,
        }),
        None if wire.error.is_absent() && answer.status < 400 => Err(malformed("result")),
        None if wire.error.is_absent() && answer.status == 404 => Err(not_json(method, 404)),
        _ => {
            let code = wire.error.text().unwrap_or_default();
            let message = wire.error_description.text().unwrap_or_default();
            let mut said = Said::new(answer.status, &code, &message);
            said.reset = times.reset;
            Err(Failure::Said(said))
        }
    }
}

/// The body as the text of a JSON object that is not nested too deeply; none for anything else.
pub(crate) fn json_object(answer: &Answer) -> Option<Cow<'_, str>> {
    let text = repair::as_text(&answer.body);
    (text.trim_start().starts_with('{') && !deeper_than(&text, DEEPEST)).then_some(text)
}

/// A count or an offset; whatever is not a number is as good as absent.
pub(crate) fn count(value: &Loose) -> Option<u64> {
    value.int().and_then(|number| u64::try_from(number).ok())
}

/// The window in which a method's time is counted is ten minutes (bitrix24.md §3.5); a portal that
/// names a later reset is not believed.
const LONGEST_RESET: Duration = Duration::from_secs(3_600);

/// What the `time` of an answer or of one command of a batch tells.
pub(crate) fn times_in(raw: &RawValue) -> Times {
    let wire: WireTime = serde_json::from_str(raw.get()).unwrap_or_default();
    let offset = wire
        .date_start
        .text()
        .and_then(|text| time::OffsetDateTime::parse(&text, &Rfc3339).ok())
        .map(time::OffsetDateTime::offset);
    // Both moments are by the portal's clock, so a wrong clock does no harm; nor does a moment that
    // no portal means.
    let reset = wire
        .operating_reset_at
        .float()
        .zip(wire.finish.float())
        .and_then(|(reset, finish)| Duration::try_from_secs_f64(reset - finish).ok())
        .map(|reset| reset.min(LONGEST_RESET));
    Times { offset, reset }
}

fn looks_like_json(text: &str, says_json: bool) -> bool {
    match text.trim_start().chars().next() {
        Some('{') => true,
        Some(_) => false,
        None => says_json,
    }
}

/// Web pages, error pages and the like: below 500 somebody else answers; from 500 on it may well
/// be the portal, out of order.
fn not_json(method: &str, status: u16) -> Failure {
    Failure::Fault(match status {
        410 => CrmError::Gone,
        429 => CrmError::RateLimited { retry_after: None },
        500.. => CrmError::PortalFailed {
            method: method.to_owned(),
            status,
            code: String::new(),
        },
        _ => CrmError::NotAPortal { status },
    })
}

fn deeper_than(text: &str, deepest: usize) -> bool {
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    for byte in text.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            _ if in_string => {}
            b'{' | b'[' => {
                depth += 1;
                if depth > deepest {
                    return true;
                }
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    false
}
