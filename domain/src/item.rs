//! How one row of a specification is named wherever rows of many portals or moments stand together:
//! in changes, comparisons, and what a search finds.

use serde::{Deserialize, Serialize};

use crate::EntityKind;

/// What a row of a specification is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum ItemKind {
    /// A funnel of deals.
    Funnel,
    /// A stage of a funnel.
    Stage,
    /// A custom field of deals.
    DealField,
    /// A custom field of contacts.
    ContactField,
    /// A custom field of companies.
    CompanyField,
    /// A custom field of leads.
    LeadField,
    /// An item of the list of a custom field of deals.
    DealItem,
    /// An item of the list of a custom field of contacts.
    ContactItem,
    /// An item of the list of a custom field of companies.
    CompanyItem,
    /// An item of the list of a custom field of leads.
    LeadItem,
    /// Somebody of the portal.
    User,
}

impl ItemKind {
    /// Every kind, in the order in which specifications list them.
    pub const ALL: [Self; 11] = [
        Self::Funnel,
        Self::Stage,
        Self::DealField,
        Self::DealItem,
        Self::ContactField,
        Self::ContactItem,
        Self::CompanyField,
        Self::CompanyItem,
        Self::LeadField,
        Self::LeadItem,
        Self::User,
    ];

    /// A custom field of an entity.
    #[must_use]
    pub const fn field(entity: EntityKind) -> Self {
        match entity {
            EntityKind::Deal => Self::DealField,
            EntityKind::Contact => Self::ContactField,
            EntityKind::Company => Self::CompanyField,
            EntityKind::Lead => Self::LeadField,
        }
    }

    /// An item of a list of an entity's custom field.
    #[must_use]
    pub const fn item(entity: EntityKind) -> Self {
        match entity {
            EntityKind::Deal => Self::DealItem,
            EntityKind::Contact => Self::ContactItem,
            EntityKind::Company => Self::CompanyItem,
            EntityKind::Lead => Self::LeadItem,
        }
    }

    /// The entity that a field or an item belongs to.
    #[must_use]
    pub const fn entity(self) -> Option<EntityKind> {
        match self {
            Self::Funnel | Self::Stage | Self::User => None,
            Self::DealField | Self::DealItem => Some(EntityKind::Deal),
            Self::ContactField | Self::ContactItem => Some(EntityKind::Contact),
            Self::CompanyField | Self::CompanyItem => Some(EntityKind::Company),
            Self::LeadField | Self::LeadItem => Some(EntityKind::Lead),
        }
    }

    /// Its lasting name, as it is stored and written into files.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Funnel => "funnel",
            Self::Stage => "stage",
            Self::DealField => "deal_field",
            Self::ContactField => "contact_field",
            Self::CompanyField => "company_field",
            Self::LeadField => "lead_field",
            Self::DealItem => "deal_item",
            Self::ContactItem => "contact_item",
            Self::CompanyItem => "company_item",
            Self::LeadItem => "lead_item",
            Self::User => "user",
        }
    }

    /// The kind of a [`code`](Self::code).
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

/// A row of a specification, named.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ItemRef {
    /// What it is.
    pub kind: ItemKind,
    /// The ID that robots, REST and people use, exactly: a funnel's `7`, a stage's `C7:WON`, a
    /// field's `UF_CRM_1713790573`, a list item's or a user's number.
    pub id: String,
    /// What the ID is unique in: a stage's dictionary (`DEAL_STAGE_7`), the code of a list item's
    /// field; nothing for what is unique in its portal.
    pub within: Option<String>,
    /// What people call it; may be empty.
    pub label: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_a_code_of_its_own_that_is_read_back() {
        for kind in ItemKind::ALL {
            assert_eq!(ItemKind::from_code(kind.code()), Some(kind));
        }
        assert_eq!(ItemKind::from_code("deal"), None);
    }

    #[test]
    fn fields_and_items_know_their_entity() {
        for entity in EntityKind::ALL {
            assert_eq!(ItemKind::field(entity).entity(), Some(entity));
            assert_eq!(ItemKind::item(entity).entity(), Some(entity));
        }
        assert_eq!(ItemKind::Stage.entity(), None);
    }
}
