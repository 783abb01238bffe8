//! Spans of time as people write them: `90m`, `24h`, `7d`; and within which bounds.

use std::time::Duration;

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// Portals are read no more often than this: their limits are shared with everything else that calls
/// them.
const SHORTEST: Duration = Duration::from_secs(15 * MINUTE);
/// What was read longer ago helps nobody.
const LONGEST: Duration = Duration::from_secs(30 * DAY);

/// The unit and its like end a process a minute after it was told to stop, and those who are inside
/// and what was begun need most of it.
const LONGEST_STOP: Duration = Duration::from_secs(10);

/// Why something is no span, or none that will do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NoSpan {
    /// It cannot be understood.
    #[error("write a number with its unit: 900s, 90m, 24h or 7d")]
    Malformed,
    /// It is too short or too long.
    #[error("it must be from 15m to 30d")]
    OutOfBounds,
    /// It cannot be understood as a short one.
    #[error("write a number with its unit, like 5s or 1500ms")]
    MalformedStop,
    /// Whoever stops the process would not wait so long.
    #[error("it must be from 0s to 10s: whoever stops the process kills it when it takes too long")]
    LateStop,
}

/// How often linked portals are read.
pub(crate) fn sync_interval(text: &str) -> Result<Duration, NoSpan> {
    let span = parse(text)?;
    if (SHORTEST..=LONGEST).contains(&span) {
        Ok(span)
    } else {
        Err(NoSpan::OutOfBounds)
    }
}

/// For how long visitors are let in after the process was told to stop.
pub(crate) fn stop_delay(text: &str) -> Result<Duration, NoSpan> {
    let span = humantime::parse_duration(text.trim()).map_err(|_no_span| NoSpan::MalformedStop)?;
    if span <= LONGEST_STOP {
        Ok(span)
    } else {
        Err(NoSpan::LateStop)
    }
}

fn parse(text: &str) -> Result<Duration, NoSpan> {
    let text = text.trim();
    let unit = text.char_indices().next_back().ok_or(NoSpan::Malformed)?;
    let (number, seconds) = match unit {
        (end, 's') => (&text[..end], 1),
        (end, 'm') => (&text[..end], MINUTE),
        (end, 'h') => (&text[..end], HOUR),
        (end, 'd') => (&text[..end], DAY),
        _ => return Err(NoSpan::Malformed),
    };
    let number: u64 = number
        .trim_end()
        .parse()
        .map_err(|_no_number| NoSpan::Malformed)?;
    let seconds = number.checked_mul(seconds).ok_or(NoSpan::OutOfBounds)?;
    Ok(Duration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_read_with_their_unit() {
        for (text, seconds) in [
            ("24h", DAY),
            ("900s", 900),
            (" 90 m", 90 * MINUTE),
            ("7d", 7 * DAY),
        ] {
            assert_eq!(sync_interval(text), Ok(Duration::from_secs(seconds)));
        }
        for text in ["", "24", "h", "1.5h", "-1h", "1w", "24 часа"] {
            assert_eq!(sync_interval(text), Err(NoSpan::Malformed), "{text}");
        }
    }

    #[test]
    fn rel_26_a_process_that_is_told_to_stop_lets_visitors_in_for_ten_seconds_at_the_most() {
        for (text, milliseconds) in [
            ("0s", 0),
            ("1500ms", 1_500),
            (" 5s ", 5_000),
            ("10s", 10_000),
        ] {
            assert_eq!(stop_delay(text), Ok(Duration::from_millis(milliseconds)));
        }
        for text in ["10001ms", "11s", "1m", "60s", "1h"] {
            assert_eq!(stop_delay(text), Err(NoSpan::LateStop), "{text}");
        }
        for text in ["", "5", "-1s", "пять"] {
            assert_eq!(stop_delay(text), Err(NoSpan::MalformedStop), "{text}");
        }
    }

    #[test]
    fn an_interval_has_bounds() {
        for text in ["14m", "0s", "31d", "999999999999999999d"] {
            assert_eq!(sync_interval(text), Err(NoSpan::OutOfBounds), "{text}");
        }
        assert!(sync_interval("15m").is_ok() && sync_interval("30d").is_ok());
    }
}
