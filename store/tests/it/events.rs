//! Events are kept once, and worked off once, in order (SEC-18).

use std::sync::Arc;
use std::time::Duration;

use crmap_store::{Leaving, NewEvent, Received};
use tokio::task::JoinSet;

use crate::support::*;

fn event(number: u32, seconds: i64) -> NewEvent {
    let mut digest = [number as u8; 32];
    digest[0] = seconds as u8;
    NewEvent {
        digest,
        member_id: member(number),
        name: format!("E{seconds}"),
        sent_at: Some(at(seconds)),
        payload: format!("{{\"event\":{seconds}}}"),
        now: at(seconds),
    }
}

async fn pause() {
    // Arrival goes by the database's clock, which tells milliseconds.
    tokio::time::sleep(Duration::from_millis(3)).await;
}

on_both! {
    async fn a_repetition_is_known_even_after_the_work(base) {
        let store = base.open().await;
        assert_eq!(store.receive_event(&event(1, 5)).await.unwrap(), Received::New);
        assert_eq!(store.receive_event(&event(1, 5)).await.unwrap(), Received::Duplicate);
        let taken = store.next_event("one", LEASE).await.unwrap().unwrap();
        assert_eq!((taken.name.as_str(), taken.attempts), ("E5", 1));
        assert_eq!(taken.payload, "{\"event\":5}");
        assert_eq!((taken.sent_at, taken.received_at), (Some(at(5)), at(5)));
        assert!(!store.finish_event(taken.id, "other").await.unwrap());
        assert!(store.finish_event(taken.id, "one").await.unwrap());
        assert!(!store.finish_event(taken.id, "one").await.unwrap());
        assert_eq!(store.receive_event(&event(1, 5)).await.unwrap(), Received::Duplicate);
        assert_eq!(store.next_event("one", LEASE).await.unwrap(), None);

        let now = time::OffsetDateTime::UNIX_EPOCH + Duration::from_secs(10_000_000_000);
        assert_eq!(store.purge_events(now).await.unwrap(), 1);
        assert_eq!(store.receive_event(&event(1, 5)).await.unwrap(), Received::New);
    }

    async fn events_of_a_portal_wait_for_each_other_and_for_nobody_else(base) {
        let store = base.open().await;
        for (number, seconds) in [(1, 2), (1, 1), (2, 3)] {
            store.receive_event(&event(number, seconds)).await.unwrap();
            pause().await;
        }
        let first = store.next_event("a", LEASE).await.unwrap().unwrap();
        let other = store.next_event("b", LEASE).await.unwrap().unwrap();
        assert_eq!((first.name.as_str(), other.name.as_str()), ("E2", "E3"));
        assert_eq!(store.next_event("c", LEASE).await.unwrap(), None);
        store.retry_event(first.id, "a", Duration::ZERO).await.unwrap();
        let again = store.next_event("c", LEASE).await.unwrap().unwrap();
        assert_eq!((again.id, again.attempts), (first.id, 2));
        assert!(!store.retry_event(first.id, "a", Duration::ZERO).await.unwrap());
        assert!(store.retry_event(first.id, "c", Duration::from_secs(60)).await.unwrap());
        assert_eq!(store.next_event("d", LEASE).await.unwrap(), None, "the later one overtook");
    }

    async fn an_event_of_a_holder_that_died_is_taken_over(base) {
        let store = base.open().await;
        store.receive_event(&event(1, 1)).await.unwrap();
        let short = Duration::from_millis(1);
        store.next_event("dead", short).await.unwrap().unwrap();
        pause().await;
        let taken = store.next_event("next", LEASE).await.unwrap().unwrap();
        assert_eq!(taken.attempts, 2);
        assert!(!store.finish_event(taken.id, "dead").await.unwrap());
    }

    async fn sec_18_nothing_is_lost_or_done_twice_by_many_at_once(base) {
        let store = Arc::new(base.open().await);
        let mut senders = JoinSet::new();
        for number in 1..=5 {
            for seconds in 0..8 {
                for _repetition in 0..2 {
                    let store = Arc::clone(&store);
                    senders.spawn(async move {
                        store.receive_event(&event(number, seconds)).await.unwrap()
                    });
                }
            }
        }
        let answers = senders.join_all().await;
        let new = answers.iter().filter(|answer| **answer == Received::New).count();
        assert_eq!(new, 40);

        let mut workers = JoinSet::new();
        for worker in 0..4 {
            let store = Arc::clone(&store);
            workers.spawn(async move {
                let owner = format!("w{worker}");
                let mut done = 0;
                let mut idle = 0;
                while idle < 20 {
                    let Some(event) = store.next_event(&owner, LEASE).await.unwrap() else {
                        idle += 1;
                        pause().await;
                        continue;
                    };
                    assert_eq!(event.attempts, 1, "an event was taken twice");
                    assert!(store.finish_event(event.id, &owner).await.unwrap());
                    done += 1;
                }
                done
            });
        }
        let done: usize = workers.join_all().await.into_iter().sum();
        assert_eq!(done, 40);
    }

    async fn sec_19_leaving_ends_what_waits_but_not_what_comes_after(base) {
        let store = base.open().await;
        opened(&store, 1).await;
        for seconds in [1, 2, 9] {
            store.receive_event(&event(1, seconds)).await.unwrap();
            pause().await;
        }
        let leaving = store.next_event("a", LEASE).await.unwrap().unwrap();
        let how = Leaving { clean: false, lost: false, installs: None, at: at(1), now: at(5) };
        store.uninstall(&member(1), &how).await.unwrap();
        assert!(store.finish_event(leaving.id, "a").await.unwrap());
        let next = store.next_event("a", LEASE).await.unwrap().unwrap();
        assert_eq!(next.name, "E9");
        assert_eq!(store.receive_event(&event(1, 2)).await.unwrap(), Received::Duplicate);
    }
}
