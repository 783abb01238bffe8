//! Hostile input for everything that reads what a portal or an authorization server sends
//! (REL-33). What must hold is told beside each target; that nothing panics or takes long, by all.

mod answers;
mod arrivals;

use crmap_fuzz::Target;
use serde_json::Value;

use crate::egress::Answer;

/// A secret of ours that answers may repeat.
pub(crate) const SECRET: &str = "sim-secret-value-0001";

/// A target of this crate.
pub(crate) fn target(name: &'static str) -> Target {
    Target::new(env!("CARGO_MANIFEST_DIR"), name)
}

/// An answer: its first byte tells the status, and whether it calls itself JSON.
pub(crate) fn answer(input: &[u8]) -> Answer {
    let (first, body) = input.split_first().unwrap_or((&0, &[]));
    let statuses = [200, 503, 400, 401, 302, 500, 404, 410, 429, 403, 204, 999];
    Answer {
        status: statuses[usize::from(*first) % statuses.len()],
        says_json: *first < 128,
        body: body.to_vec(),
    }
}

/// What an answer says, by other code than ours; nothing where it holds a number that is out of every
/// range, which ours leaves unread.
pub(crate) fn said(text: &str) -> Option<Value> {
    match serde_json::from_str(text) {
        Ok(said) => Some(said),
        Err(error) if error.to_string().starts_with("number out of range") => None,
        Err(error) => panic!("{error} in {text}"),
    }
}

/// A text that may be long, as few words of it as tell one kind of outcome from another.
pub(crate) fn kind_of(text: &str) -> String {
    let letters = |char: &char| char.is_ascii_alphabetic() || ".:[]".contains(*char);
    text.chars().filter(letters).take(60).collect()
}
