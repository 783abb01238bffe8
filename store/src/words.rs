//! Words that come from outside, made fit for a column.

/// At most `max` bytes of it, whole letters; without the zero sign, which PostgreSQL's text does not
/// take and SQLite's functions stop at.
pub(crate) fn bounded(text: &str, max: usize) -> String {
    let mut end = text.len().min(max);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text[..end].replace('\0', "\u{fffd}")
}

#[cfg(test)]
mod tests {
    use super::bounded;

    #[test]
    fn letters_stay_whole_and_zero_signs_are_replaced() {
        assert_eq!(bounded("сделка", 5), "сд");
        assert_eq!(bounded("a\0b", 10), "a\u{fffd}b");
        assert_eq!(bounded("", 0), "");
    }
}
