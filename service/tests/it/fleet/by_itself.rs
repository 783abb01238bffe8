//! Readings that nobody asked for.

use std::time::Duration;

use crmap_crm::CrmError;
use crmap_domain::{Lang, PortalState, Trouble};
use crmap_service::{NoticeKind, Outcome};

use super::{Work, fleet, quick};
use crate::cabinet_links::{card, cards, link, open, owner};
use crate::support::{ADMIN, Stand};

async fn due(stand: &Stand) -> usize {
    let due = stand.services.read_due().await.unwrap();
    assert_eq!(stand.world.count("read"), due);
    stand.world.forget();
    due
}

#[tokio::test]
async fn linked_portals_are_read_once_in_an_interval_and_not_all_at_one_moment() {
    let stand = Stand::with(quick()).await;
    let (owner, portals) = fleet(&stand, 20).await;
    assert_eq!(due(&stand).await, 0, "they were read when they were linked");
    stand.clock.pass(time::Duration::minutes(20 * 60 + 35));
    assert_eq!(due(&stand).await, 0);
    let mut read = Vec::new();
    for _ in 0..5 {
        stand.clock.pass(time::Duration::minutes(60));
        read.push(due(&stand).await);
    }
    assert_eq!(read.iter().sum::<usize>(), 20, "{read:?}");
    assert!(
        read.iter().filter(|count| **count > 0).count() > 2,
        "{read:?}"
    );
    // One that is linked no longer is not read.
    for portal in &portals[1..] {
        let unlinked = stand.services.unlink_portal(&owner.entered, portal).await;
        assert_eq!(unlinked, Ok(()));
    }
    stand.clock.pass(time::Duration::hours(27));
    assert_eq!(due(&stand).await, 1);
}

#[tokio::test]
async fn a_portal_that_its_link_did_not_read_is_read_soon() {
    let stand = Stand::with(quick()).await;
    stand.install().await;
    let owner = owner(&stand, 1).await;
    stand
        .world
        .readings_say(Some(|| CrmError::TooLarge { limit: 1 }));
    link(&stand, &stand.portal, &owner).await;
    stand.world.forget();
    assert_eq!(due(&stand).await, 0);
    stand.world.readings_say(None);
    stand.clock.pass(time::Duration::seconds(31));
    assert_eq!(due(&stand).await, 1);
    assert!(card(&stand, &owner).await.read_at.is_some());
}

#[tokio::test]
async fn a_burst_of_changed_fields_costs_one_reading() {
    let stand = Stand::with(quick()).await;
    let (owner, _portals) = fleet(&stand, 1).await;
    for _ in 0..5 {
        let notice = stand.notice(NoticeKind::FieldsChanged);
        stand.services.receive(&notice).await.unwrap();
        stand.work().await;
        stand.clock.pass(time::Duration::seconds(10));
    }
    assert_eq!(due(&stand).await, 0);
    stand.clock.pass(time::Duration::seconds(10));
    assert_eq!(due(&stand).await, 1);
    assert_eq!(stand.known().await.unwrap().needs_reading_since, None);
    stand.clock.pass(time::Duration::minutes(10));
    assert_eq!(due(&stand).await, 0);
    assert!(card(&stand, &owner).await.failure.is_none());
}

#[tokio::test]
async fn an_administrators_visit_spares_a_reading() {
    let stand = Stand::with(quick()).await;
    let (_owner, portals) = fleet(&stand, 1).await;
    stand.clock.pass(time::Duration::hours(20));
    let before = stand.clock.shown();
    open(&stand, &portals[0], ADMIN).await;
    stand
        .settle(async || {
            let card = card(&stand, &_owner).await;
            card.read_at == Some(before)
        })
        .await;
    stand.world.forget();
    stand.clock.pass(time::Duration::hours(20));
    assert_eq!(due(&stand).await, 0);
    stand.clock.pass(time::Duration::hours(7));
    assert_eq!(due(&stand).await, 1);
}

#[tokio::test]
async fn a_portal_that_is_paid_again_is_read_at_once() {
    let stand = Stand::with(quick()).await;
    let (owner, _portals) = fleet(&stand, 1).await;
    stand.world.portal_says(Some(|| CrmError::NotPaid {
        code: "ACCESS_DENIED".to_owned(),
    }));
    stand.clock.pass(time::Duration::hours(27));
    assert_eq!(due(&stand).await, 1);
    let unpaid = card(&stand, &owner).await;
    assert_eq!(unpaid.standing.state, PortalState::NeedsPayment);
    assert_eq!(unpaid.failure.unwrap().trouble, Trouble::NotPaid);
    stand.clock.pass(time::Duration::hours(30));
    assert_eq!(due(&stand).await, 0, "it is the probes' to ask");
    stand.world.portal_says(None);
    stand.work().await;
    stand.world.forget();
    assert_eq!(due(&stand).await, 1);
    assert_eq!(card(&stand, &owner).await.failure, None);
}

#[tokio::test]
async fn rel_16_a_portal_that_cannot_be_understood_is_tried_a_few_times_and_then_left() {
    let stand = Stand::with(quick()).await;
    let (owner, _portals) = fleet(&stand, 1).await;
    stand
        .world
        .readings_say(Some(|| CrmError::TooLarge { limit: 1 }));
    stand.clock.pass(time::Duration::hours(26));
    let mut tries = 0;
    for _ in 0..8 * 60 {
        tries += due(&stand).await;
        stand.clock.pass(time::Duration::minutes(1));
    }
    assert_eq!(tries, 5);
    let card = card(&stand, &owner).await;
    assert_eq!(card.standing.state, PortalState::Ok);
    assert_eq!(card.failure.unwrap().trouble, Trouble::TooLarge);
    stand.clock.pass(time::Duration::hours(19));
    assert_eq!(due(&stand).await, 1, "once in an interval");
    stand.clock.pass(time::Duration::hours(2));
    assert_eq!(due(&stand).await, 0);
}

#[tokio::test]
async fn rel_19_a_blocked_portal_is_not_read_for_a_day() {
    let stand = Stand::with(quick()).await;
    let (_owner, _portals) = fleet(&stand, 1).await;
    stand.world.portal_says(Some(|| CrmError::Blocked));
    stand.clock.pass(time::Duration::hours(27));
    assert_eq!(due(&stand).await, 1);
    for _ in 0..23 {
        stand.clock.pass(time::Duration::hours(1));
        stand.work().await;
        assert_eq!(stand.world.log(), Vec::<String>::new());
        assert_eq!(due(&stand).await, 0);
    }
}

#[tokio::test]
async fn rel_20_portals_that_hang_hold_up_no_others() {
    let mut settings = quick();
    // What is slow here waits for ever: a machine that is slow for a moment must not make one of the
    // others so.
    settings.reading.slow_after = Duration::from_secs(1);
    let stand = Stand::with(settings).await;
    let (owner, portals) = fleet(&stand, 100).await;
    // More than there are places of both kinds.
    let (hanging, others) = portals.split_at(45);
    for portal in hanging {
        stand.world.hangs(portal, true);
    }
    stand.clock.pass(time::Duration::hours(27));
    let work = Work::begin(&stand.services);
    let now = stand.clock.shown();
    stand
        .settle(async || {
            let cards = cards(&stand, &owner).await;
            let read = |portal: &crmap_domain::MemberId| {
                let of = |card: &&crmap_domain::cabinet::PortalCard| card.member_id == *portal;
                cards.iter().find(of).unwrap().read_at == Some(now)
            };
            others.iter().all(read)
        })
        .await;
    assert!(stand.world.being_read() <= 64);
    // Somebody who looks on is served meanwhile.
    stand.clock.pass(time::Duration::minutes(1));
    let outcome = stand
        .services
        .refresh_portal(&owner.entered, &others[0], Lang::Ru)
        .await;
    assert!(matches!(outcome, Ok(Outcome::Read(_))), "{outcome:?}");
    for portal in hanging {
        stand.world.hangs(portal, false);
    }
    let now = stand.clock.shown() - time::Duration::minutes(1);
    stand
        .settle(async || {
            let cards = cards(&stand, &owner).await;
            cards.iter().all(|card| card.read_at >= Some(now))
        })
        .await;
    work.stop().await;
    assert_eq!(stand.world.most_at_once(), 1);
    tokio::time::sleep(Duration::from_millis(5)).await;
}
