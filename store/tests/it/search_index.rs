//! What is kept of readings to be searched: for those that are linked, and gone with the reading.

use std::sync::Arc;

use crmap_domain::PortalState;
use crmap_domain::cabinet::{Description, Mark};
use crmap_domain::search::fleet::Rows;
use crmap_store::{Store, StoreError};

use crate::support::*;

/// The stamp of each portal that a cabinet may search.
async fn stamps(store: &Store, cabinet: &Cabinet) -> Vec<Option<i64>> {
    let places = store.search_places(&cabinet.tenant).await.unwrap();
    places.into_iter().map(|place| place.stamp).collect()
}

async fn rows(store: &Store, cabinet: &Cabinet, number: u32) -> Option<Arc<Rows>> {
    let found = store
        .search_rows(&cabinet.tenant, &member(number))
        .await
        .unwrap();
    found.map(|found| found.rows)
}

on_both! {
    async fn what_is_searched_is_that_of_the_last_reading(base) {
        let store = base.open().await;
        let one = cabinet(&store, 1).await;
        assert_eq!(store.search_places(&one.tenant).await.unwrap(), []);
        for number in [1, 2] {
            installed(&store, number).await;
            link(&store, &one, number, 1).await;
        }
        let described = Description {
            label: "Ромашка".to_owned(),
            mark: Some(Mark::Teal),
            ..Description::default()
        };
        store.describe(&one.tenant, &member(1), &described).await.unwrap();
        put(&store, 1, &reading(2)).await;
        let places = store.search_places(&one.tenant).await.unwrap();
        assert_eq!(places[0].member_id, member(1));
        assert_eq!((places[0].label.as_str(), places[0].mark), ("Ромашка", Some(Mark::Teal)));
        assert_eq!((places[0].address.as_str(), places[0].state), ("p1.bitrix24.ru", PortalState::Ok));
        assert_eq!((places[0].taken_at, places[1].taken_at), (Some(at(5)), None));
        let first = places[0].stamp;
        assert!(first.is_some() && places[1].stamp.is_none());
        assert_eq!(*rows(&store, &one, 1).await.unwrap(), Rows::of(&reading(2)));
        assert!(rows(&store, &one, 2).await.is_none());
        // The same rows, read again and by another: nothing is written, nothing is to be loaded anew.
        let mut again = (*reading(2)).clone();
        again.users = crmap_domain::Section::Rows(Vec::new());
        put(&store, 1, &Arc::new(again)).await;
        assert_eq!(stamps(&store, &one).await, [first, None]);
        put(&store, 1, &reading(3)).await;
        let second = stamps(&store, &one).await[0];
        assert!(second.is_some() && second != first);
        assert_eq!(*rows(&store, &one, 1).await.unwrap(), Rows::of(&reading(3)));
        put(&store, 1, &reading(2)).await;
        assert_eq!(stamps(&store, &one).await[0], first, "it is what it was");
        assert_eq!(store.verify().await.unwrap(), []);
    }

    async fn sec_77_a_cabinet_searches_its_own_portals_alone(base) {
        let store = base.open().await;
        let (one, two) = (cabinet(&store, 1).await, cabinet(&store, 2).await);
        for (number, owners) in [(1, vec![&one]), (2, vec![&one, &two]), (3, vec![&two])] {
            installed(&store, number).await;
            for owner in owners {
                link(&store, owner, number, 1).await;
            }
            put(&store, number, &reading(2)).await;
        }
        let searched = async |owner: &Cabinet| -> Vec<_> {
            let places = store.search_places(&owner.tenant).await.unwrap();
            places.into_iter().map(|place| place.member_id).collect()
        };
        assert_eq!(searched(&one).await, [member(1), member(2)]);
        assert_eq!(searched(&two).await, [member(2), member(3)]);
        for (owner, foreign) in [(&one, 3), (&two, 1)] {
            assert!(rows(&store, owner, foreign).await.is_none());
            let made = store.make_search_rows(&owner.tenant, &member(foreign)).await.unwrap();
            assert!(made.is_none());
        }
        assert!(rows(&store, &one, 2).await.is_some() && rows(&store, &two, 2).await.is_some());
    }

    async fn sec_24_it_goes_with_the_last_link_and_a_void_link_searches_nothing(base) {
        let store = base.open().await;
        let (one, two) = (cabinet(&store, 1).await, cabinet(&store, 2).await);
        let left_over = async || {
            let pool = base.raw().await;
            let sql = "select count(*) from search_index";
            let count: i64 = sqlx::query_scalar(sql).fetch_one(&pool).await.unwrap();
            pool.close().await;
            count
        };
        for number in [1, 2, 3] {
            installed(&store, number).await;
            link(&store, &one, number, 1).await;
            put(&store, number, &reading(2)).await;
        }
        link(&store, &two, 1, 1).await;
        store.unlink(&one.tenant, &member(1), None, at(6)).await.unwrap();
        assert_eq!(stamps(&store, &one).await.len(), 2);
        assert!(rows(&store, &one, 1).await.is_none());
        assert!(rows(&store, &two, 1).await.is_some(), "the other loses nothing");
        assert_eq!(left_over().await, 3);
        store.unlink(&two.tenant, &member(1), None, at(7)).await.unwrap();
        assert_eq!(left_over().await, 2);
        store.uninstall(&member(2), &left(false, 8)).await.unwrap();
        assert!(rows(&store, &one, 2).await.is_none());
        assert_eq!(stamps(&store, &one).await.len(), 1);
        store.uninstall(&member(3), &left(true, 8)).await.unwrap();
        assert_eq!(left_over().await, 1);
        delete_cabinet(&store, &one).await;
        assert_eq!(store.verify().await.unwrap().len(), 0);
    }

    async fn a_reading_from_before_is_made_searchable_once(base) {
        let store = base.open().await;
        let one = cabinet(&store, 1).await;
        installed(&store, 1).await;
        link(&store, &one, 1, 1).await;
        assert!(store.make_search_rows(&one.tenant, &member(1)).await.unwrap().is_none());
        put(&store, 1, &reading(2)).await;
        let stamp = stamps(&store, &one).await;
        base.execute("delete from search_index").await;
        assert_eq!(stamps(&store, &one).await, [None]);
        let made = store.make_search_rows(&one.tenant, &member(1)).await.unwrap().unwrap();
        assert_eq!(*made.rows, Rows::of(&reading(2)));
        assert_eq!(Some(made.stamp), stamp[0]);
        assert_eq!(stamps(&store, &one).await, stamp);
        assert_eq!(store.verify().await.unwrap(), []);
    }

    async fn what_does_not_decode_is_called_damaged(base) {
        let store = base.open().await;
        let one = cabinet(&store, 1).await;
        installed(&store, 1).await;
        link(&store, &one, 1, 1).await;
        put(&store, 1, &reading(3)).await;
        for damage in ["content = (select content from version)", "stamp = stamp + 1"] {
            base.execute(&format!("update search_index set {damage}")).await;
            let refused = store.search_rows(&one.tenant, &member(1)).await.unwrap_err();
            let StoreError::Corrupt { table, column, .. } = refused else {
                panic!("{refused:?}");
            };
            assert_eq!((table, column.as_str()), ("search_index", "content"));
            assert_eq!(store.verify().await.unwrap().len(), 1);
            let made = store.make_search_rows(&one.tenant, &member(1)).await;
            assert!(made.unwrap().is_some());
            assert_eq!(store.verify().await.unwrap(), [], "it is made anew");
        }
    }
}
