//! Sessions of the page inside a portal, as several processes find them.

use crmap_domain::Lang;
use crmap_store::{Leaving, PageSession, Store, StoreError};
use secrecy::ExposeSecret;

use crate::support::*;

const AT_MOST: u32 = 3;

fn session(number: u32, user_id: i64, seconds: i64) -> PageSession {
    PageSession {
        member_id: member(number),
        user_id,
        address: format!("p{number}.bitrix24.ru"),
        origin: format!("https://p{number}.bitrix24.ru"),
        base: format!("https://p{number}.bitrix24.ru/rest/"),
        authority: "https://oauth.bitrix.info/".to_owned(),
        lang: Lang::En,
        access: secret("page-access-token"),
        refresh: Some(secret("page-refresh-token")),
        application: None,
        expires_at: at(seconds + 3_600),
        ends_at: at(seconds + 1_800),
        installs: Some(7),
    }
}

fn digest(number: u8) -> [u8; 32] {
    [number; 32]
}

async fn start(store: &Store, number: u8, session: &PageSession) {
    store
        .start_page_session(&digest(number), session, AT_MOST)
        .await
        .unwrap();
}

async fn lives(store: &Store, number: u8, seconds: i64) -> bool {
    let found = store.page_session(&digest(number), at(seconds)).await;
    let found = found.unwrap().is_some();
    let lives = store.page_session_lives(&digest(number), at(seconds)).await;
    assert_eq!(found, lives.unwrap());
    found
}

on_both! {
    async fn sec_07_a_session_is_found_as_it_was_until_it_ends(base) {
        let store = base.open().await;
        let began = session(1, 5, 0);
        start(&store, 1, &began).await;
        let found = store.page_session(&digest(1), at(1_799)).await.unwrap().unwrap();
        let told = |session: &PageSession| {
            let secrets = [Some(&session.access), session.refresh.as_ref(), session.application.as_ref()];
            let secrets = secrets.map(|secret| secret.map(|secret| secret.expose_secret().to_owned()));
            (format!("{session:?}"), secrets)
        };
        assert_eq!(told(&found), told(&began));
        assert!(lives(&store, 1, 1_799).await && !lives(&store, 1, 1_800).await);
        assert!(!lives(&store, 2, 0).await);
        assert_eq!(store.purge_page_sessions(at(1_799)).await.unwrap(), 0);
        assert_eq!(store.purge_page_sessions(at(1_800)).await.unwrap(), 1);
        assert_eq!(base.count("page_session").await, 0);
    }

    async fn the_oldest_of_a_user_go_first_and_others_keep_theirs(base) {
        let store = base.open().await;
        start(&store, 100, &session(1, 6, 0)).await;
        start(&store, 101, &session(2, 5, 0)).await;
        for number in 0..5 {
            // Whatever the clocks of those who start them say.
            start(&store, number, &session(1, 5, 10 - i64::from(number))).await;
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        for number in 0..5 {
            assert_eq!(lives(&store, number, 5).await, number >= 2, "{number}");
        }
        assert!(lives(&store, 100, 5).await && lives(&store, 101, 5).await);
    }

    async fn sec_19_a_portal_that_leaves_takes_its_sessions_with_it_and_no_others(base) {
        let store = base.open().await;
        opened(&store, 1).await;
        start(&store, 1, &session(1, 5, 0)).await;
        start(&store, 2, &session(2, 5, 0)).await;
        let leaving = Leaving { clean: false, lost: false, installs: None, at: at(5), now: at(5) };
        store.uninstall(&member(1), &leaving).await.unwrap();
        assert!(!lives(&store, 1, 5).await && lives(&store, 2, 5).await);
        assert_eq!(base.count("page_session").await, 1);
    }

    async fn sec_19_a_farewell_that_comes_late_leaves_the_next_installations_page_alone(base) {
        let store = base.open().await;
        for _ in 0..2 {
            installed(&store, 1).await;
        }
        // All of them begin now, by the database's clock, which is a minute after the portal left.
        for (number, installs) in [(1, None), (2, Some(1)), (3, Some(2)), (4, Some(3))] {
            let session = PageSession { installs, ..session(1, number.into(), 0) };
            start(&store, number, &session).await;
        }
        let alive = async || {
            let mut alive = Vec::new();
            for number in 1..=4 {
                alive.push(lives(&store, number, 5).await);
            }
            alive
        };
        let late = Leaving { clean: false, lost: false, installs: Some(2), at: at(5), now: at(65) };
        store.uninstall(&member(1), &late).await.unwrap();
        assert_eq!(alive().await, [true, false, false, true]);
        // The sender tells whole seconds: what may have begun before is over.
        opened(&store, 1).await;
        let at_once = Leaving { at: at(64), ..late };
        store.uninstall(&member(1), &at_once).await.unwrap();
        assert_eq!(alive().await, [false, false, false, true]);
    }

    async fn sec_31_a_session_opens_in_its_own_row_and_for_its_own_time_alone(base) {
        let store = base.open().await;
        start(&store, 1, &session(1, 5, 0)).await;
        start(&store, 2, &session(1, 6, 0)).await;
        assert_eq!(store.verify().await.unwrap(), []);
        for change in [
            "ends_at = ends_at + 1",
            "user_id = 7",
            "member_id = '00000000000000000000000000000009'",
            "sealed_session = (select sealed_session from page_session where user_id = 6)",
        ] {
            base.execute("create table kept as select * from page_session").await;
            base.execute(&format!("update page_session set {change} where user_id = 5")).await;
            let found = store.page_session(&digest(1), at(1)).await;
            assert!(matches!(found, Err(StoreError::Corrupt { .. })), "{change}: {found:?}");
            assert_eq!(store.verify().await.unwrap().len(), 1, "{change}");
            base.execute("delete from page_session; insert into page_session select * from kept; drop table kept").await;
            assert!(lives(&store, 1, 1).await);
        }
    }

    async fn sec_30_neither_bearer_nor_tokens_nor_addresses_stand_in_the_open(base) {
        let store = base.open().await;
        start(&store, 1, &session(1, 5, 0)).await;
        for part in ["page-access-token", "page-refresh-token", "bitrix24"] {
            let hits = match base.kind {
                Kind::Sqlite => format!("page_session where instr(sealed_session, cast('{part}' as blob)) > 0"),
                Kind::Postgres => format!("page_session where position('{part}'::bytea in sealed_session) > 0"),
            };
            assert_eq!(base.count(&hits).await, 0, "{part}");
        }
    }

    async fn sec_32_sessions_are_sealed_anew_with_the_rest(base) {
        let store = base.open().await;
        start(&store, 1, &session(1, 5, 0)).await;
        store.close().await;
        let keys = base.keys().with_new_key([9; 32]);
        let store = base.open_with(&keys).await.unwrap();
        while store.rotate(10).await.unwrap().left > 0 {}
        assert!(lives(&store, 1, 1).await);
        let newest = keys.ids().next().unwrap().to_owned();
        assert!(store.sealed_by().await.unwrap().iter().all(|(id, _)| *id == newest));
    }
}
