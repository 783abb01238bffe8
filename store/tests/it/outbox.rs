//! Mails on their way, and how often something may be tried.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crmap_store::{Quota, Store, StoreError, Taken};
use secrecy::ExposeSecret;
use tokio::task::JoinSet;

use crate::support::*;

/// Longer than a busy machine takes between two questions.
const SHORT: Duration = Duration::from_millis(1_000);

async fn post(store: &Store, text: &str) {
    store.post_mail(None, &secret(text), at(0)).await.unwrap();
}

/// What `owner` takes, with the try's number.
async fn take(store: &Store, owner: &str, lease: Duration) -> Option<(String, u32)> {
    let waiting = store.next_mail(owner, lease).await.unwrap()?;
    Some((waiting.mail.expose_secret().to_owned(), waiting.attempts))
}

fn quota(burst: u32, per: Duration) -> Quota {
    Quota { burst, per }
}

on_both! {
    async fn sec_70_each_mail_is_taken_by_one_process(base) {
        let store = Arc::new(base.open().await);
        for number in 0..40 {
            post(&store, &format!("mail {number}")).await;
        }
        let mut work = JoinSet::new();
        for owner in 0..4 {
            let store = Arc::clone(&store);
            work.spawn(async move {
                let owner = format!("process {owner}");
                let mut sent = Vec::new();
                while let Some(waiting) = store.next_mail(&owner, LEASE).await.unwrap() {
                    assert!(store.finish_mail(&waiting.id, &owner).await.unwrap());
                    sent.push(waiting.mail.expose_secret().to_owned());
                }
                sent
            });
        }
        let mut sent: Vec<_> = work.join_all().await.concat();
        sent.sort();
        sent.dedup();
        assert_eq!(sent.len(), 40);
    }

    async fn sec_70_the_mail_of_a_process_that_died_is_taken_over(base) {
        let store = base.open().await;
        post(&store, "a mail").await;
        let lost = store.next_mail("one", SHORT).await.unwrap().unwrap();
        assert_eq!(take(&store, "two", SHORT).await, None);
        tokio::time::sleep(SHORT + SHORT / 4).await;
        assert_eq!(take(&store, "two", LEASE).await, Some(("a mail".to_owned(), 2)));
        // Whoever was overtaken decides nothing any more.
        assert!(!store.finish_mail(&lost.id, "one").await.unwrap());
        assert!(!store.retry_mail(&lost.id, "one", Duration::ZERO).await.unwrap());
        assert!(store.finish_mail(&lost.id, "two").await.unwrap());
        assert_eq!(take(&store, "two", LEASE).await, None);
    }

    async fn sec_70_a_mail_waits_until_it_is_tried_again_and_holds_up_no_other(base) {
        let store = base.open().await;
        post(&store, "refused").await;
        let waiting = store.next_mail("one", LEASE).await.unwrap().unwrap();
        assert!(store.retry_mail(&waiting.id, "one", SHORT).await.unwrap());
        post(&store, "another").await;
        assert_eq!(take(&store, "one", LEASE).await, Some(("another".to_owned(), 1)));
        assert_eq!(take(&store, "one", LEASE).await, None);
        tokio::time::sleep(SHORT + SHORT / 4).await;
        assert_eq!(take(&store, "one", LEASE).await, Some(("refused".to_owned(), 2)));
    }

    async fn sec_31_a_mail_that_was_tampered_with_is_told_of_and_holds_up_no_other(base) {
        let store = base.open().await;
        post(&store, "first").await;
        let pool = base.raw().await;
        sqlx::query("update outbox set id = 'moved', next_at = 0").execute(&pool).await.unwrap();
        pool.close().await;
        post(&store, "second").await;
        let refused = store.next_mail("one", LEASE).await;
        assert!(matches!(refused, Err(StoreError::Corrupt { table: "outbox", .. })), "{refused:?}");
        assert_eq!(take(&store, "one", LEASE).await, Some(("second".to_owned(), 1)));
        let findings = store.verify().await.unwrap();
        assert_eq!(findings.len(), 1);
        assert_eq!(findings[0].table, "outbox");
    }

    async fn sec_65_many_processes_at_once_allow_no_more_than_the_quota(base) {
        let store = base.open().await;
        let beside = store.background(4).await.unwrap();
        let stores = [Arc::new(store), Arc::new(beside)];
        let (since, per) = (Instant::now(), Duration::from_secs(30));
        let mut work = JoinSet::new();
        for turn in 0..60 {
            let store = Arc::clone(&stores[turn % 2]);
            work.spawn(async move {
                store.take_attempt("log_in", &digest(1), quota(7, per)).await.unwrap()
            });
        }
        let taken = work.join_all().await;
        assert!(since.elapsed() < per, "too slow to say anything");
        assert_eq!(taken.iter().filter(|one| **one == Taken::Allowed).count(), 7);
        for one in taken {
            assert!(matches!(one, Taken::Allowed)
                || matches!(one, Taken::Wait(wait) if wait <= per && !wait.is_zero()), "{one:?}");
        }
    }

    async fn sec_65_kinds_and_subjects_are_counted_apart(base) {
        let store = base.open().await;
        let hour = Duration::from_secs(3600);
        for (kind, subject) in [("a", 1), ("a", 2), ("b", 1)] {
            let take = || store.take_attempt(kind, &SUBJECTS[subject], quota(1, hour));
            assert_eq!(take().await.unwrap(), Taken::Allowed);
            let refused = take().await.unwrap();
            let Taken::Wait(wait) = refused else { panic!("it was allowed") };
            assert!(wait > hour / 2 && wait <= hour, "{wait:?}");
        }
    }

    async fn sec_65_tries_come_back_one_by_one_and_refusals_cost_none(base) {
        let store = base.open().await;
        let per = Duration::from_millis(1_500);
        let take = || store.take_attempt("a", &SUBJECTS[1], quota(2, per));
        for _ in 0..2 {
            assert_eq!(take().await.unwrap(), Taken::Allowed);
        }
        for _ in 0..20 {
            assert_ne!(take().await.unwrap(), Taken::Allowed);
        }
        let Taken::Wait(wait) = take().await.unwrap() else { panic!("it was allowed") };
        tokio::time::sleep(wait + Duration::from_millis(5)).await;
        assert_eq!(take().await.unwrap(), Taken::Allowed);
        let Taken::Wait(wait) = take().await.unwrap() else { panic!("it was allowed") };
        assert!(wait <= per);
        // After a long silence all are there again, and no more than that.
        tokio::time::sleep(per * 4).await;
        let taken = [take().await.unwrap(), take().await.unwrap(), take().await.unwrap()];
        assert_eq!(taken.iter().filter(|one| **one == Taken::Allowed).count(), 2);
        store.purge_accounts(at(0), IDLE).await.unwrap();
        assert_ne!(take().await.unwrap(), Taken::Allowed, "it was cleared away too early");
        tokio::time::sleep(per * 3).await;
        store.purge_accounts(at(0), IDLE).await.unwrap();
        let pool = base.raw().await;
        let left: i64 = sqlx::query_scalar("select count(*) from attempt")
            .fetch_one(&pool)
            .await
            .unwrap();
        pool.close().await;
        assert_eq!(left, 0);
    }
}

const SUBJECTS: [[u8; 32]; 3] = [[0; 32], [1; 32], [2; 32]];
