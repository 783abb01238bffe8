//! People with a cabinet.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::Lang;

/// The longest name, in characters.
const LONGEST: usize = 100;

/// Said of a text that cannot be a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a name has 1 to 100 characters in one line")]
pub struct InvalidName;

/// The name that somebody goes by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PersonName(String);

impl PersonName {
    /// Takes 1 to 100 characters in one line; white space around them is forgiven.
    ///
    /// # Errors
    /// [`InvalidName`] for anything else, also for invisible signs that could forge a line (SEC-70).
    pub fn parse(typed: &str) -> Result<Self, InvalidName> {
        let name = typed.trim();
        let fits = (1..=LONGEST).contains(&name.chars().count());
        if fits && crate::visible(name) == name {
            Ok(Self(name.to_owned()))
        } else {
            Err(InvalidName)
        }
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for PersonName {
    type Error = InvalidName;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<PersonName> for String {
    fn from(name: PersonName) -> Self {
        name.0
    }
}

/// An account as its owner sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountData {
    /// The owner's name.
    pub name: String,
    /// The address by which the owner logs in.
    pub email: String,
    /// The language of mails.
    pub lang: Lang,
    /// When it was made.
    #[serde(with = "crate::moment")]
    pub made_at: OffsetDateTime,
}

/// A browser that is logged in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Device {
    /// Names it among the account's devices; no secret.
    pub id: String,
    /// What the browser says of itself; hostile text, cut short.
    pub agent: String,
    /// From where it was last used.
    pub ip: String,
    /// When it logged in.
    #[serde(with = "crate::moment")]
    pub made_at: OffsetDateTime,
    /// When it was last used, to the minute.
    #[serde(with = "crate::moment")]
    pub seen_at: OffsetDateTime,
    /// Whether it is the one that asks.
    pub current: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_people_are_taken_and_forged_lines_are_not() {
        assert_eq!(
            PersonName::parse(" Иван Петров ").unwrap().as_str(),
            "Иван Петров"
        );
        for name in ["", "  ", "a\nb", "a\u{202e}b", &"я".repeat(101)] {
            assert_eq!(PersonName::parse(name), Err(InvalidName), "{name:?}");
        }
    }
}
