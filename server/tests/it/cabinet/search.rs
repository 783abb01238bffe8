//! The search over all portals, as a browser without scripts meets it and as the living page asks.

use axum::http::StatusCode;
use crmap_app::api::cabinet::{Find, RefreshPortal};
use crmap_app::cabinet::data::Room;
use crmap_app::data::Content;
use crmap_domain::Lang;
use crmap_domain::cabinet::{Denial, Found, PortalCard, ReadAs};
use portal_sim::worlds::Entity;

use super::browser::Browser;
use super::markup::{Piece, pieces, value};
use super::owner;
use super::portals::link;
use crate::house::{Base, House, on_both};

on_both! {
    a_search_finds_rows_and_its_links_open_them
    sec_24_a_search_finds_nothing_in_a_portal_that_was_unlinked
}

fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

async fn page(browser: &Browser, query: &str) -> String {
    let answer = browser.get(&format!("/search?q={}", encoded(query))).await;
    assert_eq!(answer.status, StatusCode::OK);
    answer.text()
}

/// Where the hits of a page lead to.
fn ways(html: &str) -> Vec<String> {
    let mut ways = Vec::new();
    for piece in pieces(html) {
        if let Piece::Open(name, marks) = piece
            && name == "a"
            && value(&marks, "class") == Some("hit__link")
        {
            ways.push(value(&marks, "href").unwrap_or_default().to_owned());
        }
    }
    ways
}

async fn asked(browser: &Browser, query: &str) -> Found {
    let find = Find {
        query: query.to_owned(),
        only: None,
    };
    browser.call(&find).await.given()
}

/// A portal with a list that no other has, linked and read.
async fn furnished(name: &str, base: Base) -> (House, Browser) {
    let house = House::installed(name, base).await;
    let items = ["Ёлочный базар", "Другое"];
    house
        .portal()
        .add_field(Entity::Contact, "enumeration", "Редкий «источник»", &items);
    let anna = owner(&house, "Анна", "anna@example.ru").await;
    link(&house, 1, &anna).await;
    house.pass(std::time::Duration::from_secs(60));
    let (member_id, lang) = (house.member_id().to_string(), Lang::Ru);
    let (read, _): (Content, PortalCard) =
        anna.call(&RefreshPortal { member_id, lang }).await.given();
    assert!(matches!(read, Content::Read(_)), "{read:?}");
    (house, anna)
}

async fn a_search_finds_rows_and_its_links_open_them(base: Base) {
    let (house, anna) = furnished("search", base).await;
    let domain = house.portal().domain();
    // A field, an item of it, a funnel and a stage.
    for query in ["источник редкий", "елочный", "источник елочный", "0", "NEW"]
    {
        let html = page(&anna, query).await;
        assert!(html.contains(&domain), "{query}");
        let ways = ways(&html);
        assert!(!ways.is_empty(), "{query} finds nothing");
        let found = asked(&anna, query).await;
        let Room::Search(drawn) = anna
            .inside(&format!("/search?q={}", encoded(query)))
            .await
            .room
        else {
            panic!("another room");
        };
        assert_eq!(*drawn, found, "{query}");
        for (way, hit) in ways.iter().zip(&found.groups[0].hits) {
            let opened = anna.get(way).await.text();
            let row = format!("data-id=\"{}\"", hit.item.id);
            assert!(opened.contains(&row), "{way} does not show {row}");
        }
    }
    let html = page(&anna, "Ktkjxysq").await;
    assert!(
        html.contains("Раскладка") || html.contains("раскладка"),
        "{html}"
    );
    for (query, words) in [
        ("невиданное", "ничего нет"),
        ("а", "хотя бы две буквы"),
        ("", "Введите часть названия"),
    ] {
        assert!(page(&anna, query).await.contains(words), "{query}");
    }
}

async fn sec_24_a_search_finds_nothing_in_a_portal_that_was_unlinked(base: Base) {
    let (house, anna) = furnished("search-ended", base).await;
    assert_eq!(asked(&anna, "редкий").await.total, 1);
    let member_id = house.member_id().to_string();
    let unlink = crmap_app::api::cabinet::UnlinkPortal {
        member_id: member_id.clone(),
    };
    anna.call(&unlink).await.given::<()>();
    let found = asked(&anna, "редкий").await;
    assert_eq!(
        (found.portals, found.total, found.read_as),
        (0, 0, ReadAs::Typed)
    );
    assert!(page(&anna, "редкий").await.contains("Порталов пока нет"));
    let find = Find {
        query: "редкий".to_owned(),
        only: Some(member_id),
    };
    assert_eq!(anna.call(&find).await.denied(), Denial::NotFound);
}
