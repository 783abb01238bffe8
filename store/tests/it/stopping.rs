//! REL-25, REL-26: what a process can know of its database, and what it gives back when it stops.

use std::time::Duration;

use crmap_store::{InstallFacts, NewEvent, Readiness};

use crate::support::*;

on_both! {
    async fn rel_26_events_mails_and_probes_of_a_process_that_stops_are_anybodys(base) {
        let store = base.open().await;
        opened(&store, 1).await;
        let facts = InstallFacts { version: None, plan: None, scopes: Vec::new(), now: at(1) };
        store.finish_install(&member(1), &facts).await.unwrap();
        store.begin_install(&member(1), at(1)).await.unwrap();
        store.post_mail(None, &secret("mail"), at(1)).await.unwrap();
        let event = NewEvent {
            digest: [1; 32],
            member_id: member(1),
            name: "left".to_owned(),
            sent_at: None,
            payload: String::new(),
            now: at(1),
        };
        store.receive_event(&event).await.unwrap();
        let later = at(10_000_000);
        let taken = async |owner: &str| {
            let event = store.next_event(owner, LEASE).await.unwrap();
            let mail = store.next_mail(owner, LEASE).await.unwrap();
            let portals = store.due_portals(owner, LEASE, 8, later).await.unwrap();
            (event.is_some(), mail.is_some(), portals.len())
        };
        assert_eq!(taken("one").await, (true, true, 1));
        assert_eq!(taken("two").await, (false, false, 0));
        // Nobody gives back what is another one's.
        store.release_events("three").await.unwrap();
        store.release_mails("three").await.unwrap();
        store.release_probes("three").await.unwrap();
        assert_eq!(taken("two").await, (false, false, 0));
        assert_eq!(store.release_events("one").await.unwrap(), 1);
        assert_eq!(store.release_mails("one").await.unwrap(), 1);
        assert_eq!(store.release_probes("one").await.unwrap(), 1);
        assert_eq!(taken("two").await, (true, true, 1));
    }

    async fn rel_25_a_database_as_it_should_be_is_told_from_others(base) {
        let store = base.open().await;
        let before = store.readiness().await.unwrap();
        let told = store.readiness().await.unwrap();
        let passed = told.clock - before.clock;
        assert!((time::Duration::ZERO..time::Duration::seconds(20)).contains(&passed), "{passed}");
        let good = Readiness { is_up_to_date: true, has_our_keys: true, ..told };
        assert_eq!(told, good);
        for (tampering, up_to_date, our_keys) in [
            ("update _sqlx_migrations set checksum = '\\x00' where version = 1", false, true),
            ("delete from _sqlx_migrations where version = 4", false, true),
            ("update key_check set sealed_check = '\\x00'", true, false),
            ("update key_check set key_id = 'another'", true, false),
        ] {
            for table in ["_sqlx_migrations", "key_check"] {
                base.execute(&format!("create table kept_{table} as select * from {table}")).await;
            }
            let tampering = match base.kind {
                Kind::Sqlite => tampering.replace("'\\x00'", "x'00'"),
                Kind::Postgres => tampering.to_owned(),
            };
            base.execute(&tampering).await;
            let told = store.readiness().await.unwrap();
            assert_eq!((told.is_up_to_date, told.has_our_keys), (up_to_date, our_keys), "{tampering}");
            for table in ["_sqlx_migrations", "key_check"] {
                base.execute(&format!("delete from {table}")).await;
                base.execute(&format!("insert into {table} select * from kept_{table}")).await;
                base.execute(&format!("drop table kept_{table}")).await;
            }
        }
        // A release after this one may have more (REL-27), and keys may be added.
        base.execute(
            "insert into _sqlx_migrations (version, description, success, checksum, execution_time) \
             select 9999, 'later', success, checksum, 0 from _sqlx_migrations where version = 1",
        )
        .await;
        let told = store.readiness().await.unwrap();
        assert!(told.is_up_to_date && told.has_our_keys);
        base.execute("drop table _sqlx_migrations").await;
        assert!(store.readiness().await.is_err());
    }

    async fn the_use_of_connections_is_told(base) {
        let store = base.open().await;
        store.ping().await.unwrap();
        let pools = store.pools();
        let names: Vec<&str> = pools.iter().map(|pool| pool.name).collect();
        match base.kind {
            Kind::Sqlite => assert_eq!(names, ["reads", "writes"]),
            Kind::Postgres => assert_eq!(names, ["all"]),
        }
        assert!(pools.iter().all(|pool| pool.used + pool.idle <= pool.most && pool.most > 0));
    }

    async fn what_waits_is_told_with_its_age(base) {
        let store = base.open().await;
        let late = Duration::from_secs(900);
        let none = store.waiting(at(0), late).await.unwrap();
        assert_eq!((none.events, none.oldest, none.due), (0, [None; 3], 0));
        let now = store.readiness().await.unwrap().clock;
        store.post_mail(None, &secret("mail"), now - Duration::from_secs(60)).await.unwrap();
        let some = store.waiting(at(0), late).await.unwrap();
        let age = some.oldest[1].unwrap();
        assert!((59..70).contains(&age.as_secs()), "{age:?}");
        assert_eq!((some.mails, some.oldest[0], some.oldest[2]), (1, None, None));
    }
}

/// Whoever asks the balancer to send people elsewhere in a rush makes an outage of it.
#[tokio::test]
async fn rel_25_a_database_whose_connections_are_all_in_use_is_not_away() {
    let base = Base::new(Kind::Postgres).await;
    let store = std::sync::Arc::new(base.open().await);
    let pool = base.raw().await;
    let mut lock = pool.begin().await.unwrap();
    let statement = "lock table portal in access exclusive mode";
    sqlx::query(statement).execute(&mut *lock).await.unwrap();
    let mut visitors = tokio::task::JoinSet::new();
    for _ in 0..16 {
        let store = std::sync::Arc::clone(&store);
        visitors.spawn(async move { store.portal(&member(1)).await.is_err() });
    }
    let all_in_use = || store.pools()[0].used == store.pools()[0].most;
    while !all_in_use() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let began = std::time::Instant::now();
    for _ in 0..3 {
        let told = store.readiness().await.unwrap();
        assert!(told.is_up_to_date && told.has_our_keys);
    }
    assert!(began.elapsed().as_secs() < 1, "{:?}", began.elapsed());
    assert!(all_in_use());
    // A connection that was ended in between says nothing of the database.
    lock.rollback().await.unwrap();
    visitors.join_all().await;
    base.break_connections().await;
    assert!(store.readiness().await.is_ok());
}
