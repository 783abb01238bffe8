//! CSV: complete, unforgeable, and no formula in it.

use crmap_domain::{Lang, Specification};
use crmap_export::write_csv;
use proptest::prelude::*;
use proptest::test_runner::Config;

use crate::arbitrary::{self, config};
use crate::table::{self, Read, as_a_file_keeps, cells, looks_like_a_formula, plain};
use crate::{hostile, sample};

fn file(specification: &Specification, lang: Lang) -> String {
    let mut file = Vec::new();
    write_csv(specification, lang, &mut file).unwrap();
    String::from_utf8(file).unwrap()
}

fn sample() -> Specification {
    let mut specification = sample::specification();
    specification.sort();
    specification
}

#[test]
fn a_portal_is_one_flat_table_in_its_reader_s_language() {
    let file = file(&sample(), Lang::Ru);
    let lines: Vec<_> = file
        .strip_prefix('\u{feff}')
        .unwrap()
        .split("\r\n")
        .collect();
    assert_eq!(
        lines[..5],
        [
            "Раздел;Входит в: код;Входит в;ID;Код;Название;Тип;Код типа;Привязка;Сортировка;По \
             умолчанию;Обязательное;Множественное;Смысл;Цвет;Системный;Справочник;XML_ID;Должность;\
             Отделы;Работает",
            "Воронки;;;9;;Опт\\nи «розница»;;;;200;нет;;;;;;;;;;",
            "Воронки;;;0;;Общая;;;;300;да;;;;;;;;;;",
            "Статусы;9;Опт\\nи «розница»;301;C9:NEW;Заявка;;;;10;;;;в работе;#39a8ef;нет;\
             DEAL_STAGE_9;;;;",
            "Статусы;0;Общая;101;NEW;Новая;;;;10;;;;в работе;#39a8ef;да;DEAL_STAGE;;;;",
        ]
    );
    let line = |start: &str| {
        let mut found = lines.iter().filter(|line| line.starts_with(start));
        *found.next().unwrap()
    };
    assert_eq!(
        line("Элементы списков в полях сделок;UF_CRM_1724077760;Канал;3157"),
        "Элементы списков в полях сделок;UF_CRM_1724077760;Канал;3157;;Сайт;;;;10;да;;;;;;;79b4c2;;;"
    );
    assert_eq!(
        line("Пользовательские поля сделок;;;6801"),
        "Пользовательские поля сделок;;;6801;UF_CRM_CLIENT;Клиент;Привязка к CRM;crm;COMPANY, \
         CONTACT;101;;нет;нет;;;;;client-1;;;"
    );
    // A department of this name needs quotes and an escape; an apostrophe it does not.
    assert_eq!(
        line("Сотрудники;;;1;"),
        "Сотрудники;;;1;;Анна Титова;;;;;;;;;;;;;Директор;\"Отдел продаж\\u{3B} Москва; \
         Руководство\";да"
    );
    assert!(line("Пользовательские поля компаний").contains(";Не прочитано: "));
    assert_eq!(lines.last(), Some(&""));
}

#[test]
fn in_english_the_separator_is_the_comma_as_spreadsheets_there_expect() {
    let file = file(&sample(), Lang::En);
    assert!(file.starts_with("\u{feff}Section,Within: code,Within,ID,Code,Name,"));
    assert!(file.contains("\r\nFunnels,,,0,,Общая,,,,300,yes,"));
    assert!(file.contains(",\"COMPANY, CONTACT\","));
}

#[test]
fn sec_54_a_negative_number_stays_a_number() {
    let mut specification = sample();
    specification.funnels = crmap_domain::Section::Rows(vec![sample::funnel(-7, "-5", -5)]);
    let file = file(&specification, Lang::Ru);
    assert!(file.contains("\r\nВоронки;;;-7;;'-5;;;;-5;"), "{file}");
}

/// Tells which rows differ, rather than all.
#[track_caller]
fn assert_same(read: &Read, kept: &Read) {
    for (read, kept) in read.funnels.iter().zip(&kept.funnels) {
        assert_eq!(read, kept);
    }
    for (read, kept) in read.stages.iter().zip(&kept.stages) {
        assert_eq!(read, kept);
    }
    for (title, kept) in &kept.fields {
        for (read, kept) in read.fields[title].iter().zip(kept) {
            assert_eq!(read, kept);
        }
    }
    for (read, kept) in read.users.iter().zip(&kept.users) {
        assert_eq!(read, kept);
    }
    assert!(read == kept, "{read:?}\n{kept:?}");
}

/// Fifty files of some 2,000 texts.
fn fifty() -> Config {
    Config {
        cases: 50,
        ..config()
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn sec_55_a_file_reads_back_as_what_was_written(
        specification in arbitrary::specification(),
    ) {
        let mut file = Vec::new();
        write_csv(&specification, Lang::Ru, &mut file).unwrap();
        let file = String::from_utf8(file).unwrap();
        for c in file.replace("\r\n", "").trim_start_matches('\u{feff}').chars() {
            prop_assert!(!c.is_control() && c != '\u{202e}' && c != '\u{feff}', "{c:?}");
        }
        assert_same(&table::read(&file), &as_a_file_keeps(&specification));
    }
}

proptest! {
    #![proptest_config(fifty())]

    #[test]
    fn sec_54_no_cell_of_100_000_is_a_formula_and_all_read_back(
        specification in hostile::specification(),
    ) {
        for (lang, separators) in [(Lang::Ru, [';', ',']), (Lang::En, [',', ';'])] {
            let mut file = Vec::new();
            write_csv(&specification, lang, &mut file).unwrap();
            let file = String::from_utf8(file).unwrap();
            let rows = cells(&file, separators[0] as u8);
            prop_assert_eq!(rows.len(), 660);
            for cell in rows.iter().flatten() {
                let is_number = cell.parse::<i64>().is_ok();
                let meant = plain(cell, separators[1]);
                for part in cell.split(separators[1]) {
                    let calculates = part.trim_start_matches([' ', '"']).starts_with(
                        ['=', '+', '-', '@', '＝', '＋', '－', '＠', '\t', '\r', '\0']);
                    prop_assert!(is_number || !calculates, "{cell:?}");
                }
                let was_meant = !is_number && looks_like_a_formula(&meant);
                prop_assert!(!was_meant || cell.starts_with('\''), "{cell:?}");
            }
            if lang == Lang::Ru {
                assert_same(&table::read(&file), &as_a_file_keeps(&specification));
            }
        }
    }
}
