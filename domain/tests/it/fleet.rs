//! Finding rows of many portals.

use crmap_domain::item::ItemKind;
use crmap_domain::search::fleet::{Fit, Rank, Rows, Tally, Wanted, other_layout, pack};
use crmap_domain::search::{Hit, Mark};
use crmap_domain::{EntityKind, Section, Specification};
use proptest::prelude::*;

use crate::arbitrary::{config, specification, text};
use crate::sample;

const ALL: usize = usize::MAX;

fn search(rows: &Rows, query: &str, fit: Fit) -> Tally {
    let wanted = Wanted::parse(query).unwrap_or_else(|| panic!("too short: {query}"));
    rows.search(&wanted, fit, ALL)
}

/// What a query finds: rank and ID, the best first.
fn found(rows: &Rows, query: &str, fit: Fit) -> Vec<(Rank, String)> {
    let wanted = Wanted::parse(query).unwrap();
    let tally = rows.search(&wanted, fit, ALL);
    let hits = tally.best.iter().map(|(rank, row)| {
        let hit = rows.hit(*row, &wanted, fit).unwrap();
        (*rank, hit.item.id)
    });
    hits.collect()
}

fn ids(rows: &Rows, query: &str) -> Vec<String> {
    let found = found(rows, query, Fit::Exact);
    found.into_iter().map(|(_, id)| id).collect()
}

fn portal() -> Rows {
    let mut made = sample::specification();
    made.sort();
    if let Section::Rows(fields) = &mut made.fields.deal {
        fields.push(sample::field(
            17,
            "UF_CRM_171",
            "Учёт «договоров»",
            "string",
        ));
        fields.push(sample::field(3157, "UF_CRM_172", "Канал продаж", "string"));
    }
    Rows::of(&made)
}

#[test]
fn a_whole_id_comes_first_then_a_whole_label_then_beginnings_then_the_rest() {
    let rows = portal();
    let found = |query| found(&rows, query, Fit::Exact);
    let id = |rank, id: &str| (rank, id.to_owned());
    assert_eq!(
        found("3157"),
        [id(Rank::Id, "3157"), id(Rank::Id, "UF_CRM_172")],
        "a number is an ID, whatever else is one"
    );
    assert_eq!(
        found("канал"),
        [
            id(Rank::Label, "UF_CRM_1724077760"),
            id(Rank::Starts, "UF_CRM_172")
        ]
    );
    assert_eq!(found("анал")[0], id(Rank::Starts, "APOLOGY"));
    assert_eq!(found("анал")[1], id(Rank::Holds, "UF_CRM_1724077760"));
    assert_eq!(found("uf_crm_171"), [id(Rank::Id, "UF_CRM_171")]);
    assert_eq!(found("79B4C2"), [id(Rank::Id, "3157")]);
    assert_eq!(
        found("DEAL_STAGE_9")[0],
        id(Rank::Id, "9"),
        "the dictionary of a funnel"
    );
    assert_eq!(
        found("deal_stage_7"),
        [id(Rank::Id, "C7:LOSE")],
        "whose funnel is not seen"
    );
    assert_eq!(found("9")[0], id(Rank::Id, "9"), "one digit is a whole ID");
    assert_eq!(found("7"), []);
}

#[test]
fn words_stand_in_any_order_in_the_row_or_in_what_it_belongs_to() {
    let rows = portal();
    assert_eq!(ids(&rows, "договоров учет"), ["UF_CRM_171"]);
    assert_eq!(ids(&rows, "сайт канал"), ["3157"], "an item of the field");
    assert_eq!(
        ids(&rows, "розница заявка"),
        ["C9:NEW"],
        "a stage of the funnel"
    );
    assert_eq!(ids(&rows, "заявка опт розница"), ["C9:NEW"]);
    assert_eq!(
        ids(&rows, "канал сайт звонок"),
        [""; 0],
        "one row holds one item"
    );
    assert_eq!(ids(&rows, "опт"), ["9"], "its stages are not named so");
}

#[test]
fn sec_19_people_are_not_looked_for() {
    let kept = pack(&sample::specification());
    for text in ["Анна", "Титова", "Директор", "Руководство"] {
        assert!(!kept.contains(text), "{text}");
    }
    for query in ["анна", "титова", "директор"] {
        assert_eq!(ids(&portal(), query), [""; 0]);
    }
}

#[test]
fn one_letter_of_a_longer_word_may_be_off() {
    let rows = portal();
    let nearly = |query: &str| found(&rows, query, Fit::Typo);
    for query in [
        "договров",
        "дгооворов",
        "догвооров",
        "договорав",
        "ддоговоров",
        "логоворов",
        "учт договоррв",
        "договров учёт",
        "договоол",
    ] {
        let found = nearly(query);
        let expected = (Rank::Nearly, "UF_CRM_171".to_owned());
        if query == "договоол" {
            assert_eq!(found, [], "two letters");
        } else if query == "учт договоррв" {
            assert_eq!(found, [], "a short word has none");
        } else {
            assert_eq!(found, [expected], "{query}");
        }
    }
    assert_eq!(nearly("закза"), [], "nothing is named so");
    // The middle letters have changed places, and no half is right.
    assert_eq!(nearly("догвооров").len(), 1);
}

#[test]
fn too_little_is_not_looked_for_and_too_much_is_cut() {
    for query in ["", " ", "а", "x", "-", "\u{200b}", "а б в"] {
        assert!(Wanted::parse(query).is_none(), "{query:?}");
    }
    for query in ["7", "аб", "а бв", "-1"] {
        assert!(Wanted::parse(query).is_some(), "{query:?}");
    }
    let long = format!("{} нет", "учет ".repeat(40));
    assert_eq!(ids(&portal(), &long), ["UF_CRM_171"]);
}

#[test]
fn hits_say_what_they_are_where_and_what_was_looked_for() {
    let rows = portal();
    let hit = |query: &str, fit| -> Hit {
        let wanted = Wanted::parse(query).unwrap();
        let tally = rows.search(&wanted, fit, 1);
        rows.hit(tally.best[0].1, &wanted, fit).unwrap()
    };
    let marked = |text: &str, marks: &[Mark]| -> Vec<String> {
        marks
            .iter()
            .map(|mark| text[mark.range()].to_owned())
            .collect()
    };
    let stage = hit("розница заяв", Fit::Exact);
    assert_eq!(stage.item.kind, ItemKind::Stage);
    assert_eq!(stage.item.within.as_deref(), Some("DEAL_STAGE_9"));
    assert_eq!(stage.number, Some(301));
    assert_eq!(stage.parent.as_ref().unwrap().id, "9");
    assert_eq!(marked(&stage.item.label, &stage.label_marks), ["Заяв"]);
    let item = hit("канал 3158", Fit::Exact);
    assert_eq!(item.item.kind, ItemKind::Item(EntityKind::Deal));
    assert_eq!(item.item.within.as_deref(), Some("UF_CRM_1724077760"));
    assert_eq!(item.parent.as_ref().unwrap().number, Some(6799));
    assert_eq!(marked(&item.item.id, &item.id_marks), ["3158"]);
    let field = hit("договроов УЧЕТ", Fit::Typo);
    assert_eq!(
        marked(&field.item.label, &field.label_marks),
        ["Учёт", "договоров"]
    );
    let orphan = hit("C7:LOSE", Fit::Exact);
    assert_eq!(
        (orphan.parent, orphan.item.within.as_deref()),
        (None, Some("DEAL_STAGE_7"))
    );
}

#[test]
fn the_best_are_kept_and_all_are_counted() {
    let mut made = sample::specification();
    let named =
        |number: i64, name: &str| sample::field(number, &format!("UF_{number}"), name, "string");
    let mut fields: Vec<_> = (100..200)
        .map(|number| named(number, "Перезаказ"))
        .collect();
    fields.push(named(300, "Заказ поставщику"));
    fields.push(named(301, "Заказ"));
    made.fields.deal = Section::Rows(fields);
    let tally = Rows::of(&made).search(&Wanted::parse("заказ").unwrap(), Fit::Exact, 3);
    let ranks: Vec<_> = tally.best.iter().map(|(rank, _)| *rank).collect();
    assert_eq!(tally.total, 102);
    assert_eq!(ranks, [Rank::Label, Rank::Starts, Rank::Holds]);
}

#[test]
fn damaged_rows_and_those_of_other_releases_are_refused() {
    let kept = pack(&sample::specification());
    assert!(Rows::unpack(kept.clone()).is_some());
    for damaged in [
        String::new(),
        kept.replacen('1', "2", 1),
        kept.replacen("\nf", "\nx", 1),
        kept.replacen('\t', "\t\t", 1),
        kept.trim_end().to_owned(),
    ] {
        assert!(Rows::unpack(damaged.clone()).is_none(), "{damaged:.40}");
    }
}

/// What is shown of each row: its kind, its label and all of its IDs.
fn rows_of(made: &Specification) -> Vec<(ItemKind, String, Vec<String>)> {
    let mut rows = Vec::new();
    for funnel in made.funnels.rows() {
        rows.push((
            ItemKind::Funnel,
            funnel.name.clone(),
            vec![funnel.id.to_string()],
        ));
    }
    for stage in made.stages.rows() {
        let ids = vec![stage.status_id.clone(), stage.id.to_string()];
        rows.push((ItemKind::Stage, stage.name.clone(), ids));
    }
    for entity in EntityKind::ALL {
        for field in made
            .fields
            .of(entity)
            .map(Section::rows)
            .unwrap_or_default()
        {
            let ids = vec![field.code.clone(), field.id.to_string()];
            rows.push((ItemKind::Field(entity), field.label.clone(), ids));
            for item in &field.items {
                rows.push((
                    ItemKind::Item(entity),
                    item.value.clone(),
                    vec![item.id.to_string()],
                ));
            }
        }
    }
    rows
}

/// Whether a query finds the row with this ID.
fn finds(rows: &Rows, query: &str, fit: Fit, kind: ItemKind, id: &str) -> bool {
    let Some(wanted) = Wanted::parse(query) else {
        return true;
    };
    let tally = rows.search(&wanted, fit, ALL);
    let seen = |text: &str| -> String {
        text.chars()
            .map(|sign| if sign.is_control() { ' ' } else { sign })
            .collect()
    };
    tally.best.iter().any(|(_, row)| {
        let item = rows.hit(*row, &wanted, fit).unwrap().item;
        item.kind == kind && item.id == seen(id)
    })
}

/// A label of one or two Russian words, which are all five letters or longer.
fn label() -> impl Strategy<Value = Vec<String>> {
    proptest::collection::vec("[а-яёА-ЯЁ]{5,12}", 1..3)
}

/// A word with one letter wrong, missing, too many, or exchanged with the next.
fn with_typo(word: &str, kind: usize, place: usize) -> String {
    let mut letters: Vec<char> = word.chars().collect();
    let place = place % letters.len();
    let next = (place + 1).min(letters.len() - 1);
    match kind {
        0 => letters[place] = 'ъ',
        1 => drop(letters.remove(place)),
        2 => letters.insert(place, 'ы'),
        _ => letters.swap(place, next),
    }
    letters.into_iter().collect()
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn every_row_is_found_by_its_ids_and_by_its_label(made in specification()) {
        let rows = Rows::of(&made);
        let shown = rows_of(&made);
        prop_assert_eq!(rows.len(), shown.len());
        for (kind, label, ids) in shown {
            for id in &ids {
                // A whole ID stands on top.
                prop_assert!(finds(&rows, id, Fit::Exact, kind, &ids[0]), "{id:?}");
            }
            let whole: String = label.chars().take(200).collect();
            let upper = whole.to_uppercase();
            let turned: Vec<_> = whole.split_whitespace().rev().collect();
            for query in [&whole, &upper, &turned.join(" ")] {
                // Some letters have capitals that are others' small ones.
                let is_same = whole.to_lowercase() == upper.to_lowercase();
                if is_same {
                    prop_assert!(finds(&rows, query, Fit::Exact, kind, &ids[0]), "{query:?}");
                }
            }
        }
    }

    #[test]
    fn a_label_with_one_typo_is_found(
        words in label(), kind in 0..4_usize, place in 0..12_usize, which in 0..2_usize, turned: bool,
    ) {
        let mut made = sample::specification();
        let field = sample::field(1, "UF_CRM_1", &words.join(" "), "string");
        made.fields.contact = Section::Rows(vec![field]);
        let rows = Rows::of(&made);
        let which = which % words.len();
        let mut typed = words.clone();
        typed[which] = with_typo(&typed[which], kind, place);
        if turned {
            typed.reverse();
        }
        let query = typed.join(" ").replace('ё', "е");
        prop_assert!(finds(&rows, &query, Fit::Typo, ItemKind::Field(EntityKind::Contact), "UF_CRM_1"), "{query}");
        if let Some(other) = other_layout(&words.join(" ")) {
            let back = other_layout(&other);
            prop_assert!(back.is_none_or(|back| back == words.join(" ")));
        }
    }

    #[test]
    fn nothing_that_is_typed_or_read_makes_it_fall(made in specification(), query in text(), kept in text()) {
        let rows = Rows::of(&made);
        let _ = Rows::unpack(format!("crmap rows 1\n{kept}"));
        if let Some(wanted) = Wanted::parse(&query) {
            for fit in [Fit::Exact, Fit::Typo] {
                let all = rows.search(&wanted, fit, ALL);
                let few = rows.search(&wanted, fit, 2);
                prop_assert_eq!(all.total as usize, all.best.len());
                prop_assert_eq!(all.total, few.total);
                prop_assert_eq!(&few.best[..], &all.best[..all.best.len().min(2)]);
                for (_, row) in all.best {
                    let hit = rows.hit(row, &wanted, fit).unwrap();
                    for mark in &hit.label_marks {
                        prop_assert!(hit.item.label.get(mark.range()).is_some());
                    }
                    for mark in &hit.id_marks {
                        prop_assert!(hit.item.id.get(mark.range()).is_some());
                    }
                }
            }
            let nothing = search(&rows, "ыъыъыъыъ", Fit::Exact);
            prop_assert_eq!(nothing.total, 0);
        }
        let _ = other_layout(&query);
    }

    #[test]
    fn rows_are_given_back_as_they_were_kept(made in specification()) {
        let kept = pack(&made);
        let rows = Rows::unpack(kept).unwrap();
        prop_assert_eq!(&rows, &Rows::of(&made));
        prop_assert!(rows.bytes() > 0);
    }
}
