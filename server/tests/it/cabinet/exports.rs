//! Files of one portal and of many: what they hold, and of whom.

use std::io::{Cursor, Read as _};

use axum::http::StatusCode;
use calamine::{Data, Reader as _, Xlsx};
use crmap_app::api::cabinet::DescribePortal;
use crmap_app::cabinet::data::Room;
use crmap_domain::cabinet::{DeedKind, Denial, Description};
use crmap_domain::{Lang, PortalState};
use crmap_export::Form;
use crmap_service::Visitor;
use portal_sim::worlds::Entity;

use super::browser::{Browser, SESSION};
use super::owner;
use super::portals::{link, linked, portal_room};
use super::town::Town;
use crate::house::{Base, Furniture, House, on_both};
use crate::support::Answer;

on_both! {
    the_tables_of_a_portal_are_its_reading_in_the_language_of_its_reader
    sec_78_a_file_of_many_portals_holds_those_of_its_cabinet_and_nothing_of_others
    sec_77_portals_that_are_not_linked_are_not_there_for_an_export
    sec_54_labels_like_formulas_stay_texts_in_every_file_of_many
    a_portal_without_a_reading_is_told_of_rather_than_missing
    one_account_writes_one_file_of_many_at_a_time_and_is_told_so
    an_export_of_many_stands_in_the_account_s_log
}

const EXPORT: &str = "/portals/export";

async fn exported(browser: &Browser, fields: &[(&str, &str)]) -> Answer {
    browser.submit(EXPORT, fields).await
}

/// The files of an archive, by their names.
fn files(answer: &Answer) -> Vec<(String, String)> {
    assert_eq!(answer.status, StatusCode::OK, "{:?}", answer.headers);
    assert_eq!(answer.header("content-type"), "application/zip");
    let mut archive = zip::ZipArchive::new(Cursor::new(&answer.body)).unwrap();
    let mut files = Vec::new();
    for place in 0..archive.len() {
        let mut file = archive.by_index(place).unwrap();
        let mut content = Vec::new();
        file.read_to_end(&mut content).unwrap();
        let name = file.name().unwrap().into_owned();
        files.push((name, String::from_utf8_lossy(&content).into_owned()));
    }
    files
}

/// Every cell of a workbook.
fn cells(answer: &Answer) -> Vec<String> {
    assert_eq!(answer.status, StatusCode::OK, "{:?}", answer.headers);
    let mut book = Xlsx::new(Cursor::new(answer.body.clone())).unwrap();
    let mut cells = Vec::new();
    for sheet in book.sheet_names() {
        let formulas = book.worksheet_formula(&sheet).unwrap();
        assert_eq!(formulas.used_cells().count(), 0, "{sheet}");
        let sheet = book.worksheet_range(&sheet).unwrap();
        cells.extend(
            sheet
                .cells()
                .map(|(_, _, cell): (_, _, &Data)| cell.to_string()),
        );
    }
    cells
}

async fn the_tables_of_a_portal_are_its_reading_in_the_language_of_its_reader(base: Base) {
    let (_house, anna, page) = linked("tables", base).await;
    let snapshot = portal_room(&anna, &page).await.specification.unwrap();
    let text = anna.get(&page).await.text();
    for form in Form::ALL {
        let link = format!(
            "href=\"{page}/specification.{}\" download",
            form.extension()
        );
        assert!(text.contains(&link), "{link}");
    }
    for lang in Lang::ALL {
        for form in [Form::Csv, Form::Xlsx] {
            let name = format!("{page}/specification.{}", form.extension());
            let file = anna.get(&name).await;
            assert_eq!(file.status, StatusCode::OK);
            let mut wanted = Vec::new();
            form.write(&snapshot, lang, &mut wanted).unwrap();
            assert!(file.body == wanted, "{form:?}");
            assert_eq!(file.header("content-type"), form.media_type());
            let disposition = file.header("content-disposition");
            assert!(disposition.starts_with("attachment; filename=\"crmap_"));
            assert!(disposition.ends_with(&format!(".{}\"", form.extension())));
            assert_eq!(file.header("cache-control"), "no-store");
            assert_eq!(
                file.header("content-security-policy"),
                "default-src 'none'; frame-ancestors 'none'"
            );
        }
        let fields = [("lang", "en"), ("back", "/profile")];
        anna.submit("/preferences", &fields).await;
    }
}

async fn sec_78_a_file_of_many_portals_holds_those_of_its_cabinet_and_nothing_of_others(
    base: Base,
) {
    let town = Town::build("export", base).await;
    let of_anna = town.of_cabinet(&town.anna, "Аннин", &[1, 2]).await;
    let of_boris = town.of_cabinet(&town.boris, "Борисов", &[2, 3]).await;
    for (browser, own, foreign, of_other) in [
        (&town.anna, [1, 2], 3, &of_boris),
        (&town.boris, [2, 3], 1, &of_anna),
    ] {
        for form in ["txt", "json", "csv"] {
            let answer = exported(browser, &[("format", form)]).await;
            let name = answer.header("content-disposition");
            assert!(
                name.starts_with("attachment; filename=\"crmap_portals_")
                    && name.ends_with(".zip\"")
            );
            let files = files(&answer);
            assert_eq!(files.len(), 2, "{form}");
            let all: String = files
                .into_iter()
                .map(|(name, content)| name + &content)
                .collect();
            for number in own {
                assert!(
                    all.contains(&town.of_portal(number)[0]),
                    "{number} in {form}"
                );
            }
            for text in town.of_portal(foreign).iter().chain(of_other) {
                assert!(!all.contains(text), "{text} in {form}");
            }
        }
        let workbook = exported(browser, &[("format", "workbook")]).await;
        assert!(workbook.header("content-disposition").ends_with(".xlsx\""));
        let all = cells(&workbook).join("\n");
        for number in own {
            for text in town.of_portal(number) {
                assert!(all.contains(&text), "{text}");
            }
        }
        for text in town.of_portal(foreign).iter().chain(of_other) {
            assert!(!all.contains(text), "{text} in a workbook");
        }
    }
}

async fn sec_77_portals_that_are_not_linked_are_not_there_for_an_export(base: Base) {
    let town = Town::build("export-others", base).await;
    let (own, foreign) = (town.member_id(1), town.member_id(3));
    let unknown = "0123456789abcdef0123456789abcdef";
    let some = [
        ("format", "txt"),
        ("portal", &*own),
        ("portal", &*foreign),
        ("portal", unknown),
        ("portal", "no portal's ID"),
        ("portal", &*own),
    ];
    let files = files(&exported(&town.anna, &some).await);
    assert_eq!(files.len(), 1);
    assert!(files[0].1.contains(&town.of_portal(1)[0]));
    let mut refusals = Vec::new();
    for id in [&*foreign, unknown, "no portal's ID", ""] {
        let answer = exported(&town.anna, &[("format", "txt"), ("portal", id)]).await;
        assert_eq!(answer.header("content-disposition"), "");
        let room = answer.inside().room;
        assert!(
            matches!(room, Room::Trouble(Denial::NotFound)),
            "{id}: {room:?}"
        );
        refusals.push(answer.status);
    }
    assert_eq!(refusals, [StatusCode::NOT_FOUND; 4]);
    let pdf = exported(&town.anna, &[("format", "pdf")]).await;
    assert_eq!(pdf.status, StatusCode::NOT_FOUND);
    assert_eq!(
        town.anna.get(EXPORT).await.status,
        StatusCode::METHOD_NOT_ALLOWED
    );
}

async fn sec_54_labels_like_formulas_stay_texts_in_every_file_of_many(base: Base) {
    let house = House::installed("formulas", base).await;
    let formulas = [
        "=HYPERLINK(\"https://example.com\")",
        "+cmd|'/c calc'!A0",
        "@SUM(1)",
        "-2+3",
        "Строка\r\nПоля;1;2",
    ];
    for formula in formulas {
        house
            .portal()
            .add_field(Entity::Deal, "enumeration", formula, &[formula]);
    }
    let anna = owner(&house, "Анна Кабинетова", "anna@example.ru").await;
    link(&house, 1, &anna).await;
    let describe = DescribePortal {
        member_id: house.member_id().to_string(),
        description: Description {
            label: "=1+1".to_owned(),
            ..Description::default()
        },
    };
    anna.call(&describe).await.given::<Description>();
    let files = files(&exported(&anna, &[("format", "csv")]).await);
    let csv = &files[0].1;
    assert!(csv.contains(";\"'=HYPERLINK(\"\"https://example.com\"\")\";"));
    assert!(csv.contains(";'+cmd|'/c calc'!A0;") && csv.contains(";'@SUM(1);"));
    assert!(csv.contains(";'-2+3;") && csv.contains(";\"Строка\\r\\nПоля;1;2\";"));
    let workbook = cells(&exported(&anna, &[("format", "workbook")]).await);
    for formula in formulas {
        let shown = crmap_domain::visible(formula);
        let count = workbook.iter().filter(|cell| **cell == shown).count();
        assert!(count >= 2, "a label and an item: {formula}");
    }
    assert!(
        workbook.contains(&"=1+1".to_owned()),
        "the portal's label is a text, too"
    );
}

async fn a_portal_without_a_reading_is_told_of_rather_than_missing(base: Base) {
    let furniture = Furniture {
        portals: 2,
        ..Furniture::default()
    };
    let house = House::furnished("not-read", base, furniture).await;
    house.install(1).await;
    house.install(2).await;
    let anna = owner(&house, "Анна Кабинетова", "anna@example.ru").await;
    link(&house, 1, &anna).await;
    link(&house, 2, &anna).await;
    house.portal().uninstall(false);
    house.events_told().await;
    house.becomes(PortalState::Uninstalled).await;
    let domain = house.portal().domain();
    let files = files(&exported(&anna, &[("format", "json")]).await);
    assert_eq!(files.len(), 2);
    let (name, told) = &files[1];
    assert_eq!(name, "_errors.txt");
    let line = told.lines().nth(2).unwrap();
    assert!(
        line.starts_with(&domain) && line.contains("удалили"),
        "{told}"
    );
    assert_eq!(told.lines().count(), 3);
    let workbook = cells(&exported(&anna, &[("format", "workbook")]).await);
    assert!(workbook.contains(&domain));
    assert!(workbook.iter().any(|cell| cell.contains("удалили")));
}

async fn one_account_writes_one_file_of_many_at_a_time_and_is_told_so(base: Base) {
    let (house, anna, page) = linked("turns", base).await;
    let cookie = anna.cookie(SESSION).unwrap();
    let visitor = Visitor {
        ip: anna.machine.ip(),
        agent: anna.agent.clone(),
    };
    let entered = house.services.enter(&cookie, &visitor).await.unwrap();
    let (_, turn) = house
        .services
        .begin_export(&entered, &[], "csv")
        .await
        .unwrap();
    let refused = exported(&anna, &[("format", "csv")]).await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(refused.header("content-disposition"), "");
    assert!(refused.text().contains("Предыдущая выгрузка"));
    let file = anna.get(&format!("{page}/specification.csv")).await;
    assert_eq!(
        file.status,
        StatusCode::OK,
        "files of one portal are for another turn"
    );

    // Others have theirs, as far as there are any.
    let boris = owner(&house, "Борис Дальний", "boris@elsewhere.example").await;
    link(&house, 1, &boris).await;
    assert_eq!(
        files(&exported(&boris, &[("format", "csv")]).await).len(),
        1
    );
    drop(turn);
    let again = async || exported(&anna, &[("format", "csv")]).await.status == StatusCode::OK;
    house.until("another turn", again).await;
}

async fn an_export_of_many_stands_in_the_account_s_log(base: Base) {
    let (house, anna, _) = linked("export-log", base).await;
    for form in ["csv", "workbook"] {
        exported(&anna, &[("format", form)]).await;
        house.pass(std::time::Duration::from_secs(1));
    }
    exported(&anna, &[("format", "pdf")]).await;
    let log = anna.profile().await.log;
    let told: Vec<_> = log
        .into_iter()
        .filter_map(|deed| match deed.kind {
            DeedKind::Exported { portals, form } => Some((portals, form)),
            _ => None,
        })
        .collect();
    let wanted = ["workbook", "csv"].map(|form| (1, form.to_owned()));
    assert_eq!(told, wanted);
    let page = anna.get("/profile").await.text();
    assert!(page.contains("Выгружено порталов: 1, одной книгой XLSX"));
    assert!(page.contains("Выгружено порталов: 1, формат CSV"));
}
