//! Filters of the dashboard that a cabinet's owner keeps under a name.

use serde::{Deserialize, Serialize};

/// A filter of the dashboard under a name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedFilter {
    /// Names it among the account's filters; no secret.
    pub id: String,
    /// What its owner calls it.
    pub name: String,
    /// The parameters of the dashboard's address.
    pub query: String,
}

impl SavedFilter {
    /// The most that an account keeps.
    pub const MOST: usize = 30;
}

/// Said of a text that cannot name a filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a filter's name has 1 to 40 characters in one line")]
pub struct InvalidFilterName;

/// The name of a saved filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilterName(String);

impl FilterName {
    /// The longest one, in characters.
    pub const LONGEST: usize = 40;

    /// Takes 1 to 40 characters in one line; white space around them and between words is tidied.
    ///
    /// # Errors
    /// [`InvalidFilterName`] for anything else, also for invisible signs.
    pub fn parse(typed: &str) -> Result<Self, InvalidFilterName> {
        let name = typed.split_whitespace().collect::<Vec<_>>().join(" ");
        let fits = (1..=Self::LONGEST).contains(&name.chars().count());
        if fits && crate::visible(&name) == name {
            Ok(Self(name))
        } else {
            Err(InvalidFilterName)
        }
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether people would take both for the same.
    #[must_use]
    pub fn is_like(&self, other: &str) -> bool {
        self.0.to_lowercase() == other.to_lowercase()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_tidied_and_bounded() {
        let name = FilterName::parse("  Сибирь \t без оплаты ").unwrap();
        assert_eq!(name.as_str(), "Сибирь без оплаты");
        assert!(name.is_like("сибирь БЕЗ оплаты") && !name.is_like("Сибирь"));
        assert!(FilterName::parse(&"я".repeat(40)).is_ok());
        for bad in ["", "  ", "a\u{202e}b", &"я".repeat(41)] {
            assert_eq!(FilterName::parse(bad), Err(InvalidFilterName), "{bad:?}");
        }
    }
}
