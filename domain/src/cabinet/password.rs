//! What can be said of a password without keeping it.

use serde::{Deserialize, Serialize};

/// The fewest characters (SEC-67).
const FEWEST: usize = 8;
/// The most characters that are looked at and taken.
const MOST: usize = 256;
/// The most bytes that are taken.
const MOST_BYTES: usize = 1024;

/// Why a password is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PasswordFlaw {
    /// Fewer than 8 characters.
    Short,
    /// More than 256 characters or 1024 bytes.
    Long,
    /// Somebody would guess it soon.
    Weak,
}

/// How well a password stands up to guessing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Strength {
    /// 0 (guessed at once) to 4 (guessed by nobody); 3 is enough.
    pub score: u8,
    /// Why it is not taken; nothing where it is.
    pub flaw: Option<PasswordFlaw>,
}

/// Judges the length alone, which both sides can. A password is taken exactly as it was typed: it is
/// not trimmed, folded or cut (SEC-67).
#[must_use]
pub fn check_length(password: &str) -> Option<PasswordFlaw> {
    if password.len() > MOST_BYTES {
        return Some(PasswordFlaw::Long);
    }
    match password.chars().count() {
        count if count < FEWEST => Some(PasswordFlaw::Short),
        count if count > MOST => Some(PasswordFlaw::Long),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sec_67_the_length_is_counted_in_characters_and_bounded_in_bytes() {
        assert_eq!(check_length("1234567"), Some(PasswordFlaw::Short));
        assert_eq!(check_length("пароль ё"), None);
        assert_eq!(check_length(&"a".repeat(256)), None);
        assert_eq!(check_length(&"a".repeat(257)), Some(PasswordFlaw::Long));
        assert_eq!(check_length(&"😀".repeat(256)), None);
        assert_eq!(
            check_length(&"a".repeat(1_000_000)),
            Some(PasswordFlaw::Long)
        );
    }
}
