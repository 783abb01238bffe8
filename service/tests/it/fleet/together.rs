//! Several processes over one database.

use std::time::Duration;

use crmap_crm::CrmError;
use crmap_domain::cabinet::RunOf;
use crmap_domain::{Lang, Trouble};
use crmap_service::{Outcome, ReadingTimes, Settings};

use super::{Work, finished, fleet, quick};
use crate::support::{Stand, settings};

#[tokio::test]
async fn a_portal_that_another_process_reads_is_waited_for() {
    let stand = Stand::with(quick()).await;
    let (owner, portals) = fleet(&stand, 1).await;
    let another = stand.another(quick());
    stand.world.reads_late(true);
    let ask = async |services: &std::sync::Arc<crmap_service::Services>| {
        let asked = services.refresh_portal(&owner.entered, &portals[0], Lang::Ru);
        asked.await.unwrap()
    };
    let both = async { tokio::join!(ask(&stand.services), ask(&another)) };
    let release = async {
        stand.settle(async || stand.world.being_read() > 0).await;
        tokio::time::sleep(Duration::from_millis(50)).await;
        stand.world.reads_late(false);
    };
    let ((one, two), ()) = tokio::join!(both, release);
    let (Outcome::Read(one), Outcome::Read(two)) = (one, two) else {
        panic!("they were not read");
    };
    assert_eq!(one, two);
    assert_eq!(stand.world.count("read"), 1);

    // What failed there is told here, too.
    stand.clock.pass(time::Duration::minutes(1));
    stand
        .world
        .readings_say(Some(|| CrmError::TooLarge { limit: 1 }));
    let failed = Outcome::Failed(Trouble::TooLarge);
    assert_eq!(ask(&stand.services).await, failed);
    assert_eq!(ask(&another).await, failed);
    assert_eq!(stand.world.count("read"), 2);
}

#[tokio::test]
async fn rel_11_three_processes_share_the_work_and_read_nothing_twice_at_once() {
    let stand = Stand::with(quick()).await;
    let (owner, _portals) = fleet(&stand, 90).await;
    let others = [stand.another(quick()), stand.another(quick())];
    let run = stand.services.start_run(&owner.entered, RunOf::All).await;
    run.unwrap();
    let works = [
        Work::begin(&stand.services),
        Work::begin(&others[0]),
        Work::begin(&others[1]),
    ];
    let done = finished(&stand, &owner).await;
    assert_eq!((done.read, stand.world.count("read")), (90, 90));
    assert_eq!(stand.world.most_at_once(), 1);
    for work in works {
        work.stop().await;
    }
}

#[tokio::test]
async fn a_process_that_stops_gives_back_what_it_reads() {
    let stand = Stand::with(quick()).await;
    let (owner, _portals) = fleet(&stand, 30).await;
    let run = stand.services.start_run(&owner.entered, RunOf::All).await;
    run.unwrap();
    stand.world.reads_late(true);
    let work = Work::begin(&stand.services);
    stand.settle(async || stand.world.being_read() >= 24).await;
    work.stop().await;
    assert_eq!(stand.world.being_read(), 0);
    stand.world.reads_late(false);
    // Nobody waits for the leases to run out, which would take ten seconds.
    let another = stand.another(quick());
    let started = std::time::Instant::now();
    another.read_due().await.unwrap();
    assert_eq!(finished(&stand, &owner).await.read, 30);
    assert!(started.elapsed() < Duration::from_secs(8));
    assert_eq!(stand.world.most_at_once(), 1);
}

/// By the times that a server has. A busy machine has three tries.
#[tokio::test]
async fn rel_26_what_a_stopping_process_reads_another_reads_within_two_seconds() {
    let usual = || {
        let shipped = Settings::new(settings().doors);
        Settings {
            worker_pace: shipped.worker_pace,
            reading: shipped.reading,
            ..settings()
        }
    };
    let stand = Stand::with(usual()).await;
    let (_owner, _portals) = fleet(&stand, 10).await;
    stand.clock.pass(time::Duration::hours(27));
    stand.world.reads_late(true);
    let mut work = Work::begin(&stand.services);
    stand.settle(async || stand.world.being_read() == 10).await;
    let mut took = Vec::new();
    for _try in 0..3 {
        let next = Work::begin(&stand.another(usual()));
        tokio::time::sleep(Duration::from_millis(100)).await;
        let told = std::time::Instant::now();
        let stopping = tokio::spawn(work.stop());
        stand.settle(async || stand.world.being_read() < 10).await;
        stand.settle(async || stand.world.being_read() == 10).await;
        took.push(told.elapsed());
        stopping.await.unwrap();
        work = next;
        if took.iter().any(|took| *took <= Duration::from_secs(2)) {
            break;
        }
    }
    assert!(took.last().unwrap() <= &Duration::from_secs(2), "{took:?}");
    assert_eq!(stand.world.most_at_once(), 1);
    stand.world.reads_late(false);
    work.stop().await;
}

#[tokio::test]
async fn rel_26_a_reading_that_somebody_waits_for_goes_on_while_the_process_stops() {
    let stand = Stand::with(quick()).await;
    let (owner, portals) = fleet(&stand, 1).await;
    stand.world.reads_late(true);
    let work = Work::begin(&stand.services);
    let asking = stand
        .services
        .refresh_portal(&owner.entered, &portals[0], Lang::Ru);
    let stopping = async {
        stand.settle(async || stand.world.being_read() == 1).await;
        work.stop().await;
        assert_eq!(stand.world.being_read(), 1);
        stand.world.reads_late(false);
    };
    let (asked, ()) = tokio::join!(asking, stopping);
    assert!(matches!(asked.unwrap(), Outcome::Read(_)));
    stand.services.close().await;
}

#[tokio::test]
async fn rel_11_whoever_loses_the_lease_breaks_the_reading_off() {
    let times = ReadingTimes {
        lease: Duration::from_millis(1_500),
        heartbeat: Duration::from_millis(50),
        ..quick().reading
    };
    let stand = Stand::with(Settings {
        reading: times,
        ..quick()
    })
    .await;
    let (_owner, portals) = fleet(&stand, 1).await;
    stand.world.reads_late(true);
    stand.clock.pass(time::Duration::hours(27));
    let work = Work::begin(&stand.services);
    stand.settle(async || stand.world.being_read() == 1).await;
    // It lasts as long as it is prolonged.
    tokio::time::sleep(2 * times.lease).await;
    assert_eq!(stand.world.count("read"), 1);
    // The portal leaves, and comes back in an installation of its own.
    stand.leave(false).await;
    stand.settle(async || stand.world.being_read() == 0).await;
    assert_eq!(stand.store.verify().await.unwrap(), []);
    assert_eq!(stand.portal, portals[0]);
    work.stop().await;
}
