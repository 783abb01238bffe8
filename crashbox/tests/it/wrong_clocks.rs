//! Processes whose clocks are wrong by ten minutes, both ways (REL-30): leases go by the database's
//! clock, and what a portal says of a token is the truth.

use std::time::Duration;

use crmap_crashbox::{Bug, Said};
use portal_sim::{Effect, Fault, Knobs, LedgerEntry, TokenKind};

use crate::support::*;

/// How wrong the three clocks are, in seconds.
const CLOCKS: [i64; 3] = [0, 600, -600];
const TASKS: usize = 8;
/// How often the tokens run out in the ordinary run.
const GENERATIONS: usize = 3;
/// How long the authority takes, so that others meet somebody's lease, on a busy machine too.
const SLOW: Effect = Effect::Delay { ms: 1_000 };
/// Nothing that is read takes this long.
const PATIENCE: Duration = Duration::from_secs(180);

/// Three processes, by whose clocks it is `later` seconds later than it is, and wrong at that.
async fn processes(scene: &Scene, later: i64, bug: Option<Bug>) -> Vec<Worker> {
    let (member, tasks) = (scene.member.to_string(), TASKS.to_string());
    let mut workers = Vec::new();
    for wrong_by in CLOCKS {
        let (name, ahead) = (format!("clock{wrong_by}"), (later + wrong_by).to_string());
        let asking = [
            "--clock-ahead",
            &ahead,
            "check",
            "--member",
            &member,
            "--tasks",
            &tasks,
            "--waits",
        ];
        workers.push(Worker::start(scene, &name, bug, &asking).await);
    }
    for worker in &mut workers {
        worker.until(|said| *said == Said::Ready).await;
    }
    workers
}

/// Everybody asks at once. Gives the uses of tokens since.
async fn ask(scene: &Scene, workers: &mut [Worker]) -> Vec<LedgerEntry> {
    let before = scene.cloud.ledger().len();
    for worker in &mut *workers {
        worker.tell("now").await;
    }
    all_answered(workers).await;
    scene.cloud.ledger().split_off(before)
}

/// The worker `first` asks, and everybody else while the authority still thinks about it. Gives the
/// uses of tokens since.
async fn ask_after(scene: &Scene, workers: &mut [Worker], first: usize) -> Vec<LedgerEntry> {
    let before = scene.cloud.ledger().len();
    let asked = scene.refreshes_of(Person::Administrator).len();
    workers[first].tell("now").await;
    scene.asks_after(Person::Administrator, asked).await;
    for (number, worker) in workers.iter_mut().enumerate() {
        if number != first {
            worker.tell("now").await;
        }
    }
    all_answered(workers).await;
    scene.cloud.ledger().split_off(before)
}

async fn all_answered(workers: &mut [Worker]) {
    for worker in workers {
        worker
            .until(|said| matches!(said, Said::Counts { .. }))
            .await;
    }
}

/// How often the authority was asked, and how often a portal was shown a token that had run out.
fn sums(ledger: &[LedgerEntry]) -> Result<(usize, usize), Violation> {
    let refreshes = ledger
        .iter()
        .filter(|entry| entry.kind == TokenKind::Refresh);
    let refused = refreshes
        .clone()
        .filter(|entry| entry.outcome != "ok")
        .count();
    if refused > 0 {
        return Err(Violation::Refused { count: refused });
    }
    let late =
        |entry: &&LedgerEntry| entry.kind == TokenKind::Access && entry.outcome == "expired_token";
    Ok((refreshes.count(), ledger.iter().filter(late).count()))
}

async fn ended(scene: &mut Scene, workers: Vec<Worker>, rounds: usize) -> Result<(), Violation> {
    for worker in workers {
        let heard = worker.end().await;
        let (served, expected) = (counts(&heard).0, TASKS * rounds);
        if served != expected {
            eprintln!("{heard:?}");
            return Err(Violation::TasksFailed { expected, served });
        }
        scene.note(&heard);
    }
    Ok(())
}

async fn one_refresh_each(generations: usize, bug: Option<Bug>) -> Result<(), Violation> {
    let people = [Person::Administrator];
    let mut scene = Scene::new(Kind::Postgres, Knobs::default(), &people).await;
    scene
        .cloud
        .set_oauth_fault(Fault::method("oauth/token", SLOW));
    let mut workers = processes(&scene, 0, bug).await;
    for generation in 0..generations {
        scene.portal().expire_access_tokens();
        // Each clock in turn is that of the holder.
        let first = generation % CLOCKS.len();
        let (asked, _) = sums(&ask_after(&scene, &mut workers, first).await)?;
        if asked != 1 {
            return Err(Violation::Asked { expected: 1, asked });
        }
    }
    ended(&mut scene, workers, generations).await?;
    scene.only_stored_were_used()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rel_30_wrong_clocks_cost_no_refresh() {
    let generations = number_from("CRASHBOX_GENERATIONS", GENERATIONS);
    one_refresh_each(generations, None).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rel_30_catches_leases_by_the_clock_of_their_holder() {
    let caught = one_refresh_each(GENERATIONS, Some(Bug::LeaseByOwnClock)).await;
    assert!(
        matches!(
            caught,
            Err(Violation::Refused { .. } | Violation::Asked { .. })
        ),
        "{caught:?}"
    );
}

/// Time passes for everybody, as the cloud's clock and the processes' have it: at 55 minutes the
/// clock that is ahead takes a good token for an old one, and after 62 the one that is behind takes
/// an old one for good.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rel_30_at_the_end_of_a_token_each_task_is_refused_once_at_most() {
    let people = [Person::Administrator];
    let mut scene = Scene::new(Kind::Postgres, Knobs::default(), &people).await;
    scene
        .cloud
        .set_oauth_fault(Fault::method("oauth/token", SLOW));
    let mut later = 0;
    for (minutes, most_late) in [
        (55, 0),
        (62, CLOCKS.len() * TASKS),
        (55, 0),
        (62, CLOCKS.len() * TASKS),
    ] {
        let passed = Duration::from_secs(minutes * 60);
        scene.cloud.pass(passed);
        later += passed.as_secs().cast_signed();
        let mut workers = processes(&scene, later, None).await;
        let (asked, late) = sums(&ask(&scene, &mut workers).await).unwrap();
        eprintln!("{minutes} minutes later: {asked} refreshes, {late} late tokens");
        assert!(asked <= 1, "{asked} refreshes");
        assert!(late <= most_late, "{late} late tokens");
        // And once more, when everybody knows the newest token.
        let (asked, late) = sums(&ask(&scene, &mut workers).await).unwrap();
        assert_eq!((asked, late), (0, 0));
        ended(&mut scene, workers, 2).await.unwrap();
    }
    scene.only_stored_were_used().unwrap();
}

const PORTALS: usize = 24;

async fn readings(bug: Option<Bug>) -> Result<(), Violation> {
    let fleet = Fleet::new(PORTALS, Duration::from_millis(100)).await;
    let mut workers = Vec::new();
    for wrong_by in CLOCKS {
        let (name, ahead) = (format!("clock{wrong_by}"), wrong_by.to_string());
        let reading = [
            "--clock-ahead",
            &ahead,
            "--reading-lease",
            "6000",
            "--pace",
            "100",
            "read",
        ];
        let worker = Worker::start_at(&fleet.base, &fleet.cloud, &name, bug, &reading).await;
        workers.push(worker);
    }
    for worker in &mut workers {
        worker.until(|said| *said == Said::Ready).await;
    }
    for _ in 0..2 {
        fleet.start_run().await;
        fleet.all_read(PATIENCE).await?;
    }
    // The one that is ahead dies, and the others take over by the database's clock.
    workers.remove(1).kill().await;
    fleet.start_run().await;
    fleet.all_read(PATIENCE).await?;
    for worker in workers {
        worker.end().await;
    }
    fleet.nothing_read_twice()?;
    fleet.snapshots_are_whole().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rel_30_wrong_clocks_read_no_portal_twice_and_lose_none() {
    readings(None).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rel_30_catches_readings_by_the_clock_of_their_reader() {
    // On a busy machine the others may look too late to meet a lease that is over too soon.
    let mut caught = Ok(());
    for _ in 0..5 {
        caught = readings(Some(Bug::LeaseByOwnClock)).await;
        if caught.is_err() {
            break;
        }
    }
    assert!(
        matches!(caught, Err(Violation::ReadTwiceAtOnce { .. })),
        "{caught:?}"
    );
}
