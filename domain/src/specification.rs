//! Everything that CRMAP reads of one portal at one moment, as one user sees it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::{CustomField, EntityKind, Funnel, Lang, PortalInfo, PortalUser, Stage};

/// A portal's funnels, stages, custom fields and users at one moment, as seen by one user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Specification {
    /// Which portal.
    pub portal: PortalInfo,
    /// When, how and by whom it was read.
    pub reading: Reading,
    /// Funnels of deals.
    pub funnels: Section<Funnel>,
    /// Stages of all funnels of deals.
    pub stages: Section<Stage>,
    /// Custom fields by entity.
    pub fields: Fields,
    /// People of the portal.
    pub users: Section<PortalUser>,
}

/// The circumstances of a reading.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Reading {
    /// The moment, with the portal's own offset from UTC where the portal tells it.
    #[serde(with = "crate::moment")]
    #[cfg_attr(feature = "schema", schemars(with = "String", extend("format" = "date-time")))]
    pub at: OffsetDateTime,
    /// By what way.
    pub source: Source,
    /// Whose rights decided what could be seen.
    pub viewer: Viewer,
    /// The language of the labels.
    pub lang: Lang,
}

/// The way by which a portal was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// With a token of the installed application.
    Application,
    /// Through an incoming webhook.
    Webhook,
}

/// The user whose rights a reading was made with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Viewer {
    /// The user's number in the portal.
    pub id: i64,
    /// Given and family name.
    pub name: String,
    /// Whether the portal calls the user its administrator.
    pub administrator: bool,
}

/// Rows of one kind, or why the portal did not give them.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "SectionOf{T}"))]
#[serde(rename_all = "snake_case")]
pub enum Section<T> {
    /// Every row that the viewer may see; empty when there is none.
    Rows(Vec<T>),
    /// The portal refused; the rest of the specification stands all the same.
    Refused(Refusal),
}

impl<T> Section<T> {
    /// The rows, or nothing where the portal refused them.
    #[must_use]
    pub fn rows(&self) -> &[T] {
        match self {
            Self::Rows(rows) => rows,
            Self::Refused(_) => &[],
        }
    }

    /// Why there are no rows, where the portal refused them.
    #[must_use]
    pub const fn refusal(&self) -> Option<&Refusal> {
        match self {
            Self::Rows(_) => None,
            Self::Refused(refusal) => Some(refusal),
        }
    }
}

/// Why a portal did not give one kind of rows.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// The viewer's rights do not reach that far.
    NoRights,
    /// The application or webhook was not given this scope.
    MissingScope(String),
    /// The portal's plan does not include it.
    PlanRequired,
    /// This portal does not know the method (an old on-premise one).
    NotSupported,
    /// Anything else, in the portal's own words.
    Other {
        /// The portal's code; may be empty.
        code: String,
        /// The portal's sentence; may be empty.
        message: String,
    },
}

/// Custom fields by entity.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Fields {
    /// Of deals.
    pub deal: Section<CustomField>,
    /// Of contacts.
    pub contact: Section<CustomField>,
    /// Of companies.
    pub company: Section<CustomField>,
    /// Of leads; nothing on a portal that works without leads.
    pub lead: Option<Section<CustomField>>,
}

impl Fields {
    /// The fields of one entity; nothing for leads on a portal that works without them.
    #[must_use]
    pub const fn of(&self, kind: EntityKind) -> Option<&Section<CustomField>> {
        match kind {
            EntityKind::Deal => Some(&self.deal),
            EntityKind::Contact => Some(&self.contact),
            EntityKind::Company => Some(&self.company),
            EntityKind::Lead => self.lead.as_ref(),
        }
    }

    /// The fields of all entities that there are fields of.
    pub fn each_mut(&mut self) -> impl Iterator<Item = &mut Section<CustomField>> {
        let Self {
            deal,
            contact,
            company,
            lead,
        } = self;
        [deal, contact, company].into_iter().chain(lead.as_mut())
    }

    /// Puts the fields of one entity in the place of what is there.
    pub fn put(&mut self, kind: EntityKind, section: Section<CustomField>) {
        match kind {
            EntityKind::Deal => self.deal = section,
            EntityKind::Contact => self.contact = section,
            EntityKind::Company => self.company = section,
            EntityKind::Lead => self.lead = Some(section),
        }
    }
}

impl Specification {
    /// Puts every list into its one order, so that the same content gives the same bytes whatever
    /// order a portal answered in: funnels by (sort, id); stages by their funnel's place, then
    /// (sort, id); fields by (sort, id), their items by (sort, id), what they refer to by name;
    /// users by id, their departments by name.
    pub fn sort(&mut self) {
        if let Section::Rows(funnels) = &mut self.funnels {
            funnels.sort_by_key(|funnel| (funnel.sort, funnel.id));
        }
        self.sort_stages();
        for section in self.fields.each_mut() {
            sort_fields(section);
        }
        if let Section::Rows(users) = &mut self.users {
            users.sort_by_key(|user| user.id);
            for user in users {
                user.departments.sort();
            }
        }
    }

    fn sort_stages(&mut self) {
        let funnels = self.funnels.rows().iter().enumerate();
        let places: BTreeMap<i64, usize> =
            funnels.map(|(place, funnel)| (funnel.id, place)).collect();
        let place = |id: i64| places.get(&id).copied().unwrap_or(usize::MAX);
        if let Section::Rows(stages) = &mut self.stages {
            stages.sort_by_key(|stage| {
                (
                    place(stage.funnel_id),
                    stage.funnel_id,
                    stage.sort,
                    stage.id,
                )
            });
        }
    }

    /// The stages of one funnel, in order (the specification is [sorted](Self::sort)).
    pub fn stages_of(&self, funnel_id: i64) -> impl Iterator<Item = &Stage> {
        self.stages
            .rows()
            .iter()
            .filter(move |stage| stage.funnel_id == funnel_id)
    }
}

fn sort_fields(section: &mut Section<CustomField>) {
    if let Section::Rows(fields) = section {
        fields.sort_by_key(|field| (field.sort, field.id));
        for field in fields {
            field.items.sort_by_key(|item| (item.sort, item.id));
            field.refers_to.sort();
        }
    }
}
