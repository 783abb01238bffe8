//! The database goes away while a new pair is on its way into it (REL-03, REL-23): the pair stays in
//! memory and in the journal.

use std::time::Duration;

use crmap_crashbox::{Said, fingerprint};
use crmap_store::ChainStatus;
use portal_sim::{Effect, Fault};
use secrecy::ExposeSecret;

use crate::support::*;

const SLOW: u64 = 700;
/// Until the pair has come and the database was asked in vain; longer than a lease lasts.
const OUTAGE: Duration = Duration::from_millis(2_500);

/// What the process does while the database is away.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Process {
    Waits,
    IsKilled,
    /// It waits; another one can reach the database all the time and finds the old token used up.
    IsOvertaken,
}

async fn database_away(process: Process) -> Result<(), Violation> {
    let mut scene = Scene::strict(Kind::Postgres).await;
    let door = scene.base.through_a_door();
    let (member, user) = (scene.member.to_string(), scene.user(Person::Administrator));
    scene.portal().expire_access_tokens();
    let slow = Effect::Delay { ms: SLOW };
    scene.cloud.set_oauth_fault(Fault::after_rotation(1, slow));
    let asking = ["--lease", "1000", "check", "--member", &member];
    let worker = Worker::start(&scene, "one", None, &asking).await;
    scene.asked_after(Person::Administrator, 0).await;
    door.shut();
    scene.base.without_a_door();
    tokio::time::sleep(OUTAGE).await;
    if process == Process::IsOvertaken {
        scene.check("other", None).await;
    }
    let heard = if process == Process::IsKilled {
        let heard = worker.kill().await;
        let stored = heard.iter().any(|said| matches!(said, Said::Stored(_)));
        assert!(!stored, "the database was not away");
        heard
    } else {
        door.open();
        worker.end().await
    };
    scene.note(&heard);
    let before = scene.cloud.ledger().len();
    let heard = scene.check("one", None).await;
    served(&heard, &scene.cloud.ledger().split_off(before))?;
    let store = scene.base.open("test").await;
    scene.note_database(&store).await;
    let chain = patiently(|| store.chain(&scene.member, user))
        .await
        .unwrap();
    close(store).await;
    let status = chain.status;
    if status != ChainStatus::Active {
        return Err(Violation::ChainLost { user, status });
    }
    let access = fingerprint(chain.access.unwrap().expose_secret());
    if access != newest_access(&scene.cloud, 1, user) {
        return Err(Violation::NotTheNewest { user });
    }
    scene.is_served("one").await?;
    scene.only_stored_were_used()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rel_03_a_pair_waits_for_the_database_to_come_back() {
    database_away(Process::Waits).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rel_03_a_pair_outlives_its_process_while_the_database_is_away() {
    database_away(Process::IsKilled).await.unwrap();
}

/// The same pair is brought in if the process is killed and starts anew.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rel_03_a_pair_that_waited_revives_a_chain_that_was_given_up_meanwhile() {
    database_away(Process::IsOvertaken).await.unwrap();
}
