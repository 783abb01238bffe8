//! Accounts: one for each address, found by secrets of their owners, gone without a trace.

use std::sync::Arc;

use crmap_domain::Lang;
use crmap_domain::cabinet::{DeedKind, Level, PersonName};
use crmap_store::{Creation, EmailChange, Linking, NewEmail, Store, StoreSettings};
use secrecy::ExposeSecret;
use sqlx::AnyPool;
use tokio::task::JoinSet;

use crate::support::*;

/// Links a portal to account `number`, with a snapshot of it.
async fn linked(store: &Store, number: u8, portal: u32) {
    let found = store.cabinet_of_token(&token(number)).await.unwrap();
    let granted = grant(portal, Level::Read, 1);
    let linking = store
        .link(&found.unwrap().id, &granted, None)
        .await
        .unwrap();
    assert_eq!(linking, Linking::Made);
    // The same for all who are linked.
    keep(store, portal, 1, &reading(1), 5).await;
}

async fn snapshots(pool: &AnyPool) -> Vec<String> {
    sqlx::query_scalar("select member_id from snapshot order by member_id")
        .fetch_all(pool)
        .await
        .unwrap()
}

fn linked_deed(portal: u32) -> DeedKind {
    DeedKind::Linked {
        member_id: member(portal),
        address: format!("p{portal}.bitrix24.ru"),
        user_id: 1,
        level: Level::Read,
    }
}

on_both! {
    async fn an_address_has_one_account_whatever_its_letters(base) {
        let store = Arc::new(base.open().await);
        let mut work = JoinSet::new();
        for number in 1..=8 {
            let store = Arc::clone(&store);
            work.spawn(async move { created_with(&store, 1, &token(number)).await });
        }
        let made = work.join_all().await;
        assert_eq!(made.iter().filter(|made| **made == Creation::Created).count(), 1);
        let found = store.login("anna1@example.ru").await.unwrap().unwrap();
        assert_eq!(found.email.as_str(), "Anna1@example.ru");
        assert_eq!(found.password.hash.expose_secret(), "hash-1");
        assert!(store.login("anna2@example.ru").await.unwrap().is_none());
    }

    async fn an_account_shows_what_its_owner_says_of_himself(base) {
        let store = base.open().await;
        let (tenant, other) = (entered(&store, 1).await, entered(&store, 2).await);
        let name = PersonName::parse("Пётр").unwrap();
        assert!(store.rename_account(&tenant, &name, at(1)).await.unwrap());
        assert!(store.set_account_lang(&tenant, Lang::En).await.unwrap());
        let account = store.account(&tenant).await.unwrap().unwrap();
        assert_eq!((account.name, account.lang, account.made_at), (name, Lang::En, at(-60)));
        let untouched = store.account(&other).await.unwrap().unwrap();
        assert_eq!((untouched.name.as_str(), untouched.lang), ("Анна 2", Lang::Ru));
    }

    async fn sec_20_a_connection_token_is_read_found_and_replaced(base) {
        let store = Arc::new(base.open().await);
        let tenant = entered(&store, 1).await;
        entered(&store, 2).await;
        let read = store.connection_token(&tenant).await.unwrap().unwrap();
        assert_eq!(read.expose_secret(), token(1).expose());
        let cabinet = store.cabinet_of_token(&token(1)).await.unwrap().unwrap();
        assert_eq!((cabinet.name.as_str(), cabinet.email), ("Анна 1", email(1)));
        assert!(store.cabinet_of_token(&token(3)).await.unwrap().is_none());

        assert!(store.renew_connection_token(&tenant, &token(3), at(5)).await.unwrap());
        assert!(store.cabinet_of_token(&token(1)).await.unwrap().is_none());
        let renewed = store.cabinet_of_token(&token(3)).await.unwrap().unwrap();
        assert_eq!((renewed.name.as_str(), renewed.email), ("Анна 1", email(1)));
        assert_ne!(renewed.id, cabinet.id, "the old token opens nothing");
        let read = store.connection_token(&tenant).await.unwrap().unwrap();
        assert_eq!(read.expose_secret(), token(3).expose());
        let deeds = store.deeds(&tenant, 1).await.unwrap();
        assert_eq!(deeds[0].kind, DeedKind::TokenRenewed);
        assert_eq!(store.verify().await.unwrap(), []);
    }

    async fn sec_20_tokens_are_found_by_all_processes_and_after_a_new_start(base) {
        let store = base.open().await;
        // SQLite belongs to one process.
        let beside = match base.kind {
            Kind::Sqlite => store.background(2).await.unwrap(),
            Kind::Postgres => Store::open(StoreSettings { spill_dir: None, ..base.settings() })
                .await
                .unwrap(),
        };
        tokio::join!(entered(&store, 1), entered(&beside, 2));
        assert!(beside.cabinet_of_token(&token(1)).await.unwrap().is_some());
        assert!(store.cabinet_of_token(&token(2)).await.unwrap().is_some());
        beside.close().await;
        store.close().await;
        let store = base.open().await;
        for number in 1..=2 {
            assert!(store.cabinet_of_token(&token(number)).await.unwrap().is_some());
        }
    }

    async fn sec_62_an_address_changes_only_for_who_compared_the_present_password(base) {
        let store = base.open().await;
        let tenant = entered(&store, 1).await;
        entered(&store, 2).await;
        let mail = secret("your address was changed");
        let change = |number, seen_version| {
            let (store, tenant, mail) = (&store, &tenant, &mail);
            async move {
                let email = email(number);
                let new = NewEmail { email: &email, seen_version, mail: Some(mail), now: at(3) };
                store.change_email(tenant, &new).await.unwrap()
            }
        };
        assert_eq!(change(3, 7).await, EmailChange::Superseded);
        assert_eq!(change(2, 1).await, EmailChange::Taken);
        assert!(store.next_mail("one", LEASE).await.unwrap().is_none());
        assert_eq!(change(3, 1).await, EmailChange::Changed);
        assert!(store.login(&email(1).key()).await.unwrap().is_none());
        assert!(store.login(&email(3).key()).await.unwrap().is_some());
        assert_eq!(store.deeds(&tenant, 1).await.unwrap()[0].kind, DeedKind::EmailChanged {
            from: email(1).masked(),
            to: email(3).masked(),
        });
        // Whoever takes an account over and deletes it does not take the warning with it.
        assert!(store.delete_account(&tenant, 1).await.unwrap());
        let sent = store.next_mail("one", LEASE).await.unwrap().unwrap();
        assert_eq!(sent.mail.expose_secret(), mail.expose_secret());
    }

    async fn of_two_who_want_one_address_one_gets_it(base) {
        let store = Arc::new(base.open().await);
        let mut work = JoinSet::new();
        for number in 1..=6 {
            let tenant = entered(&store, number).await;
            let store = Arc::clone(&store);
            work.spawn(async move {
                let new = NewEmail { email: &email(99), seen_version: 1, mail: None, now: at(3) };
                store.change_email(&tenant, &new).await.unwrap()
            });
        }
        let outcomes = work.join_all().await;
        let changed = outcomes.iter().filter(|one| **one == EmailChange::Changed).count();
        let taken = outcomes.iter().filter(|one| **one == EmailChange::Taken).count();
        assert_eq!((changed, taken), (1, 5));
    }

    async fn sec_71_75_deeds_and_news_are_the_accounts_own(base) {
        let store = base.open().await;
        let (tenant, other) = (entered(&store, 1).await, entered(&store, 2).await);
        opened(&store, 1).await;
        let unlinked = |user_id| DeedKind::Unlinked {
            member_id: member(1),
            address: "p1.bitrix24.ru".to_owned(),
            user_id,
        };
        let kinds = [linked_deed(1), unlinked(None), unlinked(Some(1)), DeedKind::LoggedOut];
        for (seconds, kind) in (1..).zip(&kinds) {
            store.note_deed(&tenant, kind, at(seconds)).await.unwrap();
        }
        let deeds = store.deeds(&tenant, 9).await.unwrap();
        let told: Vec<_> = deeds.iter().rev().map(|deed| deed.kind.clone()).collect();
        assert_eq!(told[0], DeedKind::Registered);
        assert_eq!(told[2..], kinds);
        assert_eq!(store.deeds(&tenant, 2).await.unwrap(), deeds[..2]);
        let news = store.news(&tenant).await.unwrap();
        assert_eq!(news.iter().map(|deed| deed.at).collect::<Vec<_>>(), [at(3), at(1)]);
        store.news_seen(&tenant, at(1)).await.unwrap();
        assert_eq!(store.news(&tenant).await.unwrap(), news[..1]);
        store.news_seen(&tenant, at(3)).await.unwrap();
        store.news_seen(&tenant, at(0)).await.unwrap();
        assert_eq!(store.news(&tenant).await.unwrap(), []);
        assert_eq!(store.news(&other).await.unwrap(), []);
        assert_eq!(store.deeds(&other, 9).await.unwrap().len(), 2);
    }

    /// What came right after what was shown was not seen.
    async fn news_are_seen_up_to_the_millisecond(base) {
        let store = base.open().await;
        let tenant = entered(&store, 1).await;
        opened(&store, 1).await;
        let moment = at(1) + std::time::Duration::from_millis(900);
        store.note_deed(&tenant, &linked_deed(1), moment).await.unwrap();
        store.news_seen(&tenant, at(1)).await.unwrap();
        assert_eq!(store.news(&tenant).await.unwrap()[0].at, moment);
        store.news_seen(&tenant, moment).await.unwrap();
        assert_eq!(store.news(&tenant).await.unwrap(), []);
    }

    async fn sec_19_deeds_that_name_a_portal_go_with_it(base) {
        let store = base.open().await;
        let tenant = entered(&store, 1).await;
        opened(&store, 1).await;
        store.note_deed(&tenant, &linked_deed(1), at(1)).await.unwrap();
        let leaving = crmap_store::Leaving {
            clean: true, lost: false, installs: None, at: at(2), now: at(2),
        };
        store.uninstall(&member(1), &leaving).await.unwrap();
        store.note_deed(&tenant, &linked_deed(1), at(3)).await.unwrap();
        store.note_deed(&tenant, &DeedKind::PortalErased, at(3)).await.unwrap();
        let deeds = store.deeds(&tenant, 9).await.unwrap();
        let told: Vec<_> = deeds.into_iter().map(|deed| deed.kind).collect();
        let logged_in = DeedKind::LoggedIn { ip: "192.0.2.1".to_owned() };
        assert_eq!(told, [DeedKind::PortalErased, logged_in, DeedKind::Registered]);
    }

    async fn sec_25_a_deleted_account_takes_all_its_own_and_nothing_of_others(base) {
        let store = base.open().await;
        let (tenant, other) = (entered(&store, 1).await, entered(&store, 2).await);
        for portal in 1..=3 {
            installed(&store, portal).await;
        }
        for (account, portal) in [(1, 1), (1, 2), (2, 2), (2, 3)] {
            linked(&store, account, portal).await;
        }
        reset_asked(&store, 1, 8, 1).await;
        store.post_mail(Some(&other), &secret("another mail"), at(1)).await.unwrap();

        assert!(!store.delete_account(&tenant, 2).await.unwrap(), "not the password of now");
        assert!(seen_by(&store, 1, 2).await.is_some());
        assert!(store.delete_account(&tenant, 1).await.unwrap());
        assert!(!store.delete_account(&tenant, 1).await.unwrap());

        let pool = base.raw().await;
        assert_eq!(snapshots(&pool).await, [member(2).as_str(), member(3).as_str()]);
        for (table, left) in [
            ("account", 1), ("web_session", 1), ("known_device", 1), ("password_reset", 0),
            ("outbox", 1), ("link", 2), ("portal", 3), ("credential", 3),
        ] {
            let sql = sqlx::AssertSqlSafe(format!("select count(*) from {table}"));
            let count: i64 = sqlx::query_scalar(sql).fetch_one(&pool).await.unwrap();
            assert_eq!(count, left, "{table}");
        }
        let audit = "select count(*) from audit where account_id = $1";
        for (account, left) in [(&tenant, 0), (&other, 4)] {
            let count: i64 = sqlx::query_scalar(audit)
                .bind(account.id().to_owned())
                .fetch_one(&pool)
                .await
                .unwrap();
            assert_eq!(count, left);
        }
        pool.close().await;
        assert!(seen_by(&store, 1, 2).await.is_none());
        assert!(seen_by(&store, 2, 2).await.is_some());
        assert!(store.cabinet_of_token(&token(1)).await.unwrap().is_none());
        // What is said to it afterwards is kept nowhere.
        store.note_deed(&tenant, &DeedKind::LoggedOut, at(3)).await.unwrap();
        assert_eq!(store.deeds(&tenant, 9).await.unwrap(), []);
        assert_eq!(store.verify().await.unwrap(), []);
    }

    async fn sec_25_of_two_that_leave_a_portal_the_last_takes_the_snapshot(base) {
        let store = Arc::new(base.open().await);
        for portal in 1..=5 {
            installed(&store, portal).await;
        }
        let mut tenants = Vec::new();
        for number in 1..=4 {
            let tenant = entered(&store, number).await;
            for portal in 1..=5 {
                linked(&store, number, portal).await;
            }
            tenants.push(tenant);
        }
        let mut work = JoinSet::new();
        for tenant in tenants {
            let store = Arc::clone(&store);
            work.spawn(async move { store.delete_account(&tenant, 1).await.unwrap() });
        }
        assert!(work.join_all().await.into_iter().all(|deleted| deleted));
        let pool = base.raw().await;
        assert_eq!(snapshots(&pool).await, Vec::<String>::new());
        pool.close().await;
    }
}
