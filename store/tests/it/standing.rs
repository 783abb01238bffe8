//! How portals stand, and who looks at them when.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use crmap_domain::{MemberId, PortalState};
use crmap_store::{Leaving, StandingChange, Was};
use tokio::task::JoinSet;

use crate::support::*;

/// Of a portal that has been well from the beginning.
fn change(state: PortalState, reason: &str, seconds: i64) -> StandingChange {
    StandingChange {
        was: PortalState::Ok,
        seen: at(0),
        state,
        reason: reason.to_owned(),
        probes: 2,
        hinted_at: None,
        next_probe_at: Some(at(seconds + 60)),
        now: at(seconds),
    }
}

const LEFT: Leaving = Leaving {
    clean: false,
    lost: true,
    installs: None,
    at: time::OffsetDateTime::UNIX_EPOCH,
    now: time::OffsetDateTime::UNIX_EPOCH,
};

on_both! {
    async fn since_when_changes_only_with_the_state(base) {
        let store = base.open().await;
        opened(&store, 1).await;
        let unpaid = PortalState::NeedsPayment;
        for (seconds, was, since) in [(10, PortalState::Ok, 0), (20, unpaid, 10)] {
            let mut change = change(unpaid, "PAYMENT_REQUIRED\0", seconds);
            (change.was, change.seen) = (was, at(since));
            assert!(store.set_standing(&member(1), &change).await.unwrap());
        }
        let portal = store.portal(&member(1)).await.unwrap().unwrap();
        assert_eq!((portal.state, portal.state_since), (unpaid, at(10)));
        assert_eq!(portal.reason, "PAYMENT_REQUIRED\u{fffd}");
        assert_eq!(portal.reason_since, at(10));
        assert_eq!((portal.probes, portal.next_probe_at), (2, Some(at(80))));
        // An opening proves who somebody is, not that the portal is paid for.
        let again = store.remember_opening(&seen(1, "p1.bitrix24.ru", 30)).await.unwrap();
        assert_eq!(again.portal.state, unpaid);
    }

    async fn a_judgement_of_what_has_changed_since_is_void(base) {
        let store = base.open().await;
        opened(&store, 1).await;
        let away = change(PortalState::Unreachable, "timeout", 10);
        assert!(store.set_standing(&member(1), &away).await.unwrap());
        let before = store.portal(&member(1)).await.unwrap();
        let late = change(PortalState::NeedsPayment, "PAYMENT_REQUIRED", 20);
        assert!(!store.set_standing(&member(1), &late).await.unwrap());
        assert_eq!(store.portal(&member(1)).await.unwrap(), before);
        // Also where it changed at the moment that was seen.
        let at_once = StandingChange { seen: at(10), ..late.clone() };
        assert!(!store.set_standing(&member(1), &at_once).await.unwrap());
        // What is finer than the database keeps does not count.
        let seen = at(10) + Duration::from_micros(7);
        let fine = StandingChange { was: PortalState::Unreachable, seen, ..late };
        assert!(store.set_standing(&member(1), &fine).await.unwrap());
    }

    async fn since_when_a_reason_holds_changes_with_it(base) {
        let store = base.open().await;
        opened(&store, 1).await;
        let away = PortalState::Unreachable;
        let mut judged = (PortalState::Ok, at(0));
        for (reason, seconds, probes, since) in [
            ("timeout", 10, 1, 10),
            ("timeout", 20, 2, 10),
            ("dns", 30, 1, 30),
            ("dns", 40, 2, 30),
        ] {
            let (was, seen) = judged;
            let change = StandingChange { probes, was, seen, ..change(away, reason, seconds) };
            assert!(store.set_standing(&member(1), &change).await.unwrap());
            let portal = store.portal(&member(1)).await.unwrap().unwrap();
            assert_eq!((portal.state_since, portal.reason_since), (at(10), at(since)));
            assert_eq!((portal.reason.as_str(), portal.probes), (reason, probes));
            judged = (away, portal.state_since);
        }
        // Taken over, found again, left and returned.
        let reason_since = async || store.portal(&member(1)).await.unwrap().unwrap().reason_since;
        for seconds in [50, 55] {
            store.remember_opening(&seen(2, "p1.bitrix24.ru", seconds)).await.unwrap();
            assert_eq!(reason_since().await, at(50));
        }
        store.see_again(&seen(1, "x.bitrix24.ru", 60)).await.unwrap().unwrap();
        assert_eq!(reason_since().await, at(60));
        store.uninstall(&member(1), &Leaving { now: at(70), ..LEFT }).await.unwrap();
        assert_eq!(reason_since().await, at(70));
        store.remember_opening(&seen(1, "x.bitrix24.ru", 80)).await.unwrap();
        assert_eq!(reason_since().await, at(80));
    }

    async fn what_comes_late_brings_no_uninstalled_portal_back(base) {
        let store = base.open().await;
        opened(&store, 1).await;
        store.uninstall(&member(1), &LEFT).await.unwrap();
        let id = member(1);
        assert!(!store.set_standing(&id, &change(PortalState::Ok, "", 5)).await.unwrap());
        assert!(store.see_again(&seen(1, "x.bitrix24.ru", 5)).await.unwrap().is_none());
        assert!(!store.hint(&id, at(5), Duration::ZERO).await.unwrap());
        assert!(!store.mark_for_reading(&id, at(5), at(65)).await.unwrap());
        assert!(!store.begin_install(&id, at(5)).await.unwrap());
        assert!(!store.keep_application_token(&id, &secret("t"), at(5)).await.unwrap());
        let portal = store.portal(&id).await.unwrap().unwrap();
        assert_eq!((portal.state, portal.reason.as_str()), (PortalState::Uninstalled, "lost"));
        assert_eq!(portal.address, "p1.bitrix24.ru");
        let again = store.uninstall(&id, &LEFT).await.unwrap();
        assert!(!again.was_installed);
        assert_eq!(store.portals_count().await.unwrap(), 0);
    }

    async fn sec_08_a_portal_seen_at_a_new_address_displaces_who_had_it(base) {
        let store = base.open().await;
        opened(&store, 1).await;
        opened(&store, 2).await;
        store.set_standing(&member(1), &change(PortalState::Moved, "302", 1)).await.unwrap();
        let followed = store.see_again(&seen(1, "p2.bitrix24.ru", 9)).await.unwrap().unwrap();
        assert_eq!(followed.was, Was::Moved { from: "p1.bitrix24.ru".to_owned() });
        assert_eq!(followed.displaced, Some(member(2)));
        let moved = followed.portal;
        assert_eq!((moved.state, moved.state_since), (PortalState::Ok, at(9)));
        assert_eq!(moved.base.as_deref(), Some("https://p2.bitrix24.ru/rest/"));
        assert_eq!(store.portal(&member(1)).await.unwrap(), Some(moved));
        let displaced = store.portal(&member(2)).await.unwrap().unwrap();
        assert_eq!((displaced.state, displaced.base), (PortalState::Moved, None));
        let again = store.see_again(&seen(1, "p2.bitrix24.ru", 10)).await.unwrap().unwrap();
        assert_eq!((again.was, again.displaced), (Was::Known, None));
    }

    async fn sec_08_who_is_not_there_is_not_brought_back_and_displaces_nobody(base) {
        let store = base.open().await;
        opened(&store, 1).await;
        opened(&store, 2).await;
        store.uninstall(&member(1), &LEFT).await.unwrap();
        let before = store.portal(&member(1)).await.unwrap();
        for number in [1, 7] {
            let late = seen(number, "p2.bitrix24.ru", 9);
            assert!(store.see_again(&late).await.unwrap().is_none());
        }
        assert_eq!(store.portal(&member(1)).await.unwrap(), before);
        assert_eq!(store.portal(&member(7)).await.unwrap(), None);
        let holder = store.portal(&member(2)).await.unwrap().unwrap();
        assert!(holder.base.is_some() && holder.state == PortalState::Ok);
        // An installation does bring it back.
        let back = store.remember_opening(&seen(1, "p1.bitrix24.ru", 10)).await.unwrap();
        assert_eq!(back.was, Was::Returned);
        assert!(store.see_again(&seen(1, "p1.bitrix24.ru", 11)).await.unwrap().is_some());
    }

    async fn sec_08_portals_that_swap_addresses_at_once_end_with_one_each(base) {
        let store = Arc::new(base.open().await);
        for round in 0..10 {
            let mut openings = JoinSet::new();
            for number in 1..=4 {
                let store = Arc::clone(&store);
                let address = format!("p{}.bitrix24.ru", (number + round) % 4);
                openings.spawn(async move {
                    let seen = seen(number, &address, 5);
                    if round % 2 == 0 {
                        store.remember_opening(&seen).await.unwrap()
                    } else {
                        store.see_again(&seen).await.unwrap().unwrap()
                    }
                });
            }
            openings.join_all().await;
            let mut held = BTreeSet::new();
            for number in 1..=4 {
                let portal = store.portal(&member(number)).await.unwrap().unwrap();
                if portal.base.is_some() {
                    assert!(held.insert(portal.address), "an address belongs to two portals");
                }
            }
        }
    }

    async fn sec_17_hints_lead_to_one_look_in_a_while(base) {
        let store = base.open().await;
        opened(&store, 1).await;
        let while_ = Duration::from_secs(600);
        let mut looks = 0;
        for second in 0..1000 {
            if store.hint(&member(1), at(second), while_).await.unwrap() {
                looks += 1;
            }
        }
        assert_eq!(looks, 2, "at 0 and at 600");
        let portal = store.portal(&member(1)).await.unwrap().unwrap();
        assert_eq!(portal.hinted_at, Some(at(600)));
        // A look that was due earlier stays.
        assert_eq!(portal.next_probe_at, Some(at(0)));
    }

    async fn sec_17_a_hint_that_comes_while_a_portal_is_asked_outlives_the_answer(base) {
        let store = base.open().await;
        opened(&store, 1).await;
        let due = async || store.portal(&member(1)).await.unwrap().unwrap().next_probe_at;
        let every = Duration::from_secs(600);
        assert!(store.hint(&member(1), at(100), every).await.unwrap());
        // What the hint that was known has led to is over with the answer.
        let known = StandingChange { hinted_at: Some(at(100)), ..change(PortalState::Ok, "", 105) };
        assert!(store.set_standing(&member(1), &known).await.unwrap());
        assert_eq!(due().await, Some(at(165)));
        assert!(store.hint(&member(1), at(800), every).await.unwrap());
        let before = StandingChange { hinted_at: Some(at(100)), ..change(PortalState::Ok, "", 805) };
        assert!(store.set_standing(&member(1), &before).await.unwrap());
        assert_eq!(due().await, Some(at(165)));
        let known = StandingChange { hinted_at: Some(at(800)), ..before };
        assert!(store.set_standing(&member(1), &known).await.unwrap());
        assert_eq!(due().await, Some(at(865)));
        // Nor is the first one of a portal lost.
        opened(&store, 2).await;
        assert!(store.hint(&member(2), at(100), every).await.unwrap());
        assert!(store.set_standing(&member(2), &change(PortalState::Ok, "", 105)).await.unwrap());
        let second = store.portal(&member(2)).await.unwrap().unwrap();
        assert!(second.next_probe_at <= Some(at(100)), "{:?}", second.next_probe_at);
    }

    async fn a_mark_made_during_a_reading_outlives_it(base) {
        let store = base.open().await;
        opened(&store, 1).await;
        store.mark_for_reading(&member(1), at(1), at(61)).await.unwrap();
        store.mark_for_reading(&member(1), at(3), at(63)).await.unwrap();
        assert!(!store.clear_reading_mark(&member(1), at(2)).await.unwrap());
        assert!(store.clear_reading_mark(&member(1), at(3)).await.unwrap());
        let portal = store.portal(&member(1)).await.unwrap().unwrap();
        assert_eq!(portal.needs_reading_since, None);
    }

    async fn a_due_portal_is_one_lookers_at_a_time(base) {
        let store = Arc::new(base.open().await);
        for number in 1..=20 {
            opened(&store, number).await;
            let change = change(PortalState::Unreachable, "timeout", i64::from(number));
            store.set_standing(&member(number), &change).await.unwrap();
        }
        assert!(store.due_portals("a", LEASE, 9, at(60)).await.unwrap().is_empty());
        let mut lookers = JoinSet::new();
        for looker in 0..8 {
            let store = Arc::clone(&store);
            lookers.spawn(async move {
                store.due_portals(&format!("l{looker}"), LEASE, 3, at(1000)).await.unwrap()
            });
        }
        let taken: Vec<MemberId> = lookers
            .join_all()
            .await
            .into_iter()
            .flatten()
            .map(|portal| portal.member_id)
            .collect();
        let distinct: BTreeSet<_> = taken.iter().collect();
        assert_eq!(distinct.len(), taken.len(), "a portal was taken twice");
        // All that are left, then none.
        let rest = store.due_portals("rest", LEASE, 50, at(1000)).await.unwrap();
        assert_eq!(rest.len() + taken.len(), 20);
        assert!(store.due_portals("more", LEASE, 50, at(1000)).await.unwrap().is_empty());
        assert!(rest.is_sorted_by_key(|portal| portal.next_probe_at));

        if let Some(first) = rest.first() {
            assert!(!store.release_probe(&first.member_id, "other").await.unwrap());
            assert!(store.release_probe(&first.member_id, "rest").await.unwrap());
            assert_eq!(store.due_portals("x", LEASE, 50, at(1000)).await.unwrap().len(), 1);
        }
    }
}
