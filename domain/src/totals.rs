//! How much a specification holds.

use serde::{Deserialize, Serialize};

use crate::{CustomField, EntityKind, Section, Specification};

/// Numbers of rows by section; nothing for a section that the portal refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Totals {
    /// Funnels of deals.
    pub funnels: Option<usize>,
    /// Stages of all of them.
    pub stages: Option<usize>,
    /// Custom fields of deals.
    pub deal_fields: Option<FieldTotals>,
    /// Custom fields of contacts.
    pub contact_fields: Option<FieldTotals>,
    /// Custom fields of companies.
    pub company_fields: Option<FieldTotals>,
    /// Custom fields of leads; nothing on a portal that works without leads, too.
    pub lead_fields: Option<FieldTotals>,
    /// People of the portal.
    pub users: Option<usize>,
}

/// How many custom fields an entity has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct FieldTotals {
    /// The fields.
    pub fields: usize,
    /// The items of all their lists together.
    pub items: usize,
}

impl Totals {
    /// The custom fields of one entity.
    #[must_use]
    pub const fn fields(&self, kind: EntityKind) -> Option<FieldTotals> {
        match kind {
            EntityKind::Deal => self.deal_fields,
            EntityKind::Contact => self.contact_fields,
            EntityKind::Company => self.company_fields,
            EntityKind::Lead => self.lead_fields,
        }
    }
}

impl Specification {
    /// How much it holds.
    #[must_use]
    pub fn totals(&self) -> Totals {
        let fields = |kind| self.fields.of(kind).and_then(field_totals);
        Totals {
            funnels: self.funnels.count(),
            stages: self.stages.count(),
            deal_fields: fields(EntityKind::Deal),
            contact_fields: fields(EntityKind::Contact),
            company_fields: fields(EntityKind::Company),
            lead_fields: fields(EntityKind::Lead),
            users: self.users.count(),
        }
    }
}

impl<T> Section<T> {
    /// The number of rows; nothing where the portal refused them.
    #[must_use]
    pub const fn count(&self) -> Option<usize> {
        match self {
            Self::Rows(rows) => Some(rows.len()),
            Self::Refused(_) => None,
        }
    }
}

pub(crate) fn field_totals(section: &Section<CustomField>) -> Option<FieldTotals> {
    let fields = section.count()?;
    let items = section.rows().iter().map(|field| field.items.len()).sum();
    Some(FieldTotals { fields, items })
}
