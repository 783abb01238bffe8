//! No text for people stands in code outside the rooms for words.

use proc_macro2::{Group, TokenStream, TokenTree};

use super::root;
use super::source::{files_of, is, of_the_program, text_of, tokens_of};

/// Where sources are looked through.
const CRATES: [&str; 10] = [
    "app",
    "bitrix",
    "crm",
    "domain",
    "export",
    "frontend",
    "frontend-cabinet",
    "server",
    "service",
    "store",
];
/// Those that make pages.
const PAGES: [&str; 3] = ["app", "frontend", "frontend-cabinet"];
/// Where words for people stand, besides the catalogues.
const ROOMS: [&str; 6] = [
    "domain/src/words",
    "export/src/words.rs",
    "service/src/cabinet/letters",
    "service/src/cabinet/letters.rs",
    // What a portal shows on its own pages.
    "bitrix/src/setup/plan.rs",
    // The one line that the command line writes while it waits.
    "server/src/spec.rs",
];
/// Letters and words that are compared with and not shown, names of others' products, and samples.
const NOT_SHOWN: [&str; 8] = [
    "app/src/cabinet/filter/sort.rs",
    "app/src/cabinet/profile/devices.rs",
    "app/src/document/design.rs",
    // What portals say.
    "bitrix/src/classify",
    "crm/src/sample.rs",
    "domain/src/search",
    "service/src/cabinet/commonplace.rs",
    "service/src/cabinet/strength.rs",
];
/// What is called the same in every language.
const NAMES: [&str; 1] = ["member_id"];
/// Attributes and properties of components that people read or hear.
const SHOWN: [&str; 12] = [
    "alt",
    "aria-label",
    "aria-description",
    "caption",
    "cure",
    "heading",
    "hint",
    "label",
    "placeholder",
    "title",
    "what",
    "word",
];

#[test]
fn no_text_for_people_stands_in_code_outside_the_rooms_for_words() {
    let mut found = Vec::new();
    for crate_name in CRATES {
        for path in files_of(&root().join(crate_name).join("src")) {
            let name = path.display().to_string();
            let name = name.split_once("/../").map_or(&*name, |(_, name)| name);
            if ROOMS
                .iter()
                .chain(&NOT_SHOWN)
                .any(|room| name.starts_with(room))
            {
                continue;
            }
            let mut said = of_code(tokens_of(&path));
            if !PAGES.contains(&crate_name) {
                // English of programs is for operators: logs, figures, errors.
                said.retain(|said| is_russian(said));
            }
            found.extend(said.into_iter().map(|said| format!("{name}: {said}")));
        }
    }
    assert!(found.is_empty(), "{found:#?}");
}

/// A room that holds no words any more is none.
#[test]
fn rooms_for_words_are_there_and_hold_some() {
    for room in ROOMS.iter().chain(&NOT_SHOWN) {
        let files = files_of(&root().join(room));
        assert!(!files.is_empty(), "{room}");
        let is_used = files
            .iter()
            .any(|path| !of_code(tokens_of(path)).is_empty());
        assert!(is_used, "{room} holds no words: take it off the list");
    }
}

/// What would be overlooked, were it to come back.
#[test]
fn catches_texts_in_code() {
    for (source, found) in [
        (r#"fn f() -> &'static str { "Портал" }"#, 1),
        (r#"fn f() { view! { <p>"Not found"</p> } }"#, 1),
        (
            r#"fn f() { view! { <p class="head">{"Found "}{count}" rows"</p> } }"#,
            2,
        ),
        (
            r#"fn f() { view! { <Button label="Save" kind="submit"/> } }"#,
            1,
        ),
        (
            r#"fn f() { view! { <input aria-label="Name" type="text"/> } }"#,
            1,
        ),
        (
            r#"fn f() { view! { <p>{move || view! { <b>"Deep"</b> }}</p> } }"#,
            1,
        ),
        (r#"fn f() { toast.tell("Saved for good".to_owned()) }"#, 1),
        (
            r#"/// «Портал»
            #[doc = "Портал"] fn f() { view! { <dt>"member_id"</dt> " · " <p class=say!(lang, key)/> } }"#,
            0,
        ),
        (r#"#[cfg(test)] mod tests { const A: &str = "Портал"; }"#, 0),
        (
            r#"fn f() { log("a portal was read", "\u{a0}UTC", 'я') }"#,
            0,
        ),
    ] {
        let tokens = source.parse().expect("Rust");
        let said = of_code(tokens);
        assert_eq!(said.len(), found, "{source}: {said:?}");
    }
}

/// Texts for people in Rust.
fn of_code(tokens: TokenStream) -> Vec<String> {
    let mut found = Vec::new();
    let tokens = of_the_program(tokens);
    for (place, token) in tokens.iter().enumerate() {
        match token {
            TokenTree::Group(group) if is_view(&tokens[..place]) => {
                found.extend(of_markup(group.stream()));
            }
            TokenTree::Group(group) => found.extend(of_code(group.stream())),
            token => {
                found.extend(text_of(token).filter(|text| is_russian(text) || is_sentence(text)));
            }
        }
    }
    found
}

/// Whether what comes next is the inside of `view!`.
fn is_view(before: &[TokenTree]) -> bool {
    matches!(before, [.., TokenTree::Ident(name), sign] if name == "view" && is(sign, '!'))
}

/// Texts for people in markup: what stands between elements, and attributes that are shown.
fn of_markup(tokens: TokenStream) -> Vec<String> {
    let mut found = Vec::new();
    let tokens = of_the_program(tokens);
    for (place, token) in tokens.iter().enumerate() {
        if let TokenTree::Group(group) = token {
            let text = text_alone(group).filter(|text| has_word(text));
            match (&tokens[..place], text) {
                ([.., before], Some(text)) if is(before, '>') => found.push(text),
                _ => found.extend(of_code(group.stream())),
            }
            continue;
        }
        let Some(text) = text_of(token) else { continue };
        let is_shown = match &tokens[..place] {
            [names @ .., sign] if is(sign, '=') => {
                SHOWN.contains(&&*name_at_the_end(names)) && has_word(&text)
            }
            _ => has_word(&text),
        };
        if is_shown || is_russian(&text) {
            found.push(text);
        }
    }
    found
}

/// The text that braces hold, where they hold nothing else.
fn text_alone(group: &Group) -> Option<String> {
    let mut tokens = group.stream().into_iter();
    let only = tokens.next()?;
    tokens.next().is_none().then(|| text_of(&only)).flatten()
}

/// The name of an attribute, which may have dashes.
fn name_at_the_end(tokens: &[TokenTree]) -> String {
    let mut name = String::new();
    for token in tokens.iter().rev() {
        match token {
            TokenTree::Ident(part) if name.is_empty() || name.starts_with('-') => {
                name.insert_str(0, &part.to_string());
            }
            token if is(token, '-') => name.insert(0, '-'),
            _ => break,
        }
    }
    name
}

fn is_russian(text: &str) -> bool {
    text.chars()
        .any(|letter| ('\u{400}'..='\u{4ff}').contains(&letter))
}

/// Whether there is a word in it: two letters and more, not all of them capitals.
fn has_word(text: &str) -> bool {
    let mut words = text.split(|letter: char| !letter.is_alphabetic());
    !NAMES.contains(&text)
        && words.any(|word| word.chars().count() > 1 && word.chars().any(char::is_lowercase))
}

/// A capital letter, and at least two words of letters: code is not written so.
fn is_sentence(text: &str) -> bool {
    let mut words = text.split(' ');
    let first = words.next().unwrap_or_default();
    let is_word =
        |word: &str| word.len() > 1 && word.chars().all(|letter| letter.is_ascii_lowercase());
    first.starts_with(|letter: char| letter.is_ascii_uppercase())
        && first.get(1..).is_some_and(is_word)
        && words.next().is_some_and(is_word)
}
