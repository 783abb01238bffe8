//! Spans of time as people write them: `90m`, `24h`, `7d`.

use std::time::Duration;

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// Portals are read no more often than this: their limits are shared with everything else that calls
/// them.
const SHORTEST: Duration = Duration::from_secs(15 * MINUTE);
/// What was read longer ago helps nobody.
const LONGEST: Duration = Duration::from_secs(30 * DAY);

/// Why something is no span, or none that will do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NoSpan {
    /// It cannot be understood.
    #[error("write a number with its unit: 900s, 90m, 24h or 7d")]
    Malformed,
    /// It is too short or too long.
    #[error("it must be from 15m to 30d")]
    OutOfBounds,
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
    fn an_interval_has_bounds() {
        for text in ["14m", "0s", "31d", "999999999999999999d"] {
            assert_eq!(sync_interval(text), Err(NoSpan::OutOfBounds), "{text}");
        }
        assert!(sync_interval("15m").is_ok() && sync_interval("30d").is_ok());
    }
}
