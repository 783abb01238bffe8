//! Who is let in and for how long; what a new password ends.

use std::sync::Arc;
use std::time::Duration;

use crmap_domain::cabinet::DeedKind;
use crmap_store::{NewEmail, NewPassword, NewSession, Store, Tenant};
use secrecy::ExposeSecret;
use tokio::task::JoinSet;

use crate::support::*;

const DAY: i64 = 24 * 60 * 60;

async fn password_set(store: &Store, tenant: &Tenant, hash: &str, seen_version: i64) -> bool {
    let session = browser(50, 10);
    let hash = secret(hash);
    let new = NewPassword {
        hash: &hash,
        seen_version,
        session: &session,
        mail: Some(&secret("your password was changed")),
    };
    store.set_password(tenant, &new).await.unwrap()
}

async fn use_reset(store: &Store, code: u8, hash: &str, seconds: i64) -> bool {
    let mail = secret("your password was set");
    // Of the use, so that no two are the same.
    let mut unique = digest(code);
    unique[..8].copy_from_slice(&rand::random::<u64>().to_le_bytes());
    let symbols: [u8; 30] = std::array::from_fn(|place| unique[place] % 62);
    let new = crmap_store::NewSecrets {
        hash: &secret(hash),
        device: &unique,
        connection_token: &crmap_domain::ConnectionToken::from_symbols(&symbols),
        mail: Some(&mail),
        now: at(seconds),
    };
    store.use_reset(&digest(code), &new).await.unwrap()
}

async fn mails(store: &Store) -> Vec<String> {
    let mut mails = Vec::new();
    while let Some(waiting) = store.next_mail("one", LEASE).await.unwrap() {
        mails.push(waiting.mail.expose_secret().to_owned());
        assert!(store.finish_mail(&waiting.id, "one").await.unwrap());
    }
    mails
}

async fn last_deed(store: &Store, tenant: &Tenant) -> DeedKind {
    store.deeds(tenant, 1).await.unwrap().remove(0).kind
}

on_both! {
    async fn sec_60_a_cookie_lets_in_and_no_row_of_the_database_is_one(base) {
        let store = base.open().await;
        let tenant = entered(&store, 1).await;
        entered(&store, 2).await;
        let seen = seen_by(&store, 1, 5).await.unwrap();
        assert_eq!(seen.tenant, tenant);
        assert_eq!(seen.account.email, email(1));
        assert_eq!(seen.session.made_at, at(0));
        assert!(seen_by(&store, 3, 5).await.is_none());
        assert_ne!(seen_by(&store, 2, 5).await.unwrap().tenant, tenant);
    }

    async fn sec_61_a_session_ends_after_a_day_of_rest(base) {
        let store = base.open().await;
        entered(&store, 1).await;
        assert!(seen_by(&store, 1, DAY - 1).await.is_some());
        assert!(seen_by(&store, 1, 2 * DAY - 2).await.is_some(), "it was used meanwhile");
        assert!(seen_by(&store, 1, 3 * DAY - 2).await.is_none());
    }

    async fn sec_61_a_session_ends_after_thirty_days_however_it_is_used(base) {
        let store = base.open().await;
        let tenant = entered(&store, 1).await;
        for hour in (0..30 * 24).step_by(20) {
            assert!(seen_by(&store, 1, hour * 3600).await.is_some(), "hour {hour}");
        }
        assert!(seen_by(&store, 1, 30 * DAY - 1).await.is_some());
        assert!(seen_by(&store, 1, 30 * DAY).await.is_none());
        assert!(store.sessions(&tenant, at(30 * DAY), IDLE).await.unwrap().is_empty());
    }

    async fn the_use_of_a_session_is_noted_to_the_minute(base) {
        let store = base.open().await;
        entered(&store, 1).await;
        for (seconds, seen, ip) in [
            (59, 0, "192.0.2.1"), (60, 0, "192.0.2.1"), (61, 60, "192.0.2.7"), (119, 60, "192.0.2.7"),
        ] {
            let session = seen_by(&store, 1, seconds).await.unwrap().session;
            assert_eq!((session.seen_at, session.ip.as_str()), (at(seen), ip), "{seconds}");
        }
    }

    async fn sec_63_what_ends_a_session_ends_it_for_all_processes(base) {
        let store = base.open().await;
        let beside = store.background(2).await.unwrap();
        let tenant = entered(&store, 1).await;
        entered(&store, 9).await;
        let first = seen_by(&beside, 1, 1).await.unwrap().session;
        let login = login(&store, 1).await;
        for number in 2..=4 {
            store.start_session(&login, &browser(number, i64::from(number)), None, None).await.unwrap();
        }
        let list = store.sessions(&tenant, at(9), IDLE).await.unwrap();
        assert_eq!(list.iter().map(|one| one.made_at).collect::<Vec<_>>(),
            [at(4), at(3), at(2), at(0)]);
        assert!(store.end_session(&tenant, &list[0].id, at(9)).await.unwrap());
        assert!(!store.end_session(&tenant, &list[0].id, at(9)).await.unwrap());
        assert_eq!(last_deed(&store, &tenant).await, DeedKind::DevicesEnded { count: 1 });
        assert!(seen_by(&beside, 4, 9).await.is_none());
        assert_eq!(store.end_other_sessions(&tenant, &first.id, at(10)).await.unwrap(), 2);
        assert_eq!(last_deed(&store, &tenant).await, DeedKind::DevicesEnded { count: 2 });
        assert_eq!(store.end_other_sessions(&tenant, &first.id, at(10)).await.unwrap(), 0);
        assert!(seen_by(&beside, 2, 11).await.is_none());
        assert!(seen_by(&beside, 1, 11).await.is_some());
        assert!(store.log_out(&tenant, &first.id, at(12)).await.unwrap());
        assert_eq!(last_deed(&store, &tenant).await, DeedKind::LoggedOut);
        assert!(seen_by(&beside, 1, 13).await.is_none());
        assert!(seen_by(&beside, 9, 13).await.is_some(), "it is another account's");
    }

    async fn sec_77_a_session_of_another_account_is_not_there(base) {
        let store = base.open().await;
        entered(&store, 1).await;
        let other = entered(&store, 2).await;
        let foreign = seen_by(&store, 1, 1).await.unwrap().session.id;
        assert!(!store.end_session(&other, &foreign, at(1)).await.unwrap());
        assert!(!store.log_out(&other, &foreign, at(1)).await.unwrap());
        assert_eq!(store.end_other_sessions(&other, &foreign, at(1)).await.unwrap(), 1);
        assert!(seen_by(&store, 1, 2).await.is_some());
    }

    async fn sec_60_a_log_in_ends_what_the_browser_had_before(base) {
        let store = base.open().await;
        entered(&store, 1).await;
        let login = login(&store, 1).await;
        let started = store
            .start_session(&login, &browser(2, 1), Some(&digest(1)), Some(&digest(1)))
            .await
            .unwrap();
        assert!(started.is_some());
        assert!(seen_by(&store, 1, 2).await.is_none());
        assert!(seen_by(&store, 2, 2).await.is_some());
        let key = email(1).key();
        assert!(!store.is_known_device(&key, &digest(1)).await.unwrap());
        assert!(store.is_known_device(&key, &digest(2)).await.unwrap());
        assert!(!store.is_known_device(&email(2).key(), &digest(2)).await.unwrap());
    }

    async fn sessions_and_known_browsers_of_an_account_are_bounded(base) {
        let store = base.open().await;
        let tenant = entered(&store, 1).await;
        let login = login(&store, 1).await;
        for number in 2..=60 {
            store.start_session(&login, &browser(number, i64::from(number)), None, None).await.unwrap();
        }
        let list = store.sessions(&tenant, at(99), IDLE).await.unwrap();
        assert_eq!((list.len(), list[49].made_at), (50, at(11)));
        let key = email(1).key();
        assert!(!store.is_known_device(&key, &digest(40)).await.unwrap());
        assert!(store.is_known_device(&key, &digest(41)).await.unwrap());
        // What browsers say of themselves is cut short.
        let long = "я".repeat(1000);
        let odd = NewSession { agent: &long, ..browser(61, 61) };
        store.start_session(&login, &odd, None, None).await.unwrap();
        let list = store.sessions(&tenant, at(99), IDLE).await.unwrap();
        assert_eq!(list[0].agent.len(), 256);
    }

    async fn sec_61_a_new_password_ends_all_other_sessions_and_voids_codes(base) {
        let store = base.open().await;
        let tenant = entered(&store, 1).await;
        entered(&store, 2).await;
        reset_asked(&store, 1, 9, 1).await;
        mails(&store).await;
        assert!(!password_set(&store, &tenant, "hash-new", 2).await, "not the password of now");
        assert!(seen_by(&store, 1, 11).await.is_some());
        assert!(password_set(&store, &tenant, "hash-new", 1).await);
        let stored = store.password(&tenant).await.unwrap().unwrap();
        assert_eq!((stored.hash.expose_secret(), stored.version), ("hash-new", 2));
        assert!(seen_by(&store, 1, 11).await.is_none());
        assert_eq!(seen_by(&store, 50, 11).await.unwrap().tenant, tenant);
        assert!(seen_by(&store, 2, 11).await.is_some());
        assert!(!store.is_known_device(&email(1).key(), &digest(1)).await.unwrap());
        assert!(store.is_known_device(&email(1).key(), &digest(50)).await.unwrap());
        assert!(!use_reset(&store, 9, "hash-x", 12).await);
        assert_eq!(mails(&store).await, ["your password was changed"]);
        assert_eq!(last_deed(&store, &tenant).await, DeedKind::PasswordChanged);
    }

    /// Whoever compared the old password gets in before it is replaced, and then out again, or not
    /// at all.
    async fn sec_61_no_log_in_outlives_the_password_that_it_was_made_with(base) {
        let store = Arc::new(base.open().await);
        for number in 1..=12 {
            let tenant = entered(&store, number).await;
            let login = login(&store, number).await;
            let mut work = JoinSet::new();
            for browser_number in 100..104 {
                let (store, login) = (Arc::clone(&store), login.clone());
                work.spawn(async move {
                    let new = browser(number + browser_number, 1);
                    store.start_session(&login, &new, None, None).await.unwrap();
                });
            }
            {
                let (store, tenant) = (Arc::clone(&store), tenant.clone());
                work.spawn(async move {
                    let session = browser(200 + number, 1);
                    let new = NewPassword { hash: &secret("h"), seen_version: 1, session: &session, mail: None };
                    assert!(store.set_password(&tenant, &new).await.unwrap());
                });
            }
            work.join_all().await;
            let left = store.sessions(&tenant, at(2), IDLE).await.unwrap();
            assert_eq!(left.len(), 1);
            for browser_number in 100..104 {
                assert!(seen_by(&store, number + browser_number, 2).await.is_none());
            }
            assert!(seen_by(&store, 200 + number, 2).await.is_some());
            // The digests are used again for the next one.
            assert!(store.delete_account(&tenant, 2).await.unwrap());
        }
    }

    async fn sec_35_a_hash_is_replaced_only_where_it_is_still_the_one_that_was_compared(base) {
        let store = base.open().await;
        let tenant = entered(&store, 1).await;
        let old = login(&store, 1).await;
        assert!(store.upgrade_hash(&old, &secret("stronger")).await.unwrap());
        assert!(!store.upgrade_hash(&old, &secret("weaker")).await.unwrap());
        let stored = store.password(&tenant).await.unwrap().unwrap();
        assert_eq!((stored.hash.expose_secret(), stored.version), ("stronger", 1));
        // It is the same password: who compared it meanwhile is let in.
        let started = store.start_session(&old, &browser(2, 1), None, None).await.unwrap();
        assert_eq!(started, Some(tenant));
    }

    async fn sec_68_a_code_sets_a_password_once(base) {
        let store = base.open().await;
        let tenant = entered(&store, 1).await;
        reset_asked(&store, 1, 9, 1).await;
        assert_eq!(last_deed(&store, &tenant).await, DeedKind::ResetAsked);
        for _ in 0..5 {
            let whose = store.reset(&digest(9), at(1)).await.unwrap().unwrap();
            assert_eq!(whose.email, email(1));
        }
        assert!(use_reset(&store, 9, "hash-new", 1799).await);
        assert!(!use_reset(&store, 9, "hash-newer", 1799).await);
        assert!(store.reset(&digest(9), at(1799)).await.unwrap().is_none());
        assert_eq!(login(&store, 1).await.password.hash.expose_secret(), "hash-new");
        assert!(seen_by(&store, 1, 1799).await.is_none());
        assert!(!store.is_known_device(&email(1).key(), &digest(1)).await.unwrap());
        assert_eq!(last_deed(&store, &tenant).await, DeedKind::PasswordReset);
        assert_eq!(mails(&store).await, ["a mail with a code", "your password was set"]);
    }

    async fn sec_68_of_several_uses_at_once_exactly_one_succeeds(base) {
        let store = Arc::new(base.open().await);
        for number in 1..=10 {
            entered(&store, number).await;
            reset_asked(&store, number, number, 0).await;
            let mut work = JoinSet::new();
            for turn in 0..8 {
                let store = Arc::clone(&store);
                work.spawn(async move {
                    let hash = format!("hash-{turn}");
                    use_reset(&store, number, &hash, 1).await.then_some(hash)
                });
            }
            let won: Vec<_> = work.join_all().await.into_iter().flatten().collect();
            assert_eq!(won.len(), 1);
            assert_eq!(login(&store, number).await.password.hash.expose_secret(), won[0]);
        }
    }

    async fn the_newest_thousand_deeds_of_an_account_are_kept(base) {
        let store = base.open().await;
        let (one, two) = (entered(&store, 1).await, entered(&store, 2).await);
        base.execute(&format!(
            "with recursive n (n) as (select 1 union all select n + 1 from n where n < 1005) \
             insert into audit (id, at, account_id, actor, action, detail) \
             select 'd' || n, {} + n, '{}', 'account', 'account.logged_out', '\"logged_out\"' from n",
            at(0).unix_timestamp() * 1000 + 1,
            one.id()
        ))
        .await;
        store.accept_deeds(1005, at(0)).await.unwrap();
        let others = store.deeds(&two, 9).await.unwrap();
        store.purge_accounts(at(9), IDLE).await.unwrap();
        let kept = store.deeds(&one, 9_999).await.unwrap();
        assert_eq!(kept.len(), 1_000);
        assert_eq!(kept[0].at, at(0) + Duration::from_millis(1_006));
        assert_eq!(store.deeds(&two, 9).await.unwrap(), others);
    }

    async fn sec_68_codes_are_void_in_time_and_with_what_they_were_made_for(base) {
        let store = base.open().await;
        let tenant = entered(&store, 1).await;
        reset_asked(&store, 1, 9, 0).await;
        assert!(store.reset(&digest(9), at(1800)).await.unwrap().is_none());
        assert!(!use_reset(&store, 9, "late", 1800).await);
        assert!(!use_reset(&store, 77, "guessed", 1).await);

        reset_asked(&store, 1, 10, 1).await;
        assert!(store.reset(&digest(9), at(2)).await.unwrap().is_some(), "strangers void it");
        for code in 11..=12 {
            reset_asked(&store, 1, code, 2).await;
        }
        assert!(!use_reset(&store, 9, "older", 2).await, "three are good at the most");

        let new = NewEmail { email: &email(5), seen_version: 1, mail: None, now: at(3) };
        store.change_email(&tenant, &new).await.unwrap();
        assert!(store.reset(&digest(10), at(4)).await.unwrap().is_none());
        assert!(!use_reset(&store, 10, "another address", 4).await);
        let stored = store.password(&tenant).await.unwrap().unwrap();
        assert_eq!((stored.hash.expose_secret(), stored.version), ("hash-1", 1));
    }

    async fn sec_68_a_code_goes_to_the_address_that_was_asked_for_alone(base) {
        let store = base.open().await;
        let tenant = entered(&store, 1).await;
        let old = login(&store, 1).await;
        let new = NewEmail { email: &email(5), seen_version: 1, mail: None, now: at(3) };
        store.change_email(&tenant, &new).await.unwrap();
        let reset = crmap_store::NewReset {
            digest: digest(9), ends_at: at(1800), mail: &secret("to the old address"), now: at(4),
        };
        assert!(!store.start_reset(&old, &reset).await.unwrap());
        assert_eq!(mails(&store).await, Vec::<String>::new());
        assert!(!use_reset(&store, 9, "x", 5).await);
    }

    async fn sec_68_asking_and_using_at_once_stops_nobody(base) {
        let store = Arc::new(base.open().await);
        entered(&store, 1).await;
        reset_asked(&store, 1, 1, 0).await;
        let mut work = JoinSet::new();
        for code in 1..=20 {
            let asker = Arc::clone(&store);
            work.spawn(async move { reset_asked(&asker, 1, code + 1, 1).await });
            let user = Arc::clone(&store);
            work.spawn(async move {
                use_reset(&user, code, "h", 2).await;
            });
        }
        work.join_all().await;
        assert_eq!(store.verify().await.unwrap(), []);
    }

    async fn what_has_ended_is_cleared_away(base) {
        let store = base.open().await;
        let tenant = entered(&store, 1).await;
        let login = login(&store, 1).await;
        store.start_session(&login, &browser(2, 3600), None, None).await.unwrap();
        reset_asked(&store, 1, 9, 0).await;
        let pool = base.raw().await;
        let count = async |table: &str| -> i64 {
            let sql = sqlx::AssertSqlSafe(format!("select count(*) from {table}"));
            sqlx::query_scalar(sql).fetch_one(&pool).await.unwrap()
        };
        store.purge_accounts(at(0), IDLE).await.unwrap();
        assert_eq!((count("web_session").await, count("password_reset").await), (2, 1));
        store.purge_accounts(at(DAY), IDLE).await.unwrap();
        assert_eq!((count("web_session").await, count("password_reset").await), (1, 0));
        assert_eq!(count("outbox").await, 1);
        store.purge_accounts(at(8 * DAY), Duration::from_secs(10_000_000)).await.unwrap();
        assert_eq!((count("web_session").await, count("outbox").await), (1, 0));
        store.purge_accounts(at(40 * DAY), Duration::from_secs(100 * 86_400)).await.unwrap();
        assert_eq!((count("web_session").await, count("known_device").await), (0, 2));
        store.purge_accounts(at(401 * DAY), IDLE).await.unwrap();
        assert_eq!(count("known_device").await, 0);
        assert!(store.account(&tenant).await.unwrap().is_some());
        pool.close().await;
    }
}
