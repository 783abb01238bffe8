//! What stands in one cell.

use std::borrow::Cow;

use crmap_domain::{visible, visible_except};

/// A cell. Its text is what is to be seen: nothing in it hides or ends a row (SEC-55).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Cell<'a> {
    /// Nothing to say.
    Nothing,
    /// A quantity.
    Number(i64),
    /// The number by which something is known.
    Id(i64),
    /// Words.
    Text(Cow<'a, str>),
    /// The code by which something is known, to be copied sign by sign.
    Code(Cow<'a, str>),
}

impl<'a> Cell<'a> {
    /// Words of a portal.
    pub(crate) fn text(text: &'a str) -> Self {
        if text.is_empty() {
            return Self::Nothing;
        }
        Self::Text(visible(text))
    }

    /// A code of a portal.
    pub(crate) fn code(code: &'a str) -> Self {
        if code.is_empty() {
            return Self::Nothing;
        }
        Self::Code(visible(code))
    }

    /// Several words of a portal, apart by a mark that none of them holds.
    pub(crate) fn list(texts: &[String], mark: char) -> Self {
        let shown: Vec<_> = texts
            .iter()
            .map(|text| visible_except(text, &[mark]))
            .collect();
        match shown.join(&format!("{mark} ")) {
            list if list.is_empty() => Self::Nothing,
            list => Self::Text(list.into()),
        }
    }

    /// Words of ours.
    pub(crate) const fn word(word: &'static str) -> Self {
        Self::Text(Cow::Borrowed(word))
    }

    /// A quantity, where there is one.
    pub(crate) fn count(count: Option<usize>) -> Self {
        count
            .and_then(|count| i64::try_from(count).ok())
            .map_or(Self::Nothing, Self::Number)
    }
}
