//! What is learned of chains without refreshing them, and what is damaged among them.

use crmap_store::{ChainStatus, Outcome};

use crate::support::*;

on_both! {
    async fn who_administers_is_noted_where_it_is_news(base) {
        let store = base.open().await;
        opened(&store, 1).await;
        store.remember_tokens(&opening(1, 2, 0)).await.unwrap();
        let id = member(1);
        let administers = async |user| store.chain(&id, user).await.unwrap().unwrap().administrator;
        assert!(!store.note_administrator(&id, 1, true).await.unwrap(), "no news");
        assert!(store.note_administrator(&id, 1, false).await.unwrap());
        assert_eq!((administers(1).await, administers(2).await), (false, true));
        assert!(!store.note_administrator(&id, 1, false).await.unwrap(), "no news");
        assert!(store.note_administrator(&id, 1, true).await.unwrap());
        assert!(administers(1).await);
        assert!(!store.note_administrator(&id, 9, true).await.unwrap());
        assert!(!store.note_administrator(&member(7), 1, true).await.unwrap());
    }

    async fn a_chain_whose_token_was_taken_back_is_ended(base) {
        let store = base.open().await;
        opened(&store, 1).await;
        store.remember_tokens(&opening(1, 2, 0)).await.unwrap();
        let id = member(1);
        let lease = leased(&store, 1, 1, "one").await;
        store.settle_refresh(&lease, &pair("a", 5), at(5)).await.unwrap();
        store.remember_tokens(&opening(1, 1, 4)).await.unwrap();
        let runs_out = store.chain(&id, 1).await.unwrap().unwrap().expires_at;
        assert_eq!(runs_out, Some(at(3605)));
        assert!(!store.end_chain(&id, 1, 1, runs_out, at(6)).await.unwrap(), "it went on");
        assert!(!store.end_chain(&id, 9, 2, runs_out, at(6)).await.unwrap());
        let lease = leased(&store, 1, 1, "one").await;
        assert!(!store.end_chain(&id, 1, 2, runs_out, at(6)).await.unwrap(), "somebody refreshes");
        let untouched = Outcome::Untouched { retry_after: std::time::Duration::ZERO };
        store.release_lease(&lease, untouched, at(6)).await.unwrap();

        assert!(store.end_chain(&id, 1, 2, runs_out, at(7)).await.unwrap());
        let ended = store.chain(&id, 1).await.unwrap().unwrap();
        assert_eq!(ended.status, ChainStatus::Revoked);
        assert!(ended.access.is_none() && ended.expires_at.is_none());
        assert!(!ended.has_refresh && !ended.has_candidate);
        assert_eq!(store.chain(&id, 2).await.unwrap().unwrap().status, ChainStatus::Active);
        assert_eq!(store.verify().await.unwrap(), []);
        // Its user opens the application again.
        store.remember_tokens(&opening(1, 1, 9)).await.unwrap();
        assert_eq!(store.chain(&id, 1).await.unwrap().unwrap().status, ChainStatus::Active);
    }

    async fn tokens_of_an_opening_in_between_are_not_ended_with_the_old_ones(base) {
        let store = base.open().await;
        opened(&store, 1).await;
        let id = member(1);
        let refused = store.chain(&id, 1).await.unwrap().unwrap();
        store.remember_tokens(&opening(1, 1, 9)).await.unwrap();
        for seen in [refused.expires_at, None] {
            assert!(!store.end_chain(&id, 1, refused.generation, seen, at(10)).await.unwrap());
        }
        let chain = store.chain(&id, 1).await.unwrap().unwrap();
        assert!(chain.has_candidate && chain.access.is_some());
        assert_eq!(chain.status, ChainStatus::Active);
        base.execute("update credential set sealed_access = null, expires_at = null").await;
        assert!(!store.end_chain(&id, 1, 1, chain.expires_at, at(11)).await.unwrap());
        assert!(store.end_chain(&id, 1, 1, None, at(11)).await.unwrap());
    }

    async fn a_damaged_chain_in_doubt_keeps_the_others_from_nothing(base) {
        let store = base.open().await;
        for number in 1..=3 {
            opened(&store, number).await;
            leased(&store, number, 1, "dead").await;
            base.execute(&format!(
                "update credential set lease_until = {number} where member_id = '{}'",
                member(number)
            ))
            .await;
        }
        let first = member(1);
        base.execute(&format!(
            "update credential set sealed_access = sealed_candidate where member_id = '{first}'"
        ))
        .await;
        assert!(store.chain(&first, 1).await.is_err(), "it opens");
        for (limit, expected) in [(9, vec![2, 3]), (2, vec![2, 3]), (1, vec![2]), (0, vec![])] {
            let found = store.ambiguous_chains(limit).await.unwrap();
            let found: Vec<_> = found.into_iter().map(|chain| chain.member_id).collect();
            let expected: Vec<_> = expected.into_iter().map(member).collect();
            assert_eq!(found, expected, "of {limit}");
        }
    }
}
