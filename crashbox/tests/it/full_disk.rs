//! Where a new pair could not be written down, none is asked for (REL-24).

use crmap_crashbox::{Bug, Said};
use crmap_store::ChainStatus;

use crate::support::*;

/// What is wrong with the local journal.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Journal {
    /// Not a byte more can be written.
    Full,
    /// Its folder has vanished since the start.
    Gone,
}

async fn nothing_is_asked(journal: Journal, bug: Option<Bug>) -> Result<(), Violation> {
    let mut scene = Scene::strict(Kind::Postgres).await;
    let (member, user) = (scene.member.to_string(), scene.user(Person::Administrator));
    scene.portal().expire_access_tokens();
    let asking = ["check", "--member", &member, "--waits"];
    let mut worker = match journal {
        Journal::Full => Worker::start_on_full_disk(&scene, "one", bug, &asking).await,
        Journal::Gone => Worker::start(&scene, "one", bug, &asking).await,
    };
    worker.until(|said| *said == Said::Ready).await;
    if journal == Journal::Gone {
        std::fs::remove_dir_all(scene.base.spill_dir("one")).unwrap();
    }
    worker.tell("now").await;
    let heard = worker.end().await;
    let asked = scene
        .cloud
        .refreshes()
        .iter()
        .map(|count| count.asked)
        .sum();
    if asked > 0 {
        return Err(Violation::Asked { expected: 0, asked });
    }
    assert_eq!(counts(&heard), (0, 0, 1), "{heard:?}");
    let store = scene.base.open("test").await;
    let chain = patiently(|| store.chain(&scene.member, user))
        .await
        .unwrap();
    close(store).await;
    if chain.status != ChainStatus::Active {
        let status = chain.status;
        return Err(Violation::ChainLost { user, status });
    }
    // With room again, everything is as it was.
    scene.is_served("one").await?;
    let refreshes = scene.refreshes_of(Person::Administrator);
    assert!(
        refreshes.iter().all(|entry| entry.outcome == "ok"),
        "{refreshes:?}"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rel_24_on_a_full_disk_the_authority_is_not_asked() {
    nothing_is_asked(Journal::Full, None).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rel_24_without_the_journals_folder_the_authority_is_not_asked() {
    nothing_is_asked(Journal::Gone, None).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rel_24_catches_a_protocol_that_makes_no_room() {
    let caught = nothing_is_asked(Journal::Full, Some(Bug::NoSpill)).await;
    assert!(matches!(caught, Err(Violation::Asked { .. })), "{caught:?}");
}
