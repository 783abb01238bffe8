//! The words of the interface.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// Each key is said somewhere; that none is missing is the compiler's to say.
#[test]
fn no_word_of_the_catalogue_is_left_unsaid() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let catalogue = fs::read_to_string(root.join("locales/ru.json")).expect("a catalogue");
    let keys: BTreeSet<&str> = catalogue
        .lines()
        .filter_map(|line| line.trim().strip_prefix('"')?.split_once("\":"))
        .map(|(key, _)| key)
        .collect();
    assert!(keys.len() > 100, "{}", keys.len());
    let source = source_of(&root.join("src"));
    let said: BTreeSet<&str> = source
        .split(|character: char| !character.is_ascii_alphanumeric() && character != '_')
        .collect();
    let unsaid: Vec<_> = keys.difference(&said).collect();
    assert!(unsaid.is_empty(), "{unsaid:?}");
}

/// The languages have the same keys in the same order, so that they can be read side by side.
#[test]
fn catalogues_have_the_same_keys_in_the_same_order() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let [ru, en] = ["ru", "en"].map(|lang| {
        let path = root.join(format!("locales/{lang}.json"));
        let text = fs::read_to_string(path).expect("a catalogue");
        let keys: Vec<String> = text
            .lines()
            .filter_map(|line| line.split_once("\":"))
            .map(|(key, _)| key.to_owned())
            .collect();
        keys
    });
    assert_eq!(ru, en);
}

/// Everything that stands in the brackets of `say!`.
fn source_of(folder: &Path) -> String {
    let mut text = String::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            text.push_str(&source_of(&path));
        } else {
            let source = fs::read_to_string(&path).expect("source");
            for said in source.split("say!(").skip(1) {
                text.push_str(said.split(')').next().unwrap_or_default());
                text.push(' ');
            }
        }
    }
    text
}
