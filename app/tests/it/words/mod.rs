//! The words of the interface: that they are complete, said by somebody, in one voice (docs/WORDS.md),
//! and nowhere but in the rooms for words.

mod code;
mod source;
mod voice;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crmap_domain::Lang;

/// The root of the repository.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The keys of a language with what they say, in their order.
fn catalogue(lang: &str) -> Vec<(String, String)> {
    let path = root().join(format!("app/locales/{lang}.json"));
    let text = fs::read_to_string(path).expect("a catalogue");
    let words: Vec<_> = text
        .lines()
        .filter_map(|line| {
            let (key, said) = line.trim().strip_prefix('"')?.split_once("\": \"")?;
            let said = said.trim_end_matches(',').strip_suffix('"')?;
            Some((key.to_owned(), said.replace("\\u00a0", "\u{a0}")))
        })
        .collect();
    assert!(words.len() > 100, "{}", words.len());
    words
}

/// What is filled in: the names in `{{ … }}`, each as often as it stands there.
fn placeholders(said: &str) -> Vec<&str> {
    let mut names: Vec<_> = said
        .split("{{ ")
        .skip(1)
        .filter_map(|rest| rest.split_once(" }}"))
        .map(|(name, _)| name)
        .collect();
    names.sort_unstable();
    names
}

/// Each key is said somewhere; that none is missing is the compiler's to say.
#[test]
fn no_word_of_the_catalogue_is_left_unsaid() {
    let words = catalogue("ru");
    let keys: BTreeSet<&str> = words.iter().map(|(key, _)| &**key).collect();
    let mut source = String::new();
    for path in source::files_of(&root().join("app/src")) {
        let text = fs::read_to_string(path).expect("source");
        for said in text.split("say!(").skip(1) {
            source.push_str(said.split(')').next().unwrap_or_default());
            source.push(' ');
        }
    }
    let said: BTreeSet<&str> = source
        .split(|character: char| !character.is_ascii_alphanumeric() && character != '_')
        .collect();
    let unsaid: Vec<_> = keys.difference(&said).collect();
    assert!(unsaid.is_empty(), "{unsaid:?}");
}

/// The languages have the same keys in the same order, so that they can be read side by side; none
/// stands there twice; and what is filled in, is so in all.
#[test]
fn catalogues_have_the_same_keys_in_the_same_order_with_the_same_placeholders() {
    let ru = catalogue(Lang::Ru.code());
    let mut seen = BTreeSet::new();
    for (key, said) in &ru {
        assert!(seen.insert(key), "{key} stands there twice");
        let filled_in = placeholders(said).len();
        assert_eq!(said.matches("{{").count(), filled_in, "{key}");
    }
    for lang in Lang::Ru.others().map(Lang::code) {
        let other = catalogue(lang);
        for ((key, ru), (same, said)) in ru.iter().zip(&other) {
            assert_eq!(key, same, "{lang}");
            assert_eq!(placeholders(ru), placeholders(said), "{lang} {key}");
        }
        assert_eq!(ru.len(), other.len(), "{lang}");
    }
}
