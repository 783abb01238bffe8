//! Secrets of accounts at rest: bound to their places, under keys that can be changed, nowhere in
//! plain.

use crmap_store::{KeyRing, Store, StoreError};
use secrecy::ExposeSecret;
use sqlx::{AnyPool, AssertSqlSafe};

use crate::support::*;

/// Accounts 1 to `count`, each with a mail on its way; 2 × `count` values and the index key.
async fn furnished(store: &Store, count: u8) {
    for number in 1..=count {
        let tenant = entered(store, number).await;
        let mail = secret(&format!("mail-canary-{number}"));
        store.post_mail(Some(&tenant), &mail, at(1)).await.unwrap();
    }
}

async fn run(pool: &AnyPool, sql: &str) -> u64 {
    let done = sqlx::query(AssertSqlSafe(sql.to_owned()))
        .execute(pool)
        .await;
    done.unwrap().rows_affected()
}

on_both! {
    async fn sec_32_keys_change_under_accounts_and_mails(base) {
        let store = base.open().await;
        furnished(&store, 6).await;
        let old = base.keys().ids().next().unwrap().to_owned();
        assert_eq!(store.sealed_by().await.unwrap(), [(old, 14)]);
        store.close().await;

        let both = base.keys().with_new_key([8; 32]);
        let store = base.open_with(&both).await.unwrap();
        let mut left = 14;
        while left > 0 {
            let progress = store.rotate(2).await.unwrap();
            assert!(progress.resealed > 0 && progress.resealed <= 6);
            assert_eq!(progress.left, left - progress.resealed);
            left = progress.left;
        }
        assert_eq!(store.verify().await.unwrap(), []);
        store.close().await;

        let store = base.open_with(&KeyRing::generate([8; 32])).await.unwrap();
        assert!(store.cabinet_of_token(&token(3)).await.unwrap().is_some());
        let mail = store.next_mail("one", LEASE).await.unwrap().unwrap();
        assert!(mail.mail.expose_secret().starts_with("mail-canary-"));
        let seen = seen_by(&store, 4, 1).await.unwrap();
        let read = store.connection_token(&seen.tenant).await.unwrap().unwrap();
        assert_eq!(read.expose_secret(), token(4).expose());
    }

    async fn sec_30_a_ring_without_a_key_that_accounts_need_is_refused(base) {
        let store = base.open().await;
        furnished(&store, 1).await;
        store.close().await;
        let refused = base.open_with(&KeyRing::generate([8; 32])).await;
        assert!(matches!(refused, Err(StoreError::Keys(_))));
    }

    async fn sec_31_what_was_moved_replaced_or_brought_back_is_found(base) {
        let store = base.open().await;
        furnished(&store, 2).await;
        let pool = base.raw().await;
        assert_eq!(store.verify().await.unwrap(), []);
        let one = "select email from account where email_key = 'anna1@example.ru'";
        let other = |column: &str| {
            format!("(select other.{column} from account other where other.email <> account.email)")
        };
        for (table, change) in [
            ("account", format!("sealed_connection_token = {}", other("sealed_connection_token"))),
            ("account", "connection_token_version = 2".to_owned()),
            ("account", "connection_token_index = sealed_connection_token".to_owned()),
            ("account", "email_key = 'somebody@example.ru'".to_owned()),
            ("account", "lang = 'de'".to_owned()),
            ("account", "email = 'nobody'".to_owned()),
        ] {
            let rows = "create table kept as select * from account";
            run(&pool, rows).await;
            let changed = run(&pool, &format!(
                "update {table} set {change} where email in ({one})")).await;
            assert_eq!(changed, 1);
            let findings = store.verify().await.unwrap();
            assert_eq!(findings.len(), 1, "{change}: {findings:?}");
            assert_eq!(findings[0].table, table);
            let restored = "update account set \
                (email, email_key, lang, sealed_connection_token, connection_token_version, \
                connection_token_index) = \
                (select email, email_key, lang, sealed_connection_token, \
                connection_token_version, connection_token_index from kept \
                where kept.id = account.id)";
            assert_eq!(run(&pool, restored).await, 2);
            run(&pool, "drop table kept").await;
            assert_eq!(store.verify().await.unwrap(), []);
        }
        run(&pool, "update audit set account_id = 'nobody' \
            where action = 'account.registered' and account_id in \
            (select id from account where email_key = 'anna1@example.ru')").await;
        let findings = store.verify().await.unwrap();
        assert_eq!(findings.len(), 2, "and its trail is broken: {findings:?}");
        assert_eq!(findings[0].what, "belongs to no account");
        pool.close().await;
    }

    async fn sec_37_60_no_secret_of_an_account_is_anywhere_in_plain(base) {
        let store = base.open().await;
        furnished(&store, 2).await;
        let login = login(&store, 1).await;
        let seen = seen_by(&store, 1, 1).await;
        let waiting = store.next_mail("one", LEASE).await.unwrap();
        let cabinet = store.cabinet_of_token(&token(1)).await.unwrap();
        let shown = format!("{store:?} {login:?} {seen:?} {waiting:?} {cabinet:?}");
        let canaries = ["mail-canary-", token(1).expose(), "hash-1", "Anna1@"].map(str::to_owned);
        for planted in &canaries {
            assert!(!shown.contains(planted), "{planted} is shown: {shown}");
        }
        let pool = base.raw().await;
        let texts = match base.kind {
            Kind::Sqlite => {
                let mut bytes = std::fs::read(base.folder().join("test.db")).unwrap();
                bytes.extend(std::fs::read(base.folder().join("test.db-wal")).unwrap());
                vec![String::from_utf8_lossy(&bytes).into_owned()]
            }
            Kind::Postgres => {
                let mut texts = Vec::new();
                for table in ["account", "outbox", "index_key", "web_session"] {
                    let sql = format!(
                        "select encode(convert_to(t::text, 'UTF8'), 'escape') from {table} t"
                    );
                    let rows: Vec<String> =
                        sqlx::query_scalar(AssertSqlSafe(sql)).fetch_all(&pool).await.unwrap();
                    assert!(!rows.is_empty(), "{table}");
                    texts.extend(rows);
                }
                texts
            }
        };
        pool.close().await;
        assert!(texts.iter().any(|text| text.contains("anna1@example.ru")));
        for planted in &canaries[..2] {
            assert!(!texts.iter().any(|text| text.contains(planted)), "{planted} is in the database");
        }
    }
}
