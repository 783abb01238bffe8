//! Which portals the dashboard shows, and in which order: as its address names it.

mod query;
mod sort;

use crmap_domain::PortalState;
use crmap_domain::cabinet::{Attention, PortalCard};
use serde::{Deserialize, Serialize};

use sort::folded;
pub use sort::{Sort, name_of};

/// What the dashboard is narrowed to.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Filter {
    /// Words that are all looked for in label, address, note, tags and `member_id`.
    pub query: String,
    /// Only portals that stand so.
    pub state: Option<PortalState>,
    /// Only portals with this tag.
    pub tag: Option<String>,
    /// Only portals that need attention.
    pub attention: bool,
    /// Only favourites.
    pub favourite: bool,
    /// The order.
    pub sort: Sort,
}

/// The names of a [`Filter`]'s parameters in an address.
pub mod parameter {
    /// The search.
    pub const QUERY: &str = "q";
    /// The state.
    pub const STATE: &str = "state";
    /// The tag.
    pub const TAG: &str = "tag";
    /// Whether only portals that need attention are shown.
    pub const ATTENTION: &str = "attention";
    /// Whether only favourites are shown.
    pub const FAVOURITE: &str = "favourite";
    /// The order.
    pub const SORT: &str = "sort";
    /// All of them.
    pub const ALL: [&str; 6] = [QUERY, STATE, TAG, ATTENTION, FAVOURITE, SORT];
    /// What stands for yes.
    pub const YES: &str = "1";
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
                parameter::ATTENTION => filter.attention = value == parameter::YES,
                parameter::FAVOURITE => filter.favourite = value == parameter::YES,
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
        for (name, is_set) in [
            (parameter::ATTENTION, self.attention),
            (parameter::FAVOURITE, self.favourite),
        ] {
            if is_set {
                parameters.push((name, parameter::YES.to_owned()));
            }
        }
        if self.sort != Sort::default() {
            parameters.push((parameter::SORT, self.sort.slug().to_owned()));
        }
        parameters
    }

    /// Its parameters as an address has them after the question mark; empty for the default.
    #[must_use]
    pub fn to_query(&self) -> String {
        query::written(&self.parameters())
    }

    /// The same filter as an address could name it: nothing in it is longer.
    #[must_use]
    pub fn tidy(&self) -> Self {
        let parameters = self.parameters();
        let pairs = parameters.iter();
        Self::from_parameters(pairs.map(|(name, value)| (*name, value.as_str())))
    }

    /// The numbers of the portals that are shown, in order; `attention` says which of them need any.
    #[must_use]
    pub fn pick(
        &self,
        portals: &[PortalCard],
        attention: impl Fn(&PortalCard) -> Option<Attention>,
    ) -> Vec<usize> {
        let words = words_of(&self.query);
        let mut picked: Vec<usize> = (0..portals.len())
            .filter(|index| {
                let card = &portals[*index];
                self.takes(card, &words) && (!self.attention || attention(card).is_some())
            })
            .collect();
        picked.sort_by_cached_key(|index| {
            let card = &portals[*index];
            self.sort.key(card, || attention(card))
        });
        picked
    }

    fn takes(&self, card: &PortalCard, words: &[String]) -> bool {
        let tagged = |tag: &String| {
            let wanted = tag.to_lowercase();
            let tags = &card.description.tags;
            tags.iter().any(|known| known.to_lowercase() == wanted)
        };
        self.state.is_none_or(|state| card.standing.state == state)
            && (!self.favourite || card.favourite)
            && self.tag.as_ref().is_none_or(tagged)
            && contains_all(card, words)
    }
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
    use crmap_domain::cabinet::{Description, Level, attention};
    use crmap_domain::{MemberId, Standing};
    use time::{Duration, OffsetDateTime};

    use super::*;

    const NOW: OffsetDateTime = OffsetDateTime::UNIX_EPOCH;

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
            linked_at: NOW,
            standing: Standing {
                state,
                since: NOW,
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

    fn needed(card: &PortalCard) -> Option<Attention> {
        attention(card, NOW, std::time::Duration::from_secs(60))
    }

    fn shown(filter: &str) -> Vec<usize> {
        let mut portals = [
            card("zeta.bitrix24.ru", "Пчёлы", PortalState::Ok, &["VIP"]),
            card("alfa.bitrix24.ru", "", PortalState::Revoked, &["юг", "vip"]),
            card("beta.bitrix24.ru", "", PortalState::Ok, &[]),
        ];
        portals[2].changes = 3;
        portals[2].favourite = true;
        portals[0].opened_at = Some(NOW + Duration::hours(1));
        portals[2].opened_at = Some(NOW + Duration::hours(2));
        let pairs: Vec<_> = filter
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .collect();
        let filter = Filter::from_parameters(pairs.into_iter());
        assert_eq!(filter.tidy(), filter, "its parameters are read back");
        filter.pick(&portals, needed)
    }

    #[test]
    fn both_sides_come_to_the_same_order_by_parts_of_seconds() {
        let at = |ms| Some(OffsetDateTime::UNIX_EPOCH + Duration::milliseconds(ms));
        let mut portals = [
            card("alfa.bitrix24.ru", "", PortalState::Ok, &[]),
            card("beta.bitrix24.ru", "", PortalState::Ok, &[]),
        ];
        (portals[0].read_at, portals[1].read_at) = (at(900), at(100));
        (portals[0].opened_at, portals[1].opened_at) = (at(100), at(900));
        let wire = postcard::to_allocvec(&portals[..]).unwrap();
        let in_browser: Vec<PortalCard> = postcard::from_bytes(&wire).unwrap();
        for sort in [Sort::Age, Sort::Opened] {
            let filter = Filter {
                sort,
                ..Filter::default()
            };
            assert_eq!(filter.pick(&portals, needed), [1, 0]);
            assert_eq!(filter.pick(&in_browser, needed), [1, 0]);
        }
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

    #[test]
    fn what_needs_attention_and_what_is_a_favourite_is_shown_alone_or_first() {
        assert_eq!(shown("attention=1"), [1, 2]);
        assert_eq!(shown("attention=1&favourite=1"), [2]);
        assert_eq!(shown("favourite=1"), [2]);
        assert_eq!(shown("favourite=yes&attention="), [1, 2, 0]);
        assert_eq!(shown("sort=state"), [1, 2, 0]);
        assert_eq!(shown("sort=favourite"), [2, 1, 0]);
        // The last opened one first; those that nobody opened at the end.
        assert_eq!(shown("sort=opened"), [2, 0, 1]);
    }

    #[test]
    fn a_filter_is_written_as_addresses_are() {
        let filter = Filter {
            query: "пчёлы & co".to_owned(),
            state: Some(PortalState::NeedsPayment),
            attention: true,
            sort: Sort::Favourite,
            ..Filter::default()
        };
        assert_eq!(
            filter.to_query(),
            "q=%D0%BF%D1%87%D1%91%D0%BB%D1%8B+%26+co&state=needs_payment&attention=1&sort=favourite"
        );
        assert_eq!(Filter::default().to_query(), "");
        let long = Filter {
            query: "я".repeat(1_000),
            ..Filter::default()
        };
        assert_eq!(long.tidy().query.chars().count(), 200);
    }
}
