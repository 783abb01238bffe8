//! The refresh protocol (security.md §4): one holder, fenced by generation, nothing resurrected.

use std::sync::Arc;
use std::time::Duration;

use crmap_store::{ChainStatus, Leased, Leaving, Outcome, Released, Settled};
use secrecy::ExposeSecret;
use tokio::task::JoinSet;

use crate::support::*;

on_both! {
    async fn sec_06_a_candidate_never_replaces_a_proved_token(base) {
        let store = base.open().await;
        opened(&store, 1).await;
        let lease = leased(&store, 1, 1, "one").await;
        assert!(lease.from_candidate);
        let settled = store.settle_refresh(&lease, &pair("a", 10), at(10)).await.unwrap();
        assert_eq!(settled, Settled::Stored { generation: 2 });
        let chain = store.chain(&member(1), 1).await.unwrap().unwrap();
        assert!(chain.has_refresh && !chain.has_candidate);

        store.remember_tokens(&opening(1, 1, 20)).await.unwrap();
        let chain = store.chain(&member(1), 1).await.unwrap().unwrap();
        assert!(chain.has_refresh && chain.has_candidate);
        assert_eq!(chain.generation, 2);
        assert_eq!(chain.access.unwrap().expose_secret(), "access-1-1-20");
        let lease = leased(&store, 1, 1, "one").await;
        assert!(!lease.from_candidate);
        assert_eq!(lease.refresh.expose_secret(), "refresh-a");
    }

    async fn rel_01_of_64_askers_exactly_one_is_granted(base) {
        let store = Arc::new(base.open().await);
        opened(&store, 1).await;
        let mut askers = JoinSet::new();
        for number in 0..64 {
            let store = Arc::clone(&store);
            askers.spawn(async move {
                let owner = format!("owner-{number}");
                store.lease_chain(&asking((&member(1), 1), 1, &owner, LEASE)).await.unwrap()
            });
        }
        let answers = askers.join_all().await;
        let granted = answers.iter().filter(|answer| matches!(answer, Leased::Granted(_)));
        assert_eq!(granted.count(), 1);
        let held = answers.iter().filter(|answer| matches!(answer, Leased::Held { wait }
            if *wait > Duration::from_secs(30) && *wait <= LEASE));
        assert_eq!(held.count(), 63);
    }

    async fn rel_04_who_was_overtaken_stores_nothing(base) {
        let store = base.open().await;
        opened(&store, 1).await;
        let short = Duration::from_millis(1);
        let asked = store.lease_chain(&asking((&member(1), 1), 1, "slow", short)).await.unwrap();
        let Leased::Granted(slow) = asked else { panic!("{asked:?}") };
        tokio::time::sleep(Duration::from_millis(20)).await;
        let quick = leased(&store, 1, 1, "quick").await;
        let early = store.settle_refresh(&slow, &pair("slow", 5), at(5)).await.unwrap();
        assert_eq!(early, Settled::Superseded);
        let settled = store.settle_refresh(&quick, &pair("quick", 5), at(5)).await.unwrap();
        assert_eq!(settled, Settled::Stored { generation: 2 });
        let late = store.settle_refresh(&slow, &pair("slow", 6), at(6)).await.unwrap();
        assert_eq!(late, Settled::Superseded);
        let released = store.release_lease(&slow, Outcome::Revoked, at(6)).await.unwrap();
        assert_eq!(released, Released::Superseded);
        let chain = store.chain(&member(1), 1).await.unwrap().unwrap();
        assert_eq!(chain.access.unwrap().expose_secret(), "access-quick");
        assert_eq!(chain.status, ChainStatus::Active);
    }

    async fn rel_04_a_late_pair_is_stored_where_nobody_is_at_work_any_more(base) {
        let store = base.open().await;
        let patience = Duration::from_secs(30);
        let ends = [
            (1, Outcome::Rejected, true),
            (2, Outcome::Ambiguous { retry_after: patience }, true),
            (3, Outcome::Untouched { retry_after: patience }, true),
            (4, Outcome::Revoked, false),
        ];
        for (number, outcome, stored) in ends {
            opened(&store, number).await;
            let slow = leased(&store, number, 1, "slow").await;
            base.execute("update credential set lease_until = 0").await;
            let other = leased(&store, number, 1, "other").await;
            let early = store.settle_refresh(&slow, &pair("late", 5), at(5)).await.unwrap();
            assert_eq!(early, Settled::Superseded, "the other one is at work");
            store.release_lease(&other, outcome, at(5)).await.unwrap();
            let late = store.settle_refresh(&slow, &pair("late", 6), at(6)).await.unwrap();
            let chain = store.chain(&member(number), 1).await.unwrap().unwrap();
            if stored {
                assert_eq!(late, Settled::Stored { generation: 2 }, "after {outcome:?}");
                assert_eq!(chain.status, ChainStatus::Active);
                assert_eq!(chain.lease_until, None);
                let next = leased(&store, number, 1, "next").await;
                assert_eq!(next.refresh.expose_secret(), "refresh-late");
            } else {
                assert_eq!(late, Settled::Superseded, "after {outcome:?}");
                assert_eq!((chain.status, chain.has_refresh), (ChainStatus::Revoked, false));
            }
        }
        assert_eq!(store.verify().await.unwrap(), []);
    }

    async fn a_pair_that_is_stored_twice_is_stored(base) {
        let store = base.open().await;
        opened(&store, 1).await;
        let lease = leased(&store, 1, 1, "one").await;
        for _ in 0..2 {
            let settled = store.settle_refresh(&lease, &pair("a", 5), at(5)).await.unwrap();
            assert_eq!(settled, Settled::Stored { generation: 2 });
        }
    }

    async fn rel_06_nothing_is_resurrected_by_a_refresh_that_ends_after_leaving(base) {
        for clean in [false, true] {
            let store = base.open().await;
            opened(&store, 1).await;
            let lease = leased(&store, 1, 1, "one").await;
            let leaving = Leaving { clean, lost: false, installs: None, at: at(3), now: at(3) };
            store.uninstall(&member(1), &leaving).await.unwrap();
            let settled = store.settle_refresh(&lease, &pair("a", 5), at(5)).await.unwrap();
            assert_eq!(settled, Settled::Gone);
            let released = store.release_lease(&lease, Outcome::Rejected, at(5)).await.unwrap();
            assert_eq!(released, Released::Gone);
            let kept = store.remember_tokens(&opening(1, 1, 6)).await.unwrap();
            assert!(!kept, "tokens of a portal that left were kept");
            // Installed again: the old lease still opens nothing.
            opened(&store, 1).await;
            let settled = store.settle_refresh(&lease, &pair("a", 7), at(7)).await.unwrap();
            assert_eq!(settled, Settled::Gone);
            store.close().await;
        }
    }

    async fn a_chain_that_went_on_or_has_nothing_says_so(base) {
        let store = base.open().await;
        opened(&store, 1).await;
        let lease = leased(&store, 1, 1, "one").await;
        store.settle_refresh(&lease, &pair("a", 5), at(5)).await.unwrap();
        let asked = store.lease_chain(&asking((&member(1), 1), 1, "two", LEASE)).await.unwrap();
        assert!(matches!(asked, Leased::Advanced), "{asked:?}");
        let lease = leased(&store, 1, 1, "one").await;
        let released = store.release_lease(&lease, Outcome::Rejected, at(6)).await.unwrap();
        assert_eq!(released, Released::Done(ChainStatus::ReauthRequired));
        let asked = store.lease_chain(&asking((&member(1), 1), 2, "two", LEASE)).await.unwrap();
        assert!(matches!(asked, Leased::NothingToUse), "{asked:?}");
        let asked = store.lease_chain(&asking((&member(1), 9), 1, "two", LEASE)).await.unwrap();
        assert!(matches!(asked, Leased::Gone), "{asked:?}");

        store.remember_tokens(&opening(1, 1, 7)).await.unwrap();
        let lease = leased(&store, 1, 1, "one").await;
        assert_eq!(lease.refresh.expose_secret(), "candidate-1-1-7");
    }

    async fn a_refused_token_leaves_the_other_one(base) {
        let store = base.open().await;
        opened(&store, 1).await;
        let lease = leased(&store, 1, 1, "one").await;
        store.settle_refresh(&lease, &pair("a", 5), at(5)).await.unwrap();
        store.remember_tokens(&opening(1, 1, 6)).await.unwrap();
        let lease = leased(&store, 1, 1, "one").await;
        let released = store.release_lease(&lease, Outcome::Rejected, at(7)).await.unwrap();
        assert_eq!(released, Released::Done(ChainStatus::Active));
        let lease = leased(&store, 1, 1, "one").await;
        assert!(lease.from_candidate);
        // A newer candidate came while the older one was being tried.
        store.remember_tokens(&opening(1, 1, 8)).await.unwrap();
        let released = store.release_lease(&lease, Outcome::Rejected, at(9)).await.unwrap();
        assert_eq!(released, Released::Done(ChainStatus::Active));
        let lease = leased(&store, 1, 1, "one").await;
        assert_eq!(lease.refresh.expose_secret(), "candidate-1-1-8");
    }

    async fn a_chain_in_doubt_waits_and_is_found(base) {
        let store = base.open().await;
        opened(&store, 1).await;
        let lease = leased(&store, 1, 1, "one").await;
        assert!(store.ambiguous_chains(10).await.unwrap().is_empty(), "the lease still runs");
        let later = Outcome::Ambiguous { retry_after: Duration::from_secs(30) };
        let released = store.release_lease(&lease, later, at(5)).await.unwrap();
        assert_eq!(released, Released::Done(ChainStatus::Ambiguous));
        let asked = store.lease_chain(&asking((&member(1), 1), 1, "two", LEASE)).await.unwrap();
        assert!(matches!(asked, Leased::Held { .. }), "{asked:?}");
        assert!(store.ambiguous_chains(10).await.unwrap().is_empty());

        base.execute("update credential set lease_until = 0").await;
        let found = store.ambiguous_chains(10).await.unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].ambiguous_since, Some(at(5)));
        let lease = leased(&store, 1, 1, "two").await;
        // Nothing was sent, so the doubt stays.
        let untouched = Outcome::Untouched { retry_after: Duration::ZERO };
        let released = store.release_lease(&lease, untouched, at(6)).await.unwrap();
        assert_eq!(released, Released::Done(ChainStatus::Ambiguous));
    }

    async fn rel_03_a_holder_that_died_leaves_the_chain_in_doubt(base) {
        let store = base.open().await;
        opened(&store, 1).await;
        let short = Duration::from_millis(1);
        let asked = store.lease_chain(&asking((&member(1), 1), 1, "dead", short)).await.unwrap();
        assert!(matches!(asked, Leased::Granted(_)));
        tokio::time::sleep(Duration::from_millis(20)).await;
        let found = store.ambiguous_chains(10).await.unwrap();
        assert_eq!(found.len(), 1);
        let lease = leased(&store, 1, 1, "next").await;
        let untouched = Outcome::Untouched { retry_after: Duration::ZERO };
        let released = store.release_lease(&lease, untouched, at(6)).await.unwrap();
        assert_eq!(released, Released::Done(ChainStatus::Ambiguous));
        let lease = leased(&store, 1, 1, "next").await;
        let settled = store.settle_refresh(&lease, &pair("a", 7), at(7)).await.unwrap();
        assert_eq!(settled, Settled::Stored { generation: 2 });
        assert!(store.ambiguous_chains(10).await.unwrap().is_empty());
    }

    async fn an_untouched_token_is_as_good_as_before(base) {
        let store = base.open().await;
        opened(&store, 1).await;
        let lease = leased(&store, 1, 1, "one").await;
        let untouched = Outcome::Untouched { retry_after: Duration::ZERO };
        let released = store.release_lease(&lease, untouched, at(6)).await.unwrap();
        assert_eq!(released, Released::Done(ChainStatus::Active));
        assert!(store.ambiguous_chains(10).await.unwrap().is_empty());
        leased(&store, 1, 1, "two").await;
    }

    async fn chains_beyond_the_limit_go_the_least_valuable_first(base) {
        let store = base.open().await;
        opened(&store, 1).await;
        for (user, administrator, seconds) in [(2, false, 50), (3, true, 20), (4, false, 40)] {
            let mut tokens = opening(1, user, seconds);
            tokens.administrator = Some(administrator);
            tokens.keep_at_most = 3;
            assert!(store.remember_tokens(&tokens).await.unwrap());
        }
        let users = |chains: Vec<crmap_store::Chain>| {
            chains.iter().map(|chain| chain.user_id).collect::<Vec<_>>()
        };
        // 1 and 3 administer; of 2 and 4, the one just remembered stays.
        assert_eq!(users(store.chains(&member(1)).await.unwrap()), [3, 1, 4]);
    }

    async fn an_older_access_token_replaces_no_newer_one(base) {
        let store = base.open().await;
        opened(&store, 1).await;
        let mut older = opening(1, 1, 5);
        older.expires_at = at(60);
        older.administrator = None;
        store.remember_tokens(&older).await.unwrap();
        let chain = store.chain(&member(1), 1).await.unwrap().unwrap();
        assert_eq!(chain.access.unwrap().expose_secret(), "access-1-1-0");
        assert_eq!(chain.expires_at, Some(at(3600)));
        assert!(chain.administrator);
    }
}
