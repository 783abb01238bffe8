//! What the server hands to the page of a comparison, and what its address asks for.

use std::fmt;
use std::sync::Arc;

use crmap_domain::compare::{Comparison, Side, Verdict};
use serde::{Deserialize, Serialize};

/// The page of a comparison.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CompareRoom {
    /// The portals that can be chosen, in the order of their names.
    pub portals: Vec<PortalChoice>,
    /// What the address asks for.
    pub asked: Asked,
    /// What came of it.
    pub outcome: CompareOutcome,
}

/// A portal that can be chosen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PortalChoice {
    /// Its `member_id`.
    pub id: String,
    /// What its owner calls it.
    pub name: String,
}

/// What came of a question.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum CompareOutcome {
    /// Two sides are to be chosen first.
    Choose,
    /// There is no reading of a side.
    NotRead {
        /// Whether the left side is missing.
        left: bool,
        /// Whether the right side is missing.
        right: bool,
    },
    /// The comparison.
    Compared(Arc<Comparison>),
}

/// The names of an address's parameters.
pub mod parameter {
    /// The left side.
    pub const LEFT: &str = "left";
    /// The right side.
    pub const RIGHT: &str = "right";
    /// Which rows are shown.
    pub const SHOW: &str = "show";
    /// The row that is unfolded.
    pub const OPEN: &str = "open";
}

/// What an address asks for.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Asked {
    /// The left side.
    pub left: Option<Side>,
    /// The right side.
    pub right: Option<Side>,
    /// Which rows are shown.
    pub show: Show,
    /// A row that is unfolded, or folded where rows like it are unfolded.
    pub open: Option<Spot>,
}

impl Asked {
    /// Reads an address's parameters, which may hold anything.
    pub fn from_parameters<'a>(parameters: impl Iterator<Item = (&'a str, &'a str)>) -> Self {
        let mut asked = Self::default();
        for (name, value) in parameters {
            match name {
                parameter::LEFT => asked.left = Side::parse(value),
                parameter::RIGHT => asked.right = Side::parse(value),
                parameter::SHOW => asked.show = Show::from_slug(value),
                parameter::OPEN => asked.open = Spot::parse(value),
                _ => {}
            }
        }
        asked
    }

    /// Its parameters; none for what is at its default.
    #[must_use]
    pub fn parameters(&self) -> Vec<(&'static str, String)> {
        let mut parameters = Vec::new();
        let sides = [
            (parameter::LEFT, &self.left),
            (parameter::RIGHT, &self.right),
        ];
        for (name, side) in sides {
            if let Some(side) = side {
                parameters.push((name, side.to_string()));
            }
        }
        if self.show != Show::default() {
            parameters.push((parameter::SHOW, self.show.slug().to_owned()));
        }
        if let Some(open) = self.open {
            parameters.push((parameter::OPEN, open.to_string()));
        }
        parameters
    }

    /// The way to the page, or to a file of it. Nothing in it has to be escaped.
    #[must_use]
    pub fn address(&self, page: &str) -> String {
        let pairs = self.parameters().into_iter();
        let pairs: Vec<String> = pairs
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        format!("{page}?{}", pairs.join("&"))
    }
}

/// Which rows are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub enum Show {
    /// All of them.
    #[default]
    All,
    /// Those whose sides are not the same.
    Different,
    /// Those on the left alone.
    OnlyLeft,
    /// Those on the right alone.
    OnlyRight,
}

impl Show {
    /// All choices.
    pub const ALL: [Self; 4] = [Self::All, Self::Different, Self::OnlyLeft, Self::OnlyRight];

    /// Its name in an address.
    #[must_use]
    pub const fn slug(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Different => "different",
            Self::OnlyLeft => "left",
            Self::OnlyRight => "right",
        }
    }

    /// The choice of a name in an address.
    #[must_use]
    pub fn from_slug(slug: &str) -> Self {
        Self::ALL
            .into_iter()
            .find(|show| show.slug() == slug)
            .unwrap_or_default()
    }

    /// Whether a row of this verdict is shown.
    #[must_use]
    pub const fn takes(self, verdict: Verdict) -> bool {
        matches!(
            (self, verdict),
            (Self::All, _)
                | (Self::Different, Verdict::Different)
                | (Self::OnlyLeft, Verdict::OnlyLeft)
                | (Self::OnlyRight, Verdict::OnlyRight)
        )
    }
}

/// The place of a row in a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Spot {
    /// The section: 0 for funnels, then the entities.
    pub section: usize,
    /// The row in it.
    pub row: usize,
    /// The row below that row.
    pub nested: Option<usize>,
}

impl Spot {
    /// Reads what [`Display`](fmt::Display) writes.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut numbers = text.split('.').map(str::parse);
        let made = Self {
            section: numbers.next()?.ok()?,
            row: numbers.next()?.ok()?,
            nested: numbers.next().transpose().ok()?,
        };
        numbers.next().is_none().then_some(made)
    }
}

impl fmt::Display for Spot {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}.{}", self.section, self.row)?;
        match self.nested {
            Some(nested) => write!(formatter, ".{nested}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_address_asks_for_is_read_back() {
        let id = "0123456789abcdef0123456789abcdef";
        let asked = Asked {
            left: Side::parse(&format!("{id}@3")),
            right: Side::parse(id),
            show: Show::OnlyLeft,
            open: Spot::parse("1.27"),
        };
        let parameters = asked.parameters();
        let pairs = parameters
            .iter()
            .map(|(name, value)| (*name, value.as_str()));
        assert_eq!(Asked::from_parameters(pairs), asked);
        assert_eq!(
            asked.address("/compare"),
            format!("/compare?left={id}@3&right={id}&show=left&open=1.27")
        );
        let nonsense = [
            ("left", "x"),
            ("show", "x"),
            ("open", "1"),
            ("open", "1.2.3.4"),
        ];
        assert_eq!(
            Asked::from_parameters(nonsense.into_iter()),
            Asked::default()
        );
    }
}
