//! The record of requests, the audit, and the pace.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crmap_store::{AuditRow, JournalRow, Leaving};
use tokio::task::JoinSet;

use crate::support::*;

on_both! {
    async fn sec_38_requests_are_read_in_parts_and_forgotten_by_age(base) {
        let store = base.open().await;
        opened(&store, 1).await;
        opened(&store, 2).await;
        let mut rows: Vec<_> = (0..7).map(|number| request(1, number / 2)).collect();
        rows.push(request(2, 1));
        store.write_journal(&rows).await.unwrap();
        store.write_journal(&[]).await.unwrap();
        let mut read = Vec::new();
        let mut from = None;
        loop {
            let page = store.journal(&member(1), from.as_ref(), 3).await.unwrap();
            read.extend(page.rows);
            from = page.next;
            if from.is_none() {
                break;
            }
        }
        assert_eq!(read.len(), 7);
        assert!(read.is_sorted_by(|a, b| a.at >= b.at));
        assert_eq!(read[0], request(1, 3));

        assert_eq!(store.purge_journal(at(3), 5).await.unwrap(), 5);
        assert_eq!(store.purge_journal(at(3), 5).await.unwrap(), 2);
        let left = store.journal(&member(1), None, 9).await.unwrap();
        assert_eq!(left.rows, [request(1, 3)]);
    }

    async fn what_a_portal_says_fits_in_whatever_it_is(base) {
        let store = base.open().await;
        opened(&store, 1).await;
        let odd = JournalRow {
            status: None,
            user_id: None,
            error: Some("a\0b".to_owned()),
            response: "ж".repeat(100_000),
            ..request(1, 1)
        };
        store.write_journal(&[odd]).await.unwrap();
        let read = store.journal(&member(1), None, 9).await.unwrap().rows.remove(0);
        assert_eq!(read.error.as_deref(), Some("a\u{fffd}b"));
        assert_eq!(read.response.len(), 65_536);
    }

    async fn sec_19_leaving_empties_the_record_or_ends_it(base) {
        let store = base.open().await;
        opened(&store, 1).await;
        opened(&store, 2).await;
        store.write_journal(&[request(1, 1), request(2, 1)]).await.unwrap();
        let deed = AuditRow {
            at: at(1),
            member_id: Some(member(1)),
            actor: "user:1".to_owned(),
            action: "portal.installed".to_owned(),
            detail: serde_json::json!({"version": 3}),
        };
        store.audit(&deed).await.unwrap();
        store.audit(&AuditRow { member_id: None, ..deed.clone() }).await.unwrap();
        let leaving = Leaving { clean: false, lost: false, installs: None, at: at(2), now: at(2) };
        store.uninstall(&member(1), &leaving).await.unwrap();
        let read = store.journal(&member(1), None, 9).await.unwrap().rows.remove(0);
        let left = (read.request.as_str(), read.response.as_str(), read.user_id);
        assert_eq!(left, ("", "", None));
        assert_eq!(store.audit_of(&member(1), 9).await.unwrap(), [deed]);

        let clean = Leaving { clean: true, ..leaving };
        let left = store.uninstall(&member(1), &clean).await.unwrap();
        assert!(!left.was_installed);
        assert_eq!(store.portal(&member(1)).await.unwrap(), None);
        let pool = base.raw().await;
        let departed = sqlx::query_as("select first_seen_at, uninstalled_at from departed");
        let moments: Vec<(i64, i64)> = departed.fetch_all(&pool).await.unwrap();
        pool.close().await;
        let ms = |at: time::OffsetDateTime| at.unix_timestamp() * 1000;
        assert_eq!(moments, [(ms(at(0)), ms(at(2)))]);
        assert!(store.journal(&member(1), None, 9).await.unwrap().rows.is_empty());
        assert!(store.audit_of(&member(1), 9).await.unwrap().is_empty());
        assert_eq!(store.journal(&member(2), None, 9).await.unwrap().rows.len(), 1);
    }

    async fn sec_19_what_is_written_late_keeps_nothing_of_who_left(base) {
        let store = base.open().await;
        for number in 1..=3 {
            opened(&store, number).await;
        }
        let leaving = Leaving { clean: false, lost: false, installs: None, at: at(2), now: at(2) };
        store.uninstall(&member(2), &leaving).await.unwrap();
        store.uninstall(&member(3), &Leaving { clean: true, ..leaving }).await.unwrap();
        let late: Vec<_> = (1..=4).map(|number| request(number, 3)).collect();
        store.write_journal(&late).await.unwrap();
        store.write_journal(&late[1..]).await.unwrap();
        for number in 1..=4 {
            let deed = AuditRow {
                at: at(3),
                member_id: Some(member(number)),
                actor: "crmap".to_owned(),
                action: "portal.uninstalled".to_owned(),
                detail: serde_json::Value::Null,
            };
            store.audit(&deed).await.unwrap();
        }
        for (number, requests, deeds) in [(1, 1, 1), (2, 0, 1), (3, 0, 0), (4, 0, 0)] {
            let page = store.journal(&member(number), None, 9).await.unwrap();
            assert_eq!(page.rows.len(), requests, "requests of {number}");
            let kept = store.audit_of(&member(number), 9).await.unwrap();
            assert_eq!(kept.len(), deeds, "deeds of {number}");
        }
    }

    async fn sec_19_a_record_written_during_a_leaving_keeps_nothing(base) {
        let store = Arc::new(base.open().await);
        for number in 1..=10 {
            opened(&store, number).await;
        }
        let mut work = JoinSet::new();
        for number in 1..=10 {
            let writer = Arc::clone(&store);
            // In the other order as well, so that writers could wait for each other for ever.
            work.spawn(async move {
                let rows = [request(number, 1), request(11 - number, 1)];
                writer.write_journal(&rows).await.unwrap();
            });
            let leaver = Arc::clone(&store);
            work.spawn(async move {
                let leaving = Leaving { clean: true, lost: false, installs: None, at: at(2), now: at(2) };
                leaver.uninstall(&member(number), &leaving).await.unwrap();
            });
        }
        work.join_all().await;
        for number in 1..=10 {
            let page = store.journal(&member(number), None, 9).await.unwrap();
            assert_eq!(page.rows, [], "a request of {number} was kept");
        }
    }

    async fn rel_15_many_at_once_take_no_more_places_than_there_are(base) {
        let store = Arc::new(base.open().await);
        let refill = Duration::from_secs(20);
        let since = Instant::now();
        let mut askers = JoinSet::new();
        for _ in 0..60 {
            let store = Arc::clone(&store);
            askers.spawn(async move { store.take_turn("a.bitrix24.ru", 10, refill).await.unwrap() });
        }
        let waits = askers.join_all().await;
        assert!(since.elapsed() < refill, "too slow to say anything");
        let taken = waits.iter().filter(|wait| wait.is_zero()).count();
        assert_eq!(taken, 10);
        assert!(waits.iter().all(|wait| *wait <= refill));
        let other = store.take_turn("b.bitrix24.ru", 10, refill).await.unwrap();
        assert_eq!(other, Duration::ZERO);
    }

    async fn rel_15_a_place_comes_back_after_its_time(base) {
        let store = base.open().await;
        let refill = Duration::from_millis(200);
        assert_eq!(store.take_turn("a", 1, refill).await.unwrap(), Duration::ZERO);
        let wait = store.take_turn("a", 1, refill).await.unwrap();
        assert!(!wait.is_zero() && wait <= refill, "{wait:?}");
        tokio::time::sleep(wait + Duration::from_millis(5)).await;
        assert_eq!(store.take_turn("a", 1, refill).await.unwrap(), Duration::ZERO);
    }

    async fn rel_17_a_refused_method_leaves_the_others(base) {
        let store = base.open().await;
        let minute = Duration::from_secs(60);
        store.block("a", "crm.deal.list", minute).await.unwrap();
        store.block("a", "crm.deal.list", Duration::from_secs(1)).await.unwrap();
        let methods = |name: &str| vec!["app.info".to_owned(), name.to_owned()];
        let blocked = store.blocked_for("a", &methods("crm.deal.list")).await.unwrap();
        assert!(blocked > Duration::from_secs(50) && blocked <= minute, "{blocked:?}");
        assert!(store.blocked_for("a", &methods("crm.type.list")).await.unwrap().is_zero());
        assert!(store.blocked_for("b", &methods("crm.deal.list")).await.unwrap().is_zero());
        store.block("a", "", minute).await.unwrap();
        assert!(!store.blocked_for("a", &methods("crm.type.list")).await.unwrap().is_zero());
        assert!(store.take_turn("a", 1, minute).await.unwrap().is_zero());
    }
}
