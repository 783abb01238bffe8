//! Rust sources as tokens, without what is only for tests and for readers of the code.

use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

/// The Rust files below a folder, or the file itself, but for those that hold nothing but tests.
pub(super) fn files_of(place: &Path) -> Vec<PathBuf> {
    if place.is_file() {
        return vec![place.to_owned()];
    }
    let mut files = Vec::new();
    for entry in fs::read_dir(place).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().unwrap_or_default();
        if name == "tests.rs" || name == "tests" {
            continue;
        }
        if path.is_dir() || path.extension().is_some_and(|extension| extension == "rs") {
            files.extend(files_of(&path));
        }
    }
    files.sort();
    files
}

/// A file's tokens.
pub(super) fn tokens_of(path: &Path) -> TokenStream {
    let source = fs::read_to_string(path).expect("source");
    source
        .parse()
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The text of a literal that is one.
pub(super) fn text_of(token: &TokenTree) -> Option<String> {
    let TokenTree::Literal(literal) = token else {
        return None;
    };
    let written = literal.to_string();
    let from = written.find('"')? + 1;
    let to = written.rfind('"')?;
    // Escapes are no letters.
    let mut text = String::new();
    let mut rest = written.get(from..to)?;
    while let Some((before, after)) = rest.split_once('\\') {
        text.push_str(before);
        rest = match after.strip_prefix("u{") {
            Some(code) => code.split_once('}').map_or("", |(_, rest)| rest),
            None => {
                after.trim_start_matches(|c: char| c.is_ascii_alphabetic() && "nrt0".contains(c))
            }
        };
    }
    text.push_str(rest);
    Some(text)
}

/// The tokens that run and are shown: no attributes, and nothing that is compiled for tests alone.
pub(super) fn of_the_program(tokens: TokenStream) -> Vec<TokenTree> {
    let mut kept = Vec::new();
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        if !is(&token, '#') {
            kept.push(token);
            continue;
        }
        if tokens.peek().is_some_and(|next| is(next, '!')) {
            tokens.next();
        }
        let Some(TokenTree::Group(attribute)) = tokens.next() else {
            continue;
        };
        if is_for_tests(&attribute) {
            for skipped in tokens.by_ref() {
                let ends = match &skipped {
                    TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
                    other => is(other, ';'),
                };
                if ends {
                    break;
                }
            }
        }
    }
    kept
}

/// Whether a token is this sign.
pub(super) fn is(token: &TokenTree, sign: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == sign)
}

fn is_for_tests(attribute: &Group) -> bool {
    let text = attribute.stream().to_string();
    text.starts_with("cfg") && text.contains("test")
}

/// All texts of a program, wherever in it.
pub(super) fn texts_of(tokens: TokenStream) -> Vec<String> {
    let mut texts = Vec::new();
    for token in of_the_program(tokens) {
        match token {
            TokenTree::Group(group) => texts.extend(texts_of(group.stream())),
            token => texts.extend(text_of(&token)),
        }
    }
    texts
}
