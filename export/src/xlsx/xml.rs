//! Text within the XML of a workbook.

use std::borrow::Cow;

/// The longest text that a cell of Excel takes, in units of UTF-16.
const LONGEST: usize = 32_767;
/// Stands for what was cut off.
const CUT: char = '…';

/// Adds what is to be seen as the text of an element.
pub(super) fn push_text(xml: &mut String, shown: &str) {
    for c in without_escapes(&cut(shown)).chars() {
        match c {
            '&' => xml.push_str("&amp;"),
            '<' => xml.push_str("&lt;"),
            '>' => xml.push_str("&gt;"),
            _ => xml.push(c),
        }
    }
}

/// As much of a text as a cell takes.
pub(super) fn cut(shown: &str) -> Cow<'_, str> {
    // No character has more units of UTF-16 than bytes of UTF-8.
    if shown.len() <= LONGEST {
        return Cow::Borrowed(shown);
    }
    let mut units = 0;
    let mut kept = 0;
    for (place, c) in shown.char_indices() {
        units += c.len_utf16();
        if units > LONGEST {
            return format!("{}{CUT}", &shown[..kept]).into();
        }
        if units < LONGEST {
            kept = place + c.len_utf8();
        }
    }
    Cow::Borrowed(shown)
}

/// In the strings of Excel `_x0041_` stands for a letter A; here it is to stand for itself.
fn without_escapes(shown: &str) -> Cow<'_, str> {
    if !shown.contains("_x") {
        return Cow::Borrowed(shown);
    }
    let mut plain = String::with_capacity(shown.len() + 16);
    for (place, c) in shown.char_indices() {
        if c == '_' && is_escape(&shown[place..]) {
            plain.push_str("_x005F");
        }
        plain.push(c);
    }
    plain.into()
}

fn is_escape(text: &str) -> bool {
    let Some(rest) = text.strip_prefix("_x") else {
        return false;
    };
    let rest = rest.as_bytes();
    rest.len() > 4 && rest[..4].iter().all(u8::is_ascii_hexdigit) && rest[4] == b'_'
}

/// The letters of a column, the first being 0.
pub(super) fn column(number: usize) -> String {
    let mut letters = Vec::new();
    let mut rest = number;
    loop {
        letters.push(b'A' + u8::try_from(rest % 26).unwrap_or_default());
        match (rest / 26).checked_sub(1) {
            Some(next) => rest = next,
            None => break,
        }
    }
    letters
        .iter()
        .rev()
        .map(|letter| char::from(*letter))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_called_as_in_excel() {
        let names = [0, 25, 26, 51, 52, 701, 702, 16_383].map(column);
        assert_eq!(names, ["A", "Z", "AA", "AZ", "BA", "ZZ", "AAA", "XFD"]);
    }

    #[test]
    fn sec_55_an_escape_of_excel_stands_for_itself() {
        let written = |text: &str| {
            let mut xml = String::new();
            push_text(&mut xml, text);
            xml
        };
        assert_eq!(written("_x0041_"), "_x005F_x0041_");
        assert_eq!(written("a_x000a_x000D_"), "a_x005F_x000a_x005F_x000D_");
        assert_eq!(written("_x41_ _x0041 UF_CRM_x"), "_x41_ _x0041 UF_CRM_x");
        assert_eq!(written("<a> & b"), "&lt;a&gt; &amp; b");
        assert_eq!(written("_xяяя_"), "_xяяя_");
    }

    #[test]
    fn a_text_is_cut_where_a_cell_takes_no_more() {
        let fits = "я".repeat(LONGEST);
        assert_eq!(cut(&fits), fits);
        let long = "я".repeat(LONGEST + 1);
        assert_eq!(cut(&long), format!("{}…", "я".repeat(LONGEST - 1)));
        let wide = "🎉".repeat(LONGEST / 2 + 1);
        assert_eq!(cut(&wide), format!("{}…", "🎉".repeat(LONGEST / 2)));
    }
}
