//! Runs: what their owner sees of them, and how they end.

use std::collections::BTreeMap;

use crmap_crm::CrmError;
use crmap_domain::cabinet::{Denial, RunOf};
use crmap_domain::{MemberId, Trouble, Unreachable};

use super::{Work, finished, fleet, progress, quick};
use crate::cabinet_links::{card, cards, link, owner, portal};
use crate::support::{Mood, Stand};

#[tokio::test]
async fn all_portals_are_read_once_however_often_somebody_asks() {
    let stand = Stand::with(quick()).await;
    let (owner, portals) = fleet(&stand, 12).await;
    let services = &stand.services;
    let start = async || {
        services
            .start_run(&owner.entered, RunOf::All)
            .await
            .unwrap()
    };
    let (one, two) = tokio::join!(start(), start());
    assert_eq!((&one.id, one.total), (&two.id, 12));
    let work = Work::begin(services);
    let done = finished(&stand, &owner).await;
    assert_eq!((done.read, done.failed.len(), done.skipped), (12, 0, 0));
    assert_eq!(stand.world.count("read"), 12);
    let now = stand.clock.shown();
    assert!(
        cards(&stand, &owner)
            .await
            .iter()
            .all(|card| card.read_at == Some(now))
    );
    // It stays until it is put away.
    assert_eq!(progress(&stand, &owner).await, done);
    let put_away = services.put_run_away(&owner.entered, &done.id).await;
    assert_eq!(put_away, Ok(()));
    let shown = services.run_progress(&owner.entered).await;
    assert_eq!(shown, Ok(None));
    // Asked again at once, everything is there already.
    let these = RunOf::These(portals[..3].to_vec());
    let again = services.start_run(&owner.entered, these).await.unwrap();
    assert_eq!((again.total, again.read), (3, 3));
    assert!(again.finished_at.is_some());
    work.stop().await;
    assert_eq!(stand.world.count("read"), 12);
    assert_eq!(stand.world.most_at_once(), 1);
}

#[tokio::test]
async fn sec_77_a_run_is_its_owners_alone_and_reads_what_is_linked() {
    let stand = Stand::with(quick()).await;
    let (one, portals) = fleet(&stand, 1).await;
    let two = owner(&stand, 2).await;
    let foreign = portal(&stand, 9).await;
    let these = RunOf::These(vec![portals[0].clone(), foreign]);
    let run = stand.services.start_run(&one.entered, these).await.unwrap();
    assert_eq!(run.total, 1);
    let services = &stand.services;
    assert_eq!(services.run_progress(&two.entered).await, Ok(None));
    let stopped = services.stop_run(&two.entered, &run.id).await;
    assert_eq!(stopped, Err(Denial::NotFound));
    let put_away = services.put_run_away(&two.entered, &run.id).await;
    assert_eq!(put_away, Err(Denial::NotFound));
    let nothing = services.start_run(&two.entered, RunOf::All).await.unwrap();
    assert_eq!((nothing.total, nothing.finished_at.is_some()), (0, true));
}

/// Ten and some ways to fail, and what is told of them.
fn ways() -> Vec<(Mood, Trouble)> {
    let silent = |why| Trouble::Unreachable(why);
    vec![
        (|| code(|code| CrmError::NotPaid { code }), Trouble::NotPaid),
        (|| code(|code| CrmError::Revoked { code }), Trouble::Revoked),
        (
            || code(|code| CrmError::NotInstalled { code }),
            Trouble::Revoked,
        ),
        (|| CrmError::Restricted, Trouble::Restricted),
        (|| CrmError::Blocked, Trouble::Blocked),
        (|| CrmError::Moved, Trouble::Moved),
        (|| CrmError::Gone, Trouble::Gone),
        (|| unreachable(Unreachable::Dns), silent(Unreachable::Dns)),
        (|| unreachable(Unreachable::Tls), silent(Unreachable::Tls)),
        (
            || unreachable(Unreachable::Timeout),
            silent(Unreachable::Timeout),
        ),
        (
            || CrmError::PortalFailed {
                method: "batch".to_owned(),
                status: 500,
                code: "INTERNAL_SERVER_ERROR".to_owned(),
            },
            Trouble::PortalFailed,
        ),
        (|| CrmError::NotAPortal { status: 200 }, Trouble::NotAPortal),
        (|| CrmError::TooLarge { limit: 1 }, Trouble::TooLarge),
        (
            || CrmError::Malformed {
                method: "user.get".to_owned(),
                place: "result[0]".to_owned(),
            },
            Trouble::Malformed {
                method: "user.get".to_owned(),
                place: "result[0]".to_owned(),
            },
        ),
        (
            || CrmError::RateLimited { retry_after: None },
            Trouble::RateLimited,
        ),
        (
            || CrmError::MissingScope {
                scope: "crm".to_owned(),
            },
            Trouble::MissingScope("crm".to_owned()),
        ),
    ]
}

fn code(make: impl FnOnce(String) -> CrmError) -> CrmError {
    make("SOME_CODE".to_owned())
}

fn unreachable(why: Unreachable) -> CrmError {
    CrmError::Unreachable { why, source: None }
}

#[tokio::test]
async fn fifty_portals_that_fail_in_all_ways_say_so_and_the_others_are_read() {
    let stand = Stand::with(quick()).await;
    let (owner, portals) = fleet(&stand, 70).await;
    let (failing, healthy) = portals.split_at(50);
    let ways = ways();
    let mut expected: BTreeMap<MemberId, Trouble> = BTreeMap::new();
    for (portal, (mood, trouble)) in failing.iter().zip(ways.iter().cycle()) {
        stand.world.reading_says(portal, *mood);
        expected.insert(portal.clone(), trouble.clone());
    }
    let services = &stand.services;
    services
        .start_run(&owner.entered, RunOf::All)
        .await
        .unwrap();
    let work = Work::begin(services);
    let done = finished(&stand, &owner).await;
    work.stop().await;
    assert_eq!((done.total, done.read, done.skipped), (70, 20, 0));
    let told: BTreeMap<MemberId, Trouble> = done
        .failed
        .into_iter()
        .map(|failure| (failure.member_id, failure.trouble))
        .collect();
    assert_eq!(told, expected);
    let now = stand.clock.shown();
    for card in cards(&stand, &owner).await {
        let failure = card.failure.map(|failure| failure.trouble);
        assert_eq!(failure.as_ref(), expected.get(&card.member_id));
        assert_eq!(card.read_at == Some(now), healthy.contains(&card.member_id));
    }
    // What is known to refuse is not even asked the next time.
    stand.clock.pass(time::Duration::minutes(1));
    stand.world.forget();
    let again = services
        .start_run(&owner.entered, RunOf::All)
        .await
        .unwrap();
    let known = again.failed.iter().map(|failure| &failure.trouble);
    assert!(known.clone().all(|trouble| {
        matches!(
            trouble,
            Trouble::NotPaid | Trouble::Revoked | Trouble::Blocked
        )
    }));
    assert!(known.count() >= 12);
    assert_eq!(stand.world.count("read"), 0);
}

#[tokio::test]
async fn a_stopped_run_ends_with_the_readings_that_are_under_way() {
    let stand = Stand::with(quick()).await;
    let (owner, _portals) = fleet(&stand, 60).await;
    stand.world.reads_late(true);
    let services = &stand.services;
    let run = services
        .start_run(&owner.entered, RunOf::All)
        .await
        .unwrap();
    let work = Work::begin(services);
    stand.settle(async || stand.world.being_read() >= 24).await;
    let stopped = services.stop_run(&owner.entered, &run.id).await.unwrap();
    assert_eq!(stopped.finished_at, None);
    assert!(stopped.skipped > 0 && !stopped.reading.is_empty());
    stand.world.reads_late(false);
    let done = finished(&stand, &owner).await;
    assert_eq!(done.read + done.skipped, 60);
    assert!(done.read > 0 && done.skipped >= 20, "{done:?}");
    // It can be begun anew, and reads the rest.
    stand.clock.pass(time::Duration::seconds(1));
    let next = services
        .start_run(&owner.entered, RunOf::All)
        .await
        .unwrap();
    assert_ne!(next.id, run.id);
    let done = finished(&stand, &owner).await;
    assert_eq!((done.read, done.skipped), (60, 0));
    work.stop().await;
    assert_eq!(stand.world.most_at_once(), 1);
}

#[tokio::test]
async fn a_run_goes_on_in_another_process() {
    let stand = Stand::with(crmap_service::Settings {
        reading: crmap_service::ReadingTimes {
            lease: std::time::Duration::from_millis(300),
            heartbeat: std::time::Duration::from_millis(50),
            ..quick().reading
        },
        ..quick()
    })
    .await;
    let (owner, _portals) = fleet(&stand, 20).await;
    let run = stand.services.start_run(&owner.entered, RunOf::All).await;
    stand.world.reads_late(true);
    let work = Work::begin(&stand.services);
    stand.settle(async || stand.world.being_read() > 0).await;
    work.kill().await;
    stand.settle(async || stand.world.being_read() == 0).await;
    stand.world.reads_late(false);
    let another = stand.another(quick());
    let work = Work::begin(&another);
    let done = finished(&stand, &owner).await;
    assert_eq!((done.id, done.read), (run.unwrap().id, 20));
    work.stop().await;
    assert_eq!(stand.world.most_at_once(), 1);
}

#[tokio::test]
async fn a_portal_that_leaves_the_cabinet_during_a_run_is_left_out() {
    let stand = Stand::with(quick()).await;
    let (owner, portals) = fleet(&stand, 3).await;
    let services = &stand.services;
    services
        .start_run(&owner.entered, RunOf::All)
        .await
        .unwrap();
    let unlinked = services.unlink_portal(&owner.entered, &portals[0]).await;
    assert_eq!(unlinked, Ok(()));
    services.read_due().await.unwrap();
    let done = finished(&stand, &owner).await;
    assert_eq!((done.total, done.read, done.skipped), (3, 2, 1));
}

#[tokio::test]
async fn rel_12_a_reading_that_panics_is_a_failure_and_harms_nobody() {
    let stand = Stand::with(quick()).await;
    let (owner, portals) = fleet(&stand, 3).await;
    stand.world.breaks(&portals[1], true);
    let services = &stand.services;
    let work = Work::begin(services);
    services
        .start_run(&owner.entered, RunOf::All)
        .await
        .unwrap();
    let done = finished(&stand, &owner).await;
    assert_eq!((done.read, done.failed.len()), (2, 1));
    assert_eq!(done.failed[0].trouble, Trouble::Internal);
    stand.world.breaks(&portals[1], false);
    stand.clock.pass(time::Duration::minutes(1));
    let these = RunOf::These(vec![portals[1].clone()]);
    services.start_run(&owner.entered, these).await.unwrap();
    assert_eq!(finished(&stand, &owner).await.read, 1);
    work.stop().await;
}

#[tokio::test]
async fn sec_24_a_void_link_is_not_read_by_a_run() {
    let stand = Stand::with(quick()).await;
    stand.install().await;
    let owner = owner(&stand, 1).await;
    link(&stand, &stand.portal, &owner).await;
    stand.clock.pass(time::Duration::hours(1));
    stand.leave(false).await;
    stand.world.forget();
    let run = stand.services.start_run(&owner.entered, RunOf::All).await;
    let run = run.unwrap();
    assert_eq!(run.failed[0].trouble, Trouble::Revoked);
    assert!(run.finished_at.is_some());
    assert_eq!(card(&stand, &owner).await.failure, None);
    assert_eq!(stand.world.count("read"), 0);
}
