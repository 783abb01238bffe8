//! REL-14: whoever reads while a portal's reading is replaced sees the old one or the new one, never
//! parts of both. `CRMAP_REPLACES` says how often it is replaced.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crmap_domain::{Funnel, Section, Specification};
use crmap_store::{Keeping, Store, Tenant};

use crate::support::*;

/// In the ordinary run.
const REPLACES: i64 = 60;
const READERS: usize = 3;

/// The reading of that number: every part of it bears the number, and `number % 5 + 1` is how many
/// funnels there are.
fn numbered(number: i64) -> Arc<Specification> {
    let mut read = (*reading(0)).clone();
    read.reading.at = at(number);
    read.reading.viewer.id = number;
    let funnel = |id| Funnel {
        id,
        name: format!("Продажи {id} в чтении {number}"),
        sort: id,
        is_default: id == 0,
    };
    read.funnels = Section::Rows((0..=number % 5).map(funnel).collect());
    if let Section::Rows(users) = &mut read.users {
        users[0].position = format!("Директор в чтении {number}");
    }
    Arc::new(read)
}

/// What one look at the portal shows must be of one reading.
async fn look(store: &Store, tenant: &Tenant) -> i64 {
    let found = store.snapshot(tenant, &member(1)).await.unwrap().unwrap();
    let number = found.specification.reading.viewer.id;
    assert_eq!(found.specification, *numbered(number), "a mixed snapshot");
    assert_eq!(
        (found.taken_at, i64::from(found.number)),
        (at(number), number)
    );
    let version = store
        .version(tenant, &member(1), found.number)
        .await
        .unwrap();
    let version = version.unwrap();
    assert_eq!(
        version.funnels, found.specification.funnels,
        "another version"
    );

    let card = store.links(tenant).await.unwrap().remove(0);
    let read_at = card.read_at.unwrap();
    let shown = numbered((read_at - at(0)).whole_seconds());
    assert_eq!(
        card.totals,
        Some(shown.totals()),
        "totals of another reading"
    );

    let searched = store
        .search_rows(tenant, &member(1))
        .await
        .unwrap()
        .unwrap();
    let newest = store.versions(tenant, &member(1)).await.unwrap().remove(0);
    assert!(i64::from(newest.number) >= number && searched.stamp != 0);
    number
}

on_both! {
    async fn rel_14_a_reader_sees_the_old_reading_or_the_new_one(base) {
        let replaces = std::env::var("CRMAP_REPLACES").map_or(REPLACES, |text| text.parse().unwrap());
        let store = Arc::new(base.open().await);
        installed(&store, 1).await;
        let one = cabinet(&store, 1).await;
        link(&store, &one, 1, 0).await;
        assert_eq!(keep(&store, 1, 1, &numbered(1), 1).await, Keeping::Kept);
        let goes_on = Arc::new(AtomicBool::new(true));
        let readers: Vec<_> = (0..READERS).map(|_| {
            let (store, tenant) = (Arc::clone(&store), one.tenant.clone());
            let goes_on = Arc::clone(&goes_on);
            tokio::spawn(async move {
                let (mut seen, mut looks) = (BTreeSet::new(), 0);
                while goes_on.load(Ordering::SeqCst) {
                    seen.insert(look(&store, &tenant).await);
                    looks += 1;
                }
                (seen, looks)
            })
        }).collect();
        for number in 2..=replaces {
            assert_eq!(keep(&store, 1, 1, &numbered(number), number).await, Keeping::Kept);
        }
        goes_on.store(false, Ordering::SeqCst);
        let mut all_looks = 0;
        for reader in readers {
            let (seen, looks) = reader.await.unwrap();
            assert!(seen.len() > 5, "it looked at {} readings", seen.len());
            all_looks += looks;
        }
        println!("{replaces} replaces, {all_looks} looks, none mixed");
        assert_eq!(look(&store, &one.tenant).await, replaces);
        assert_eq!(store.verify().await.unwrap(), []);
    }
}
