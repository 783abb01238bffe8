//! Which changes the history of a portal shows: as its address names it.

use crmap_domain::cabinet::{HistoryFilter, HistoryPlace};
use crmap_domain::change::ChangeKind;
use crmap_domain::item::ItemKind;
use time::{Date, Month};

use crate::data::Tab;

/// The names of parameters in an address.
pub mod parameter {
    /// Words in IDs and names.
    pub const TEXT: &str = "q";
    /// A kind of changes; may come several times.
    pub const KIND: &str = "kind";
    /// A kind of rows.
    pub const WHAT: &str = "what";
    /// The first day.
    pub const FROM: &str = "from";
    /// The last day.
    pub const TO: &str = "to";
    /// Where to read on: `7.12`.
    pub const AFTER: &str = "after";
    /// The ID that is looked up.
    pub const ID: &str = "id";
    /// The day at which it is.
    pub const ON: &str = "on";
}

/// Kinds of rows that can be chosen: fields with the items of their lists.
#[must_use]
pub fn choices() -> [ItemKind; Tab::ALL.len()] {
    Tab::ALL.map(Tab::rows)
}

/// The longest text that is looked for.
const LONGEST: usize = 200;

/// Reads a filter out of an address's parameters, which may hold anything; what cannot be understood
/// is left at its default.
pub fn filter_from<'a>(parameters: impl Iterator<Item = (&'a str, &'a str)>) -> HistoryFilter {
    let mut filter = HistoryFilter::default();
    for (name, value) in parameters {
        match name {
            parameter::TEXT => filter.text = value.chars().take(LONGEST).collect(),
            parameter::KIND => {
                let kind = ChangeKind::from_code(value);
                filter
                    .kinds
                    .extend(kind.filter(|kind| !filter.kinds.contains(kind)));
            }
            parameter::WHAT => filter.what = chosen(value),
            parameter::FROM => filter.from = day_from(value),
            parameter::TO => filter.to = day_from(value),
            _ => {}
        }
    }
    filter
}

fn chosen(code: &str) -> Vec<ItemKind> {
    let kind = ItemKind::from_code(code).filter(|kind| choices().contains(kind));
    let items = kind.and_then(ItemKind::entity).map(ItemKind::Item);
    kind.into_iter().chain(items).collect()
}

/// The parameters of a filter in an address, ready to stand there; none for what is at its default.
#[must_use]
pub fn parameters_of(filter: &HistoryFilter) -> Vec<(&'static str, String)> {
    let mut parameters = Vec::new();
    if !filter.text.is_empty() {
        parameters.push((parameter::TEXT, filter.text.clone()));
    }
    for kind in &filter.kinds {
        parameters.push((parameter::KIND, kind.code().to_owned()));
    }
    parameters.extend(
        filter
            .what
            .first()
            .map(|what| (parameter::WHAT, what.code().to_owned())),
    );
    parameters.extend(filter.from.map(|day| (parameter::FROM, day_text(day))));
    parameters.extend(filter.to.map(|day| (parameter::TO, day_text(day))));
    parameters
}

/// A value as it stands in an address.
#[must_use]
pub fn encoded(value: &str) -> String {
    let mut encoded = String::with_capacity(value.len());
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

/// `7.12`
#[must_use]
pub fn place_text(place: HistoryPlace) -> String {
    format!("{}.{}", place.number, place.place)
}

/// The place of a [`place_text`].
#[must_use]
pub fn place_from(text: &str) -> Option<HistoryPlace> {
    let (number, place) = text.split_once('.')?;
    Some(HistoryPlace {
        number: number.parse().ok()?,
        place: place.parse().ok()?,
    })
}

/// `2026-11-25`, as forms have it.
#[must_use]
pub fn day_text(day: Date) -> String {
    format!(
        "{:04}-{:02}-{:02}",
        day.year(),
        u8::from(day.month()),
        day.day()
    )
}

/// The day of a [`day_text`].
#[must_use]
pub fn day_from(text: &str) -> Option<Date> {
    let mut parts = text.splitn(3, '-');
    let year = parts
        .next()?
        .parse()
        .ok()
        .filter(|year| (1..=9999).contains(year))?;
    let month = parts.next()?.parse::<u8>().ok()?;
    let day = parts.next()?.parse().ok()?;
    Date::from_calendar_date(year, Month::try_from(month).ok()?, day).ok()
}

#[cfg(test)]
mod tests {
    use crmap_domain::EntityKind;

    use super::*;

    #[test]
    fn an_address_says_what_the_filter_is_and_nothing_else_is_understood() {
        let pairs = [
            ("view", "history"),
            ("q", "Канал"),
            ("kind", "removed"),
            ("kind", "removed"),
            ("kind", "anything"),
            ("what", "deal_field"),
            ("from", "2026-11-01"),
            ("to", "2026-13-01"),
        ];
        let filter = filter_from(pairs.into_iter());
        assert_eq!(filter.kinds, [ChangeKind::Removed]);
        assert_eq!(
            filter.what,
            [
                ItemKind::Field(EntityKind::Deal),
                ItemKind::Item(EntityKind::Deal)
            ]
        );
        assert_eq!(filter.to, None);
        let written = parameters_of(&filter);
        let read = written.iter().map(|(name, value)| (*name, value.as_str()));
        assert_eq!(filter_from(read), filter);
        assert_eq!(written.len(), 4);
        assert_eq!(filter_from([("what", "deal_item")].into_iter()).what, []);
    }

    #[test]
    fn nothing_breaks_out_of_a_value_in_an_address() {
        assert_eq!(encoded("a&b=ё \"#"), "a%26b%3D%D1%91%20%22%23");
    }

    #[test]
    fn days_and_places_are_read_back() {
        for text in ["2026-11-25", "0001-01-01"] {
            assert_eq!(day_from(text).map(day_text).as_deref(), Some(text));
        }
        for text in [
            "",
            "2026",
            "2026-02-30",
            "2026-11-25-1",
            "-1-1-1",
            "99999-01-01",
        ] {
            assert_eq!(day_from(text), None, "{text}");
        }
        let place = HistoryPlace {
            number: 7,
            place: 12,
        };
        assert_eq!(place_from(&place_text(place)), Some(place));
        assert_eq!(place_from("7"), None);
    }
}
