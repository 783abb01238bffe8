//! A linked portal removes the application, as its cabinet sees it.

use std::time::Duration;

use axum::http::StatusCode;
use crmap_domain::cabinet::DeedKind;
use crmap_domain::{Lang, PortalState};

use super::browser::Browser;
use super::portals::{assert_gone, dashboard, link, linked, portal_room};
use crate::house::{Base, House, on_both};

on_both! {
    sec_24_after_a_farewell_the_cabinet_shows_nothing_but_that_until_the_portal_is_linked_again
    sec_19_after_a_farewell_for_good_the_cabinet_shows_nothing_of_the_portal
}

fn names_of_people(house: &House) -> Vec<String> {
    let users = &house.portal().world().users;
    let names = users.iter().map(|user| user.last_name.clone());
    names.filter(|name| name.chars().count() > 3).collect()
}

async fn sec_24_after_a_farewell_the_cabinet_shows_nothing_but_that_until_the_portal_is_linked_again(
    base: Base,
) {
    let (house, anna, page) = linked("farewell", base).await;
    let users = format!("{page}?tab=users");
    let (text, people) = (anna.get(&users).await.text(), names_of_people(&house));
    assert!(people.iter().all(|name| text.contains(name)));
    house.portal().uninstall(false);
    house.events_told().await;
    house.becomes(PortalState::Uninstalled).await;
    assert_void(&house, &anna, &page).await;

    // It comes back by somebody who need not know the cabinet.
    house.pass(Duration::from_secs(300));
    house.install(1).await;
    assert_void(&house, &anna, &page).await;
    link(&house, 1, &anna).await;
    let card = dashboard(&anna).await.portals.remove(0);
    assert_eq!(card.standing.state, PortalState::Ok);
    let text = anna.get(&users).await.text();
    assert!(people.iter().all(|name| text.contains(name)));
}

/// The cabinet shows that the portal has left, and nothing that was ever read of it.
async fn assert_void(house: &House, anna: &Browser, page: &str) {
    let card = dashboard(anna).await.portals.remove(0);
    assert_eq!(card.standing.state, PortalState::Uninstalled);
    assert_eq!((card.read_at, card.totals), (None, None));
    let told = anna.get("/dashboard").await.text();
    assert!(told.contains(PortalState::Uninstalled.name(Lang::Ru)));
    for file in [
        "specification.txt",
        "specification.csv",
        "specification.xlsx",
    ] {
        let file = anna.get(&format!("{page}/{file}")).await;
        assert_eq!(file.status, StatusCode::NOT_FOUND);
    }
    let funnels = &house.portal().world().funnels;
    let names = funnels.iter().map(|funnel| funnel.name.clone());
    let names: Vec<_> = names.chain(names_of_people(house)).collect();
    for view in ["", "?tab=stages", "?tab=users", "?view=connection"] {
        let shown = anna.get(&format!("{page}{view}")).await;
        assert_eq!(shown.status, StatusCode::OK, "{view}");
        let data = shown.island_bytes().unwrap();
        let data = String::from_utf8_lossy(&data);
        for name in &names {
            let is_there = shown.text().contains(name) || data.contains(name);
            assert!(!is_there, "{name} in {view}");
        }
    }
    let room = portal_room(anna, page).await;
    assert_eq!((room.specification, room.details.rights), (None, vec![]));
}

async fn sec_19_after_a_farewell_for_good_the_cabinet_shows_nothing_of_the_portal(base: Base) {
    let (house, anna, page) = linked("for-good", base).await;
    house.portal().uninstall(true);
    house.events_told().await;
    house
        .until("gone", async || house.known().await.is_none())
        .await;
    assert_gone(&anna, &page).await;
    let news = dashboard(&anna).await.news;
    assert_eq!(news[0].kind, DeedKind::PortalErased);
    // A new installation is a new portal.
    house.install(1).await;
    assert_gone(&anna, &page).await;
}
