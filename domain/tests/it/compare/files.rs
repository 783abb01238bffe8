//! A comparison as a file.

use crmap_domain::Lang;
use crmap_domain::compare::{compare, json, text};
use proptest::prelude::*;

use super::changes::change;
use super::copy::renumbered;
use crate::arbitrary::{config, specification};
use crate::sample;

proptest! {
    #![proptest_config(config())]

    #[test]
    fn sec_55_no_name_of_a_portal_forges_a_line_or_a_column(
        left in specification(),
        right in specification(),
    ) {
        let comparison = compare(&left, &right, &[]);
        let made = text::to_text(&comparison, Lang::Ru);
        crate::text::check_lines(&made);
        // One line for each difference, and no more than these have the arrow.
        let differences = format!("{comparison:?}").matches("Change {").count();
        let arrows = made.matches(" → ").count();
        prop_assert!(arrows <= differences, "{arrows} arrows of {differences} differences");
    }

    #[test]
    fn sec_55_documents_are_json_that_hides_nothing(left in specification(), right in specification()) {
        let made = json::to_json(&compare(&left, &right, &[]));
        let head = "{\n  \"format\": \"crmap.comparison\",\n  \"version\": 1,\n";
        prop_assert!(made.starts_with(head));
        let read: serde_json::Value = serde_json::from_str(&made).unwrap();
        prop_assert!(read["totals"]["all"]["equal"].is_u64());
        prop_assert!(made.chars().all(|c| c == '\n' || !c.is_control()));
        let hidden = ['\u{202e}', '\u{200d}', '\u{feff}', '\u{2028}'];
        prop_assert!(!made.contains(hidden));
    }

    #[test]
    fn sec_56_file_names_are_short_and_plain(left in specification(), right in specification()) {
        let name = text::file_name(&compare(&left, &right, &[]), "txt");
        prop_assert!(name.len() <= 120);
        prop_assert!(name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "._-".contains(c)));
    }
}

#[test]
fn a_text_says_what_differs_and_with_which_ids() {
    let left = sample::specification();
    let mut other = left.clone();
    assert!(change(&mut other, "item name", 0));
    let text = text::to_text(&compare(&left, &renumbered(&other, 3), &[]), Lang::Ru);
    assert!(text.starts_with("\u{feff}CRMAP: сравнение спецификаций, формат 1\r\n"));
    assert!(text.contains("название: Сайт → Рекомендация\r\n"), "{text}");
    assert!(text.contains("demo.bitrix24.ru") && text.contains("other.bitrix24.ru"));
    let equal = text::to_text(&compare(&left, &renumbered(&left, 3), &[]), Lang::En);
    assert!(!equal.contains('→'), "{equal}");
}
