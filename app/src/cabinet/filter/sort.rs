//! Orders of the dashboard.

use crmap_domain::cabinet::{Attention, PortalCard};
use crmap_domain::moment::to_ms;
use serde::{Deserialize, Serialize};

/// Orders of the dashboard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Sort {
    /// By what they are called.
    #[default]
    Name,
    /// Those that need attention first, the most pressing at the top.
    State,
    /// Favourites first.
    Favourite,
    /// Those that were opened last first.
    Opened,
    /// Those whose data is oldest first.
    Age,
    /// Those that were linked last first.
    Linked,
}

impl Sort {
    /// All orders.
    pub const ALL: [Self; 6] = [
        Self::Name,
        Self::State,
        Self::Favourite,
        Self::Opened,
        Self::Age,
        Self::Linked,
    ];

    /// Its name in an address.
    #[must_use]
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::State => "state",
            Self::Favourite => "favourite",
            Self::Opened => "opened",
            Self::Age => "age",
            Self::Linked => "linked",
        }
    }

    /// The order of a name in an address.
    #[must_use]
    pub fn from_slug(slug: &str) -> Self {
        Self::ALL
            .into_iter()
            .find(|sort| sort.slug() == slug)
            .unwrap_or_default()
    }

    /// What portals are ordered by: first this, then their names.
    pub(super) fn key(
        self,
        card: &PortalCard,
        attention: impl Fn() -> Option<Attention>,
    ) -> (i64, String) {
        let first = match self {
            Self::Name => 0,
            Self::State => i64::from(attention().map_or(u8::MAX, Attention::weight)),
            Self::Favourite => i64::from(!card.favourite),
            Self::Opened => card.opened_at.map_or(i64::MAX, |at| -to_ms(at)),
            Self::Age => card.read_at.map_or(i64::MIN, to_ms),
            Self::Linked => -to_ms(card.linked_at),
        };
        (first, folded(name_of(card)))
    }
}

/// What a portal is called: as its owner calls it, or by its address.
#[must_use]
pub fn name_of(card: &PortalCard) -> &str {
    if card.description.label.is_empty() {
        &card.address
    } else {
        &card.description.label
    }
}

/// As people compare words: without case, ё as е.
pub(super) fn folded(text: &str) -> String {
    text.to_lowercase().replace('ё', "е")
}
