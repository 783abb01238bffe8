//! Many processes that need a portal's tokens at the same moment (REL-01).

use std::time::{Duration, Instant};

use crmap_crashbox::{Bug, Said};
use portal_sim::{Effect, Fault, Knobs, LedgerEntry, Server, TokenKind};

use crate::support::*;

const PROCESSES: usize = 8;
const TASKS: usize = 100;
/// How often the tokens run out in the ordinary run.
const GENERATIONS: usize = 5;
/// How long the authority takes, so that many wait for it.
const SLOW: Effect = Effect::Delay { ms: 300 };

async fn at_the_same_moment(bug: Option<Bug>, generations: usize) -> Result<(), Violation> {
    let people = [Person::Administrator];
    let mut scene = Scene::new(Kind::Postgres, Knobs::default(), &people).await;
    scene
        .cloud
        .set_oauth_fault(Fault::method("oauth/token", SLOW));
    let mut workers = start(&scene, bug).await;
    for generation in 1..=generations {
        scene.portal().expire_access_tokens();
        let (before, started) = (scene.cloud.ledger().len(), Instant::now());
        for worker in &mut workers {
            worker.tell("now").await;
        }
        tokio::select! {
            () = all_done(&mut workers) => {}
            violation = too_many(&scene, before) => return Err(violation),
        }
        eprintln!("generation {generation}: {:?}", started.elapsed());
        one_refresh_for_all(&scene.cloud.ledger().split_off(before))?;
    }
    for worker in workers {
        let heard = worker.end().await;
        let expected = TASKS * generations;
        assert_eq!(counts(&heard), (expected, 0, 0), "{heard:?}");
        scene.note(&heard);
    }
    scene.only_stored_were_used()
}

async fn start(scene: &Scene, bug: Option<Bug>) -> Vec<Worker> {
    let (member, tasks) = (scene.member.to_string(), TASKS.to_string());
    let asking = ["check", "--member", &member, "--tasks", &tasks, "--waits"];
    let mut workers = Vec::new();
    for number in 0..PROCESSES {
        let name = format!("process-{number}");
        workers.push(Worker::start(scene, &name, bug, &asking).await);
    }
    for worker in &mut workers {
        worker.until(|said| *said == Said::Ready).await;
    }
    workers
}

async fn all_done(workers: &mut [Worker]) {
    for worker in workers {
        worker
            .until(|said| matches!(said, Said::Counts { .. }))
            .await;
    }
}

/// Comes to an end only when the authority is asked too often: those who do may go on for long.
async fn too_many(scene: &Scene, before: usize) -> Violation {
    loop {
        tokio::time::sleep(Duration::from_millis(50)).await;
        if let Err(violation) = at_most_one_refresh(&scene.cloud.ledger().split_off(before)) {
            return violation;
        }
    }
}

fn at_most_one_refresh(ledger: &[LedgerEntry]) -> Result<usize, Violation> {
    let refreshes = || {
        ledger
            .iter()
            .filter(|entry| entry.kind == TokenKind::Refresh)
    };
    let expected = ["ok", "pending"];
    let refused = refreshes().filter(|entry| !expected.contains(&entry.outcome.as_str()));
    match (refused.count(), refreshes().count()) {
        (0, asked) if asked <= 1 => Ok(asked),
        (0, asked) => Err(Violation::Asked { expected: 1, asked }),
        (count, _) => Err(Violation::Refused { count }),
    }
}

/// What the ledger says of one generation.
fn one_refresh_for_all(ledger: &[LedgerEntry]) -> Result<(), Violation> {
    let (expected, asked) = (1, at_most_one_refresh(ledger)?);
    if asked != expected {
        return Err(Violation::Asked { expected, asked });
    }
    let answers = ledger.iter().filter(|entry| {
        entry.kind == TokenKind::Access
            && entry.presented_to == Server::Portal(1)
            && entry.outcome == "ok"
    });
    let (expected, served) = (PROCESSES * TASKS, answers.count());
    if served == expected {
        Ok(())
    } else {
        Err(Violation::TasksFailed { expected, served })
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rel_01_one_refresh_serves_all_processes() {
    let generations = number_from("CRASHBOX_GENERATIONS", GENERATIONS);
    at_the_same_moment(None, generations).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rel_01_catches_a_lease_shorter_than_the_request() {
    let caught = at_the_same_moment(Some(Bug::ShortLease), 3).await;
    assert!(
        matches!(
            caught,
            Err(Violation::Refused { .. } | Violation::Asked { .. })
        ),
        "{caught:?}"
    );
}
