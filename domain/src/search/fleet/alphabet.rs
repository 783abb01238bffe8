//! Texts as a search over many portals compares them: without case, with е for ё, and with one byte
//! for each letter of the Russian alphabet. Half a million labels take half the room that way, are
//! looked through in half the time, and a wrong letter is a wrong byte. What comes out is text
//! still: the letters borrow the places of capitals and of control signs, neither of which is left.

use std::ops::Range;

/// What stands for the letters from а to я.
const LETTERS: [u8; 32] = *b"ABCDEFGHIJKLMNOPQRSTUVWXYZ\x01\x02\x03\x04\x05\x06";

/// Appends `text` as it is compared: white space as single spaces, none at either end.
pub(super) fn shrink_into(shrunk: &mut String, text: &str) {
    let start = shrunk.len();
    for sign in text.chars() {
        push(shrunk, start, sign);
    }
    trim(shrunk, start);
}

/// `text` as it is compared.
pub(super) fn shrink(text: &str) -> String {
    let mut shrunk = String::with_capacity(text.len());
    shrink_into(&mut shrunk, text);
    shrunk
}

/// `text` as it is compared and, for each byte of that, the sign of `text` that it came from.
pub(super) fn shrink_with_origins(text: &str) -> (String, Vec<Range<usize>>) {
    let mut shrunk = String::with_capacity(text.len());
    let mut origins = Vec::with_capacity(text.len());
    for (at, sign) in text.char_indices() {
        push(&mut shrunk, 0, sign);
        origins.resize(shrunk.len(), at..at + sign.len_utf8());
    }
    trim(&mut shrunk, 0);
    origins.truncate(shrunk.len());
    (shrunk, origins)
}

/// Whether words end at this sign.
pub(super) fn is_gap(sign: char) -> bool {
    sign.is_whitespace() || sign.is_control()
}

fn trim(shrunk: &mut String, start: usize) {
    if shrunk.len() > start && shrunk.ends_with(' ') {
        shrunk.pop();
    }
}

fn push(shrunk: &mut String, start: usize, sign: char) {
    match sign {
        'a'..='z' | '0'..='9' | '!'..='/' => shrunk.push(sign),
        'A'..='Z' => shrunk.push(sign.to_ascii_lowercase()),
        'а'..='я' => shrunk.push(letter(sign, 'а')),
        'А'..='Я' => shrunk.push(letter(sign, 'А')),
        'ё' | 'Ё' => shrunk.push(letter('е', 'а')),
        '«' | '»' | '“' | '”' | '„' => shrunk.push('"'),
        '‘' | '’' => shrunk.push('\''),
        '\u{2010}'..='\u{2015}' | '−' => shrunk.push('-'),
        // What has no width.
        '\u{ad}'
        | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{2069}'
        | '\u{feff}' => {}
        _ if is_gap(sign) => {
            if shrunk.len() > start && !shrunk.ends_with(' ') {
                shrunk.push(' ');
            }
        }
        _ => {
            for small in sign.to_lowercase() {
                shrunk.push(small);
            }
        }
    }
}

fn letter(sign: char, first: char) -> char {
    let place = u32::from(sign) - u32::from(first);
    char::from(LETTERS[place as usize % LETTERS.len()])
}

/// Whether a word begins at a place of a shrunk text, which must be where a sign begins.
pub(super) fn starts_word(shrunk: &str, at: usize) -> bool {
    let bytes = shrunk.as_bytes();
    let before = at.checked_sub(1).and_then(|before| bytes.get(before));
    match (before, bytes.get(at)) {
        (None, _) | (_, None) => true,
        (_, Some(byte)) if byte.is_ascii() && !is_letter(*byte) => true,
        (Some(byte), _) if byte.is_ascii() => !is_letter(*byte),
        _ => {
            let sign = shrunk.get(..at).and_then(|text| text.chars().next_back());
            !sign.is_some_and(char::is_alphanumeric)
        }
    }
}

const fn is_letter(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, 1..=6)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn russian_letters_are_a_byte_each_and_no_two_are_the_same() {
        let letters = "абвгдежзийклмнопрстуфхцчшщъыьэюя";
        let shrunk = shrink(letters);
        assert_eq!(shrunk.len(), 32);
        let once: std::collections::BTreeSet<_> = shrunk.bytes().collect();
        assert_eq!(once.len(), 32);
        assert_eq!(shrink(&letters.to_uppercase()), shrunk);
        let others = shrink("qwertyuiopasdfghjklzxcvbnm0123456789QWERTY_:-");
        assert!(
            others
                .bytes()
                .all(|byte| !shrunk.as_bytes().contains(&byte))
        );
    }

    #[test]
    fn case_yo_quotes_dashes_and_white_space_make_no_difference() {
        let check = |one: &str, other: &str| assert_eq!(shrink(one), shrink(other));
        check("Учёт «ОПТ» — 2", "учет \"опт\" - 2");
        check(" Учёт\u{a0} \t\r\nопт ", "учет опт");
        check("Дого\u{ad}вор\u{200b}", "договор");
        assert_ne!(shrink("учет"), shrink("yчeт"));
    }

    #[test]
    fn words_begin_after_anything_but_letters_and_digits() {
        let text = shrink("🔥Новый «Учёт»/c7:won");
        let starts: Vec<_> = (0..text.len())
            .filter(|at| text.is_char_boundary(*at) && text.as_bytes()[*at].is_ascii())
            .filter(|at| is_letter(text.as_bytes()[*at]) && starts_word(&text, *at))
            .map(|at| text[at..].chars().next())
            .collect();
        let wanted = ["н", "у", "c", "w"].map(|letter| shrink(letter).chars().next());
        assert_eq!(starts, wanted);
    }
}
