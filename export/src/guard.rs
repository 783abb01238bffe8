//! Keeps spreadsheets from taking words of a portal for formulas (SEC-54).

use std::borrow::Cow;

/// What makes a spreadsheet calculate, where a cell begins with it; some read the wide forms alike.
const TRIGGERS: [char; 8] = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];
/// How a tabulator, a carriage return and a NUL at the beginning of a text are shown.
const CONTROLS: [&str; 3] = ["\\t", "\\r", "\\u{0}"];
/// What stands before a text that is not to be calculated.
const MARK: char = '\'';

/// The text of a cell, with an apostrophe before it if a spreadsheet might calculate it.
///
/// A comma or semicolon, whichever does not separate the cells of this file, separates them for a
/// spreadsheet of another country; what follows it is guarded as well.
pub(crate) fn guarded(shown: &str, other_separator: char) -> Cow<'_, str> {
    if !shown.split(other_separator).any(might_calculate) {
        return Cow::Borrowed(shown);
    }
    let mut guarded = String::with_capacity(shown.len() + 2);
    for (place, part) in shown.split(other_separator).enumerate() {
        if place > 0 {
            guarded.push(other_separator);
        }
        if might_calculate(part) {
            guarded.push(MARK);
        }
        guarded.push_str(part);
    }
    guarded.into()
}

/// Whether a spreadsheet might calculate a text: one of the [`TRIGGERS`] comes first, or after
/// quotes, spaces and invisible characters, which some leave out.
pub(crate) fn might_calculate(shown: &str) -> bool {
    let mut rest = shown;
    loop {
        rest = rest.trim_start_matches(['\'', '"', ' ']);
        if rest.starts_with(TRIGGERS) || CONTROLS.iter().any(|control| rest.starts_with(control)) {
            return true;
        }
        match after_escape(rest) {
            Some(after) => rest = after,
            None => return false,
        }
    }
}

/// What follows an invisible character that was written out; nothing where something else comes
/// first.
fn after_escape(shown: &str) -> Option<&str> {
    let escape = shown.strip_prefix('\\')?;
    if let Some(after) = escape.strip_prefix('n') {
        return Some(after);
    }
    let (_, after) = escape.strip_prefix("u{")?.split_once('}')?;
    Some(after)
}

#[cfg(test)]
mod tests {
    use crmap_domain::visible;

    use super::*;

    #[test]
    fn sec_54_what_a_spreadsheet_might_calculate_gets_an_apostrophe() {
        for formula in [
            "=1+1",
            "+7 999",
            "-5",
            "@SUM(A1)",
            "\t=1",
            "\r1",
            "\u{0}x",
            "\u{feff}=1",
            " =1",
            "\"=1",
            "'=1",
            "＝1",
            "＋1",
            "－1",
            "＠1",
            "\u{200b}\u{feff} \"'=1",
            "\n=1",
        ] {
            let shown = visible(formula);
            assert_eq!(guarded(&shown, ','), format!("'{shown}"), "{formula:?}");
        }
        for plain in [
            "",
            "a",
            "1-2",
            "Сумма = 5",
            "'a'",
            "\"a\"",
            " a",
            "\n",
            "\\=1",
            "\\t",
            "5",
        ] {
            let shown = visible(plain);
            assert_eq!(guarded(&shown, ','), shown, "{plain:?}");
        }
    }

    #[test]
    fn sec_54_what_follows_the_separator_of_another_country_is_guarded() {
        assert_eq!(guarded("a,=1, -2;=3", ','), "a,'=1,' -2;=3");
        assert_eq!(guarded("a,=1;=3", ';'), "a,=1;'=3");
    }
}
