//! What is new to whoever saw what.

use std::collections::HashSet;

use crmap_crm::sample::{Size, sample};
use crmap_domain::{Lang, Refusal};

use super::*;

fn seen(change: impl FnOnce(&mut Specification)) -> SeenRows {
    let mut read = sample(Size {
        funnels: 2,
        stages: 2,
        fields: 10,
        users: 2,
    });
    change(&mut read);
    SeenRows::of(&read)
}

fn news(change: impl FnOnce(&mut Specification)) -> Option<News> {
    let before = seen(|_| {}).packed();
    seen(change).news(&before, OffsetDateTime::UNIX_EPOCH)
}

fn rows<T>(section: &mut Section<T>) -> &mut Vec<T> {
    match section {
        Section::Rows(rows) => rows,
        Section::Refused(_) => panic!("refused"),
    }
}

#[test]
fn what_is_new_otherwise_and_gone_is_told() {
    let nothing = news(|_| {}).unwrap();
    assert_eq!((nothing.added, nothing.changed, nothing.removed), (0, 0, 0));
    let told = news(|of| {
        let mut funnel = of.funnels.rows()[1].clone();
        funnel.id = 9;
        rows(&mut of.funnels).push(funnel);
        rows(&mut of.fields.deal)[4].items[0].value = "Другое".to_owned();
        rows(&mut of.users).pop();
        // Numbers by which rows are sorted are nothing.
        rows(&mut of.stages)[0].sort = 77;
    });
    let told = told.unwrap();
    assert_eq!((told.added, told.changed, told.removed), (1, 1, 1));
    let marked = [
        (ItemKind::Funnel, 2, true),
        (ItemKind::Field(EntityKind::Deal), 4, false),
    ];
    assert_eq!(told.rows, marked);
}

#[test]
fn what_may_not_be_seen_is_neither_gone_nor_new() {
    let refuse = |of: &mut Specification| of.users = Section::Refused(Refusal::NoRights);
    let told = news(refuse).unwrap();
    assert_eq!((told.added, told.removed), (0, 0));
    let before = seen(refuse).packed();
    let told = seen(|_| {}).news(&before, OffsetDateTime::UNIX_EPOCH);
    let told = told.unwrap();
    assert_eq!((told.added, told.removed), (0, 0));
    assert_eq!(news(|of| of.reading.viewer.administrator = false), None);
    assert_eq!(news(|of| of.reading.lang = Lang::En), None);
}

#[test]
fn eleven_bytes_of_each_row_are_kept_and_no_words() {
    let packed = seen(|_| {}).packed();
    // Two funnels with two stages each, fields of deals, contacts and companies, people.
    assert_eq!(packed.len(), HEAD + 11 * (2 + 4 + 10 + 2 + 2 + 2));
    assert!(!String::from_utf8_lossy(&packed).contains("Сотрудник"));
    for length in 0..packed.len() {
        let _ = seen(|_| {}).news(&packed[..length], OffsetDateTime::UNIX_EPOCH);
    }
}

#[test]
fn kinds_and_languages_are_kept_by_the_numbers_that_earlier_releases_kept_them_by() {
    for (kind, number) in [
        (ItemKind::Funnel, 0),
        (ItemKind::Stage, 1),
        (ItemKind::Field(EntityKind::Deal), 2),
        (ItemKind::Field(EntityKind::Contact), 4),
        (ItemKind::Field(EntityKind::Company), 6),
        (ItemKind::Field(EntityKind::Lead), 8),
        (ItemKind::User, 10),
    ] {
        assert_eq!(number_of(kind), number, "{kind:?}");
    }
    assert_eq!([Lang::Ru, Lang::En].map(number_of_lang), [0, 1]);
    let languages: HashSet<_> = Lang::ALL.into_iter().map(number_of_lang).collect();
    assert_eq!(languages.len(), Lang::ALL.len());
    let numbers: HashSet<_> = ItemKind::ALL.into_iter().map(number_of).collect();
    assert_eq!(numbers.len(), ItemKind::ALL.len());
    assert!(numbers.into_iter().all(|number| number < 8 * (HEAD - 3)));
}

#[test]
fn rows_of_every_kind_are_noted_but_items_of_lists_which_belong_to_their_fields() {
    let all = seen(|of| {
        let fields = of.fields.deal.clone();
        for entity in EntityKind::ALL {
            of.fields.put(entity, fields.clone());
        }
    });
    let noted: HashSet<_> = all.rows.iter().map(|(kind, ..)| *kind).collect();
    let kinds = ItemKind::ALL.into_iter();
    let kinds: HashSet<_> = kinds
        .filter(|kind| !matches!(kind, ItemKind::Item(_)))
        .collect();
    assert_eq!(noted, kinds);
}

/// A list of thousands of items is work, though it is one field.
#[test]
fn items_of_lists_count_as_rows() {
    let mut read = sample(Size {
        funnels: 0,
        stages: 0,
        fields: 4,
        users: 1,
    });
    let before = rows_of(&read);
    let items = &mut rows(&mut read.fields.deal)[0].items;
    items.clear();
    let without = rows_of(&read);
    let item = crmap_domain::ListItem {
        id: 1,
        value: "Да".to_owned(),
        sort: 1,
        is_default: false,
        xml_id: None,
    };
    rows(&mut read.fields.deal)[0].items = vec![item; 3_000];
    assert_eq!(rows_of(&read), without + 3_000);
    assert!(before >= without && rows_of(&read) > AT_ONCE);
}
