//! XLSX of one portal, read back by somebody else's reader.

use std::io::{Cursor, Read as _};

use calamine::{Data, Reader as _, Table, Xlsx};
use crmap_domain::{Lang, Section, Specification, visible};
use crmap_export::write_xlsx;
use proptest::prelude::*;
use proptest::test_runner::Config;

use crate::arbitrary::config;
use crate::{hostile, sample};

pub type Book = Xlsx<Cursor<Vec<u8>>>;

pub fn opened(file: &[u8]) -> Book {
    let mut book = Xlsx::new(Cursor::new(file.to_vec())).unwrap();
    book.load_tables().unwrap();
    book
}

/// A part of the package, as it is.
pub fn part(file: &[u8], name: &str) -> String {
    let mut package = zip::ZipArchive::new(Cursor::new(file)).unwrap();
    let mut xml = String::new();
    let mut part = package.by_name(name).unwrap();
    part.read_to_string(&mut xml).unwrap();
    xml
}

fn parts(file: &[u8]) -> Vec<String> {
    let package = zip::ZipArchive::new(Cursor::new(file)).unwrap();
    let names = package.file_names();
    names.map(|name| name.unwrap().into_owned()).collect()
}

fn written(specification: &Specification, lang: Lang) -> Vec<u8> {
    let mut file = Vec::new();
    write_xlsx(specification, lang, &mut file).unwrap();
    file
}

fn sample() -> Specification {
    let mut specification = sample::specification();
    specification.sort();
    specification
}

pub fn rows(table: &Table<Data>) -> Vec<Vec<Data>> {
    table.data().rows().map(<[Data]>::to_vec).collect()
}

pub fn text(text: &str) -> Data {
    Data::String(text.to_owned())
}

#[test]
fn a_portal_is_one_sheet_of_real_tables_with_filters() {
    let file = written(&sample(), Lang::Ru);
    let mut book = opened(&file);
    assert_eq!(book.sheet_names(), ["Спецификация"]);
    let count = book.table_names().len();
    assert_eq!(
        book.table_names(),
        [
            "Воронки",
            "Статусы",
            "Поля_сделок",
            "Списки_сделок",
            "Сотрудники"
        ]
    );
    let funnels = book.table_by_name("Воронки").unwrap();
    assert_eq!(
        funnels.columns(),
        ["ID", "Название", "Сортировка", "По умолчанию", "Статусов"]
    );
    let (no, yes) = (text("нет"), text("да"));
    let [zero, one, two, three] = [0.0, 1.0, 2.0, 3.0].map(Data::Float);
    assert_eq!(
        rows(&funnels),
        [
            vec![
                Data::Float(9.0),
                text("Опт\\nи «розница»"),
                Data::Float(200.0),
                no.clone(),
                one
            ],
            vec![zero, text("Общая"), Data::Float(300.0), yes, three],
        ]
    );
    let fields = book.table_by_name("Поля_сделок").unwrap();
    assert_eq!(rows(&fields).len(), 4);
    assert_eq!(rows(&fields)[0][9], three_items());
    let items = rows(&book.table_by_name("Списки_сделок").unwrap());
    assert_eq!(
        items[1][..4],
        [
            Data::Float(3158.0),
            text("UF_CRM_1724077760"),
            text("Канал"),
            text("Звонок \\u{202E}кибошо"),
        ]
    );
    let users = rows(&book.table_by_name("Сотрудники").unwrap());
    assert_eq!(users.len(), 2);
    assert_eq!(users[1][4], no);
    drop(two);
    for number in 1..=count {
        let table = part(&file, &format!("xl/tables/table{number}.xml"));
        let range = table
            .split_once("ref=\"")
            .unwrap()
            .1
            .split('"')
            .next()
            .unwrap();
        assert!(
            table.contains(&format!("<autoFilter ref=\"{range}\"/>")),
            "{table}"
        );
    }
}

fn three_items() -> Data {
    Data::Float(3.0)
}

#[test]
fn what_was_refused_or_is_empty_is_said_and_what_is_not_there_is_not() {
    let mut book = opened(&written(&sample(), Lang::Ru));
    let sheet = book.worksheet_range("Спецификация").unwrap();
    let column: Vec<String> = sheet.rows().map(|row| row[0].to_string()).collect();
    let after = |heading: &str| {
        let place = column.iter().position(|cell| cell == heading).unwrap();
        column[place + 1].clone()
    };
    assert!(after("Пользовательские поля компаний").starts_with("Не прочитано: "));
    assert_eq!(
        after("Пользовательские поля контактов"),
        "Здесь ничего нет."
    );
    assert!(!column.iter().any(|cell| cell.contains("лидов")));
    assert_eq!(
        column[0],
        "demo.bitrix24.ru   2026-11-24 08:31:07 +03:00   Анна Титова, ID 1, администратор"
    );
}

#[test]
fn the_top_stays_in_sight_columns_fit_and_ids_are_monospaced() {
    let mut specification = sample();
    let long = "Очень длинное название воронки продаж";
    specification.funnels = Section::Rows(vec![sample::funnel(1, long, 7)]);
    let file = written(&specification, Lang::Ru);
    let sheet = part(&file, "xl/worksheets/sheet1.xml");
    assert!(sheet.contains("<pane ySplit=\"1\" topLeftCell=\"A2\""));
    let width = long.chars().count() + 2;
    assert!(
        sheet.contains(&format!("<col min=\"2\" max=\"2\" width=\"{width}\"")),
        "{sheet:.900}"
    );
    // The format of an ID has the second font, that of a sort number the first.
    assert!(sheet.contains("s=\"2\"><v>1</v>") && sheet.contains("s=\"1\"><v>7</v>"));
    let styles = part(&file, "xl/styles.xml");
    let formats = styles.split_once("<cellXfs").unwrap().1;
    let formats: Vec<_> = formats.split("<xf ").skip(1).collect();
    assert!(formats[2].contains("fontId=\"1\"") && formats[3].contains("fontId=\"1\""));
    let fonts: Vec<_> = styles.split("<font>").collect();
    assert!(fonts[2].contains("Consolas"));
}

#[test]
fn no_digit_of_a_number_is_lost() {
    let mut specification = sample();
    let most = 999_999_999_999_999;
    let ids = [most, most + 1, -most, i64::MIN, 0];
    let funnels = ids.map(|id| sample::funnel(id, "", 0));
    specification.funnels = Section::Rows(funnels.to_vec());
    let mut book = opened(&written(&specification, Lang::En));
    let cells: Vec<_> = rows(&book.table_by_name("Funnels").unwrap())
        .into_iter()
        .map(|row| row[0].clone())
        .collect();
    assert_eq!(
        cells,
        [
            Data::Float(999_999_999_999_999.0),
            text("1000000000000000"),
            Data::Float(-999_999_999_999_999.0),
            text("-9223372036854775808"),
            Data::Float(0.0),
        ]
    );
}

#[test]
fn the_same_content_gives_the_same_bytes_and_nothing_of_the_machine() {
    let file = written(&sample(), Lang::Ru);
    assert_eq!(file, written(&sample(), Lang::Ru));
    assert_eq!(
        parts(&file)
            .iter()
            .filter(|part| part.contains("docProps"))
            .count(),
        0
    );
}

/// Sixty files of some 2,000 texts.
fn sixty() -> Config {
    Config {
        cases: 60,
        ..config()
    }
}

/// A text as Excel shows it, in a cell of its own.
fn seen(shown: &str) -> Data {
    if shown.is_empty() {
        Data::Empty
    } else {
        text(shown)
    }
}

proptest! {
    #![proptest_config(sixty())]

    #[test]
    fn sec_54_no_cell_of_100_000_is_a_formula_and_all_say_what_the_portal_says(
        specification in hostile::specification(),
    ) {
        let mut file = Vec::new();
        write_xlsx(&specification, Lang::Ru, &mut file).unwrap();
        let sheet = part(&file, "xl/worksheets/sheet1.xml");
        prop_assert!(!sheet.contains("<f>") && !sheet.contains("<f "));
        prop_assert!(!sheet.contains("t=\"str\"") && !sheet.contains("<hyperlink"));
        let mut book = opened(&file);
        let formulas = book.worksheet_formula("Спецификация").unwrap();
        prop_assert_eq!(formulas.used_cells().count(), 0);
        let fields = rows(&book.table_by_name("Поля_сделок").unwrap());
        prop_assert_eq!(fields.len(), 100);
        for (row, field) in fields.iter().zip(specification.fields.deal.rows()) {
            prop_assert_eq!(&row[0], &Data::Float(f64::from(u32::try_from(field.id).unwrap())));
            prop_assert_eq!(&row[1], &seen(&visible(&field.code)));
            prop_assert_eq!(&row[2], &seen(&visible(&field.label)));
            prop_assert_eq!(&row[4], &seen(&visible(&field.type_code)));
        }
        let items = rows(&book.table_by_name("Списки_сделок").unwrap());
        let wanted = specification.fields.deal.rows().iter().flat_map(|field| &field.items);
        for (row, item) in items.iter().zip(wanted) {
            prop_assert_eq!(&row[3], &seen(&visible(&item.value)));
        }
        let users = rows(&book.table_by_name("Сотрудники").unwrap());
        for (row, user) in users.iter().zip(specification.users.rows()) {
            prop_assert_eq!(&row[1], &seen(&visible(&user.name)));
            prop_assert_eq!(&row[2], &seen(&visible(&user.position)));
        }
    }

    #[test]
    fn sec_54_a_text_like_a_formula_stays_a_text_when_its_cell_is_edited(
        name in hostile::text(),
    ) {
        let mut specification = sample();
        specification.funnels = Section::Rows(vec![sample::funnel(1, &name, 7)]);
        let file = written(&specification, Lang::Ru);
        let sheet = part(&file, "xl/worksheets/sheet1.xml");
        let cell = sheet.split_once("<c r=\"B5\" s=\"").map(|(_, cell)| cell);
        let is_guarded = cell.is_some_and(|cell| cell.starts_with("4\" t=\"inlineStr\""));
        let might = name.trim_start_matches(['\'', '"', ' ']);
        if might.starts_with(['=', '+', '-', '@', '＝', '\t', '\r', '\0']) {
            prop_assert!(is_guarded, "{name:?}");
        }
    }
}
