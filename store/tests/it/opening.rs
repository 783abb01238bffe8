//! Opening a database: structure, keys, one process.

use crmap_store::{KeyRing, Store, StoreError};
use tokio::task::JoinSet;

use crate::support::*;

on_both! {
    async fn the_structure_is_made_once_and_stays(base) {
        Store::migrate(base.url()).await.unwrap();
        Store::migrate(base.url()).await.unwrap();
        for _ in 0..2 {
            let store = base.open().await;
            store.ping().await.unwrap();
            opened(&store, 1).await;
            let background = store.background(2).await.unwrap();
            assert!(background.portal(&member(1)).await.unwrap().is_some());
            assert!(background.mark_for_reading(&member(1), at(3), at(63)).await.unwrap());
            drop(background);
            store.close().await;
        }
    }

    async fn rel_27_a_release_goes_on_when_a_newer_one_adds_columns(base) {
        let store = base.open().await;
        opened(&store, 1).await;
        let seen_before = store.portal(&member(1)).await.unwrap();
        for table in ["portal", "credential", "inbox", "rest_journal", "audit", "pace"] {
            base.execute(&format!("alter table {table} add column of_the_next_release text")).await;
        }
        assert_eq!(store.portal(&member(1)).await.unwrap(), seen_before);
        opened(&store, 1).await;
        let lease = leased(&store, 1, 1, "one").await;
        store.settle_refresh(&lease, &pair("a", 1), at(1)).await.unwrap();
        assert_eq!(store.verify().await.unwrap(), []);
    }

    async fn rel_21_64_writers_at_once_are_served(base) {
        let store = std::sync::Arc::new(base.open().await);
        let mut writers = JoinSet::new();
        for number in 1..=64 {
            let store = std::sync::Arc::clone(&store);
            writers.spawn(async move {
                for _ in 0..3 {
                    opened(&store, number).await;
                    assert!(store.mark_for_reading(&member(number), at(5), at(65)).await.unwrap());
                }
            });
        }
        writers.join_all().await;
        assert_eq!(store.portals_count().await.unwrap(), 64);
    }

    async fn sec_30_a_wrong_key_under_a_known_name_is_refused(base) {
        base.open().await.close().await;
        let right = base.keys().to_text();
        let (id, _key) = right.split_once(':').unwrap();
        let text = format!("{id}:CAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg=");
        let wrong = KeyRing::parse(&text).unwrap();
        let refused = base.open_with(&wrong).await.unwrap_err();
        assert!(matches!(&refused, StoreError::Keys(said) if said.contains(id)), "{refused}");
    }

    async fn sec_30_a_missing_key_is_refused_while_rows_need_it(base) {
        base.open().await.close().await;
        let other = KeyRing::generate([8; 32]);
        let refused = base.open_with(&other).await.unwrap_err();
        assert!(matches!(&refused, StoreError::Keys(said) if said.contains("still needs it")));
        let store = base.open_with(&base.keys().with_new_key([8; 32])).await.unwrap();
        while store.rotate(9).await.unwrap().left > 0 {}
        opened(&store, 1).await;
        store.close().await;
        base.open_with(&other).await.unwrap().close().await;
        let refused = base.open_with(base.keys()).await.unwrap_err();
        assert!(matches!(&refused, StoreError::Keys(said) if said.contains("still needs it")));
    }
}

#[tokio::test]
async fn rel_22_a_second_process_is_refused_a_file_in_use() {
    let base = Base::new(Kind::Sqlite).await;
    let store = base.open().await;
    let refused = base.open_with(base.keys()).await.unwrap_err();
    assert!(matches!(refused, StoreError::AlreadyRunning { .. }));
    assert!(refused.to_string().contains("test.db.lock"), "{refused}");
    let refused = Store::migrate(base.url()).await.unwrap_err();
    assert!(matches!(refused, StoreError::AlreadyRunning { .. }));
    store.close().await;
    base.open().await;
}

#[tokio::test]
async fn the_files_are_for_their_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let base = Base::new(Kind::Sqlite).await;
    let store = base.open().await;
    opened(&store, 1).await;
    let mut seen = Vec::new();
    for entry in std::fs::read_dir(base.folder()).unwrap() {
        let entry = entry.unwrap();
        let mode = entry.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{:?} has mode {mode:o}", entry.path());
        seen.push(entry.file_name().into_string().unwrap());
    }
    seen.sort();
    assert_eq!(
        seen,
        [
            "spill",
            "test.db",
            "test.db-shm",
            "test.db-wal",
            "test.db.lock"
        ]
    );
}

#[tokio::test]
async fn eight_replicas_may_start_at_once() {
    let base = Base::new(Kind::Postgres).await;
    let mut replicas = JoinSet::new();
    for number in 0..8 {
        let mut settings = base.settings();
        settings.spill_dir = Some(base.folder().join(number.to_string()));
        settings.connections = 2;
        replicas.spawn(async move { Store::open(settings).await.unwrap() });
    }
    for store in replicas.join_all().await {
        store.ping().await.unwrap();
    }
}

#[tokio::test]
async fn rel_23_broken_connections_are_replaced() {
    let base = Base::new(Kind::Postgres).await;
    let store = std::sync::Arc::new(base.open().await);
    for number in 1..=5 {
        let mut openings = JoinSet::new();
        for user in 1..=16 {
            let store = std::sync::Arc::clone(&store);
            openings.spawn(async move {
                opened(&store, number).await;
                let tokens = opening(number, user, 5);
                store.remember_tokens(&tokens).await.unwrap();
            });
        }
        openings.join_all().await;
        base.break_connections().await;
        store.ping().await.unwrap();
    }
}

#[tokio::test]
async fn rel_20_work_in_the_background_takes_no_connection_that_people_wait_for() {
    let base = Base::new(Kind::Postgres).await;
    let store = base.open().await;
    let background = std::sync::Arc::new(store.background(3).await.unwrap());
    let pool = base.raw().await;
    let mut work = pool.begin().await.unwrap();
    sqlx::query("lock table portal in access exclusive mode")
        .execute(&mut *work)
        .await
        .unwrap();
    let mut waiting = JoinSet::new();
    for number in 1..=20 {
        let background = std::sync::Arc::clone(&background);
        waiting.spawn(async move {
            background
                .mark_for_reading(&member(number), at(1), at(61))
                .await
        });
    }
    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    let since = std::time::Instant::now();
    for _ in 0..20 {
        store.ping().await.unwrap();
    }
    assert!(since.elapsed() < std::time::Duration::from_secs(1));
    assert_eq!(waiting.len(), 20, "nobody waits");
    work.rollback().await.unwrap();
    for outcome in waiting.join_all().await {
        assert!(!outcome.unwrap());
    }
}

/// As it does when the disk is full.
#[tokio::test]
async fn rel_24_the_writer_goes_on_after_sqlite_rolled_back_by_itself() {
    let base = Base::new(Kind::Sqlite).await;
    let store = base.open().await;
    opened(&store, 1).await;
    base.execute(
        "create trigger trouble before insert on portal when new.address = 'p2.bitrix24.ru' \
         begin select raise(rollback, 'as if there were no space'); end",
    )
    .await;
    for _ in 0..3 {
        let seen = seen(2, "p2.bitrix24.ru", 1);
        assert!(store.remember_opening(&seen).await.is_err());
    }
    opened(&store, 3).await;
    base.execute("drop trigger trouble").await;
    opened(&store, 2).await;
    assert_eq!(store.portals_count().await.unwrap(), 3);
}

#[tokio::test]
async fn a_database_in_memory_does_for_fast_tests() {
    let base = Base::new(Kind::Sqlite).await;
    let store = Store::in_memory(base.keys().clone(), std::sync::Arc::new(Random))
        .await
        .unwrap();
    opened(&store, 1).await;
    let lease = leased(&store, 1, 1, "one").await;
    store.spill().reserve(&lease).await.unwrap();
    store
        .settle_refresh(&lease, &pair("a", 1), at(1))
        .await
        .unwrap();
    assert_eq!(generation(&store, 1, 1).await, 2);
}
