//! What a backup says of tokens and portals once it was brought back, and what makes it good again
//! (REL-29).

use std::time::Duration;

use crmap_domain::PortalState;
use crmap_store::{BackupError, Chain, Outcome, SeenPortal, StandingChange, Store, StoreError};

use crate::backups::{backed_up, fleet, other};
use crate::support::*;

/// The chain that is to be proved next, whichever authority it has.
async fn proved_next(store: &Store) -> Option<Chain> {
    let waiting = store.next_restored().await.unwrap();
    waiting.into_iter().next().map(|(_, chain)| chain)
}

on_both! {
    async fn a_restored_chain_is_one_like_others_once_it_was_proved(base) {
        let store = base.open().await;
        fleet(&store).await;
        let file = backed_up(&base, "proved.backup").await;
        let moved = other(&base, &file).await;
        let store = moved.open().await;
        // By a refresh.
        let first = proved_next(&store).await.unwrap();
        let (one, other) = if first.member_id == member(1) { (1, 2) } else { (2, 1) };
        let lease = leased(&store, one, 1, "one").await;
        let next = proved_next(&store).await.unwrap();
        assert_eq!(next.member_id, member(other), "the first is being asked about");
        store.settle_refresh(&lease, &pair("new", 7_300), at(7_300)).await.unwrap();
        // By its user, who opens the application.
        assert!(store.remember_tokens(&opening(other, 1, 7_300)).await.unwrap());
        assert!(proved_next(&store).await.is_none());
        for number in 1..=2 {
            let chain = store.chain(&member(number), 1).await.unwrap().unwrap();
            assert!(!chain.restored && chain.access.is_some(), "{chain:?}");
        }
    }

    async fn rel_29_what_nobody_answered_is_tried_again_after_all_others(base) {
        let store = base.open().await;
        fleet(&store).await;
        let file = backed_up(&base, "tried.backup").await;
        let moved = other(&base, &file).await;
        let store = moved.open().await;
        let first = proved_next(&store).await.unwrap();
        let lease = leased(&store, if first.member_id == member(1) { 1 } else { 2 }, 1, "one").await;
        let outcome = Outcome::Untouched { retry_after: Duration::ZERO };
        store.release_lease(&lease, outcome, at(7_300)).await.unwrap();
        let second = proved_next(&store).await.unwrap();
        assert_ne!(second.member_id, first.member_id, "the same one again");
        store.note_proved(&second).await.unwrap();
        assert_eq!(proved_next(&store).await.unwrap().member_id, first.member_id);
    }

    async fn rel_29_each_authority_has_its_own_next_chain(base) {
        let store = base.open().await;
        fleet(&store).await;
        let elsewhere = SeenPortal { authority: "oauth.example.ru".to_owned(), ..seen(2, "p2.bitrix24.ru", 13) };
        store.remember_opening(&elsewhere).await.unwrap();
        let file = backed_up(&base, "authorities.backup").await;
        let moved = other(&base, &file).await;
        let store = moved.open().await;
        let waiting = store.next_restored().await.unwrap();
        assert_eq!(waiting.len(), 2);
        let of = |authority: &str| {
            let found = waiting.iter().find(|(name, _)| name == authority);
            found.map(|(_, chain)| chain.member_id.clone())
        };
        assert_eq!(of("oauth.example.ru"), Some(member(2)));
    }

    /// One more answer of the kind would end such a portal.
    async fn rel_29_an_old_trouble_has_not_lasted_while_nobody_asked(base) {
        let store = base.open().await;
        fleet(&store).await;
        for number in 1..=2 {
            let portal = store.portal(&member(number)).await.unwrap().unwrap();
            let change = StandingChange {
                state: PortalState::Revoked,
                reason: "NOT_INSTALLED".to_owned(),
                probes: 3,
                was: portal.state,
                seen: portal.state_since,
                hinted_at: portal.hinted_at,
                next_probe_at: Some(at(100)),
                now: at(50),
            };
            assert!(store.set_standing(&member(number), &change).await.unwrap());
        }
        let file = backed_up(&base, "troubled.backup").await;
        let moved = other(&base, &file).await;
        let store = moved.open().await;
        for number in 1..=2 {
            let portal = store.portal(&member(number)).await.unwrap().unwrap();
            let now = at(7_200);
            assert_eq!((portal.state_since, portal.reason_since), (now, now));
            assert_eq!((portal.state, portal.probes), (PortalState::Revoked, 0));
            let next = at(7_200 + i64::from(number));
            assert_eq!(portal.next_probe_at, Some(next), "one a second");
        }
    }

    async fn rel_29_a_portal_is_one_like_others_once_it_was_heard_of(base) {
        let store = base.open().await;
        fleet(&store).await;
        installed(&store, 3).await;
        store.uninstall(&member(3), &left(false, 800)).await.unwrap();
        let file = backed_up(&base, "heard.backup").await;
        let moved = other(&base, &file).await;
        let store = moved.open().await;
        let mut restored = Vec::new();
        for number in 1..=3 {
            restored.push(store.portal(&member(number)).await.unwrap().unwrap().restored);
        }
        assert_eq!(restored, [true, true, false]);
        store.note_still_installed(&member(1)).await.unwrap();
        store.remember_opening(&seen(2, "p2.bitrix24.ru", 7_300)).await.unwrap();
        for number in 1..=2 {
            assert!(!store.portal(&member(number)).await.unwrap().unwrap().restored);
        }
    }
}

/// A server would go on with what it remembers of the content before.
#[tokio::test]
async fn rel_29_nothing_is_brought_back_while_somebody_works_with_the_database() {
    let from = Base::new(Kind::Sqlite).await;
    fleet(&from.open().await).await;
    let file = backed_up(&from, "one.backup").await;
    let base = Base::new(Kind::Postgres).await;
    let restore = async || Store::restore(base.url(), &file, from.keys(), None, at(7_200)).await;
    let store = base.open_with(from.keys()).await.unwrap();
    let records = store.background(1).await.unwrap();
    store.close().await;
    let in_use = async || matches!(restore().await, Err(BackupError::InUse));
    assert!(in_use().await, "one of two is left");

    // It says so again after the database was started anew.
    base.break_connections().await;
    tokio::time::sleep(Duration::from_millis(3_500)).await;
    assert!(in_use().await, "the connection was lost");
    records.close().await;
    let held = restore().await.unwrap();
    assert_eq!(held.portals, 2);
}

/// Whoever starts in the middle of it would find nothing, and make keys of his own.
#[tokio::test]
async fn rel_29_nobody_starts_while_a_backup_is_being_brought_back() {
    let base = Base::new(Kind::Postgres).await;
    let pool = base.raw().await;
    let mut alone = pool.acquire().await.unwrap();
    let sql =
        "select pg_advisory_lock(hashtext('crmap'), hashtext(cast(current_schema() as text)))";
    sqlx::query(sql).execute(&mut *alone).await.unwrap();
    let refused = base.open_with(base.keys()).await;
    assert!(
        matches!(&refused, Err(StoreError::Settings(said)) if said.contains("backup")),
        "{refused:?}"
    );
    alone.close().await.unwrap();
    base.open().await;
}
