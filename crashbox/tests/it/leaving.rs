//! A portal removes the application while its tokens are being refreshed (REL-06).

use std::time::{Duration, Instant};

use crmap_crashbox::{Bug, Said};
use crmap_crm::{Clock, SystemClock};
use crmap_domain::PortalState;
use crmap_store::{Leaving, Store};
use portal_sim::{Effect, Fault};

use crate::support::*;

/// The application must be gone before the authority's answer is there.
const SLOW: u64 = 6_000;

/// How the portal leaves.
#[derive(Clone, Copy, PartialEq, Eq)]
enum By {
    /// The database is told.
    Database,
    /// An event comes to another process, which acts upon it.
    Event,
}

async fn leaves(by: By, bug: Option<Bug>) -> Result<(), Violation> {
    let mut scene = Scene::strict(Kind::Postgres).await;
    let (member, user) = (scene.member.to_string(), scene.user(Person::Administrator));
    let store = scene.base.open("test").await;
    scene.portal().expire_access_tokens();
    let slow = Effect::Delay { ms: SLOW };
    scene.cloud.set_oauth_fault(Fault::after_rotation(1, slow));
    let asking = ["check", "--member", &member];
    let worker = Worker::start(&scene, "one", bug, &asking).await;
    scene.asked_after(Person::Administrator, 0).await;
    let asked = Instant::now();
    let late = newest_access(&scene.cloud, 1, user);
    match by {
        By::Database => uninstall(&scene, &store).await,
        By::Event => send_event(&mut scene).await,
    }
    assert!(
        asked.elapsed() < Duration::from_millis(SLOW),
        "the machine is too slow"
    );
    let heard = worker.end().await;
    scene.note(&heard);
    is_gone(&scene, &store, &late).await
}

async fn uninstall(scene: &Scene, store: &Store) {
    let now = SystemClock.now();
    let leaving = Leaving {
        clean: false,
        lost: false,
        at: now,
        now,
        installs: None,
    };
    let left = store.uninstall(&scene.member, &leaving).await.unwrap();
    assert!(left.was_installed);
    assert_eq!(left.chains, 2);
}

async fn send_event(scene: &mut Scene) {
    let (member, token) = (scene.member.to_string(), scene.portal().application_token());
    let event = ["--kind", "left", "--number", "1"];
    let telling = ["receive", "--member", &member, "--token", &token];
    let worker = Worker::start(scene, "two", None, &[&telling[..], &event].concat()).await;
    let heard = worker.end().await;
    assert_eq!(heard.last(), Some(&Said::Received("taken".to_owned())));
    assert_eq!(scene.work("two").await.last(), Some(&Said::Calm));
}

/// Nothing has come back, and the late pair was used by nobody.
async fn is_gone(scene: &Scene, store: &Store, late: &str) -> Result<(), Violation> {
    let portal = patiently(|| store.portal(&scene.member)).await.unwrap();
    let chains = patiently(|| store.chains(&scene.member)).await;
    if portal.state != PortalState::Uninstalled || !chains.is_empty() {
        return Err(Violation::Resurrected);
    }
    let journal = std::fs::read_dir(scene.base.spill_dir("one")).unwrap();
    let mut names = journal.map(|entry| entry.unwrap().file_name());
    if names.any(|name| name.to_string_lossy().ends_with(".pair")) {
        return Err(Violation::Resurrected);
    }
    if scene.was_presented(late) {
        return Err(Violation::Unstored {
            token: late.to_owned(),
        });
    }
    scene.only_stored_were_used()
}

/// SQLite cannot empty its log meanwhile; what is noted of the farewell does not wait for that.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sec_19_a_farewell_during_a_backup_is_noted_at_once_and_is_no_alarm() {
    let mut scene = Scene::strict(Kind::Sqlite).await;
    let reader = scene.base.reader().await;
    send_event(&mut scene).await;
    let noted = "select count(*) from audit where action = 'portal.removed'";
    assert_eq!(scene.base.count(noted).await, 1);
    let waiting = "select count(*) from inbox where finished_at is null";
    assert_eq!(
        scene.base.count(waiting).await,
        1,
        "its log is still to be emptied"
    );
    assert!(
        !scene.base.logs().contains("ERROR"),
        "{}",
        scene.base.logs()
    );
    drop(reader);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rel_06_a_pair_for_a_portal_that_left_is_thrown_away() {
    leaves(By::Database, None).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rel_06_an_event_ends_a_portal_in_the_middle_of_a_refresh() {
    leaves(By::Event, None).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rel_06_catches_a_late_pair_that_brings_the_portal_back() {
    let caught = leaves(By::Database, Some(Bug::Resurrect)).await;
    assert_eq!(caught, Err(Violation::Resurrected));
}
