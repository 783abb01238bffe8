//! Which portals the dashboard shows, and in which order: as its address names it.

use std::cmp::Ordering;

use crmap_domain::PortalState;
use crmap_domain::cabinet::PortalCard;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

/// What the dashboard is narrowed to.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Filter {
    /// Words that are all looked for in label, address, note, tags and `member_id`.
    pub query: String,
    /// Only portals that stand so.
    pub state: Option<PortalState>,
    /// Only portals with this tag.
    pub tag: Option<String>,
    /// The order.
    pub sort: Sort,
}

/// Orders of the dashboard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Sort {
    /// By what they are called.
    #[default]
    Name,
    /// Those that need attention first.
    State,
    /// Those whose data is oldest first.
    Age,
    /// Those that were linked last first.
    Linked,
}

impl Sort {
    /// All orders.
    pub const ALL: [Self; 4] = [Self::Name, Self::State, Self::Age, Self::Linked];

    /// Its name in an address.
    #[must_use]
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::State => "state",
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
}

/// The names of a [`Filter`]'s parameters in an address.
pub mod parameter {
    /// The search.
    pub const QUERY: &str = "q";
    /// The state.
    pub const STATE: &str = "state";
    /// The tag.
    pub const TAG: &str = "tag";
    /// The order.
    pub const SORT: &str = "sort";
}

impl Filter {
    /// Reads a filter out of an address's parameters, which may hold anything; what cannot be
    /// understood is left at its default.
    pub fn from_parameters<'a>(parameters: impl Iterator<Item = (&'a str, &'a str)>) -> Self {
        let mut filter = Self::default();
        for (name, value) in parameters {
            let text = || value.chars().take(200).collect::<String>();
            match name {
                parameter::QUERY => filter.query = text(),
                parameter::STATE => filter.state = PortalState::from_code(value),
                parameter::TAG => filter.tag = Some(text()).filter(|tag| !tag.is_empty()),
                parameter::SORT => filter.sort = Sort::from_slug(value),
                _ => {}
            }
        }
        filter
    }

    /// Its parameters; none for what is at its default.
    #[must_use]
    pub fn parameters(&self) -> Vec<(&'static str, String)> {
        let mut parameters = Vec::new();
        if !self.query.is_empty() {
            parameters.push((parameter::QUERY, self.query.clone()));
        }
        if let Some(state) = self.state {
            parameters.push((parameter::STATE, state.code().to_owned()));
        }
        if let Some(tag) = &self.tag {
            parameters.push((parameter::TAG, tag.clone()));
        }
        if self.sort != Sort::default() {
            parameters.push((parameter::SORT, self.sort.slug().to_owned()));
        }
        parameters
    }

    /// Whether it leaves anything out.
    #[must_use]
    pub fn narrows(&self) -> bool {
        !self.query.trim().is_empty() || self.state.is_some() || self.tag.is_some()
    }

    /// The numbers of the portals that are shown, in order.
    #[must_use]
    pub fn pick(&self, portals: &[PortalCard]) -> Vec<usize> {
        let words = words_of(&self.query);
        let mut picked: Vec<usize> = (0..portals.len())
            .filter(|index| self.takes(&portals[*index], &words))
            .collect();
        picked.sort_by(|one, other| self.order(&portals[*one], &portals[*other]));
        picked
    }

    fn takes(&self, card: &PortalCard, words: &[String]) -> bool {
        let tagged = |tag: &String| {
            let wanted = tag.to_lowercase();
            let tags = &card.description.tags;
            tags.iter().any(|known| known.to_lowercase() == wanted)
        };
        self.state.is_none_or(|state| card.standing.state == state)
            && self.tag.as_ref().is_none_or(tagged)
            && contains_all(card, words)
    }

    fn order(&self, one: &PortalCard, other: &PortalCard) -> Ordering {
        let by_name = || name_key(one).cmp(&name_key(other));
        match self.sort {
            Sort::Name => by_name(),
            Sort::State => weight(one).cmp(&weight(other)).then_with(by_name),
            Sort::Age => read_at(one).cmp(&read_at(other)).then_with(by_name),
            Sort::Linked => linked_at(other).cmp(&linked_at(one)).then_with(by_name),
        }
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

fn name_key(card: &PortalCard) -> String {
    folded(name_of(card))
}

fn weight(card: &PortalCard) -> u8 {
    u8::from(card.standing.state == PortalState::Ok)
}

/// Whole seconds: the browser is handed no more, and has to come to the same order.
fn read_at(card: &PortalCard) -> Option<i64> {
    card.read_at.map(OffsetDateTime::unix_timestamp)
}

fn linked_at(card: &PortalCard) -> i64 {
    card.linked_at.unix_timestamp()
}

/// As people compare words: without case, ё as е.
fn folded(text: &str) -> String {
    text.to_lowercase().replace('ё', "е")
}

fn words_of(query: &str) -> Vec<String> {
    query.split_whitespace().map(folded).collect()
}

fn contains_all(card: &PortalCard, words: &[String]) -> bool {
    if words.is_empty() {
        return true;
    }
    let description = &card.description;
    let texts = [
        &card.address,
        &description.label,
        &description.note,
        card.member_id.as_str(),
    ];
    let all = texts
        .into_iter()
        .chain(description.tags.iter().map(String::as_str))
        .map(folded)
        .collect::<Vec<_>>()
        .join("\n");
    words.iter().all(|word| all.contains(word))
}

#[cfg(test)]
mod tests {
    use crmap_domain::cabinet::{Description, Level};
    use crmap_domain::{MemberId, Standing};
    use time::Duration;

    use super::*;

    fn card(address: &str, label: &str, state: PortalState, tags: &[&str]) -> PortalCard {
        PortalCard {
            member_id: MemberId::parse(&"a".repeat(32)).unwrap(),
            address: address.to_owned(),
            description: Description {
                label: label.to_owned(),
                tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
                ..Description::default()
            },
            level: Level::Read,
            linked_at: OffsetDateTime::UNIX_EPOCH,
            standing: Standing {
                state,
                since: OffsetDateTime::UNIX_EPOCH,
                reason: String::new(),
            },
            read_at: None,
            totals: None,
            favourite: false,
            opened_at: None,
            changes: 0,
            failure: None,
        }
    }

    fn shown(filter: &str) -> Vec<usize> {
        let portals = [
            card("zeta.bitrix24.ru", "Пчёлы", PortalState::Ok, &["VIP"]),
            card("alfa.bitrix24.ru", "", PortalState::Revoked, &["юг", "vip"]),
            card("beta.bitrix24.ru", "", PortalState::Ok, &[]),
        ];
        let pairs: Vec<_> = filter
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .collect();
        let filter = Filter::from_parameters(pairs.into_iter());
        let again = filter.parameters();
        let again = again.iter().map(|(name, value)| (*name, value.as_str()));
        assert_eq!(Filter::from_parameters(again), filter);
        filter.pick(&portals)
    }

    #[test]
    fn both_sides_come_to_the_same_order_though_one_knows_parts_of_seconds() {
        let at = |ms| Some(OffsetDateTime::UNIX_EPOCH + Duration::milliseconds(ms));
        let mut portals = [
            card("beta.bitrix24.ru", "", PortalState::Ok, &[]),
            card("alfa.bitrix24.ru", "", PortalState::Ok, &[]),
        ];
        portals[0].read_at = at(100);
        portals[1].read_at = at(900);
        let filter = Filter {
            sort: Sort::Age,
            ..Filter::default()
        };
        let on_server = filter.pick(&portals);
        for portal in &mut portals {
            portal.read_at = at(0);
        }
        assert_eq!(on_server, filter.pick(&portals));
    }

    #[test]
    fn what_an_address_names_is_shown_in_its_order() {
        assert_eq!(shown(""), [1, 2, 0]);
        assert_eq!(shown("q=пчелы"), [0]);
        assert_eq!(shown("q=bitrix24 юг"), [1]);
        assert_eq!(shown("tag=VIP&sort=state"), [1, 0]);
        assert_eq!(shown("state=revoked"), [1]);
        assert_eq!(shown("state=nonsense&sort=nonsense"), [1, 2, 0]);
        assert_eq!(shown("q=nothing"), [0_usize; 0]);
    }
}
