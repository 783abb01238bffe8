//! A linked portal removes the application, as its cabinet sees it.

use axum::http::StatusCode;
use crmap_domain::cabinet::DeedKind;
use crmap_domain::{Lang, PortalState, Section, Specification};

use super::portals::{assert_gone, dashboard, linked, portal_room};
use crate::house::{Base, House, on_both};

on_both! {
    sec_19_after_a_farewell_the_cabinet_shows_the_portal_without_its_people
    sec_19_after_a_farewell_for_good_the_cabinet_shows_nothing_of_the_portal
}

fn names_of_people(house: &House) -> Vec<String> {
    let users = &house.portal().world().users;
    let names = users.iter().map(|user| user.last_name.clone());
    names.filter(|name| name.chars().count() > 3).collect()
}

async fn sec_19_after_a_farewell_the_cabinet_shows_the_portal_without_its_people(base: Base) {
    let (house, anna, page) = linked("farewell", base).await;
    let people = names_of_people(&house);
    let page = format!("{page}?tab=users");
    let text = anna.get(&page).await.text();
    assert!(people.iter().all(|name| text.contains(name)));
    house.portal().uninstall(false);
    house.events_told().await;
    house.becomes(PortalState::Uninstalled).await;

    let card = dashboard(&anna).await.portals.remove(0);
    assert_eq!(card.standing.state, PortalState::Uninstalled);
    let told = anna.get("/dashboard").await.text();
    assert!(told.contains(PortalState::Uninstalled.name(Lang::Ru)));
    let shown = anna.get(&page).await;
    let file = format!("/portals/{}/specification.txt", house.member_id());
    let file = anna.get(&file).await;
    assert_eq!(file.status, StatusCode::OK);
    for name in &people {
        assert!(
            !shown.text().contains(name) && !file.text().contains(name),
            "{name}"
        );
    }
    let read = portal_room(&anna, &page).await.specification.unwrap();
    let Specification { users, stages, .. } = &*read;
    assert!(matches!(users, Section::Refused(_)) && !stages.rows().is_empty());
    let bytes = shown.island_bytes().unwrap();
    let bytes = String::from_utf8_lossy(&bytes);
    for name in &people {
        assert!(!bytes.contains(name), "{name}");
    }

    // It comes back, and its link has waited.
    house.install(1).await;
    assert_eq!(
        dashboard(&anna).await.portals[0].standing.state,
        PortalState::Ok
    );
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
