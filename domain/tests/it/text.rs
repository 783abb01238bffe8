//! The text specification: complete, unforgeable, the same for the same content.

use std::collections::BTreeSet;

use crmap_domain::{
    CustomField, Lang, MemberId, PortalUser, Refusal, Section, Source, Specification, text, visible,
};
use proptest::prelude::*;
use time::macros::datetime;

use crate::arbitrary::{config, reading, specification};
use crate::reader::read;
use crate::sample;

/// What the text does not keep: fractions of the second, the difference between no outside
/// identifier and an empty one, departments without a name, and of a refusal anything beyond its
/// sentence.
fn as_text_keeps(specification: &Specification) -> Specification {
    let mut kept = specification.clone();
    kept.reading.at = kept.reading.at.replace_nanosecond(0).unwrap();
    refusal(&mut kept.funnels);
    refusal(&mut kept.stages);
    for section in kept.fields.each_mut() {
        refusal(section);
        rows(section).iter_mut().for_each(field);
    }
    refusal(&mut kept.users);
    named_departments(&mut kept.users);
    kept
}

fn rows<T>(section: &mut Section<T>) -> &mut [T] {
    match section {
        Section::Rows(rows) => rows,
        Section::Refused(_) => &mut [],
    }
}

fn field(field: &mut CustomField) {
    field.xml_id.take_if(|text| text.is_empty());
    for item in &mut field.items {
        item.xml_id.take_if(|text| text.is_empty());
    }
}

fn named_departments(users: &mut Section<PortalUser>) {
    for user in rows(users) {
        user.departments.retain(|name| !name.is_empty());
    }
}

fn refusal<T>(section: &mut Section<T>) {
    if let Section::Refused(refusal) = section {
        let sentence = refusal.sentence(Lang::Ru);
        let mut letters = sentence.chars();
        let first = letters.next().unwrap().to_lowercase();
        *refusal = Refusal::Other {
            code: String::new(),
            message: first.chain(letters).collect(),
        };
    }
}

/// SEC-55: no line but ours, no control or invisible character anywhere.
pub fn check_lines(text: &str) {
    let text = text.strip_prefix('\u{feff}').expect("a byte order mark");
    assert!(text.ends_with("\r\n"));
    for line in text.replace("\r\n", "").chars() {
        assert!(
            !line.is_control() && (line == ' ' || !line.is_whitespace()),
            "{line:?}"
        );
        assert!(!"\u{61c}\u{200b}\u{200c}\u{200d}\u{200e}\u{200f}\u{2060}\u{feff}".contains(line));
        assert!(!('\u{202a}'..='\u{202e}').contains(&line));
        assert!(!('\u{2066}'..='\u{2069}').contains(&line));
    }
    assert!(text.split("\r\n").all(|line| !line.ends_with(' ')));
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn sec_55_whatever_names_hold_the_text_reads_back_as_what_was_written(
        specification in specification(),
    ) {
        let text = text::to_text(&specification, Lang::Ru);
        check_lines(&text);
        let read = read(&text);
        let kept = as_text_keeps(&specification);
        let mut back = read.specification;
        named_departments(&mut back.users);
        prop_assert_eq!(back, kept);
    }

    #[test]
    fn every_funnel_that_is_seen_or_has_stages_has_its_group(specification in specification()) {
        let Section::Rows(stages) = &specification.stages else { return Ok(()) };
        prop_assume!(!stages.is_empty());
        let of_stages = stages.iter().map(|stage| stage.funnel_id);
        let of_funnels = specification.funnels.rows().iter().map(|funnel| funnel.id);
        let expected: BTreeSet<i64> = of_stages.chain(of_funnels).collect();
        prop_assert_eq!(read(&text::to_text(&specification, Lang::Ru)).groups, expected);
    }

    #[test]
    fn both_languages_have_the_same_lines(specification in specification()) {
        let russian = text::to_text(&specification, Lang::Ru);
        let english = text::to_text(&specification, Lang::En);
        check_lines(&english);
        prop_assert_eq!(russian.lines().count(), english.lines().count());
    }

    #[test]
    fn readings_of_an_unchanged_portal_differ_in_the_date_line_alone(
        first in specification(),
        reading in reading(),
        member_id in "[0-9a-f]{32}",
    ) {
        let mut second = first.clone();
        second.reading.at = reading.at;
        second.reading.source = reading.source;
        second.portal.member_id = MemberId::parse(&member_id).ok();
        for (lang, date) in [(Lang::Ru, "Дата"), (Lang::En, "Date")] {
            let (first, second) = (text::to_text(&first, lang), text::to_text(&second, lang));
            prop_assert_eq!(first.lines().count(), second.lines().count());
            for (one, other) in first.lines().zip(second.lines()) {
                prop_assert!(one == other || one.starts_with(date), "{one:?} {other:?}");
            }
        }
    }

    #[test]
    fn sec_56_file_names_are_safe_everywhere(specification in specification(), address in ".{0,300}") {
        let mut specification = specification;
        specification.portal.address = address;
        let name = text::file_name(&specification, "txt");
        prop_assert!(name.len() <= 120, "{}", name.len());
        prop_assert!(name.starts_with("crmap_") && name.ends_with(".txt"));
        let safe = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"._-".contains(&byte);
        prop_assert!(name.bytes().all(safe), "{name:?}");
    }
}

#[test]
fn a_label_of_ten_thousand_characters_stays_whole_on_its_line_and_widens_no_other() {
    let mut specification = sample::specification();
    let short = text::to_text(&specification, Lang::Ru);
    let label = "Очень длинное название ".repeat(500).trim_end().to_owned();
    assert!(label.chars().count() > 10_000);
    rows(&mut specification.fields.deal)[3]
        .label
        .clone_from(&label);
    let long = text::to_text(&specification, Lang::Ru);
    let changed: Vec<_> = short
        .lines()
        .zip(long.lines())
        .filter(|(short, long)| short != long)
        .collect();
    assert_eq!(changed.len(), 1);
    assert!(changed[0].1.contains(&label));
    assert_eq!(short.lines().count(), long.lines().count());
}

#[test]
fn what_is_invisible_is_written_out_and_what_is_not_stays() {
    let check = |text: &str, expected: &str| assert_eq!(visible(text), expected);
    check("Канал", "Канал");
    check("a\r\n\tb", "a\\r\\n\\tb");
    check("C:\\new", "C:\\\\new");
    check(
        "\u{202e}abc\u{61c}\u{2069}",
        "\\u{202E}abc\\u{61C}\\u{2069}",
    );
    check("a\u{2028}b\u{85}\u{1b}[2J", "a\\u{2028}b\\u{85}\\u{1B}[2J");
    check(" a  b ", "\\u{20}a \\u{20}b\\u{20}");
    check("❤\u{fe0f} 👩\u{200d}💻", "❤\u{fe0f} 👩\\u{200D}💻");
}

#[test]
fn a_file_is_named_by_domain_and_by_the_day_where_the_portal_is() {
    let mut specification = sample::specification();
    assert_eq!(
        text::file_name(&specification, "txt"),
        "crmap_demo.bitrix24.ru_2026-11-24.txt"
    );
    specification.reading.at = datetime!(2026-11-24 23:30 -5);
    specification.portal.address = "Портал.Example:8443/../x".to_owned();
    assert_eq!(
        text::file_name(&specification, "json"),
        "crmap_______.example_8443_.._x_2026-11-24.json"
    );
}

#[test]
fn the_rest_of_a_portal_that_gives_less_is_there() {
    let mut specification = sample::specification();
    specification.portal.member_id = None;
    specification.portal.plan = None;
    specification.reading.source = Source::Webhook;
    specification.reading.viewer.administrator = false;
    specification.funnels = Section::Refused(Refusal::MissingScope("crm".to_owned()));
    specification.fields.lead = Some(Section::Rows(Vec::new()));
    specification.users = Section::Refused(Refusal::Other {
        code: "ERROR_CORE".to_owned(),
        message: "Нет\nдоступа".to_owned(),
    });
    let text = text::to_text(&specification, Lang::Ru);
    for expected in [
        "+03:00, входящий вебхук, member_id неизвестен\r\n",
        "Анна Титова, ID 1, не администратор\r\n",
        "Тариф          портал не сообщил\r\n",
        "Воронки                          не прочитано\r\n",
        "не прочитано: приложению или вебхуку не выдано право доступа «crm».",
        "Воронка 7 (название не прочитано), статусов: 1\r\n",
        "Пользовательские поля лидов: 0, элементов списков: 0\r\n",
        "не прочитано: портал ответил «Нет\\nдоступа» (ERROR_CORE).",
    ] {
        assert!(text.contains(expected), "{expected}\n{text}");
    }
}

fn shown(lang: Lang) -> String {
    text::to_text(&sample::specification(), lang)
        .replace("\r\n", "\n")
        .replace('\u{feff}', "")
}

#[test]
fn a_specification_in_russian() {
    insta::assert_snapshot!(shown(Lang::Ru), @r"
    CRMAP: спецификация CRM-аккаунта, формат 1
    ==========================================

    Портал         demo.bitrix24.ru
    Дата чтения    2026-11-24 08:31:07 +03:00, приложение, member_id 0123456789abcdef0123456789abcdef
    Пользователь   Анна Титова, ID 1, администратор
    Тариф          ru_basic
    Язык названий  русский


    Всего
    =====

    Воронки                          2
    Статусы воронок                  5
    Пользовательские поля сделок     4, элементов списков: 3
    Пользовательские поля контактов  0, элементов списков: 0
    Пользовательские поля компаний   не прочитано
    Сотрудники                       2


    Воронки: 2
    ==========

      ID  Название          Сортировка  По умолчанию  Статусов
      --  ----------------  ----------  ------------  --------
       9  Опт\nи «розница»         200  —                    1
       0  Общая                    300  да                   3


    Статусы воронок: 5
    ==================

    Воронка 9: Опт\nи «розница», статусов: 1

      STATUS_ID  Название  Сортировка  Смысл     Цвет     Признаки  ENTITY_ID      ID
      ---------  --------  ----------  --------  -------  --------  ------------  ---
      C9:NEW     Заявка            10  в работе  #39a8ef  —         DEAL_STAGE_9  301

    Воронка 0: Общая, статусов: 3

      STATUS_ID  Название           Сортировка  Смысл                   Цвет     Признаки   ENTITY_ID    ID
      ---------  -----------------  ----------  ----------------------  -------  ---------  ----------  ---
      NEW        Новая                      10  в работе                #39a8ef  системный  DEAL_STAGE  101
      WON        Сделка успешна 🎉          10  успех                   #39a8ef  системный  DEAL_STAGE  109
      APOLOGY    Анализ причины             10  анализ причины провала  —        системный  DEAL_STAGE  111

    Воронка 7 (не видна этому пользователю), статусов: 1

      STATUS_ID  Название  Сортировка  Смысл   Цвет     Признаки  ENTITY_ID      ID
      ---------  --------  ----------  ------  -------  --------  ------------  ---
      C7:LOSE    Отказ             10  провал  #39a8ef  —         DEAL_STAGE_7  777


    Пользовательские поля сделок: 4, элементов списков: 3
    =====================================================

        ID  Код                Название  Тип                                     Признаки                     Сортировка  XML_ID
      ----  -----------------  --------  --------------------------------------  ---------------------------  ----------  --------
      6799  UF_CRM_1724077760  Канал     Список (enumeration)                    обязательное, множественное          99  —
              ID  Элементы списка: 3     Сортировка  Признаки      XML_ID
            ----  ---------------------  ----------  ------------  ------
            3157  Сайт                           10  по умолчанию  79b4c2
            3158  Звонок \u{202E}кибошо          10  —             —
            3159  電話                           10  —             —

      6800  UF_CRM_INDUSTRY    Отрасль   Справочник CRM: INDUSTRY (crm_status)   —                                   100  —
      6801  UF_CRM_CLIENT      Клиент    Привязка к CRM: CONTACT, COMPANY (crm)  —                                   101  client-1
      6802  UF_CRM_COLOR       —         rest_5_color                            —                                   102  —


    Пользовательские поля контактов: 0, элементов списков: 0
    ========================================================

    Здесь ничего нет.


    Пользовательские поля компаний
    ==============================

    не прочитано: у пользователя, от имени которого прочитан портал, нет прав на эти данные. Попросите администратора портала открыть доступ.


    Сотрудники: 2
    =============

      ID  Имя          Должность  Отделы                                  Работает
      --  -----------  ---------  --------------------------------------  --------
       1  Анна Титова  Директор   Руководство; Отдел продаж\u{3B} Москва  да
      17  —            —          #15                                     нет
    ");
}

#[test]
fn a_specification_in_english() {
    insta::assert_snapshot!(shown(Lang::En), @r"
    CRMAP: specification of a CRM account, format 1
    ===============================================

    Portal             demo.bitrix24.ru
    Date of reading    2026-11-24 08:31:07 +03:00, application, member_id 0123456789abcdef0123456789abcdef
    Read as            Анна Титова, ID 1, administrator
    Plan               ru_basic
    Language of names  Russian


    Totals
    ======

    Funnels                     2
    Funnel stages               5
    Custom fields of deals      4, list items: 3
    Custom fields of contacts   0, list items: 0
    Custom fields of companies  not read
    Employees                   2


    Funnels: 2
    ==========

      ID  Name              Sort  Default  Stages
      --  ----------------  ----  -------  ------
       9  Опт\nи «розница»   200  —             1
       0  Общая              300  yes           3


    Funnel stages: 5
    ================

    Funnel 9: Опт\nи «розница», stages: 1

      STATUS_ID  Name    Sort  Meaning      Colour   Properties  ENTITY_ID      ID
      ---------  ------  ----  -----------  -------  ----------  ------------  ---
      C9:NEW     Заявка    10  in progress  #39a8ef  —           DEAL_STAGE_9  301

    Funnel 0: Общая, stages: 3

      STATUS_ID  Name               Sort  Meaning           Colour   Properties  ENTITY_ID    ID
      ---------  -----------------  ----  ----------------  -------  ----------  ----------  ---
      NEW        Новая                10  in progress       #39a8ef  system      DEAL_STAGE  101
      WON        Сделка успешна 🎉    10  success           #39a8ef  system      DEAL_STAGE  109
      APOLOGY    Анализ причины       10  failure analysis  —        system      DEAL_STAGE  111

    Funnel 7 (not visible to this user), stages: 1

      STATUS_ID  Name   Sort  Meaning  Colour   Properties  ENTITY_ID      ID
      ---------  -----  ----  -------  -------  ----------  ------------  ---
      C7:LOSE    Отказ    10  failure  #39a8ef  —           DEAL_STAGE_7  777


    Custom fields of deals: 4, list items: 3
    ========================================

        ID  Code               Name     Type                                   Properties          Sort  XML_ID
      ----  -----------------  -------  -------------------------------------  ------------------  ----  --------
      6799  UF_CRM_1724077760  Канал    List (enumeration)                     required, multiple    99  —
              ID  List items: 3          Sort  Properties  XML_ID
            ----  ---------------------  ----  ----------  ------
            3157  Сайт                     10  default     79b4c2
            3158  Звонок \u{202E}кибошо    10  —           —
            3159  電話                     10  —           —

      6800  UF_CRM_INDUSTRY    Отрасль  CRM dictionary: INDUSTRY (crm_status)  —                    100  —
      6801  UF_CRM_CLIENT      Клиент   Link to CRM: CONTACT, COMPANY (crm)    —                    101  client-1
      6802  UF_CRM_COLOR       —        rest_5_color                           —                    102  —


    Custom fields of contacts: 0, list items: 0
    ===========================================

    There is nothing here.


    Custom fields of companies
    ==========================

    not read: the user on whose behalf the portal was read has no rights to this data. Ask the portal’s administrator to allow access.


    Employees: 2
    ============

      ID  Name         Position  Departments                             Employed
      --  -----------  --------  --------------------------------------  --------
       1  Анна Титова  Директор  Руководство; Отдел продаж\u{3B} Москва  yes
      17  —            —         #15                                     no
    ");
}
