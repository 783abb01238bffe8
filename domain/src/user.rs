//! People of a portal.

use serde::{Deserialize, Serialize};

/// A person of the portal: `user.get` with the scope `user_brief` (bitrix24.md §4.7).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PortalUser {
    /// The user's number.
    pub id: i64,
    /// Given name, patronymic and family name, joined; may be empty.
    pub name: String,
    /// Position at work; may be empty.
    pub position: String,
    /// Departments' names, or `#15` where only the number is known.
    pub departments: Vec<String>,
    /// False for somebody who was dismissed.
    pub active: bool,
}
