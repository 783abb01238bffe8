//! A process that stands still in the middle of its request while another one takes its place
//! (REL-04).

use std::time::Duration;

use crmap_crashbox::{Bug, Said, fingerprint};
use crmap_store::ChainStatus;
use portal_sim::{Effect, Fault, Knobs, Rotation};
use secrecy::ExposeSecret;

use crate::support::*;

/// Longer than a lease.
const STILL: Duration = Duration::from_millis(1_500);
const SLOW: Effect = Effect::Delay { ms: 2_000 };

/// What is left when both processes have come to their end.
struct Left {
    scene: Scene,
    /// The pair of the process that stood still.
    stale: String,
    /// The newest pair of the chain.
    newest: String,
    status: ChainStatus,
    access: String,
}

async fn stands_still(rotation: Rotation, bug: Option<Bug>) -> Result<Left, Violation> {
    let knobs = Knobs {
        rotation,
        ..Knobs::default()
    };
    let people = [Person::Administrator, Person::Employee];
    let mut scene = Scene::new(Kind::Postgres, knobs, &people).await;
    let (member, user) = (scene.member.to_string(), scene.user(Person::Administrator));
    scene.portal().expire_access_tokens();
    scene.cloud.set_oauth_fault(Fault::after_rotation(1, SLOW));
    let asking = ["--lease", "1000", "check", "--member", &member];
    let still = Worker::start(&scene, "still", bug, &asking).await;
    scene.asked_after(Person::Administrator, 0).await;
    still.signal(Signal::Stop).await;
    let stale = newest_access(&scene.cloud, 1, user);
    tokio::time::sleep(STILL).await;
    let before = scene.cloud.ledger().len();
    let heard = scene.check("other", None).await;
    served(&heard, &scene.cloud.ledger().split_off(before))?;
    let newest = newest_access(&scene.cloud, 1, user);
    still.signal(Signal::Continue).await;
    let heard = still.end().await;
    scene.note(&heard);
    let kept = heard.contains(&Said::Stored(stale.clone())) || scene.was_presented(&stale);
    if kept && stale != newest {
        return Err(Violation::StaleStored);
    }
    let store = scene.base.open("test").await;
    let chain = patiently(|| store.chain(&scene.member, user))
        .await
        .unwrap();
    close(store).await;
    scene.only_stored_were_used()?;
    scene.is_served("other").await?;
    Ok(Left {
        scene,
        stale,
        newest,
        status: chain.status,
        access: chain
            .access
            .map_or_else(String::new, |access| fingerprint(access.expose_secret())),
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rel_04_whoever_was_overtaken_stores_and_uses_nothing() {
    let left = stands_still(Rotation::Lenient, None).await.unwrap();
    assert_ne!(left.stale, left.newest);
    assert_eq!(left.status, ChainStatus::Active);
    assert_eq!(left.access, left.newest);
    let refreshes = left.scene.refreshes_of(Person::Administrator);
    assert!(
        refreshes.iter().all(|entry| entry.outcome == "ok"),
        "{refreshes:?}"
    );
}

/// The other one's request is refused, and the pair of the one that stood still, though good, may
/// come too late for a chain that was given up: the portal goes on with another person's.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rel_04_with_one_time_tokens_the_next_person_serves() {
    let left = stands_still(Rotation::Strict, None).await.unwrap();
    assert_eq!(left.stale, left.newest);
    match left.status {
        ChainStatus::ReauthRequired => {}
        ChainStatus::Active => assert_eq!(left.access, left.newest),
        status => panic!("the chain is {status:?}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rel_04_catches_an_update_without_a_fence() {
    let caught = stands_still(Rotation::Lenient, Some(Bug::NoFence)).await;
    assert_eq!(caught.err(), Some(Violation::StaleStored));
}
