//! What a cabinet's owner says of things of two portals.

use crmap_domain::EntityKind;
use crmap_domain::compare::HandMatch;
use crmap_domain::item::ItemKind;
use crmap_store::Store;

use crate::support::*;

fn said(left: &str, right: &str) -> HandMatch {
    HandMatch {
        kind: ItemKind::Funnel,
        left: left.to_owned(),
        right: right.to_owned(),
    }
}

async fn with_two_portals(store: &Store) -> Cabinet {
    installed(store, 1).await;
    installed(store, 2).await;
    let one = cabinet(store, 1).await;
    link(store, &one, 1, 2).await;
    link(store, &one, 2, 3).await;
    one
}

async fn say(
    store: &Store,
    cabinet: &Cabinet,
    sides: (u32, u32),
    what: &HandMatch,
    seconds: i64,
) -> bool {
    let (left, right) = (member(sides.0), member(sides.1));
    let kept = store
        .put_item_match(&cabinet.tenant, &left, &right, what, at(seconds))
        .await;
    kept.unwrap()
}

async fn heard(store: &Store, cabinet: &Cabinet, left: u32, right: u32) -> Vec<HandMatch> {
    let found = store
        .item_matches(&cabinet.tenant, &member(left), &member(right))
        .await;
    found.unwrap()
}

on_both! {
    async fn what_is_said_of_two_portals_holds_whichever_is_on_the_left(base) {
        let store = base.open().await;
        let one = with_two_portals(&store).await;
        assert!(say(&store, &one, (1, 2), &said("7", "9"), 10).await);
        assert!(say(&store, &one, (2, 1), &said("3", "4"), 11).await);
        assert_eq!(heard(&store, &one, 1, 2).await, [said("4", "3"), said("7", "9")]);
        assert_eq!(heard(&store, &one, 2, 1).await, [said("3", "4"), said("9", "7")]);
        assert!(heard(&store, &one, 1, 1).await.is_empty());
    }

    async fn the_last_word_on_either_thing_counts(base) {
        let store = base.open().await;
        let one = with_two_portals(&store).await;
        say(&store, &one, (1, 2), &said("7", "9"), 10).await;
        say(&store, &one, (1, 2), &said("8", "5"), 11).await;
        say(&store, &one, (1, 2), &said("8", "9"), 12).await;
        assert_eq!(heard(&store, &one, 1, 2).await, [said("8", "9")]);
        say(&store, &one, (1, 2), &said("8", ""), 13).await;
        say(&store, &one, (1, 2), &said("6", ""), 14).await;
        say(&store, &one, (1, 2), &said("", "9"), 15).await;
        assert_eq!(heard(&store, &one, 1, 2).await, [said("", "9"), said("6", ""), said("8", "")]);
        let field = HandMatch { kind: ItemKind::Field(EntityKind::Deal), ..said("6", "9") };
        say(&store, &one, (1, 2), &field, 16).await;
        assert_eq!(heard(&store, &one, 1, 2).await.len(), 4, "another kind is another thing");
        assert!(store.forget_item_match(&one.tenant, &member(2), &member(1), &said("9", "6")).await.unwrap());
        assert_eq!(heard(&store, &one, 1, 2).await, [field, said("8", "")]);
    }

    async fn two_moments_of_one_portal_have_matches_of_their_own(base) {
        let store = base.open().await;
        let one = with_two_portals(&store).await;
        assert!(say(&store, &one, (1, 1), &said("7", "2"), 10).await);
        assert_eq!(heard(&store, &one, 1, 1).await, [said("7", "2")]);
        assert!(heard(&store, &one, 1, 2).await.is_empty());
    }

    async fn sec_75_no_cabinet_sees_or_changes_what_another_said(base) {
        let store = base.open().await;
        let one = with_two_portals(&store).await;
        let other = cabinet(&store, 2).await;
        say(&store, &one, (1, 2), &said("7", "9"), 10).await;
        assert!(!say(&store, &other, (1, 2), &said("7", "8"), 11).await);
        link(&store, &other, 1, 12).await;
        assert!(!say(&store, &other, (1, 2), &said("7", "8"), 13).await);
        assert!(!store.forget_item_match(&other.tenant, &member(1), &member(2), &said("7", "9")).await.unwrap());
        link(&store, &other, 2, 14).await;
        assert!(heard(&store, &other, 1, 2).await.is_empty());
        assert!(say(&store, &other, (1, 2), &said("7", "8"), 15).await);
        assert_eq!(heard(&store, &one, 1, 2).await, [said("7", "9")]);
    }

    async fn sec_24_nothing_is_served_after_a_link_has_ended(base) {
        let store = base.open().await;
        let one = with_two_portals(&store).await;
        say(&store, &one, (1, 2), &said("7", "9"), 10).await;
        store.uninstall(&member(2), &left(false, 20)).await.unwrap();
        assert!(heard(&store, &one, 1, 2).await.is_empty());
        assert!(!say(&store, &one, (1, 2), &said("1", "1"), 21).await);
    }

    async fn sec_25_what_was_said_goes_with_the_link(base) {
        let store = base.open().await;
        let one = with_two_portals(&store).await;
        say(&store, &one, (1, 2), &said("7", "9"), 10).await;
        assert!(store.unlink(&one.tenant, &member(1), None, at(20)).await.unwrap());
        link(&store, &one, 1, 21).await;
        assert!(heard(&store, &one, 1, 2).await.is_empty());
    }
}
