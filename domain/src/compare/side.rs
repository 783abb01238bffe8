//! What somebody asks to have on one side.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::MemberId;

/// A portal as it is, or as it was in one of its versions. An address writes it `ID` or
/// `ID@VERSION`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Side {
    /// The portal.
    pub member_id: MemberId,
    /// The version; nothing for the last reading.
    pub version: Option<u32>,
}

impl Side {
    /// Reads what an address writes; nothing where it is something else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (id, version) = match text.split_once('@') {
            Some((id, version)) => (id, Some(version.parse().ok()?)),
            None => (text, None),
        };
        Some(Self {
            member_id: MemberId::parse(id).ok()?,
            version,
        })
    }
}

impl fmt::Display for Side {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.member_id.fmt(formatter)?;
        match self.version {
            Some(version) => write!(formatter, "@{version}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_address_writes_is_read_back() {
        let id = "0123456789abcdef0123456789abcdef";
        for text in [id.to_owned(), format!("{id}@7")] {
            assert_eq!(Side::parse(&text).unwrap().to_string(), text);
        }
        for text in ["", "@7", &format!("{id}@"), &format!("{id}@-1"), &id[1..]] {
            assert_eq!(Side::parse(text), None, "{text}");
        }
    }
}
