//! What a cabinet's owner does with many portals at once, and the filters that are kept.

use std::sync::Arc;

use crmap_domain::MemberId;
use crmap_domain::cabinet::{FilterName, SavedFilter};
use crmap_store::{Arrangement, FilterKeeping, Store, Tenant};
use tokio::task::JoinSet;

use crate::support::*;

fn name(text: &str) -> FilterName {
    FilterName::parse(text).unwrap()
}

async fn arranged(store: &Store, tenant: &Tenant) -> Vec<(MemberId, bool, Vec<String>)> {
    let cards = store.links(tenant).await.unwrap();
    let facts = cards
        .into_iter()
        .map(|card| (card.member_id, card.favourite, card.description.tags));
    facts.collect()
}

async fn save(store: &Store, tenant: &Tenant, called: &str, query: &str) -> FilterKeeping {
    let saved = store.save_filter(tenant, &name(called), query, at(1)).await;
    saved.unwrap()
}

async fn saved(store: &Store, tenant: &Tenant, called: &str) -> SavedFilter {
    match save(store, tenant, called, "tag=VIP").await {
        FilterKeeping::Kept(filter) => filter,
        other => panic!("{other:?}"),
    }
}

on_both! {
    async fn many_portals_are_arranged_at_once_and_nothing_of_another_cabinet(base) {
        let store = base.open().await;
        let (one, two) = (cabinet(&store, 1).await, cabinet(&store, 2).await);
        for number in 1..=3 {
            installed(&store, number).await;
            link(&store, &one, number, i64::from(number)).await;
        }
        link(&store, &two, 1, 1).await;
        let mut seen = Vec::new();
        let arrange = |member_id: &MemberId, before: &Arrangement| {
            seen.push(member_id.clone());
            (*member_id != member(2)).then(|| Arrangement {
                favourite: true,
                tags: [before.tags.clone(), vec!["VIP".to_owned()]].concat(),
            })
        };
        store.arrange(&one.tenant, arrange).await.unwrap();
        assert_eq!(seen, [member(1), member(2), member(3)]);
        let vip = vec!["VIP".to_owned()];
        let wanted = [
            (member(1), true, vip.clone()),
            (member(2), false, Vec::new()),
            (member(3), true, vip),
        ];
        assert_eq!(arranged(&store, &one.tenant).await, wanted);
        assert_eq!(arranged(&store, &two.tenant).await, [(member(1), false, Vec::new())]);

        let back = |_: &MemberId, before: &Arrangement| {
            Some(Arrangement { favourite: false, ..before.clone() })
        };
        store.arrange(&one.tenant, back).await.unwrap();
        let favourites = arranged(&store, &one.tenant).await;
        assert!(favourites.iter().all(|(_, favourite, _)| !favourite));
        assert_eq!(favourites[2].2, ["VIP"]);
    }

    async fn what_is_arranged_at_once_by_many_is_all_kept(base) {
        let store = Arc::new(base.open().await);
        installed(&store, 1).await;
        let one = cabinet(&store, 1).await;
        link(&store, &one, 1, 1).await;
        let mut changes = JoinSet::new();
        for number in 0..12 {
            let (store, tenant) = (Arc::clone(&store), one.tenant.clone());
            changes.spawn(async move {
                let add = |_: &MemberId, before: &Arrangement| {
                    let mut after = before.clone();
                    after.tags.push(number.to_string());
                    Some(after)
                };
                store.arrange(&tenant, add).await.unwrap();
            });
        }
        changes.join_all().await;
        assert_eq!(arranged(&store, &one.tenant).await[0].2.len(), 12);
    }

    async fn filters_are_kept_under_names_that_differ(base) {
        let store = base.open().await;
        let one = cabinet(&store, 1).await;
        let (vip, south) = (
            saved(&store, &one.tenant, "VIP").await,
            saved(&store, &one.tenant, "Юг").await,
        );
        assert_eq!((vip.name.as_str(), vip.query.as_str()), ("VIP", "tag=VIP"));
        assert_eq!(save(&store, &one.tenant, "юг", "q=x").await, FilterKeeping::Taken);
        let listed = store.saved_filters(&one.tenant).await.unwrap();
        assert_eq!(listed.len(), 2);
        assert!(listed.contains(&vip) && listed.contains(&south));

        let rename = async |id: &str, to: &str| {
            store.rename_filter(&one.tenant, id, &name(to)).await.unwrap()
        };
        assert_eq!(rename(&south.id, "vip").await, FilterKeeping::Taken);
        assert_eq!(rename("unknown", "Север").await, FilterKeeping::Missing);
        // Another case of its own name is no other filter's.
        let FilterKeeping::Kept(renamed) = rename(&south.id, "ЮГ").await else {
            panic!("it was not renamed");
        };
        assert_eq!((renamed.name.as_str(), renamed.query.as_str()), ("ЮГ", "tag=VIP"));
        assert!(store.delete_filter(&one.tenant, &vip.id).await.unwrap());
        assert!(!store.delete_filter(&one.tenant, &vip.id).await.unwrap());
        assert_eq!(store.saved_filters(&one.tenant).await.unwrap(), [renamed]);
    }

    async fn no_more_filters_are_kept_than_fit_however_they_come(base) {
        let store = Arc::new(base.open().await);
        let one = cabinet(&store, 1).await;
        let mut saves = JoinSet::new();
        for number in 0..SavedFilter::MOST + 6 {
            let (store, tenant) = (Arc::clone(&store), one.tenant.clone());
            saves.spawn(async move { save(&store, &tenant, &format!("{number}"), "").await });
        }
        let came = saves.join_all().await;
        let full = came.iter().filter(|kept| **kept == FilterKeeping::Full).count();
        assert_eq!(full, 6);
        let kept = store.saved_filters(&one.tenant).await.unwrap();
        assert_eq!(kept.len(), SavedFilter::MOST);
    }

    async fn sec_77_the_filters_of_another_account_are_not_there(base) {
        let store = base.open().await;
        let (one, two) = (cabinet(&store, 1).await, cabinet(&store, 2).await);
        let filter = saved(&store, &one.tenant, "VIP").await;
        let renamed = store.rename_filter(&two.tenant, &filter.id, &name("Моё")).await;
        assert_eq!(renamed.unwrap(), FilterKeeping::Missing);
        assert!(!store.delete_filter(&two.tenant, &filter.id).await.unwrap());
        assert_eq!(store.saved_filters(&two.tenant).await.unwrap(), []);
        // A name is taken within one account alone.
        saved(&store, &two.tenant, "VIP").await;
        assert_eq!(store.saved_filters(&one.tenant).await.unwrap(), [filter]);

        delete_cabinet(&store, &one).await;
        assert_eq!(store.saved_filters(&one.tenant).await.unwrap(), []);
        assert_eq!(save(&store, &one.tenant, "VIP", "").await, FilterKeeping::Missing);
        assert_eq!(store.saved_filters(&two.tenant).await.unwrap().len(), 1);
    }
}
