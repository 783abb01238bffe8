//! Custom fields of CRM entities and the items of their lists.

use serde::{Deserialize, Serialize};

/// A CRM entity that custom fields belong to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum EntityKind {
    /// Deal.
    Deal,
    /// Contact.
    Contact,
    /// Company.
    Company,
    /// Lead; only on portals that work with leads.
    Lead,
}

impl EntityKind {
    /// Every kind, in the order in which specifications list them.
    pub const ALL: [Self; 4] = [Self::Deal, Self::Contact, Self::Company, Self::Lead];
}

/// A custom field: `crm.*.userfield` (bitrix24.md §4.3).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CustomField {
    /// The field's number.
    pub id: i64,
    /// The code that REST, robots and documents use: `UF_CRM_1713790573`.
    pub code: String,
    /// The label in the language of the reading; empty where the portal has none in it.
    pub label: String,
    /// The type's code as the portal names it: `enumeration`, `crm_status`, `rest_5_color`.
    pub type_code: String,
    /// What the values point to, for types that point somewhere: a dictionary for `crm_status`
    /// (`INDUSTRY`), entities for `crm` (`CONTACT`, `DYNAMIC_177`), an information block for
    /// `iblock_*` (its number).
    pub refers_to: Vec<String>,
    /// Whether a card cannot be saved without it.
    pub required: bool,
    /// Whether it holds several values.
    pub multiple: bool,
    /// Position among the entity's fields, smaller first.
    pub sort: i64,
    /// An identifier from outside, where somebody gave one.
    pub xml_id: Option<String>,
    /// The items of a list, for `enumeration` alone.
    pub items: Vec<ListItem>,
}

impl CustomField {
    /// What to call the field: its label, or its code where it has none.
    #[must_use]
    pub fn title(&self) -> &str {
        if self.label.is_empty() {
            &self.code
        } else {
            &self.label
        }
    }
}

/// A value that a list field can take.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ListItem {
    /// The number that deals store.
    pub id: i64,
    /// What people read.
    pub value: String,
    /// Position in the list, smaller first.
    pub sort: i64,
    /// Whether it is chosen beforehand.
    pub is_default: bool,
    /// An identifier from outside, where the portal has one.
    pub xml_id: Option<String>,
}
