//! Three processes that share the readings of 200 portals, while one after the other is killed
//! (REL-11).

use std::time::{Duration, Instant};

use crmap_crashbox::{Bug, Said};
use portal_sim::{Effect, Fault};

use crate::support::*;

const PORTALS: usize = 200;
const PROCESSES: usize = 3;
/// How many processes are killed in the ordinary run.
const KILLS: u64 = 6;
/// How long a portal takes, so that most of a reading is a request.
const LATENCY: Duration = Duration::from_millis(60);
/// Leases of processes that are killed over and over are short.
const SHORT: &str = "2000";
/// The longest that a run may take on a slow machine.
const PATIENCE: Duration = Duration::from_secs(120);
/// After this time at the latest, another process takes a portal over.
const TAKEOVER: Duration = Duration::from_secs(45);

async fn begin(fleet: &Fleet, number: usize, lease: &str, bug: Option<Bug>) -> Worker {
    let name = format!("process-{number}");
    let arguments = ["--reading-lease", lease, "--pace", "200", "read"];
    let mut worker = Worker::start_at(&fleet.base, &fleet.cloud, &name, bug, &arguments).await;
    worker.until(|said| *said == Said::Ready).await;
    worker
}

async fn kill_one_after_the_other(kills: u64, bug: Option<Bug>) -> Result<(), Violation> {
    let mut chance = Chance::new("fleet");
    let fleet = Fleet::new(PORTALS, LATENCY).await;
    let mut workers = Vec::new();
    for number in 0..PROCESSES {
        workers.push(begin(&fleet, number, SHORT, bug).await);
    }
    let (mut killed, mut runs, started) = (0, 0, Instant::now());
    while killed < kills || runs == 0 {
        fleet.start_run().await;
        // Two or three of them in each run.
        for _ in 0..2 + chance.below(2) {
            tokio::time::sleep(Duration::from_millis(chance.below(2_000))).await;
            let number = usize::try_from(chance.below(3)).unwrap();
            workers.remove(number).kill().await;
            workers.insert(number, begin(&fleet, number, SHORT, bug).await);
            killed += 1;
        }
        fleet.all_read(PATIENCE).await?;
        runs += 1;
        eprintln!("{killed} killed in {runs} runs, {:?}", started.elapsed());
    }
    for worker in workers {
        worker.end().await;
    }
    fleet.nothing_read_twice()?;
    fleet.snapshots_are_whole().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rel_11_nothing_is_lost_and_nothing_read_twice_at_once_whoever_is_killed() {
    let kills = number_from("CRASHBOX_KILLS", KILLS);
    kill_one_after_the_other(kills, None).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rel_11_catches_a_lease_that_is_ignored() {
    let caught = kill_one_after_the_other(1, Some(Bug::IgnoreReadingLease)).await;
    assert!(
        matches!(caught, Err(Violation::ReadTwiceAtOnce { .. })),
        "{caught:?}"
    );
}

/// With the leases of the server, and killed when they have just begun, which is the worst moment.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rel_11_a_killed_process_is_replaced_within_45_seconds() {
    let fleet = Fleet::new(3, LATENCY).await;
    for portal in fleet.cloud.portals() {
        portal.set_fault(Fault::every(Effect::Delay { ms: 100_000 }));
    }
    let dies = begin(&fleet, 0, "40000", None).await;
    under_way(&fleet, 3).await;
    let lives = begin(&fleet, 1, "40000", None).await;
    dies.kill().await;
    let killed = Instant::now();
    under_way(&fleet, 0).await;
    for portal in fleet.cloud.portals() {
        portal.clear_faults();
        portal.clear_requests();
    }
    fleet.start_run().await;
    fleet.all_read(2 * TAKEOVER).await.unwrap();
    let took = killed.elapsed();
    eprintln!("taken over and read after {took:?}");
    assert!(took <= TAKEOVER, "{took:?}");
    assert!(
        took >= Duration::from_secs(30),
        "nobody knew that it was dead"
    );
    lives.end().await;
}

async fn under_way(fleet: &Fleet, count: usize) {
    for _ in 0..1_000 {
        let now: usize = fleet.cloud.portals().map(|one| one.under_way()).sum();
        if now == count {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("it never came about");
}
