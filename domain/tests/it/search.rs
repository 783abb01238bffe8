//! Finding rows by any part of a label, a code or an ID.

use crmap_domain::Meaning;
use crmap_domain::search::{Query, SearchKey, key};
use proptest::prelude::*;

use crate::arbitrary::{config, field, text};
use crate::sample;

fn finds(query: &str, key: &SearchKey) -> bool {
    Query::parse(query).matches(key)
}

#[test]
fn stages_are_found_by_name_identifier_number_and_funnel() {
    let key = SearchKey::stage(
        &sample::stage(109, 7, "C7:WON", "Учёт завершён", Meaning::Success),
        "Опт",
    );
    for query in [
        "c7:won",
        "C7:WON",
        "учет",
        "УЧЁТ опт",
        "завер уч",
        "109",
        "  опт  ",
        "",
        "deal_stage_7",
    ] {
        assert!(finds(query, &key), "{query}");
    }
    for query in ["c8", "учетзавершен", "опт розница"] {
        assert!(!finds(query, &key), "{query}");
    }
}

#[test]
fn funnels_and_users_are_found_by_name_and_number() {
    let funnel = SearchKey::funnel(&sample::funnel(0, "Общая", 300));
    assert!(finds("0", &funnel) && finds("общ", &funnel) && !finds("300", &funnel));
    let user = SearchKey::user(&sample::user(
        17,
        "Пётр",
        "Бухгалтер",
        &["Отдел продаж"],
        true,
    ));
    assert!(finds("петр прод", &user) && finds("17", &user) && finds("бухг", &user));
    assert!(!finds("директор", &user));
}

#[test]
fn fields_are_found_by_their_items_and_say_by_which() {
    let mut field = sample::field(6799, "UF_CRM_1713790573", "Канал", "enumeration");
    field.items = vec![
        sample::item(31, "Сайт", Some("79b4")),
        sample::item(32, "Звонок", None),
        sample::item(33, "Канал Telegram", None),
    ];
    let key = SearchKey::field(&field);
    let check = |query: &str, matches: bool, items: &[usize]| {
        let query = Query::parse(query);
        assert_eq!(
            (query.matches(&key), query.items_hit(&key).as_slice()),
            (matches, items),
            "{query:?}"
        );
    };
    check("UF_CRM_17137", true, &[]);
    check("6799", true, &[]);
    check("enumeration", true, &[]);
    check("сайт", true, &[0]);
    check("79B4", true, &[0]);
    check("канал", true, &[2]);
    check("канал сайт", true, &[0]);
    check("сайт звонок", true, &[0, 1]);
    check("32", true, &[1]);
    check("почта", false, &[]);
    check("", true, &[]);
}

#[test]
fn words_never_run_from_one_text_into_the_next() {
    let key = SearchKey::of(&["ab", "cd"]);
    assert!(finds("ab cd", &key) && !finds("bc", &key));
}

#[test]
fn hits_are_marked_in_the_text_itself() {
    let check = |query: &str, text: &str, expected: &[&str]| {
        let ranges = Query::parse(query).highlight(text);
        let marked: Vec<&str> = ranges.into_iter().map(|range| &text[range]).collect();
        assert_eq!(marked, expected, "{query} in {text}");
    };
    check("учет", "Учёт и УЧЕТ", &["Учёт", "УЧЕТ"]);
    check("won c7", "C7:WON", &["C7", "WON"]);
    check("c7: won", "C7:WON", &["C7:WON"]);
    check("аб бв", "абв", &["абв"]);
    check("i", "İ", &["İ"]);
    check("x", "Учёт", &[]);
    check("", "Учёт", &[]);
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn marked_ranges_are_sound_and_there_are_some_exactly_where_a_row_is_found(
        text in text(),
        query in text(),
    ) {
        let query = Query::parse(&query);
        let ranges = query.highlight(&text);
        let mut end = None;
        for range in &ranges {
            prop_assert!(range.start < range.end && end < Some(range.start));
            prop_assert!(text.get(range.clone()).is_some());
            end = Some(range.end);
        }
        if !query.is_empty() && query.matches(&SearchKey::of(&[&text])) {
            prop_assert!(!ranges.is_empty());
        }
    }

    #[test]
    fn a_field_is_found_by_every_word_of_every_text_it_shows(field in field()) {
        let found = SearchKey::field(&field);
        let items = field.items.iter().flat_map(|item| [item.value.clone(), item.id.to_string()]);
        for text in items.chain([field.label.clone(), field.code.clone(), field.id.to_string()]) {
            let query = Query::parse(&text);
            prop_assert!(query.matches(&found));
            prop_assert!(query.items_hit(&found).iter().all(|item| *item < field.items.len()));
        }
    }

    #[test]
    fn folding_twice_changes_nothing_more(text in "[a-zA-Zа-яёА-ЯЁ0-9_: ]{0,20}") {
        prop_assert_eq!(key(&key(&text)), key(&text));
    }
}
