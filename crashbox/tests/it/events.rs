//! Killed between the answer to an event and acting upon it (SEC-18).

use crmap_crashbox::Said;
use crmap_domain::PortalState;
use crmap_store::{Portal, Store};
use futures::StreamExt;
use portal_sim::Knobs;

use crate::support::*;

/// How many events are received in the ordinary run, each by a process that is killed.
const EVENTS: u64 = 40;
/// How many portals send them.
const PORTALS: u64 = 8;

/// An event comes in, `parks` or not.
async fn receive(scene: &Scene, kind: &str, number: u64, parks: bool) -> Said {
    let (member, token) = (scene.member.to_string(), scene.portal().application_token());
    let number = number.to_string();
    let mut telling = vec!["receive", "--member", &member, "--token", &token];
    telling.extend(["--kind", kind, "--number", &number]);
    if parks {
        telling.push("--parks");
    }
    let mut worker = Worker::start(scene, "one", None, &telling).await;
    let received = worker.until(|said| matches!(said, Said::Received(_))).await;
    if parks {
        worker.kill().await;
    } else {
        worker.end().await;
    }
    received
}

fn said(what: &str) -> Said {
    Said::Received(what.to_owned())
}

async fn portal_of(scene: &Scene, store: &Store) -> Portal {
    patiently(|| store.portal(&scene.member)).await.unwrap()
}

/// Fields have changed: the portal is marked for reading once for each event.
async fn once_each(events: u64, chance: &mut Chance) -> Result<(), Violation> {
    let people = [Person::Administrator];
    let mut scene = Scene::new(Kind::Sqlite, Knobs::default(), &people).await;
    for number in 0..events {
        let wrong = |what| Err(Violation::Event { number, what });
        if receive(&scene, "fields", number, true).await != said("taken") {
            return wrong("not taken");
        }
        if chance.either() && receive(&scene, "fields", number, false).await != said("known") {
            return wrong("taken twice");
        }
        if take_mark(&scene).await {
            return wrong("acted upon while nobody worked");
        }
        scene.work("one").await;
        if !take_mark(&scene).await {
            return wrong("never acted upon");
        }
        if receive(&scene, "fields", number, false).await != said("known") {
            return wrong("taken again");
        }
        scene.work("one").await;
        if take_mark(&scene).await {
            return wrong("acted upon twice");
        }
    }
    Ok(())
}

/// Whether the portal is marked for reading; from now on it is not.
async fn take_mark(scene: &Scene) -> bool {
    let store = scene.base.open("one").await;
    let seen = portal_of(scene, &store).await.needs_reading_since;
    if let Some(seen) = seen {
        assert!(store.clear_reading_mark(&scene.member, seen).await.unwrap());
    }
    close(store).await;
    seen.is_some()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sec_18_an_event_that_was_taken_is_acted_upon_exactly_once() {
    let chance = Chance::new("sec_18_an_event_that_was_taken_is_acted_upon_exactly_once");
    let events = number_from("CRASHBOX_EVENTS", EVENTS).div_ceil(PORTALS);
    let scenes = (0..PORTALS).map(|number| async move {
        let mut chance = chance.part(number);
        once_each(events, &mut chance).await
    });
    let mut played = futures::stream::iter(scenes).buffer_unordered(4);
    while let Some(outcome) = played.next().await {
        outcome.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sec_18_a_farewell_that_was_taken_is_not_forgotten() {
    for number in 0..4 {
        let mut scene = Scene::strict(Kind::Sqlite).await;
        let received = receive(&scene, "left", number, true).await;
        assert_eq!(received, said("taken"));
        let store = scene.base.open("one").await;
        assert_eq!(portal_of(&scene, &store).await.state, PortalState::Ok);
        close(store).await;
        scene.work("one").await;
        let store = scene.base.open("one").await;
        let portal = portal_of(&scene, &store).await;
        assert_eq!(portal.state, PortalState::Uninstalled);
        assert!(patiently(|| store.chains(&scene.member)).await.is_empty());
        close(store).await;
    }
}
