//! How a portal stands with CRMAP: whether its data can be had, since when not, and why.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

/// The states of a portal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum PortalState {
    /// The portal answers.
    #[default]
    Ok,
    /// Its plan or subscription does not allow the interface at present.
    NeedsPayment,
    /// No token is left that the portal or its authority accepts; opening the application helps.
    Revoked,
    /// The administrator keeps the known users out of the application.
    Restricted,
    /// No sensible answer comes.
    Unreachable,
    /// Its address now belongs to another portal, or it answers that it has moved.
    Moved,
    /// The application was removed from it.
    Uninstalled,
}

impl PortalState {
    /// All states, the healthy one first.
    pub const ALL: [Self; 7] = [
        Self::Ok,
        Self::NeedsPayment,
        Self::Revoked,
        Self::Restricted,
        Self::Unreachable,
        Self::Moved,
        Self::Uninstalled,
    ];

    /// Its lasting name, as it is stored and logged: `needs_payment`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::NeedsPayment => "needs_payment",
            Self::Revoked => "revoked",
            Self::Restricted => "restricted",
            Self::Unreachable => "unreachable",
            Self::Moved => "moved",
            Self::Uninstalled => "uninstalled",
        }
    }

    /// The state of a [`code`](Self::code).
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }
}

/// A portal's state with its history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// The state.
    pub state: PortalState,
    /// Since when.
    #[serde(with = "crate::moment")]
    pub since: OffsetDateTime,
    /// Why, in the code that the portal or its authority gave; empty for a healthy portal.
    pub reason: String,
}

impl Standing {
    /// The reason of a portal that removed the application and has it again, without the link to the
    /// cabinet that looks.
    pub const REINSTALLED: &'static str = "reinstalled";
}

#[cfg(test)]
mod tests {
    use super::PortalState;

    #[test]
    fn every_state_is_found_by_its_code_and_nothing_else_is() {
        for state in PortalState::ALL {
            assert_eq!(PortalState::from_code(state.code()), Some(state));
        }
        assert_eq!(PortalState::from_code("OK"), None);
    }
}
