//! Hostile parameters of addresses: whatever stands there is read as something that the page itself
//! could have written (REL-33).

use std::hash::Hash;

use crmap_app::cabinet::compare::room::Asked;
use crmap_app::cabinet::filter::Filter;
use crmap_app::cabinet::history::{
    day_from, day_text, filter_from, parameters_of, place_from, place_text,
};
use crmap_app::data::Place;
use crmap_fuzz::Target;

const WORDS: [&str; 20] = [
    "tab=",
    "q=",
    "funnel=",
    "unfold=",
    "state=",
    "tag=",
    "attention=1",
    "favourite=1",
    "sort=",
    "kind=",
    "what=",
    "from=2026-02-29",
    "to=0000-00-00",
    "on=-1-1-1",
    "after=",
    "left=",
    "right=",
    "show=",
    "open=",
    "0123456789abcdef0123456789abcdef",
];

type Pair<'a> = (&'a str, &'a str);

fn run<O: Hash>(read: impl Fn(&[Pair<'_>]) -> O) {
    let target = Target::new(env!("CARGO_MANIFEST_DIR"), "parameters").knowing(&WORDS);
    target.up_to(2_000).run(|input| {
        let text = String::from_utf8_lossy(input);
        let pairs: Vec<Pair<'_>> = text
            .split('&')
            .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
            .collect();
        read(&pairs)
    });
}

fn borrowed<'a>(pairs: &'a [(&'static str, String)]) -> impl Iterator<Item = Pair<'a>> {
    pairs.iter().map(|(name, value)| (*name, value.as_str()))
}

#[test]
fn rel_33_filters_of_the_dashboard() {
    run(|pairs| {
        let filter = Filter::from_parameters(pairs.iter().copied());
        assert_eq!(filter.tidy(), filter);
        assert!(filter.query.chars().count() <= 200);
        let query = filter.to_query();
        assert!(
            query.is_ascii() && !query.contains([' ', '"', '<', '>', '#', '\'']),
            "{query}"
        );
        format!(
            "{:?} {:?} {}",
            filter.state,
            filter.sort,
            filter.tag.is_some()
        )
    });
}

#[test]
fn rel_33_filters_of_the_history() {
    run(|pairs| {
        let filter = filter_from(pairs.iter().copied());
        let written = parameters_of(&filter);
        assert_eq!(filter_from(borrowed(&written)), filter);
        for (_, value) in pairs {
            if let Some(day) = day_from(value) {
                assert_eq!(day_from(&day_text(day)), Some(day));
            }
            if let Some(place) = place_from(value) {
                assert_eq!(place_from(&place_text(place)), Some(place));
            }
        }
        (
            filter.kinds.len(),
            filter.what.len(),
            filter.from.is_some(),
            filter.to.is_some(),
        )
    });
}

#[test]
fn rel_33_sides_of_comparisons() {
    run(|pairs| {
        let asked = Asked::from_parameters(pairs.iter().copied());
        let written = asked.parameters();
        assert_eq!(Asked::from_parameters(borrowed(&written)), asked);
        let address = asked.address("/compare");
        assert!(
            address.is_ascii() && !address.contains([' ', '"', '<', '>', '#', '\'']),
            "{address}"
        );
        format!(
            "{} {} {:?}",
            asked.left.is_some(),
            asked.right.is_some(),
            asked.show
        )
    });
}

#[test]
fn rel_33_places_in_a_sheet() {
    run(|pairs| {
        let place = Place::from_parameters(pairs.iter().copied());
        assert!(place.query.chars().count() <= 200);
        (
            place.tab.slug(),
            place.funnel.is_some(),
            place.unfold.is_some(),
        )
    });
}
