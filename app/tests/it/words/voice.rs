//! One voice: docs/WORDS.md, as far as a program can tell.

use std::fs;

use crmap_domain::Lang;

use super::source::{files_of, texts_of, tokens_of};
use super::{catalogue, root};

/// A text for people, and where it stands.
struct Said {
    at: String,
    text: String,
}

/// Everything that is said in a language, but for spreadsheets' and the text's headings, which share
/// their files with the other language.
fn said_in(lang: &str) -> Vec<Said> {
    let mut all: Vec<_> = catalogue(lang)
        .into_iter()
        .map(|(at, text)| Said { at, text })
        .collect();
    for room in ["domain/src/words", "service/src/cabinet/letters"] {
        let path = root().join(format!("{room}/{lang}.rs"));
        for text in texts_of(tokens_of(&path)) {
            let at = format!("{room}/{lang}.rs");
            all.push(Said { at, text });
        }
    }
    for folder in ["app/legal", "app/help"] {
        for entry in fs::read_dir(root().join(folder)).expect("a folder") {
            let path = entry.expect("an entry").path();
            let at = path.display().to_string();
            if at.ends_with(&format!(".{lang}.html")) {
                let html = fs::read_to_string(&path).expect("a page");
                let text = without(&without(&html, '<', '>'), '{', '}');
                all.push(Said { at, text });
            }
        }
    }
    // Addresses are no words.
    let at = format!("docs/manual/{lang}.md");
    if let Ok(text) = fs::read_to_string(root().join(&at)) {
        let text = without(&without(&text, '(', ')'), '<', '>');
        all.push(Said { at, text });
    }
    all
}

/// The text but for what stands between these signs.
fn without(text: &str, open: char, close: char) -> String {
    let mut left = String::new();
    for piece in text.split(open) {
        let shown = match piece.split_once(close) {
            Some((_, shown)) => shown,
            None => piece,
        };
        left.push(' ');
        left.push_str(shown);
    }
    left
}

/// The words on the left side of the table of docs/WORDS.md that is headed by a language.
fn never_said(lang: &str) -> Vec<String> {
    let words = fs::read_to_string(root().join("docs/WORDS.md")).expect("the terms");
    let (_, table) = words
        .split_once(&format!("\n| {lang} | instead |\n"))
        .expect("a table of words that are never said");
    let rows = table.lines().take_while(|line| line.starts_with('|'));
    let words: Vec<String> = rows
        .filter_map(|row| row.split('|').nth(1))
        .flat_map(|cell| cell.split('`').skip(1).step_by(2))
        .map(str::to_owned)
        .collect();
    assert!(words.len() > 8, "{words:?}");
    words
}

/// A few words around the first place where one of these stands.
fn around(text: &str, beginnings: &[&String]) -> String {
    let folded = text.to_lowercase();
    let at = beginnings
        .iter()
        .find_map(|beginning| folded.find(&***beginning));
    let before = folded[..at.unwrap_or_default()].chars().count();
    text.chars()
        .skip(before.saturating_sub(30))
        .take(80)
        .collect()
}

/// Whether a word of the text begins so.
fn has(text: &str, beginning: &str) -> bool {
    let text = text.to_lowercase();
    text.match_indices(beginning)
        .any(|(at, _)| !text[..at].ends_with(char::is_alphabetic))
}

#[test]
fn words_that_are_never_said_are_not_said() {
    for lang in Lang::ALL.map(Lang::code) {
        let never = never_said(lang);
        for Said { at, text } in said_in(lang) {
            // The help says what others call a stage.
            let is_excused = |word: &str| word == "стади" && at.contains("app/help");
            let slips: Vec<_> = never
                .iter()
                .filter(|word| has(&text, word) && !is_excused(word))
                .collect();
            assert!(
                slips.is_empty(),
                "{at}: {slips:?} in {:?}",
                around(&text, &slips)
            );
        }
    }
}

#[test]
fn catches_a_word_that_is_never_said() {
    assert!(has("Портал отвязан от кабинета", "отвяз"));
    assert!(has("E-mail addresses", "e-mail"));
    assert!(!has("Это состязание", "язан"));
}

/// How texts of the interface are written.
#[test]
fn quotation_marks_dashes_and_spaces_are_those_of_the_language() {
    for lang in Lang::ALL {
        let ([open, close], foreign) = match lang {
            Lang::Ru => (['«', '»'], ['“', '”', '’']),
            Lang::En => (['“', '”'], ['«', '»', 'ё']),
        };
        let lang = lang.code();
        for (key, said) in catalogue(lang) {
            let wrong = ["\"", "'", "...", "!", "  ", " - ", " ,", " ."];
            let slips: Vec<_> = wrong.iter().filter(|sign| said.contains(**sign)).collect();
            assert!(slips.is_empty(), "{lang} {key}: {slips:?} in {said:?}");
            assert!(!said.contains(foreign), "{lang} {key}: {said:?}");
            assert_eq!(said.trim(), said, "{lang} {key}");
            let marks = [open, close].map(|mark| said.matches(mark).count());
            assert_eq!(marks[0], marks[1], "{lang} {key}: {said:?}");
        }
    }
}

/// What to do is a sentence.
#[test]
fn cures_are_sentences() {
    for lang in Lang::ALL.map(Lang::code) {
        for (key, said) in catalogue(lang) {
            let is_sentence = said.ends_with(['.', '?']);
            assert!(
                is_sentence || !key.ends_with("_cure"),
                "{lang} {key}: {said:?}"
            );
        }
    }
}

/// No ending can be wrong: a number stands at the end, or before what has no endings. What has is
/// an abbreviation, from which the number is not parted at the end of a line.
#[test]
fn no_word_takes_its_ending_from_a_number() {
    const UNITS: [&str; 10] = ["мин", "ч", "дн", "с", "мс", "min", "h", "d", "s", "ms"];
    const WITHOUT_ENDINGS: [&str; 9] = [
        "из", "в", "и", "of", "more", "added", "changed", "removed", "in",
    ];
    const COUNTS: [&str; 9] = [
        "count", "hidden", "portals", "read", "rows", "seconds", "shown", "total", "typed",
    ];
    for lang in Lang::ALL.map(Lang::code) {
        for (key, said) in catalogue(lang) {
            for (before, after) in said.split(" }}").zip(said.split(" }}").skip(1)) {
                let name = before.rsplit("{{ ").next().unwrap_or_default();
                let Some(rest) = after.strip_prefix([' ', '\u{a0}']) else {
                    continue;
                };
                let word = rest
                    .split(|c: char| !c.is_alphabetic())
                    .next()
                    .unwrap_or_default();
                if !COUNTS.contains(&name) || word.is_empty() {
                    continue;
                }
                let is_apart = after.starts_with(' ');
                let is_right = if UNITS.contains(&word) {
                    !is_apart
                } else {
                    WITHOUT_ENDINGS.contains(&word)
                };
                assert!(is_right, "{lang} {key}: {said:?}");
            }
        }
    }
}

/// The rooms that the document names are there.
#[test]
fn the_document_of_words_names_rooms_that_are_there() {
    let words = fs::read_to_string(root().join("docs/WORDS.md")).expect("the terms");
    let named: Vec<_> = words
        .split('`')
        .skip(1)
        .step_by(2)
        .filter(|name| name.contains('/') && !name.contains(' '))
        .collect();
    assert!(named.len() > 4, "{named:?}");
    for name in named {
        let is_there = root().join(name).exists() || !files_of_or_none(name).is_empty();
        assert!(is_there, "{name}");
    }
}

fn files_of_or_none(name: &str) -> Vec<std::path::PathBuf> {
    let path = root().join(format!("{name}.rs"));
    if path.exists() {
        files_of(&path)
    } else {
        Vec::new()
    }
}
