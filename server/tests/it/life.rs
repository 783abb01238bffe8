//! The life of a portal as it and its people meet the server: installed, opened, told of, removed,
//! installed again.

use std::time::Duration;

use axum::http::{Method, StatusCode};
use crmap_domain::PortalState;
use crmap_store::ChainStatus;
use portal_sim::worlds::Entity;
use portal_sim::{Effect, EventQueue, Fault, UserRole};
use serde_json::json;

use crate::house::{Base, House, hidden, on_both};
use crate::support::{Form, request, send};

on_both! {
    a_portal_is_installed_opened_removed_and_installed_again
    with_the_checkbox_nothing_of_the_portal_is_left
    a_step_that_fails_is_shown_with_its_cure_and_can_be_repeated
    an_employee_is_told_who_can_install_and_leaves_no_trace
    changed_fields_mark_the_portal_for_reading
    a_subscription_ends_and_comes_back
    a_renamed_portal_is_followed
    a_dismissed_administrator_leaves_his_rights_to_the_next
    a_lost_farewell_is_found_out
    tokens_are_refreshed_when_they_have_run_out
    f20_old_late_doubled_and_forged_farewells_change_nothing
}

async fn a_portal_is_installed_opened_removed_and_installed_again(base: Base) {
    let house = House::new("again", base).await;
    for round in 1..=3 {
        house.install(1).await;
        let page = house.open(UserRole::Employee).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(!page.specification().funnels.rows().is_empty());
        let portal = house.known().await.unwrap();
        assert_eq!((portal.state, portal.installs), (PortalState::Ok, round));
        house.portal().clear_deliveries();
        house.portal().uninstall(false);
        house.events_told().await;
        house.becomes(PortalState::Uninstalled).await;
        let deliveries = house.portal().deliveries();
        let farewell = deliveries
            .iter()
            .find(|told| told.event == "ONAPPUNINSTALL")
            .unwrap();
        assert_eq!(farewell.status, 200, "{deliveries:?}");
        assert!(house.chains().await.is_empty());
        assert!(!house.known().await.unwrap().has_application_token);
        let late = crate::support::read(&house.router, &page.bearer()).await;
        assert_eq!(
            late.status,
            StatusCode::UNAUTHORIZED,
            "its sessions are over"
        );
    }
}

async fn with_the_checkbox_nothing_of_the_portal_is_left(base: Base) {
    let house = House::installed("clean", base).await;
    house.open(UserRole::Administrator).await;
    house.portal().uninstall(true);
    house.events_told().await;
    house
        .until("gone", async || house.known().await.is_none())
        .await;
    assert!(house.chains().await.is_empty());
    let journal = house
        .store
        .journal(&house.member_id(), None, 10)
        .await
        .unwrap();
    assert!(journal.rows.is_empty());
    assert!(
        house
            .store
            .audit_of(&house.member_id(), 10)
            .await
            .unwrap()
            .is_empty()
    );
    house.install(1).await;
    assert_eq!(house.known().await.unwrap().installs, 1, "it is a new one");
}

async fn a_step_that_fails_is_shown_with_its_cure_and_can_be_repeated(base: Base) {
    let house = House::new("step", base).await;
    let portal = house.portal();
    portal.install(portal.world().user_id(UserRole::Administrator));
    portal.set_fault(Fault::inside_batch(
        "event.bind",
        "ERROR_EVENT_NOT_FOUND",
        "Event not found",
    ));
    let offer = house
        .open_at("/bitrix/install", portal, UserRole::Administrator)
        .await;
    let again = house.consent(&offer).await;
    assert_eq!(again.status, StatusCode::OK);
    assert!(again.text().contains("Повторить") && !again.text().contains("data-finish-install"));
    assert_eq!(hidden(&again, "bearer"), hidden(&offer, "bearer"));
    assert!(house.known().await.unwrap().installed_at.is_none());
    portal.clear_faults();
    let done = house.consent(&again).await;
    assert!(
        done.text().contains("data-finish-install"),
        "{}",
        done.text()
    );
    assert_eq!(house.state().await, Some(PortalState::Ok));
}

async fn an_employee_is_told_who_can_install_and_leaves_no_trace(base: Base) {
    let house = House::new("employee", base).await;
    let portal = house.portal();
    portal.install(portal.world().user_id(UserRole::Administrator));
    let page = house
        .open_at("/bitrix/install", portal, UserRole::Employee)
        .await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text().contains("администратор") && !page.text().contains("<form"));
    assert_eq!(page.ancestors(), portal.base_url());
    let opened = house.open(UserRole::Employee).await;
    assert_eq!(opened.status, StatusCode::OK);
    assert!(opened.island().is_none(), "not finished: {}", opened.text());
    assert!(house.known().await.is_none());
    // An administrator who opens the application itself gets the installer.
    let installer = house.open(UserRole::Administrator).await;
    assert!(installer.text().contains("/bitrix/install/complete"));
}

async fn changed_fields_mark_the_portal_for_reading(base: Base) {
    let house = House::installed("fields", base).await;
    assert!(house.known().await.unwrap().needs_reading_since.is_none());
    let label = "Цвет";
    house.portal().add_field(Entity::Deal, "string", label, &[]);
    house.events_told().await;
    house
        .until("marked", async || {
            house.known().await.unwrap().needs_reading_since.is_some()
        })
        .await;
}

async fn a_subscription_ends_and_comes_back(base: Base) {
    let house = House::installed("subscription", base).await;
    house.portal().set_subscription(false);
    house.events_told().await;
    house.becomes(PortalState::NeedsPayment).await;
    house.portal().set_subscription(true);
    house.events_told().await;
    // The second hint within ten minutes makes nobody ask; the opening does.
    let page = house.open(UserRole::Administrator).await;
    assert!(!page.specification().funnels.rows().is_empty());
    house.becomes(PortalState::Ok).await;
}

async fn a_renamed_portal_is_followed(base: Base) {
    let house = House::installed("renamed", base).await;
    let before = house.known().await.unwrap();
    assert!(house.portal().rename());
    house.services.check(&house.member_id()).await.unwrap();
    let after = house.known().await.unwrap();
    assert_eq!(after.state, PortalState::Ok);
    assert_ne!(after.address, before.address);
    assert_eq!(after.address, house.portal().domain());
    assert_eq!(house.cloud.violations().len(), 0);
}

async fn a_dismissed_administrator_leaves_his_rights_to_the_next(base: Base) {
    let house = House::installed("dismissed", base).await;
    house.open(UserRole::Employee).await;
    let admin = house.portal().world().user_id(UserRole::Administrator);
    house.portal().dismiss(admin);
    house.services.check(&house.member_id()).await.unwrap();
    assert_eq!(house.state().await, Some(PortalState::Ok));
    let chain = house
        .store
        .chain(&house.member_id(), i64::from(admin))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(chain.status, ChainStatus::ReauthRequired);
}

async fn a_lost_farewell_is_found_out(base: Base) {
    let house = House::installed("lost", base).await;
    house.portal().set_event_queue(EventQueue {
        lose: 1,
        ..EventQueue::default()
    });
    house.portal().uninstall(false);
    house.events_told().await;
    house.services.check(&house.member_id()).await.unwrap();
    assert_eq!(house.state().await, Some(PortalState::Revoked));
    house.pass(Duration::from_secs(7_200));
    house.becomes(PortalState::Uninstalled).await;
    assert!(house.chains().await.is_empty());
    house.install(1).await;
    assert_eq!(house.state().await, Some(PortalState::Ok));
}

async fn tokens_are_refreshed_when_they_have_run_out(base: Base) {
    let house = House::installed("refresh", base).await;
    for generation in 1..=5 {
        house.portal().expire_access_tokens();
        let standing = house
            .services
            .check(&house.member_id())
            .await
            .unwrap()
            .unwrap();
        assert_eq!(standing.state, PortalState::Ok, "{generation}");
    }
    let counts = house.cloud.refreshes();
    assert_eq!(counts.len(), 1);
    assert_eq!((counts[0].rotated, counts[0].refused), (5, 0), "{counts:?}");
    assert_eq!(house.store.verify().await.unwrap(), []);
}

async fn f20_old_late_doubled_and_forged_farewells_change_nothing(base: Base) {
    let house = House::installed("farewells", base).await;
    let portal = house.portal();
    portal.uninstall(false);
    house.events_told().await;
    house.becomes(PortalState::Uninstalled).await;
    house.pass(Duration::from_secs(300));
    house.install(1).await;
    let farewell = portal
        .deliveries()
        .iter()
        .rfind(|told| told.event == "ONAPPUNINSTALL")
        .unwrap()
        .number;
    for _ in 0..3 {
        portal.replay(farewell);
    }
    for guess in [None, Some("guess"), Some("")] {
        portal.forge("ONAPPUNINSTALL", &json!({"CLEAN": 1}), guess);
    }
    // Even with the right secret, which every employee can read: the authority says otherwise.
    let token = portal.application_token();
    portal.forge("ONAPPUNINSTALL", &json!({"CLEAN": 1}), Some(&token));
    house.events_told().await;
    tokio::time::sleep(Duration::from_millis(600)).await;
    assert_eq!(house.state().await, Some(PortalState::Ok));
    assert!(!house.chains().await.is_empty());
}

/// SEC-15 in the large: somebody who knows the identities of two portals sends 10,000 farewells, for
/// them and for portals that nobody knows.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sec_15_ten_thousand_forged_farewells_change_nothing_and_break_nothing() {
    let house = House::installed("forged", Base::Sqlite).await;
    house.install(2).await;
    let before = (house.known().await, house.chains().await.len());
    house.cloud.clear_oauth_requests();
    for portal in house.cloud.portals() {
        portal.clear_requests();
    }
    let members: Vec<String> = house
        .cloud
        .portals()
        .map(|portal| portal.member_id().to_owned())
        .collect();
    for number in 0..10_000_u32 {
        let member = match number % 4 {
            0 | 1 => members[number as usize % 2].clone(),
            _ => format!("{number:032x}"),
        };
        let token = match number % 5 {
            0 => String::new(),
            1 => format!("&auth%5Bapplication_token%5D={number:032x}"),
            2 => "&auth%5Bapplication_token%5D=".to_owned(),
            3 => format!("&auth%5Bapplication_token%5D={}", "a".repeat(3_000)),
            _ => format!(
                "&auth%5Bapplication_token%5D={}",
                house
                    .cloud
                    .portal(2 - (number as usize % 2))
                    .application_token()
                    .chars()
                    .rev()
                    .collect::<String>()
            ),
        };
        let clean = number % 2;
        let answer = house
            .post_event(&format!(
                "event=ONAPPUNINSTALL&data%5BCLEAN%5D={clean}&ts={}&auth%5Bdomain%5D=evil.example\
                 &auth%5Bmember_id%5D={member}{token}",
                1_767_225_600 + number
            ))
            .await;
        assert!(answer.status.as_u16() < 500, "{number}: {}", answer.status);
    }
    tokio::time::sleep(Duration::from_millis(500)).await;
    let after = (house.known().await, house.chains().await.len());
    assert_eq!(before, after);
    house.has_asked_nobody();
}

/// The installer's form comes from our own page and from nowhere else (SEC-45).
#[tokio::test]
async fn sec_45_the_installers_form_is_refused_from_anywhere_else() {
    let house = House::new("csrf", Base::Sqlite).await;
    let portal = house.portal();
    portal.install(portal.world().user_id(UserRole::Administrator));
    let offer = house
        .open_at("/bitrix/install", portal, UserRole::Administrator)
        .await;
    assert_eq!(offer.header("referrer-policy"), "same-origin");
    let bearer = hidden(&offer, "bearer");
    for (name, value) in [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("origin", "https://evil.example"),
        ("origin", "null"),
        ("x-nothing", "said"),
    ] {
        let mut press = request(
            Method::POST,
            "/bitrix/install/complete",
            format!("bearer={bearer}&lang=ru"),
        );
        press
            .headers_mut()
            .insert("content-type", crate::support::FORM.parse().unwrap());
        press.headers_mut().insert(name, value.parse().unwrap());
        let answer = send(&house.router, press).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{name}: {value}");
    }
    assert!(house.known().await.is_none());
}

/// A wrong or ended bearer is told so in the frame, and nothing else.
#[tokio::test]
async fn an_installer_whose_session_is_over_is_told_to_start_again() {
    let house = House::new("over", Base::Sqlite).await;
    let portal = house.portal();
    portal.install(portal.world().user_id(UserRole::Administrator));
    let offer = house
        .open_at("/bitrix/install", portal, UserRole::Administrator)
        .await;
    house.clock.pass(time::Duration::hours(2));
    let answer = house.consent(&offer).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    assert_eq!(answer.ancestors(), portal.base_url());
    assert!(house.known().await.is_none());
}

/// SEC-04 for the installer: no proof, no page, no trace.
#[tokio::test]
async fn sec_02_a_forged_installer_gets_nothing() {
    let house = House::new("forged-installer", Base::Sqlite).await;
    let (own, other) = (house.cloud.portal(1), house.cloud.portal(2));
    for portal in [own, other] {
        portal.install(portal.world().user_id(UserRole::Administrator));
    }
    let victim = Form::of(own, UserRole::Administrator);
    let attacker = Form::of(other, UserRole::Administrator);
    let mixed = attacker.clone().set("member_id", victim.get("member_id"));
    let answer = house.post_form("/bitrix/install", &mixed).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert_eq!(answer.ancestors(), "'none'");
    house
        .cloud
        .set_oauth_fault(Fault::every(Effect::Html { status: 502 }));
    let answer = house.post_form("/bitrix/install", &victim).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(house.known().await.is_none());
    assert!(own.requests().is_empty());
}
