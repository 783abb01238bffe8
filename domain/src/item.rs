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
    /// A custom field of an entity.
    Field(EntityKind),
    /// An item of the list of an entity's custom field.
    Item(EntityKind),
    /// Somebody of the portal.
    User,
}

impl ItemKind {
    /// Every kind, in the order in which specifications list them.
    pub const ALL: [Self; 11] = [
        Self::Funnel,
        Self::Stage,
        Self::Field(EntityKind::Deal),
        Self::Item(EntityKind::Deal),
        Self::Field(EntityKind::Contact),
        Self::Item(EntityKind::Contact),
        Self::Field(EntityKind::Company),
        Self::Item(EntityKind::Company),
        Self::Field(EntityKind::Lead),
        Self::Item(EntityKind::Lead),
        Self::User,
    ];

    /// The entity that a field or an item belongs to.
    #[must_use]
    pub const fn entity(self) -> Option<EntityKind> {
        match self {
            Self::Field(entity) | Self::Item(entity) => Some(entity),
            Self::Funnel | Self::Stage | Self::User => None,
        }
    }

    /// Its lasting name, as it is stored and written into files.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Funnel => "funnel",
            Self::Stage => "stage",
            Self::Field(EntityKind::Deal) => "deal_field",
            Self::Field(EntityKind::Contact) => "contact_field",
            Self::Field(EntityKind::Company) => "company_field",
            Self::Field(EntityKind::Lead) => "lead_field",
            Self::Item(EntityKind::Deal) => "deal_item",
            Self::Item(EntityKind::Contact) => "contact_item",
            Self::Item(EntityKind::Company) => "company_item",
            Self::Item(EntityKind::Lead) => "lead_item",
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
            for kind in [ItemKind::Field(entity), ItemKind::Item(entity)] {
                assert_eq!(kind.entity(), Some(entity));
                assert!(ItemKind::ALL.contains(&kind), "{kind:?}");
            }
        }
        assert_eq!(ItemKind::Stage.entity(), None);
    }
}
