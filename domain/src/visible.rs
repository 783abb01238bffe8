//! Makes visible what a name can hide: line breaks, controls, marks that turn the direction of
//! writing, characters of no width. Not for HTML, which has escapes of its own.

use std::borrow::Cow;

/// The text with everything invisible written out, on one line: `\n`, `\r`, `\t`, `\u{202E}`.
///
/// It can be read back without loss, so a backslash becomes `\\`. A space stays one only between
/// two other characters: at the ends and after another space it becomes `\u{20}`, so two spaces in
/// a row never come from the text (SEC-55).
#[must_use]
pub fn visible(text: &str) -> Cow<'_, str> {
    visible_except(text, &[])
}

/// As [`visible`], with the characters of `marks` written out too: those that the surroundings use
/// as separators.
#[must_use]
pub fn visible_except<'a>(text: &'a str, marks: &[char]) -> Cow<'a, str> {
    let plain = |c: char| c != '\\' && c != ' ' && !is_hidden(c) && !marks.contains(&c);
    let Some(first) = text.find(|c| !plain(c)) else {
        return Cow::Borrowed(text);
    };
    let mut shown = String::with_capacity(text.len() + 16);
    shown.push_str(&text[..first]);
    let mut after_space = first == 0;
    let mut rest = text[first..].chars().peekable();
    while let Some(c) = rest.next() {
        let lone_space = c == ' ' && !after_space && rest.peek().is_some();
        match c {
            ' ' if lone_space && !marks.contains(&' ') => shown.push(' '),
            '\\' => shown.push_str("\\\\"),
            _ if plain(c) => shown.push(c),
            _ => push_escape(&mut shown, c),
        }
        after_space = c == ' ';
    }
    Cow::Owned(shown)
}

fn push_escape(shown: &mut String, c: char) {
    match c {
        '\n' => shown.push_str("\\n"),
        '\r' => shown.push_str("\\r"),
        '\t' => shown.push_str("\\t"),
        _ => shown.push_str(&format!("\\u{{{:X}}}", u32::from(c))),
    }
}

/// Whether a reader cannot see the character, or sees it do something to its neighbours: controls,
/// separators, white space other than a plain space, marks of direction, format characters and
/// fillers of no width. The selector of emoji and combining marks are not among them: they show.
pub(crate) const fn is_hidden(c: char) -> bool {
    matches!(c,
        '\u{00}'..='\u{1F}' | '\u{7F}'..='\u{A0}' | '\u{AD}' | '\u{34F}' | '\u{61C}'
        | '\u{115F}' | '\u{1160}' | '\u{1680}' | '\u{17B4}' | '\u{17B5}' | '\u{180B}'..='\u{180F}'
        | '\u{2000}'..='\u{200F}' | '\u{2028}'..='\u{202F}' | '\u{205F}'..='\u{206F}'
        | '\u{2800}' | '\u{3000}' | '\u{3164}' | '\u{FE00}'..='\u{FE0E}' | '\u{FEFF}' | '\u{FFA0}'
        | '\u{FFF0}'..='\u{FFFB}' | '\u{FFFE}'..='\u{FFFF}' | '\u{1BCA0}'..='\u{1BCA3}'
        | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E0FFF}')
}
