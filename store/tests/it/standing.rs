//! How portals stand, and who looks at them when.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use crmap_domain::{MemberId, PortalState};
use crmap_store::{Leaving, NewAddress, StandingChange};
use tokio::task::JoinSet;

use crate::support::*;

fn change(state: PortalState, reason: &str, seconds: i64) -> StandingChange {
    StandingChange {
        state,
        reason: reason.to_owned(),
        probes: 2,
        next_probe_at: Some(at(seconds + 60)),
        now: at(seconds),
    }
}

fn moving_to(address: &str, seconds: i64) -> NewAddress {
    NewAddress {
        address: address.to_owned(),
        base: format!("https://{address}/rest/"),
        origin: format!("https://{address}"),
        now: at(seconds),
    }
}

const LEFT: Leaving = Leaving {
    clean: false,
    lost: true,
    at: time::OffsetDateTime::UNIX_EPOCH,
    now: time::OffsetDateTime::UNIX_EPOCH,
};

on_both! {
    async fn since_when_changes_only_with_the_state(base) {
        let store = base.open().await;
        opened(&store, 1).await;
        let unpaid = PortalState::NeedsPayment;
        for seconds in [10, 20] {
            let change = change(unpaid, "PAYMENT_REQUIRED\0", seconds);
            assert!(store.set_standing(&member(1), &change).await.unwrap());
        }
        let portal = store.portal(&member(1)).await.unwrap().unwrap();
        assert_eq!((portal.state, portal.state_since), (unpaid, at(10)));
        assert_eq!(portal.reason, "PAYMENT_REQUIRED\u{fffd}");
        assert_eq!((portal.probes, portal.next_probe_at), (2, Some(at(80))));
        // An opening proves who somebody is, not that the portal is paid for.
        let again = store.remember_opening(&seen(1, "p1.bitrix24.ru", 30)).await.unwrap();
        assert_eq!(again.portal.state, unpaid);
    }

    async fn what_comes_late_brings_no_uninstalled_portal_back(base) {
        let store = base.open().await;
        opened(&store, 1).await;
        store.uninstall(&member(1), &LEFT).await.unwrap();
        let id = member(1);
        assert!(!store.set_standing(&id, &change(PortalState::Ok, "", 5)).await.unwrap());
        assert!(!store.follow_address(&id, &moving_to("x.bitrix24.ru", 5)).await.unwrap());
        assert!(!store.touch(&id, at(5)).await.unwrap());
        assert!(!store.hint(&id, at(5), Duration::ZERO).await.unwrap());
        assert!(!store.mark_for_reading(&id, at(5)).await.unwrap());
        assert!(!store.begin_install(&id, at(5)).await.unwrap());
        assert!(!store.keep_application_token(&id, &secret("t"), at(5)).await.unwrap());
        let portal = store.portal(&id).await.unwrap().unwrap();
        assert_eq!((portal.state, portal.reason.as_str()), (PortalState::Uninstalled, "lost"));
        assert_eq!(portal.address, "p1.bitrix24.ru");
        let again = store.uninstall(&id, &LEFT).await.unwrap();
        assert!(!again.was_installed);
        assert_eq!(store.portals_count().await.unwrap(), 0);
    }

    async fn sec_08_following_an_address_displaces_who_had_it(base) {
        let store = base.open().await;
        opened(&store, 1).await;
        opened(&store, 2).await;
        store.set_standing(&member(1), &change(PortalState::Moved, "302", 1)).await.unwrap();
        let to = moving_to("p2.bitrix24.ru", 9);
        assert!(store.follow_address(&member(1), &to).await.unwrap());
        let moved = store.portal(&member(1)).await.unwrap().unwrap();
        assert_eq!((moved.state, moved.state_since), (PortalState::Ok, at(9)));
        assert_eq!(moved.base.as_deref(), Some("https://p2.bitrix24.ru/rest/"));
        let displaced = store.portal(&member(2)).await.unwrap().unwrap();
        assert_eq!((displaced.state, displaced.base), (PortalState::Moved, None));

        // Who is not there displaces nobody.
        assert!(!store.follow_address(&member(7), &moving_to("p2.bitrix24.ru", 9)).await.unwrap());
        assert!(store.portal(&member(1)).await.unwrap().unwrap().base.is_some());
    }

    async fn sec_08_portals_that_swap_addresses_at_once_end_with_one_each(base) {
        let store = Arc::new(base.open().await);
        for round in 0..10 {
            let mut openings = JoinSet::new();
            for number in 1..=4 {
                let store = Arc::clone(&store);
                let address = format!("p{}.bitrix24.ru", (number + round) % 4);
                openings.spawn(async move {
                    store.remember_opening(&seen(number, &address, 5)).await.unwrap()
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

    async fn a_mark_made_during_a_reading_outlives_it(base) {
        let store = base.open().await;
        opened(&store, 1).await;
        store.mark_for_reading(&member(1), at(1)).await.unwrap();
        store.mark_for_reading(&member(1), at(3)).await.unwrap();
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
