//! The queue of events: late, lost, repeated, out of order, replayed and forged (F20).

use std::time::{Duration, Instant};

use portal_sim::{Cloud, DeliveryKind, DeliveryState, EventQueue, Seed};
use serde_json::{Value, json};

use crate::client::{cloud, control, get, try_send};
use crate::events::bind;
use crate::mailbox::{Mailbox, value};

const EVENT: &str = "ONAPPTEST";

async fn bound() -> (Cloud, Mailbox) {
    let cloud = cloud(Seed::Empty).await;
    let mailbox = Mailbox::open().await;
    bind(&cloud, &[EVENT, "ONAPPUNINSTALL"], &mailbox.url).await;
    (cloud, mailbox)
}

fn fire(cloud: &Cloud, number: u32) {
    cloud.portal(1).fire(EVENT, &json!({"N": number}));
}

fn numbers(mailbox: &Mailbox) -> Vec<String> {
    let letters = mailbox.letters();
    let number = |form| value(form, "data[N]").unwrap_or_default().to_owned();
    letters.iter().map(number).collect()
}

#[tokio::test]
async fn f20_events_are_late_lost_and_repeated() {
    let (cloud, mailbox) = bound().await;
    let portal = cloud.portal(1);
    portal.set_event_queue(EventQueue {
        delay_ms: 150,
        ..EventQueue::default()
    });
    let started = Instant::now();
    fire(&cloud, 1);
    portal.events_settled().await;
    assert!(started.elapsed() >= Duration::from_millis(150));
    portal.set_event_queue(EventQueue {
        lose: 1,
        ..EventQueue::default()
    });
    fire(&cloud, 2);
    portal.set_event_queue(EventQueue {
        copies: 3,
        ..EventQueue::default()
    });
    fire(&cloud, 3);
    portal.events_settled().await;
    assert_eq!(numbers(&mailbox), ["1", "3", "3", "3"]);
    let deliveries = portal.deliveries();
    assert_eq!(deliveries[1].state, DeliveryState::Lost);
    assert_eq!(deliveries[3].kind, DeliveryKind::Copy);
}

#[tokio::test]
async fn f20_events_are_held_and_let_go_in_another_order() {
    let (cloud, mailbox) = bound().await;
    let portal = cloud.portal(1);
    portal.set_event_queue(EventQueue {
        hold: true,
        reversed: true,
        ..EventQueue::default()
    });
    fire(&cloud, 1);
    portal.uninstall(false);
    portal.install(1);
    portal.finish_install();
    portal.events_settled().await;
    assert_eq!(mailbox.letters().len(), 0);
    assert_eq!(portal.deliveries()[0].state, DeliveryState::Held);
    portal.release_events();
    portal.events_settled().await;
    let letters = mailbox.letters();
    assert_eq!(value(&letters[0], "event"), Some("ONAPPUNINSTALL"));
    assert_eq!(value(&letters[1], "event"), Some(EVENT));
    let old = value(&letters[0], "auth[application_token]").unwrap();
    assert_ne!(
        old,
        portal.application_token(),
        "of the former installation"
    );
}

#[tokio::test]
async fn f20_events_are_replayed_and_forged() {
    let (cloud, mailbox) = bound().await;
    let portal = cloud.portal(1);
    portal.uninstall(true);
    portal.events_settled().await;
    portal.replay(1);
    portal.replay(77);
    let data = json!({"LANGUAGE_ID": "ru", "CLEAN": "1"});
    portal.forge("onAppUninstall", &data, None);
    portal.forge("onAppUninstall", &data, Some("guess"));
    portal.events_settled().await;
    let letters = mailbox.letters();
    assert_eq!(letters.len(), 4);
    assert_eq!(letters[0], letters[1], "word for word");
    assert_eq!(value(&letters[2], "auth[application_token]"), None);
    assert_eq!(value(&letters[3], "auth[application_token]"), Some("guess"));
    let kinds: Vec<DeliveryKind> = portal.deliveries().iter().map(|one| one.kind).collect();
    use DeliveryKind::{Forged, Genuine, Replay};
    assert_eq!(kinds, [Genuine, Replay, Forged, Forged]);
}

#[tokio::test]
async fn failures_are_noted_and_never_repeated() {
    let cloud = cloud(Seed::Empty).await;
    let portal = cloud.portal(1);
    let mailbox = Mailbox::answering(500).await;
    bind(&cloud, &[EVENT], &mailbox.url).await;
    bind(&cloud, &[EVENT], "http://127.0.0.1:9/none").await;
    bind(&cloud, &[EVENT], "https://crmap.example/e").await;
    portal.fire(EVENT, &Value::Null);
    portal.events_settled().await;
    let deliveries = portal.deliveries();
    let states: Vec<_> = deliveries
        .iter()
        .map(|one| (one.state, one.status))
        .collect();
    use DeliveryState::{Answered, Failed};
    assert_eq!(states, [(Answered, 500), (Failed, 0), (Failed, 0)]);
    assert!(
        deliveries[2]
            .problem
            .as_ref()
            .unwrap()
            .contains("http only")
    );
    assert_eq!(mailbox.letters().len(), 1);
}

#[tokio::test]
async fn the_control_interface_does_the_same_and_shows_no_secret() {
    let (cloud, mailbox) = bound().await;
    let portal = cloud.portal(1);
    let base = portal.base_url();
    for action in [
        json!({"do": "event_queue", "copies": 2}),
        json!({"do": "fire", "event": EVENT, "data": {"N": 1}}),
        json!({"do": "event_queue", "hold": true}),
        json!({"do": "forge", "event": EVENT, "data": {"N": 2}, "application_token": "x"}),
        json!({"do": "release_events"}),
        json!({"do": "replay", "delivery": 1}),
        json!({"do": "add_field", "entity": "deal", "label": "Новое"}),
        json!({"do": "set_field_items", "id": 131, "items": ["а", "б"]}),
    ] {
        let reply = control(&base, "do", &action).await;
        assert_eq!(reply.status, 200, "{action} {reply:?}");
    }
    portal.release_events();
    portal.events_settled().await;
    assert_eq!(numbers(&mailbox), ["1", "1", "2", "1"]);
    let page = get(&format!("{base}/__control/events")).await;
    let rows = page.json();
    assert_eq!(
        (&rows[0]["event"], &rows[0]["state"], &rows[0]["status"]),
        (&json!(EVENT), &json!("answered"), &json!(200))
    );
    assert_eq!(
        (&rows[1]["kind"], &rows[2]["kind"]),
        (&json!("copy"), &json!("forged"))
    );
    assert!(!page.body.contains(&portal.application_token()));
    let state = get(&format!("{base}/__control/state")).await.json();
    assert_eq!(state["event_queue"]["hold"], true);
    let url = format!("{base}/__control/events");
    try_send("DELETE", &url, "text/plain", "").await.unwrap();
    assert!(portal.deliveries().is_empty());
    let wrong = control(&base, "do", &json!({"do": "event_queue", "holdd": true})).await;
    assert_eq!(wrong.status, 400);
}

/// Whoever looks away does not take a letter out of the postman's bag.
#[tokio::test]
async fn what_is_on_its_way_arrives_although_deliveries_are_forgotten() {
    let (cloud, mailbox) = bound().await;
    let portal = cloud.portal(1);
    fire(&cloud, 1);
    portal.events_settled().await;
    fire(&cloud, 2);
    portal.clear_deliveries();
    portal.events_settled().await;
    assert_eq!(numbers(&mailbox), ["1", "2"]);
    let left: Vec<_> = portal.deliveries().iter().map(|one| one.number).collect();
    assert_eq!(left, [2], "the first one is forgotten");
}
