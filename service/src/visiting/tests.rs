//! What is new to whoever saw what.

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
