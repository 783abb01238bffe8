//! Makes text of what is almost text: bytes that are no UTF-8 and halves of surrogate pairs become
//! the replacement character. It repairs no syntax.

use std::borrow::Cow;

/// The body as text, every character of which can be read.
pub(crate) fn as_text(body: &[u8]) -> Cow<'_, str> {
    let text = String::from_utf8_lossy(body);
    if text.contains("\\ud") || text.contains("\\uD") {
        return Cow::Owned(surrogates(&text));
    }
    match text.strip_prefix('\u{feff}') {
        Some(rest) => Cow::Owned(rest.to_owned()),
        None => text,
    }
}

/// JSON with `\ufffd` in place of every `\u` escape that is half of a pair without the other half.
fn surrogates(json: &str) -> String {
    let mut repaired = String::with_capacity(json.len());
    let mut rest = json.trim_start_matches('\u{feff}');
    while let Some(at) = rest.find('\\') {
        let (before, escape) = rest.split_at(at);
        repaired.push_str(before);
        let (kept, length) = match (unit(escape), escape.get(6..).and_then(unit)) {
            (Some(0xd800..=0xdbff), Some(0xdc00..=0xdfff)) => (escape.get(..12), 12),
            (Some(0xd800..=0xdfff), _) => (Some("\\ufffd"), 6),
            _ => {
                let length = 1 + escape.chars().nth(1).map_or(0, char::len_utf8);
                (escape.get(..length), length)
            }
        };
        repaired.push_str(kept.unwrap_or_default());
        rest = escape.get(length..).unwrap_or_default();
    }
    repaired.push_str(rest);
    repaired
}

/// The value of `\uXXXX` at the beginning of `text`.
fn unit(text: &str) -> Option<u16> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    u16::from_str_radix(digits, 16).ok()
}
