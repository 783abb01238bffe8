//! Secrets at rest: bound to their places, under keys that can be changed, nowhere in plain.

use std::path::Path;
use std::sync::Arc;

use crmap_store::{
    InstallFacts, KeyRing, Leased, Leaving, Settled, Store, StoreError, StoreSettings,
};
use secrecy::ExposeSecret;
use sqlx::{AnyPool, AssertSqlSafe, Row};
use tokio::task::JoinSet;

use crate::support::*;

const COLUMNS: [&str; 3] = ["sealed_access", "sealed_refresh", "sealed_candidate"];

async fn envelopes(pool: &AnyPool, column: &str) -> Vec<(String, Vec<u8>)> {
    let sql = format!("select id, {column} from credential where {column} is not null order by id");
    let rows = sqlx::query(AssertSqlSafe(sql))
        .fetch_all(pool)
        .await
        .unwrap();
    rows.iter().map(|row| (row.get(0), row.get(1))).collect()
}

async fn put(pool: &AnyPool, column: &str, id: &str, envelope: &[u8]) {
    let sql = AssertSqlSafe(format!("update credential set {column} = $2 where id = $1"));
    let done = sqlx::query(sql)
        .bind(id)
        .bind(envelope)
        .execute(pool)
        .await
        .unwrap();
    assert_eq!(done.rows_affected(), 1);
}

/// Portal `number` with a token of each kind.
async fn furnished(store: &crmap_store::Store, number: u32) {
    opened(store, number).await;
    let lease = leased(store, number, 1, "one").await;
    let fresh = pair(&format!("p{number}"), 5);
    store.settle_refresh(&lease, &fresh, at(5)).await.unwrap();
    assert!(store.remember_tokens(&opening(number, 1, 6)).await.unwrap());
    let token = secret(&format!("application-token-{number}"));
    store
        .keep_application_token(&member(number), &token, at(6))
        .await
        .unwrap();
}

on_both! {
    async fn sec_31_no_value_opens_in_another_row(base) {
        let store = base.open().await;
        for number in 1..=100 {
            opened(&store, number).await;
        }
        let pool = base.raw().await;
        let rows = envelopes(&pool, "sealed_access").await;
        assert_eq!(rows.len(), 100);
        // In turn `shift`, each row holds the value of the one that many places further on, so that
        // in the end each value was in each other row.
        for shift in 1..rows.len() {
            let mut work = pool.begin().await.unwrap();
            for (place, (id, _)) in rows.iter().enumerate() {
                let (_, foreign) = &rows[(place + shift) % rows.len()];
                sqlx::query("update credential set sealed_access = $2 where id = $1")
                    .bind(id.as_str())
                    .bind(foreign.as_slice())
                    .execute(&mut *work)
                    .await
                    .unwrap();
            }
            work.commit().await.unwrap();
            assert_eq!(store.verify().await.unwrap().len(), rows.len(), "shift {shift}");
        }
        for number in 1..=100 {
            let refused = store.chain(&member(number), 1).await;
            assert!(matches!(refused, Err(StoreError::Corrupt { column, .. })
                if column == "sealed_access"));
        }
    }

    async fn sec_31_no_value_opens_in_another_column_or_comes_back(base) {
        let store = base.open().await;
        furnished(&store, 1).await;
        let pool = base.raw().await;
        for column in COLUMNS {
            let (id, own) = envelopes(&pool, column).await.remove(0);
            for other in COLUMNS.into_iter().filter(|other| *other != column) {
                put(&pool, column, &id, &envelopes(&pool, other).await[0].1).await;
                assert_eq!(store.verify().await.unwrap().len(), 1, "{other} opened in {column}");
            }
            put(&pool, column, &id, &own).await;
        }
        assert_eq!(store.verify().await.unwrap(), []);

        let before: Vec<_> = [
            envelopes(&pool, "sealed_access").await.remove(0),
            envelopes(&pool, "sealed_refresh").await.remove(0),
        ].into();
        let lease = leased(&store, 1, 1, "two").await;
        store.settle_refresh(&lease, &pair("next", 9), at(9)).await.unwrap();
        for ((id, old), column) in before.iter().zip(COLUMNS) {
            let new = envelopes(&pool, column).await.remove(0).1;
            put(&pool, column, id, old).await;
            let findings = store.verify().await.unwrap();
            assert_eq!(findings.len(), 1, "an older {column} opened");
            assert!(findings[0].to_string().contains(column));
            put(&pool, column, id, &new).await;
        }
        // A refresh token that does not open is an alarm, not a chain without one.
        let (id, _) = &before[1];
        put(&pool, "sealed_refresh", id, &before[1].1).await;
        let refused = store.lease_chain(&asking((&member(1), 1), 3, "three", LEASE)).await;
        assert!(matches!(refused, Err(StoreError::Corrupt { .. })));
    }

    async fn sec_32_keys_change_one_batch_at_a_time(base) {
        let store = base.open().await;
        for number in 1..=10 {
            furnished(&store, number).await;
        }
        let old = base.keys().clone();
        assert_eq!(store.sealed_by().await.unwrap(), [(id(&old), 41)]);
        store.close().await;

        let both = old.with_new_key([8; 32]);
        let store = base.open_with(&both).await.unwrap();
        let mut left = 41;
        while left > 0 {
            let progress = store.rotate(3).await.unwrap();
            // Three of each of the four kinds, and the one key of the audit log.
            assert!(progress.resealed > 0 && progress.resealed <= 13);
            assert_eq!(progress.left, left - progress.resealed);
            left = progress.left;
        }
        assert_eq!(store.rotate(3).await.unwrap().resealed, 0);
        assert_eq!(store.sealed_by().await.unwrap(), [(id(&both), 41)]);
        assert_eq!(store.verify().await.unwrap(), []);
        store.close().await;

        let new = KeyRing::generate([8; 32]);
        let store = base.open_with(&new).await.unwrap();
        let lease = leased(&store, 3, 1, "one").await;
        assert_eq!(lease.refresh.expose_secret(), "refresh-p3");
        let token = store.application_token(&member(3)).await.unwrap().unwrap();
        assert_eq!(token.expose_secret(), "application-token-3");
    }

    async fn sec_32_no_refresh_is_lost_to_a_change_of_keys(base) {
        base.open().await.close().await;
        let store = base.open().await;
        for number in 1..=8 {
            furnished(&store, number).await;
        }
        store.close().await;
        let both = base.keys().with_new_key([8; 32]);
        let store = Arc::new(base.open_with(&both).await.unwrap());
        let mut tasks = JoinSet::new();
        for number in 1..=8 {
            let store = Arc::clone(&store);
            tasks.spawn(async move { refresh_many_times(&store, number).await });
        }
        // Where there are several processes, they seal back and forth, so that nothing is at rest.
        let text = both.to_text();
        let turned: Vec<_> = text.lines().rev().collect();
        let turned = KeyRing::parse(&turned.join("\n")).unwrap();
        let other = match base.kind {
            Kind::Sqlite => Arc::clone(&store),
            Kind::Postgres => {
                // A process has a journal of its own.
                let settings = StoreSettings {
                    keys: turned,
                    spill_dir: Some(base.folder().join("another-spill")),
                    ..base.settings()
                };
                Arc::new(Store::open(settings).await.unwrap())
            }
        };
        for rotating in [Arc::clone(&store), other] {
            tasks.spawn(async move {
                for _ in 0..40 {
                    rotating.rotate(8).await.unwrap();
                }
            });
        }
        tasks.join_all().await;
        while store.rotate(8).await.unwrap().left > 0 {}
        for number in 1..=8 {
            let lease = leased(&store, number, 1, "last").await;
            assert_eq!(lease.generation, 12);
            assert_eq!(lease.refresh.expose_secret(), format!("refresh-{number}-9"));
        }
        assert_eq!(store.verify().await.unwrap(), []);
    }

    async fn sec_30_37_no_secret_is_anywhere_in_plain(base) {
        let store = base.open().await;
        furnished(&store, 1).await;
        let lease = leased(&store, 1, 1, "one").await;
        let fresh = pair("canary", 9);
        store.spill().reserve(&lease).await.unwrap();
        store.spill().append(&lease, &fresh).await.unwrap();
        let mut shown = format!(
            "{store:?} {lease:?} {fresh:?} {:?} {:?} {:?} {:?}",
            opening(1, 1, 6),
            store.chains(&member(1)).await.unwrap(),
            store.spill(),
            base.keys(),
        );
        store.settle_refresh(&lease, &fresh, at(9)).await.unwrap();
        let pool = base.raw().await;
        let (id, envelope) = envelopes(&pool, "sealed_access").await.remove(0);
        put(&pool, "sealed_access", &id, &envelope[1..]).await;
        let error = store.chain(&member(1), 1).await.unwrap_err();
        shown.push_str(&format!("{error} {error:?}"));
        put(&pool, "sealed_access", &id, &envelope).await;
        let secrets = ["access-", "refresh-", "candidate-1", "application-token-"];
        for planted in secrets {
            assert!(!shown.contains(planted), "{planted} is shown: {shown}");
        }
        let mut scanned = 0;
        for (name, bytes) in files_below(base.folder()) {
            for planted in secrets {
                assert!(!contains(&bytes, planted), "{planted} is in {name}");
            }
            scanned += bytes.len();
        }
        assert!(scanned > 4000, "nothing was scanned");
        for table in ["portal", "credential", "key_check"] {
            let dump = dump(&pool, &base, table).await;
            assert!(!dump.is_empty());
            for planted in secrets {
                assert!(!contains(&dump, planted), "{planted} is in {table}");
            }
        }
    }
}

fn id(keys: &KeyRing) -> String {
    keys.ids().next().unwrap().to_owned()
}

async fn refresh_many_times(store: &crmap_store::Store, number: u32) {
    for turn in 0..10 {
        let asked = store
            .lease_chain(&asking((&member(number), 1), turn + 2, "one", LEASE))
            .await
            .unwrap();
        let Leased::Granted(lease) = asked else {
            panic!("not granted: {asked:?}")
        };
        let fresh = pair(&format!("{number}-{turn}"), turn);
        let settled = store
            .settle_refresh(&lease, &fresh, at(turn))
            .await
            .unwrap();
        assert_eq!(
            settled,
            Settled::Stored {
                generation: turn + 3
            }
        );
    }
}

fn contains(bytes: &[u8], text: &str) -> bool {
    bytes
        .windows(text.len())
        .any(|window| window == text.as_bytes())
}

fn files_below(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(files_below(&path));
        } else {
            files.push((path.display().to_string(), std::fs::read(&path).unwrap()));
        }
    }
    files
}

/// Everything in a table, as the database itself writes it down.
async fn dump(pool: &AnyPool, base: &Base, table: &str) -> Vec<u8> {
    if base.kind == Kind::Sqlite {
        return std::fs::read(base.folder().join("test.db")).unwrap();
    }
    let sql = AssertSqlSafe(format!(
        "select encode(convert_to(t::text, 'UTF8'), 'escape') from {table} t"
    ));
    let rows: Vec<String> = sqlx::query_scalar(sql).fetch_all(pool).await.unwrap();
    // Bytes are written as hexadecimal digits there.
    let mut bytes = rows.concat().into_bytes();
    let hex = sqlx::query_scalar::<_, Vec<u8>>(AssertSqlSafe(match table {
        "credential" => "select sealed_access from credential".to_owned(),
        "portal" => "select sealed_application_token from portal".to_owned(),
        _ => "select sealed_check from key_check".to_owned(),
    }))
    .fetch_all(pool)
    .await
    .unwrap();
    bytes.extend(hex.concat());
    bytes
}

/// What a portal said of itself and its people is not on the disk any more after it left, sealed
/// or not; the file is looked at as a thief would.
#[tokio::test]
async fn sec_19_nothing_of_a_portal_that_left_is_on_the_disk() {
    let base = Base::new(Kind::Sqlite).await;
    let store = base.open().await;
    for number in 1..=30 {
        furnished(&store, number).await;
        let facts = InstallFacts {
            version: Some(1),
            plan: Some(format!("plan-of-{number}-end")),
            scopes: vec!["crm".to_owned()],
            now: at(7),
        };
        store.finish_install(&member(number), &facts).await.unwrap();
        store.write_journal(&[journal_row(number)]).await.unwrap();
    }
    let pool = base.raw().await;
    let mut sealed = Vec::new();
    for column in COLUMNS {
        let sql = format!("select {column} from credential where member_id = $1");
        let rows: Vec<Vec<u8>> = sqlx::query_scalar(AssertSqlSafe(sql))
            .bind(member(7).as_str().to_owned())
            .fetch_all(&pool)
            .await
            .unwrap();
        sealed.extend(rows);
    }
    pool.close().await;
    assert_eq!(sealed.len(), 3);
    let leaving = Leaving {
        clean: true,
        lost: false,
        installs: None,
        at: at(9),
        now: at(9),
    };
    let left = store.uninstall(&member(7), &leaving).await.unwrap();
    assert!(left.was_installed);
    for (name, bytes) in files_below(base.folder()) {
        for words in [
            "Ivan-of-7-end",
            "p7.bitrix24.ru",
            "plan-of-7-end",
            member(7).as_str(),
        ] {
            assert!(!contains(&bytes, words), "{words} is in {name}");
        }
        for envelope in &sealed {
            // The ciphertext alone: the head is the same in all envelopes.
            let text = &envelope[envelope.len() - 20..];
            assert!(
                !bytes.windows(20).any(|window| window == text),
                "a token is in {name}"
            );
        }
        if name.ends_with("test.db") {
            assert!(contains(&bytes, "Ivan-of-8-end"), "the others were to stay");
        }
    }
    assert_eq!(store.verify().await.unwrap(), []);
}

fn journal_row(number: u32) -> crmap_store::JournalRow {
    crmap_store::JournalRow {
        member_id: member(number),
        user_id: Some(1),
        at: at(1),
        method: "user.get".to_owned(),
        status: Some(200),
        duration: std::time::Duration::from_millis(5),
        error: None,
        request: String::new(),
        response: format!("Ivan-of-{number}-end"),
        response_bytes: 20,
    }
}
