//! What the server hands to a page: everything that it needs to be drawn the same way on both
//! sides, and nothing more (SEC-53).

use std::sync::Arc;

use crmap_domain::item::ItemKind;
use crmap_domain::{EntityKind, Lang, Specification, Trouble};
use serde::{Deserialize, Serialize};

/// The element that carries a page's data from the server to the browser: [`EmbeddedData`] in
/// postcard, in base64.
pub const ISLAND: &str = "crmap-data";

/// The id of the element that is as high as the page; the frame around it gets that height.
pub const WHOLE_PAGE: &str = "crmap";

/// How light a page is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Theme {
    /// As the system has it.
    #[default]
    Auto,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

impl Theme {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Auto, Self::Light, Self::Dark];

    /// Its lasting name.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// The one of a name.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|theme| theme.code() == code)
    }
}

/// Whether keys of one character alone do anything: whoever speaks to the computer would press them by
/// chance (WCAG 2.1.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SingleKeys {
    /// They do.
    #[default]
    On,
    /// They are left to the browser.
    Off,
}

impl SingleKeys {
    /// Its lasting name.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::On => "on",
            Self::Off => "off",
        }
    }

    /// The one of a name.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::On, Self::Off]
            .into_iter()
            .find(|keys| keys.code() == code)
    }
}

/// The page of the application inside a portal.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct EmbeddedData {
    /// The language of the page.
    pub lang: Lang,
    /// The secret of the page's session; it lives in memory alone (SEC-40).
    pub bearer: String,
    /// The portal, as its authority confirmed it.
    pub portal: PortalOnPage,
    /// Where in the page the address points.
    pub place: Place,
    /// The portal's content, as far as it came.
    pub content: Content,
    /// What is new in it to the visitor, where that is known.
    pub marks: Option<Marks>,
}

/// What is new to somebody who saw the portal before, in words: the page only draws it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Marks {
    /// The sentence above the tables.
    pub line: String,
    /// What stands at rows that changed, and at new ones.
    pub words: [String; 2],
    /// The marked rows of each tab, in the order of [`Tab::ALL`].
    pub tabs: Vec<TabMarks>,
}

/// The marks of one tab.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct TabMarks {
    /// Numbers of marked rows, in order, and whether they are new.
    pub rows: Vec<(u32, bool)>,
    /// What the number of them means, for those who cannot see where it stands.
    pub told: String,
}

/// The portal that frames the page.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PortalOnPage {
    /// Its identity.
    pub member_id: String,
    /// Host, with the port where it is not the usual one.
    pub address: String,
    /// The only origin with which the page exchanges messages (SEC-44).
    pub origin: String,
}

/// How the reading of a portal came out, on the wire.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Content {
    /// The portal was read.
    Read(Arc<Specification>),
    /// It could not be read.
    Failed(Trouble),
    /// It is slow; ask on.
    Pending,
}

/// A section of the specification; each is a tab.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tab {
    /// Funnels.
    #[default]
    Funnels,
    /// Stages of all funnels.
    Stages,
    /// Custom fields of deals.
    DealFields,
    /// Custom fields of contacts.
    ContactFields,
    /// Custom fields of companies.
    CompanyFields,
    /// Custom fields of leads, on portals that work with leads.
    LeadFields,
    /// People of the portal.
    Users,
}

impl Tab {
    /// Every tab, in the manual's order.
    pub const ALL: [Self; 7] = [
        Self::Funnels,
        Self::Stages,
        Self::DealFields,
        Self::ContactFields,
        Self::CompanyFields,
        Self::LeadFields,
        Self::Users,
    ];

    /// The tab's name in an address.
    #[must_use]
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Funnels => "funnels",
            Self::Stages => "stages",
            Self::DealFields => "deal-fields",
            Self::ContactFields => "contact-fields",
            Self::CompanyFields => "company-fields",
            Self::LeadFields => "lead-fields",
            Self::Users => "users",
        }
    }

    /// The tab of a name in an address.
    #[must_use]
    pub fn from_slug(slug: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|tab| tab.slug() == slug)
    }

    /// The tab's number among all.
    #[must_use]
    pub fn index(self) -> usize {
        Self::ALL.iter().position(|tab| *tab == self).unwrap_or(0)
    }

    /// What each row of the tab is.
    #[must_use]
    pub const fn rows(self) -> ItemKind {
        match self {
            Self::Funnels => ItemKind::Funnel,
            Self::Stages => ItemKind::Stage,
            Self::DealFields => ItemKind::Field(EntityKind::Deal),
            Self::ContactFields => ItemKind::Field(EntityKind::Contact),
            Self::CompanyFields => ItemKind::Field(EntityKind::Company),
            Self::LeadFields => ItemKind::Field(EntityKind::Lead),
            Self::Users => ItemKind::User,
        }
    }

    /// The tab in which rows of a kind stand; items of lists stand with their fields.
    #[must_use]
    pub fn of_rows(kind: ItemKind) -> Self {
        let row = match kind {
            ItemKind::Item(entity) => ItemKind::Field(entity),
            other => other,
        };
        let mut tabs = Self::ALL.into_iter();
        tabs.find(|tab| tab.rows() == row).unwrap_or_default()
    }

    /// The entity whose fields the tab shows, for tabs of fields.
    #[must_use]
    pub const fn entity(self) -> Option<EntityKind> {
        self.rows().entity()
    }
}

/// A place within the page, as its address names it: `tab=stages&q=won&funnel=7`, in the query where
/// a link leads to it and in the fragment where somebody went on from there.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Place {
    /// The open tab.
    pub tab: Tab,
    /// What is searched for.
    pub query: String,
    /// The only funnel whose stages are shown.
    pub funnel: Option<i64>,
    /// The field whose list items are shown from the beginning.
    pub unfold: Option<i64>,
}

/// The names of a [`Place`]'s parameters in an address.
pub mod parameter {
    /// The open tab.
    pub const TAB: &str = "tab";
    /// The search.
    pub const QUERY: &str = "q";
    /// The funnel.
    pub const FUNNEL: &str = "funnel";
    /// The field whose list items are shown.
    pub const UNFOLD: &str = "unfold";
}

impl Place {
    /// Reads a place out of an address's parameters, which may hold anything; what cannot be
    /// understood is left at its default.
    pub fn from_parameters<'a>(parameters: impl Iterator<Item = (&'a str, &'a str)>) -> Self {
        let mut place = Self::default();
        for (name, value) in parameters {
            match name {
                parameter::TAB => place.tab = Tab::from_slug(value).unwrap_or_default(),
                parameter::QUERY => place.query = value.chars().take(200).collect(),
                parameter::FUNNEL => place.funnel = value.parse().ok(),
                parameter::UNFOLD => place.unfold = value.parse().ok(),
                _ => {}
            }
        }
        place
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_rows_has_a_tab_of_its_own_and_items_that_of_their_field() {
        for kind in ItemKind::ALL {
            let row = match kind {
                ItemKind::Item(entity) => ItemKind::Field(entity),
                other => other,
            };
            assert_eq!(Tab::of_rows(kind).rows(), row, "{kind:?}");
        }
        for tab in Tab::ALL {
            assert_eq!(Tab::of_rows(tab.rows()), tab);
            assert_eq!(Tab::from_slug(tab.slug()), Some(tab));
        }
    }
}
