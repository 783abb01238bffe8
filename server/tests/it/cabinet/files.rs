//! The specification of a portal as a file.

use axum::http::StatusCode;
use crmap_app::cabinet::data::Room;
use crmap_app::data::Content;
use crmap_domain::cabinet::Denial;
use crmap_domain::{Lang, json, text};

use super::portals::{administrator, linked, portal_room};
use crate::house::{Base, on_both};
use crate::support::{Answer, read};

on_both! {
    the_file_of_a_portal_is_the_text_of_its_reading
    what_is_no_file_of_a_portal_is_not_found_in_words
}

/// Everything but the line that tells two readings of an unchanged portal apart.
fn without_date(text: &str) -> Vec<&str> {
    let lines: Vec<_> = text.lines().collect();
    let date = lines.iter().filter(|line| line.contains("member_id"));
    assert_eq!(date.count(), 1, "{text:.600}");
    lines
        .into_iter()
        .filter(|line| !line.contains("member_id"))
        .collect()
}

async fn the_file_of_a_portal_is_the_text_of_its_reading(base: Base) {
    let (house, anna, page) = linked("file", base).await;
    let snapshot = portal_room(&anna, &page).await.specification.unwrap();
    let bearer = administrator(&house, 1).await;
    let Content::Read(inside) = read(&house.router, &bearer).await.content() else {
        panic!("not read");
    };
    let file = anna.get(&format!("{page}/specification.txt")).await;
    assert_eq!(file.status, StatusCode::OK);
    assert_eq!(file.text(), text::to_text(&snapshot, Lang::Ru));
    let of_portal = text::to_text(&inside, Lang::Ru);
    assert_eq!(without_date(&file.text()), without_date(&of_portal));
    assert_file(
        &file,
        "text/plain; charset=utf-8",
        &text::file_name(&snapshot, "txt"),
    );

    let file = anna.get(&format!("{page}/specification.json")).await;
    assert_eq!(json::from_json(&file.text()).unwrap(), *snapshot);
    assert_file(
        &file,
        "application/json",
        &text::file_name(&snapshot, "json"),
    );

    // In the language that its reader has chosen.
    let fields = [("lang", "en"), ("back", "/profile")];
    anna.submit("/preferences", &fields).await;
    let file = anna.get(&format!("{page}/specification.txt")).await;
    assert_eq!(file.text(), text::to_text(&snapshot, Lang::En));
}

async fn what_is_no_file_of_a_portal_is_not_found_in_words(base: Base) {
    let (_house, anna, page) = linked("no-file", base).await;
    for other in [
        "specification.pdf",
        "specification.TXT",
        "other.txt",
        "specification",
        "..",
        "%2e%2e%2fspecification.txt",
        "",
    ] {
        let answer = anna.get(&format!("{page}/{other}")).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{other}");
        assert_eq!(answer.header("content-disposition"), "", "{other}");
    }
    let missing = anna.get(&format!("{page}/specification.pdf")).await;
    assert!(matches!(
        missing.inside().room,
        Room::Trouble(Denial::NotFound)
    ));
}

#[track_caller]
fn assert_file(file: &Answer, kind: &str, name: &str) {
    assert_eq!(file.header("content-type"), kind);
    let disposition = format!("attachment; filename=\"{name}\"");
    assert_eq!(file.header("content-disposition"), disposition);
    assert_eq!(file.header("x-content-type-options"), "nosniff");
    assert_eq!(file.header("cache-control"), "no-store");
    assert_eq!(
        file.header("content-security-policy"),
        "default-src 'none'; frame-ancestors 'none'"
    );
}
