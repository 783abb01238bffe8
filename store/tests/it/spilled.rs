//! Pairs that reached the disk and not the database (REL-24, crash point P4).

use std::sync::Arc;

use crmap_store::{ChainStatus, Leaving, Outcome, Replayed, Settled, StoreError};
use secrecy::ExposeSecret;
use tokio::task::JoinSet;

use crate::support::*;

on_both! {
    async fn rel_03_a_pair_on_disk_is_brought_in_at_the_next_start(base) {
        let store = base.open().await;
        opened(&store, 1).await;
        let lease = leased(&store, 1, 1, "one").await;
        store.spill().reserve(&lease).await.unwrap();
        store.spill().append(&lease, &pair("late", 5)).await.unwrap();
        store.close().await;

        let store = base.open().await;
        assert!(base.pair_files().is_empty());
        let chain = store.chain(&member(1), 1).await.unwrap().unwrap();
        assert_eq!(chain.generation, 2);
        assert_eq!(chain.access.unwrap().expose_secret(), "access-late");
        assert!(chain.has_refresh && !chain.has_candidate);
        assert_eq!(chain.lease_until, None);
        assert_eq!(leased(&store, 1, 1, "two").await.refresh.expose_secret(), "refresh-late");
    }

    async fn a_pair_of_an_older_generation_is_thrown_away(base) {
        let store = base.open().await;
        opened(&store, 1).await;
        let lease = leased(&store, 1, 1, "one").await;
        store.spill().append(&lease, &pair("old", 5)).await.unwrap();
        store.settle_refresh(&lease, &pair("stored", 5), at(5)).await.unwrap();
        let found = store.replay_spill().await.unwrap();
        assert_eq!(found, Replayed { stored: 0, stale: 1, torn: 0 });
        assert!(base.pair_files().is_empty());
        let chain = store.chain(&member(1), 1).await.unwrap().unwrap();
        assert_eq!(chain.access.unwrap().expose_secret(), "access-stored");
    }

    async fn a_pair_heals_what_its_absence_broke_but_lets_nobody_back_in(base) {
        let store = base.open().await;
        for (number, outcome) in [(1, Outcome::Rejected), (2, Outcome::Revoked)] {
            opened(&store, number).await;
            let slow = leased(&store, number, 1, "slow").await;
            store.spill().append(&slow, &pair("late", 5)).await.unwrap();
            base.execute("update credential set lease_until = 0").await;
            let other = leased(&store, number, 1, "other").await;
            store.release_lease(&other, outcome, at(6)).await.unwrap();
        }
        let found = store.replay_spill().await.unwrap();
        assert_eq!(found, Replayed { stored: 1, stale: 1, torn: 0 });
        assert_eq!(leased(&store, 1, 1, "next").await.refresh.expose_secret(), "refresh-late");
        let out = store.chain(&member(2), 1).await.unwrap().unwrap();
        assert_eq!((out.status, out.has_refresh), (ChainStatus::Revoked, false));
    }

    async fn rel_24_room_is_not_made_where_the_only_good_pair_waits(base) {
        let store = base.open().await;
        opened(&store, 1).await;
        let slow = leased(&store, 1, 1, "slow").await;
        store.spill().reserve(&slow).await.unwrap();
        store.spill().append(&slow, &pair("only", 5)).await.unwrap();
        // The database was away so long that the lease ran out.
        base.execute("update credential set lease_until = 0").await;
        let next = leased(&store, 1, 1, "next").await;
        let refused = store.spill().reserve(&next).await.unwrap_err();
        assert!(matches!(refused, StoreError::Conflict(_)), "{refused:?}");
        let why = std::error::Error::source(&refused).unwrap().to_string();
        assert_eq!(why, "a pair is waiting in the local journal");
        let patience = Outcome::Untouched { retry_after: std::time::Duration::ZERO };
        store.release_lease(&next, patience, at(6)).await.unwrap();

        let found = store.replay_spill().await.unwrap();
        assert_eq!(found, Replayed { stored: 1, stale: 0, torn: 0 });
        assert!(base.pair_files().is_empty());
        let next = leased(&store, 1, 1, "next").await;
        assert_eq!((next.generation, next.refresh.expose_secret()), (2, "refresh-only"));
        store.spill().reserve(&next).await.unwrap();
        assert_eq!(store.replay_spill().await.unwrap(), Replayed::default());
        assert_eq!(base.pair_files().len(), 1, "the room of who is at work was taken");
    }

    async fn rel_24_pairs_are_brought_in_while_refreshes_go_on(base) {
        let store = Arc::new(base.open().await);
        let numbers = 1..=6_u32;
        for number in numbers.clone() {
            opened(&store, number).await;
        }
        let mut holders = JoinSet::new();
        for number in numbers.clone() {
            let store = Arc::clone(&store);
            holders.spawn(async move {
                for round in 1..=5 {
                    let lease = leased(&store, number, 1, "one").await;
                    assert_eq!(lease.generation, round, "a pair was brought in twice");
                    let fresh = pair(&format!("{number}-{round}"), 5);
                    store.spill().reserve(&lease).await.unwrap();
                    store.spill().append(&lease, &fresh).await.unwrap();
                    let settled = store.settle_refresh(&lease, &fresh, at(5)).await.unwrap();
                    assert_eq!(settled, Settled::Stored { generation: round + 1 });
                    store.spill().clear(&lease).await.unwrap();
                }
            });
        }
        while !holders.is_empty() {
            let found = store.replay_spill().await.unwrap();
            assert_eq!(found.torn, 0);
            while let Some(done) = holders.try_join_next() {
                done.unwrap();
            }
        }
        for number in numbers {
            let lease = leased(&store, number, 1, "last").await;
            assert_eq!(lease.refresh.expose_secret(), format!("refresh-{number}-5"));
        }
        assert!(base.pair_files().is_empty());
    }

    async fn a_pair_brought_in_while_its_holder_lives_is_stored(base) {
        let store = base.open().await;
        opened(&store, 1).await;
        let lease = leased(&store, 1, 1, "one").await;
        store.spill().append(&lease, &pair("a", 5)).await.unwrap();
        assert_eq!(store.replay_spill().await.unwrap().stored, 1);
        let settled = store.settle_refresh(&lease, &pair("a", 5), at(5)).await.unwrap();
        assert_eq!(settled, Settled::Stored { generation: 2 });
    }

    async fn rel_24_a_torn_line_and_a_bare_intent_change_nothing(base) {
        let store = base.open().await;
        for number in 1..=2 {
            opened(&store, number).await;
        }
        let torn = leased(&store, 1, 1, "one").await;
        store.spill().reserve(&torn).await.unwrap();
        let room = std::fs::read(&base.pair_files()[0]).unwrap();
        store.spill().append(&torn, &pair("torn", 5)).await.unwrap();
        let path = base.pair_files().remove(0);
        let whole = std::fs::read(&path).unwrap();
        assert_eq!(whole.len(), room.len(), "the pair took more room than was made for it");
        let mut half = room;
        half[..200].copy_from_slice(&whole[..200]);
        std::fs::write(&path, half).unwrap();
        let bare = leased(&store, 2, 1, "one").await;
        store.spill().reserve(&bare).await.unwrap();
        // While the process lives, both are somebody's work.
        assert_eq!(store.replay_spill().await.unwrap(), Replayed::default());
        assert_eq!(base.pair_files().len(), 2);
        store.close().await;

        let store = base.open().await;
        assert!(base.pair_files().is_empty());
        for number in 1..=2 {
            assert_eq!(generation(&store, number, 1).await, 1);
        }
        base.execute("update credential set lease_until = 0").await;
        assert_eq!(store.ambiguous_chains(9).await.unwrap().len(), 2, "the doubt is known");
    }

    async fn rel_06_a_pair_on_disk_resurrects_nothing(base) {
        let store = base.open().await;
        opened(&store, 1).await;
        let lease = leased(&store, 1, 1, "one").await;
        store.spill().append(&lease, &pair("a", 5)).await.unwrap();
        let leaving = Leaving { clean: false, lost: false, installs: None, at: at(6), now: at(6) };
        store.uninstall(&member(1), &leaving).await.unwrap();
        assert!(base.pair_files().is_empty(), "tokens stayed on disk");
        // It arrives after all, and the process dies before it hears that the chain is gone.
        store.spill().append(&lease, &pair("a", 5)).await.unwrap();
        store.close().await;
        let store = base.open().await;
        assert!(store.chains(&member(1)).await.unwrap().is_empty());
        assert!(base.pair_files().is_empty());
    }

    async fn clearing_takes_one_lease_and_leaves_the_others(base) {
        let store = base.open().await;
        for number in 1..=2 {
            opened(&store, number).await;
            let lease = leased(&store, number, 1, "one").await;
            store.spill().reserve(&lease).await.unwrap();
            if number == 1 {
                store.spill().clear(&lease).await.unwrap();
                store.spill().clear(&lease).await.unwrap();
            }
        }
        assert_eq!(base.pair_files().len(), 1);
    }

    async fn a_folder_of_pairs_belongs_to_one_process(base) {
        let _store = base.open().await;
        let refused = base.open_with(base.keys()).await.unwrap_err();
        assert!(matches!(refused, StoreError::AlreadyRunning { .. }), "{refused}");
    }
}

#[tokio::test]
async fn rel_24_where_nothing_can_be_written_the_authority_is_not_asked() {
    let base = Base::new(Kind::Sqlite).await;
    let store = base.open().await;
    opened(&store, 1).await;
    let lease = leased(&store, 1, 1, "one").await;
    std::fs::remove_dir_all(base.spill_dir()).unwrap();
    assert!(store.spill().reserve(&lease).await.is_err());
}

#[tokio::test]
async fn rel_24_a_full_disk_is_found_before_the_authority_is_asked() {
    let base = Base::new(Kind::Sqlite).await;
    let store = base.open().await;
    opened(&store, 1).await;
    let lease = leased(&store, 1, 1, "one").await;
    store.spill().reserve(&lease).await.unwrap();
    // The device that is always full stands where the lease's file would.
    let path = base.pair_files().remove(0);
    std::fs::remove_file(&path).unwrap();
    std::os::unix::fs::symlink("/dev/full", &path).unwrap();
    let refused = store.spill().reserve(&lease).await.unwrap_err();
    assert!(matches!(refused, StoreError::Full(_)), "{refused:?}");
    assert!(refused.is_temporary());
}
