//! One Bitrix24 account and how it is told from others.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The portal's identity: 32 hexadecimal digits that never change, unlike its domain
/// (bitrix24.md §1.3, §2.7).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(extend("pattern" = "^[0-9a-f]{32}$")))]
#[serde(try_from = "String", into = "String")]
pub struct MemberId(String);

/// Said of a text that cannot be a `member_id`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a member_id is 32 hexadecimal digits")]
pub struct InvalidMemberId;

impl MemberId {
    /// Accepts exactly 32 hexadecimal digits and keeps them in lower case.
    ///
    /// # Errors
    /// [`InvalidMemberId`] for anything else.
    pub fn parse(text: &str) -> Result<Self, InvalidMemberId> {
        let valid = text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        if valid {
            Ok(Self(text.to_ascii_lowercase()))
        } else {
            Err(InvalidMemberId)
        }
    }

    /// The 32 digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for MemberId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl TryFrom<String> for MemberId {
    type Error = InvalidMemberId;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<MemberId> for String {
    fn from(id: MemberId) -> Self {
        id.0
    }
}

/// What a specification says of the portal itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PortalInfo {
    /// Host name, with the port where it is not the usual one: `demo.bitrix24.ru`.
    pub address: String,
    /// Unknown when the portal was read through an incoming webhook, which does not tell it
    /// (bitrix24.md §4.8).
    pub member_id: Option<MemberId>,
    /// The plan's code as the portal names it: `ru_basic`; unknown where the portal keeps silent.
    pub plan: Option<String>,
}
