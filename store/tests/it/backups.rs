//! Backups: taken while everything goes on, brought back into either kind of database (SEC-36,
//! REL-29).

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crmap_store::{BackupError, ChainStatus, KeyRing, Quota, Store, StoreError, Structure, Taken};
use sqlx::{AnyConnection, AssertSqlSafe, Connection as _};

use crate::support::*;

pub async fn backed_up(base: &Base, name: &str) -> PathBuf {
    let file = base.folder().join(name);
    Store::back_up(base.url(), &file).await.unwrap();
    file
}

/// A base of the other kind, which a backup was brought back into.
pub async fn other(base: &Base, file: &Path) -> Base {
    let kind = match base.kind {
        Kind::Sqlite => Kind::Postgres,
        Kind::Postgres => Kind::Sqlite,
    };
    let other = Base::new(kind).await;
    restored(&other, file).await;
    other
}

async fn restored(base: &Base, file: &Path) {
    Store::restore(base.url(), file, base.keys(), None, at(7_200))
        .await
        .unwrap();
}

/// Everything in a database of either kind, by table: as a backup of it holds it.
async fn content(base: &Base, name: &str) -> HashMap<String, Vec<String>> {
    let file = backed_up(base, name).await;
    let url = format!("sqlite://{}", file.display());
    let mut connection = AnyConnection::connect(&url).await.unwrap();
    let tables: Vec<String> =
        sqlx::query_scalar("select name from sqlite_master where type = 'table'")
            .fetch_all(&mut connection)
            .await
            .unwrap();
    let mut content = HashMap::new();
    for table in tables.into_iter().filter(|name| name != "_sqlx_migrations") {
        let columns: Vec<String> =
            sqlx::query_scalar("select 'quote(\"' || name || '\")' from pragma_table_info($1)")
                .bind(table.as_str())
                .fetch_all(&mut connection)
                .await
                .unwrap();
        let sql = format!(
            "select {} as line from \"{table}\" order by line",
            columns.join(" || ', ' || ")
        );
        let rows = sqlx::query_scalar(AssertSqlSafe(sql))
            .fetch_all(&mut connection)
            .await
            .unwrap();
        content.insert(table, rows);
    }
    content
}

/// Somebody's fleet: two portals, one linked and read twice, and a cabinet with a browser.
pub async fn fleet(store: &Store) -> Cabinet {
    let cabinet = cabinet(store, 1).await;
    for number in 1..=2 {
        installed(store, number).await;
        let lease = leased(store, number, 1, "one").await;
        store
            // The first one was used last.
            .settle_refresh(
                &lease,
                &pair(&format!("of-{number}"), 10),
                at(12 - i64::from(number)),
            )
            .await
            .unwrap();
    }
    link(store, &cabinet, 1, 20).await;
    put(store, 1, &reading(3)).await;
    put(store, 1, &reading(4)).await;
    cabinet
}

on_both! {
    async fn rel_29_a_backup_comes_back_in_either_kind_of_database(base) {
        let store = base.open().await;
        let cabinet = fleet(&store).await;
        let file = backed_up(&base, "one.backup").await;
        let before = content(&base, "before.backup").await;
        let moved = other(&base, &file).await;
        let again = moved.open().await;
        assert_eq!(again.verify().await.unwrap(), []);
        // And back again into the kind that it came from.
        let second = backed_up(&moved, "two.backup").await;
        let home = other(&moved, &second).await;
        assert_eq!(home.kind, base.kind);
        // They are marked, which tests of their own look at.
        home.execute("update portal set restored_at = null").await;
        let mut after = content(&home, "after.backup").await;
        let changed = ["credential", "web_session", "attempt", "outbox", "key_check"];
        for (table, rows) in before {
            let found = after.remove(&table).unwrap();
            if !changed.contains(&table.as_str()) {
                assert_eq!(found, rows, "{table}");
            }
        }
        assert!(after.is_empty());
        let store = home.open().await;
        assert_eq!(store.verify().await.unwrap(), []);
        let snapshot = store.snapshot(&cabinet.tenant, &member(1)).await.unwrap().unwrap();
        assert_eq!(snapshot.specification.funnels.rows().len(), 4);
    }

    async fn rel_29_nothing_comes_back_as_if_no_time_had_passed(base) {
        let store = base.open().await;
        fleet(&store).await;
        let lease = leased(&store, 2, 1, "one").await;
        reset_asked(&store, 1, 9, 0).await;
        assert!(seen_by(&store, 1, 1).await.is_some());
        let file = backed_up(&base, "live.backup").await;
        drop(lease);

        let moved = other(&base, &file).await;
        let store = moved.open().await;
        assert!(seen_by(&store, 1, 1).await.is_none(), "nobody is logged in");
        assert!(store.reset(&digest(9), at(1)).await.unwrap().is_none());
        for rows in ["outbox", "web_session", "password_reset"] {
            assert_eq!(moved.count(rows).await, 0, "{rows}");
        }
        for number in 1..=2 {
            let chain = store.chain(&member(number), 1).await.unwrap().unwrap();
            assert!(chain.restored && chain.access.is_none(), "{chain:?}");
            assert_eq!((chain.status, chain.lease_until), (ChainStatus::Active, None));
        }
        assert_eq!(store.ambiguous_chains(10).await.unwrap().len(), 0);
        assert_eq!(store.restored_left().await.unwrap(), 2);
        let busy = "portal where probe_owner is not null or reading_owner is not null";
        assert_eq!(moved.count(busy).await, 0);
    }

    async fn sec_36_a_backup_holds_no_key_and_nothing_that_is_not_sealed(base) {
        let store = base.open().await;
        fleet(&store).await;
        let file = backed_up(&base, "sealed.backup").await;
        let bytes = std::fs::read(&file).unwrap();
        let holds = |canary: &[u8]| bytes.windows(canary.len()).any(|part| part == canary);
        assert!(holds(b"p1.bitrix24.ru"), "the file is what it seems");
        let key = base.keys().to_text();
        let (_, key) = key.trim().split_once(':').unwrap();
        for canary in ["access-", "refresh-", "candidate-", key] {
            assert!(!holds(canary.as_bytes()), "{canary}");
        }
        assert!(!holds(&[7; 32]));
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(&file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let others = std::fs::read_dir(base.folder()).unwrap().flatten();
        assert!(others.into_iter().all(|entry| !entry.path().display().to_string().contains(".part")));

        let wrong = Base::new(Kind::Sqlite).await;
        for keys in [KeyRing::generate([8; 32]), same_name(base.keys())] {
            let refused = Store::restore(wrong.url(), &file, &keys, None, at(0)).await;
            assert!(
                matches!(refused, Err(BackupError::Store(StoreError::Keys(_)))),
                "{refused:?}"
            );
        }
        let inspected = Store::inspect(wrong.url(), None).await.unwrap();
        assert_eq!(inspected, Structure::Missing);
    }

    async fn a_backup_is_brought_back_into_an_unused_database_alone(base) {
        let store = base.open().await;
        fleet(&store).await;
        let file = backed_up(&base, "mine.backup").await;
        store.close().await;
        let refused = Store::restore(base.url(), &file, base.keys(), None, at(0)).await;
        assert!(matches!(refused, Err(BackupError::NotEmpty)), "{refused:?}");
        let store = base.open().await;
        assert!(store.portal(&member(1)).await.unwrap().is_some());

        // A database that was started, and that nobody has used.
        let started = Base::new(base.kind).await;
        let quota = Quota { burst: 1, per: Duration::from_secs(1) };
        let fresh = started.open_with(&KeyRing::generate([9; 32])).await.unwrap();
        assert_eq!(fresh.take_attempt("a", &[1; 32], quota).await.unwrap(), Taken::Allowed);
        fresh.close().await;
        restored(&started, &file).await;
        let store = started.open().await;
        assert_eq!(store.verify().await.unwrap(), []);
        assert!(store.portal(&member(1)).await.unwrap().is_some());
        let ids: Vec<_> = store.key_ids().map(str::to_owned).collect();
        assert_eq!(ids.len(), 1);
        assert_eq!(started.count("key_check").await, 1);
    }

    async fn no_backup_is_written_over_a_file_or_taken_of_nothing(base) {
        let file = base.folder().join("there");
        let refused = Store::back_up(base.url(), &file).await;
        assert!(matches!(refused, Err(BackupError::Nothing)), "{refused:?}");
        assert!(!file.exists());
        let _store = base.open().await;
        std::fs::write(&file, "mine").unwrap();
        let refused = Store::back_up(base.url(), &file).await;
        assert!(matches!(refused, Err(BackupError::Exists(_))), "{refused:?}");
        assert_eq!(std::fs::read(&file).unwrap(), b"mine");
    }

    async fn rel_29_what_is_no_whole_backup_is_refused(base) {
        let store = base.open().await;
        fleet(&store).await;
        let good = std::fs::read(backed_up(&base, "good.backup").await).unwrap();
        let target = Base::new(base.kind).await;
        let mut torn = good.clone();
        torn.truncate(good.len() / 2);
        let mut flipped = good.clone();
        let page = 4_096 * 3;
        flipped[page..page + 200].fill(0xa5);
        let mut newer = base.folder().join("newer");
        for (content, newest) in [
            (Vec::new(), false),
            (b"not a database at all".to_vec(), false),
            (torn, false),
            (flipped, false),
            (good, true),
        ] {
            newer.set_extension(content.len().to_string());
            std::fs::write(&newer, content).unwrap();
            if newest {
                let url = format!("sqlite://{}", newer.display());
                let mut connection = AnyConnection::connect(&url).await.unwrap();
                sqlx::query(
                    "insert into _sqlx_migrations (version, description, success, checksum, \
                     execution_time) values (9999, 'of tomorrow', true, x'00', 0)",
                )
                .execute(&mut connection)
                .await
                .unwrap();
                connection.close().await.unwrap();
            }
            let refused = Store::restore(target.url(), &newer, target.keys(), None, at(0)).await;
            assert!(
                matches!(
                    (&refused, newest),
                    (Err(BackupError::NotABackup(_) | BackupError::Damaged { .. }), false)
                        | (Err(BackupError::Newer(_)), true)
                ),
                "{refused:?}"
            );
            let found = Store::inspect(target.url(), None).await.unwrap();
            assert_eq!(found, Structure::Missing, "nothing was begun");
        }
    }

    async fn rel_29_backups_under_load_are_of_one_moment(base) {
        let store = Arc::new(base.open().await);
        let cabinet = fleet(&store).await;
        drop(cabinet);
        let stop = Arc::new(AtomicBool::new(false));
        let mut writers = tokio::task::JoinSet::new();
        for writer in 0..3_u32 {
            let (store, stop) = (Arc::clone(&store), Arc::clone(&stop));
            writers.spawn(async move {
                let mut rounds = 0_i64;
                while !stop.load(Ordering::Relaxed) {
                    rounds += 1;
                    match writer {
                        // Version, changes, snapshot and index in one transaction.
                        0 => {
                            keep(&store, 1, 1, &reading(3 + rounds % 5), rounds).await;
                        }
                        // A portal that leaves takes its tokens along, and comes back.
                        1 => {
                            installed(&store, 3).await;
                            store.uninstall(&member(3), &left(true, 800)).await.unwrap();
                        }
                        _ => {
                            let number = u8::try_from(2 + rounds % 50).unwrap_or(2);
                            created(&store, number).await;
                        }
                    }
                }
                rounds
            });
        }
        for round in 0..6 {
            let file = backed_up(&base, &format!("load-{round}.backup")).await;
            let moved = Base::new(Kind::Sqlite).await;
            restored(&moved, &file).await;
            assert_eq!(moved.open().await.verify().await.unwrap(), [], "round {round}");
        }
        stop.store(true, Ordering::Relaxed);
        while let Some(rounds) = writers.join_next().await {
            assert!(rounds.unwrap() > 3);
        }
    }
}

/// Another key of the same name.
fn same_name(keys: &KeyRing) -> KeyRing {
    let name = keys.ids().next().unwrap();
    KeyRing::parse(&format!("{name}:{}=", "A".repeat(43))).unwrap()
}
