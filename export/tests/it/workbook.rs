//! One XLSX of many portals.

use std::sync::Arc;

use calamine::{Data, Reader as _};
use crmap_domain::{Lang, MemberId, Section, Specification};
use crmap_export::{Content, Gone, Many, OfMany, Portal};

use crate::sample;
use crate::xlsx::{opened, part, rows, text};

pub fn portal(number: u32, content: Content) -> Portal {
    Portal {
        member_id: MemberId::parse(&format!("{number:032x}")).unwrap(),
        address: format!("portal-{number}.bitrix24.ru"),
        label: format!("=Ярлык {number}"),
        content,
    }
}

pub fn read(number: u32) -> Portal {
    let mut specification = sample::specification();
    specification.portal.address = format!("portal-{number}.bitrix24.ru");
    specification.sort();
    portal(number, Content::Read(Arc::new(specification)))
}

pub fn written(form: OfMany, lang: Lang, portals: &[Portal]) -> Vec<u8> {
    let mut file = Vec::new();
    let mut many = Many::begin(form, lang, &mut file).unwrap();
    for portal in portals {
        many.add(portal).unwrap();
    }
    many.finish().unwrap();
    file
}

const SHEETS: [&str; 6] = [
    "Порталы",
    "Воронки",
    "Статусы",
    "Поля",
    "Списки",
    "Сотрудники",
];

#[test]
fn each_kind_of_rows_is_one_table_with_the_portal_of_each_row() {
    let file = written(OfMany::Workbook, Lang::Ru, &[read(1), read(2), read(3)]);
    let mut book = opened(&file);
    assert_eq!(book.sheet_names(), SHEETS);
    let mut tables = book.table_names();
    tables.sort();
    let mut wanted = SHEETS;
    wanted.sort_unstable();
    assert_eq!(tables, wanted);
    let stages = book.table_by_name("Статусы").unwrap();
    assert_eq!(stages.columns()[..4], ["Портал", "ID", "Код", "Название"]);
    let stages = rows(&stages);
    assert_eq!(stages.len(), 15);
    assert_eq!(stages[5][0], text("portal-2.bitrix24.ru"));
    let fields = book.table_by_name("Поля").unwrap();
    assert_eq!(fields.columns()[..3], ["Портал", "Сущность", "ID"]);
    assert_eq!(rows(&fields).len(), 12);
    assert_eq!(rows(&fields)[0][1], text("Сделки"));
    let items = rows(&book.table_by_name("Списки").unwrap());
    assert_eq!(items.len(), 9);
    for number in 1..=6 {
        let sheet = part(&file, &format!("xl/worksheets/sheet{number}.xml"));
        assert!(sheet.contains("<pane ySplit=\"1\""));
        assert!(sheet.contains("<cols><col min=\"1\""));
    }
}

#[test]
fn the_first_sheet_tells_of_every_portal_what_it_holds_or_why_it_holds_nothing() {
    let portals = [
        read(1),
        portal(2, Content::Missing(Gone::NeverRead)),
        portal(3, Content::Missing(Gone::Failed)),
        portal(4, Content::Missing(Gone::NotLinked)),
    ];
    let mut book = opened(&written(OfMany::Workbook, Lang::Ru, &portals));
    let index = book.table_by_name("Порталы").unwrap();
    let last = index.columns().len() - 1;
    assert_eq!(index.columns()[last], "Примечание");
    let rows = rows(&index);
    assert_eq!(rows.len(), 4);
    assert_eq!(rows[0][1], text("=Ярлык 1"));
    assert_eq!(rows[0][2], text("00000000000000000000000000000001"));
    assert_eq!(rows[0][3], text("2026-11-24 08:31:07 +03:00"));
    assert_eq!(rows[0][6], Data::Float(2.0));
    let note = rows[0][last].to_string();
    assert!(
        note.starts_with("Пользовательские поля компаний: "),
        "{note}"
    );
    for (row, why) in rows[1..]
        .iter()
        .zip(["ещё не прочитан", "не удалось", "отключён"])
    {
        assert!(row[last].to_string().contains(why), "{row:?}");
        assert_eq!(row[6], Data::Empty);
    }
}

#[test]
fn a_kind_that_no_portal_has_is_said_to_be_empty() {
    let mut specification = sample::specification();
    specification.users = Section::Rows(Vec::new());
    let portals = [portal(1, Content::Read(Arc::new(specification)))];
    let mut book = opened(&written(OfMany::Workbook, Lang::En, &portals));
    assert!(book.table_by_name("Employees").is_err());
    let sheet = book.worksheet_range("Employees").unwrap();
    assert_eq!(sheet.get((1, 0)), Some(&text("There is nothing here.")));
}

/// So much that the rows do not stay in memory.
#[test]
fn what_is_put_aside_on_disk_comes_back() {
    let mut portals = Vec::new();
    for number in 1..=3 {
        let mut specification = sample::specification();
        let Section::Rows(users) = &mut specification.users else {
            unreachable!()
        };
        *users = (1..=1_200).map(|id| user(number, id)).collect();
        portals.push(portal(number, Content::Read(Arc::new(specification))));
    }
    let file = written(OfMany::Workbook, Lang::Ru, &portals);
    assert!(file.len() > 3 * 1024 * 1024, "{}", file.len());
    let users = opened(&file).table_by_name("Сотрудники").unwrap();
    assert_eq!(users.data().height(), 3_600);
    let last = users.data().rows().next_back().unwrap();
    assert_eq!(last[1], Data::Float(1_200.0));
}

/// Somebody whose name cannot be compressed.
fn user(portal: u32, id: i64) -> crmap_domain::PortalUser {
    let mut state = u64::from(portal) * 1_000_003 + id.unsigned_abs();
    let name = (0..1_200).map(|_| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        char::from(b'!' + u8::try_from(state >> 33 & 63).unwrap())
    });
    sample::user(id, &name.collect::<String>(), "", &[], true)
}

#[test]
fn nothing_at_all_is_a_workbook_still() {
    let book = opened(&written(OfMany::Workbook, Lang::Ru, &[]));
    assert_eq!(book.sheet_names(), SHEETS);
    assert!(book.table_names().is_empty());
}

#[test]
fn a_specification_of_another_address_stands_under_the_one_that_the_cabinet_knows() {
    let Content::Read(specification) = read(1).content else {
        unreachable!()
    };
    let moved = Specification::clone(&specification);
    let mut portal = portal(9, Content::Read(Arc::new(moved)));
    portal.address = "new.example.ru".to_owned();
    let mut book = opened(&written(OfMany::Workbook, Lang::Ru, &[portal]));
    let funnels = rows(&book.table_by_name("Воронки").unwrap());
    assert!(funnels.iter().all(|row| row[0] == text("new.example.ru")));
}
