//! The last reading of a portal: kept for those that it is linked to, gone when it should be.

use std::io::Write;
use std::sync::Arc;

use crmap_domain::cabinet::{DeedKind, Level};
use crmap_domain::{PortalState, Section};
use crmap_store::{Keeping, Linking, Store, StoreError};
use flate2::Compression;
use flate2::write::ZlibEncoder;
use tokio::task::JoinSet;

use crate::support::*;

async fn put_at(store: &Store, number: u32, installs: u32, funnels: i64, seconds: i64) -> bool {
    keep(store, number, installs, &reading(funnels), seconds).await == Keeping::Kept
}

on_both! {
    async fn a_reading_is_given_back_as_it_was(base) {
        let store = base.open().await;
        installed(&store, 1).await;
        let one = cabinet(&store, 1).await;
        link(&store, &one, 1, 1).await;
        assert_eq!(store.snapshot(&one.tenant, &member(1)).await.unwrap(), None);
        assert!(put_at(&store, 1, 1, 2, 5).await);
        let snapshot = store.snapshot(&one.tenant, &member(1)).await.unwrap().unwrap();
        assert_eq!((snapshot.taken_at, &snapshot.specification), (at(5), &*reading(2)));
        let card = store.links(&one.tenant).await.unwrap().remove(0);
        assert_eq!((card.read_at, card.totals), (Some(at(5)), Some(reading(2).totals())));

        // The later one stays, whichever comes last.
        assert!(put_at(&store, 1, 1, 3, 9).await);
        let late = keep(&store, 1, 1, &reading(4), 8).await;
        assert_eq!(late, Keeping::Outdated);
        let snapshot = store.snapshot(&one.tenant, &member(1)).await.unwrap().unwrap();
        assert_eq!((snapshot.taken_at, &snapshot.specification), (at(9), &*reading(3)));
        assert_eq!(store.verify().await.unwrap(), []);
    }

    async fn a_reading_that_waited_for_its_turn_replaces_none_that_began_after_it(base) {
        let store = base.open().await;
        installed(&store, 1).await;
        let one = cabinet(&store, 1).await;
        link(&store, &one, 1, 1).await;
        assert_eq!(keep(&store, 1, 1, &begun(&reading(2), 5), 6).await, Keeping::Kept);
        assert_eq!(keep(&store, 1, 1, &begun(&reading(3), 9), 10).await, Keeping::Kept);
        let waited = begun(&reading(2), 8);
        assert_eq!(keep(&store, 1, 1, &waited, 11).await, Keeping::Outdated);
        let at_once = begun(&reading(3), 9);
        assert_eq!(keep(&store, 1, 1, &at_once, 12).await, Keeping::Unchanged);
        let snapshot = store.snapshot(&one.tenant, &member(1)).await.unwrap().unwrap();
        assert_eq!((snapshot.taken_at, snapshot.number), (at(12), 2));
        // An administrator's reading replaces what somebody with fewer rights read meanwhile.
        installed(&store, 2).await;
        link(&store, &one, 2, 1).await;
        let mut by_employee = (*begun(&reading(1), 9)).clone();
        by_employee.reading.viewer.administrator = false;
        let by_employee = Arc::new(by_employee);
        assert_eq!(keep(&store, 2, 1, &by_employee, 10).await, Keeping::Kept);
        assert_eq!(keep(&store, 2, 1, &begun(&reading(2), 8), 11).await, Keeping::Kept);
    }

    async fn sec_26_a_reading_with_fewer_rights_replaces_none_with_more(base) {
        let store = base.open().await;
        installed(&store, 1).await;
        let one = cabinet(&store, 1).await;
        link(&store, &one, 1, 1).await;
        let mut by_employee = (*reading(1)).clone();
        by_employee.reading.viewer.administrator = false;
        let by_employee = Arc::new(by_employee);
        let put = async |read: &Arc<_>, seconds| {
            keep(&store, 1, 1, read, seconds).await
        };
        let taken_at = async || {
            let found = store.snapshot(&one.tenant, &member(1)).await.unwrap();
            found.unwrap().taken_at
        };
        assert_eq!(put(&by_employee, 5).await, Keeping::Kept, "better than nothing");
        assert_eq!(put(&by_employee, 6).await, Keeping::Unchanged);
        assert_eq!(put(&reading(2), 7).await, Keeping::Kept);
        assert_eq!(put(&by_employee, 8).await, Keeping::Lesser);
        assert_eq!(taken_at().await, at(7));
        assert_eq!(put(&reading(2), 9).await, Keeping::Unchanged);
        assert_eq!(put(&reading(2), 8).await, Keeping::Outdated);
        assert_eq!(taken_at().await, at(9));
    }

    async fn what_was_read_of_another_installation_or_for_nobody_is_not_kept(base) {
        let store = base.open().await;
        let one = cabinet(&store, 1).await;
        assert!(!put_at(&store, 1, 1, 1, 5).await, "nobody knows it");
        installed(&store, 1).await;
        let nobodys = keep(&store, 1, 1, &reading(1), 5).await;
        assert_eq!(nobodys, Keeping::Void, "nobody is linked");
        link(&store, &one, 1, 1).await;
        assert!(!put_at(&store, 1, 2, 1, 5).await);
        assert!(!put_at(&store, 1, 0, 1, 5).await);
        store.uninstall(&member(1), &left(false, 2)).await.unwrap();
        assert!(!put_at(&store, 1, 1, 1, 5).await, "it left");
        opened(&store, 1).await;
        assert!(!put_at(&store, 1, 1, 1, 5).await, "it is on its way back");
        installed(&store, 1).await;
        let again = crmap_store::Grant { installs: 2, ..grant(1, Level::Read, 3) };
        assert!(!put_at(&store, 1, 2, 1, 5).await, "nobody linked it again");
        store.link(&one.id, &again, None).await.unwrap();
        assert!(!put_at(&store, 1, 1, 1, 5).await, "what is read late brings nothing back");
        assert!(put_at(&store, 1, 2, 1, 5).await);
    }

    async fn sec_19_people_go_with_the_application_and_links_stay(base) {
        let store = base.open().await;
        installed(&store, 1).await;
        let one = cabinet(&store, 1).await;
        link(&store, &one, 1, 1).await;
        assert!(put_at(&store, 1, 1, 2, 5).await);
        store.uninstall(&member(1), &left(false, 6)).await.unwrap();
        let card = store.links(&one.tenant).await.unwrap().remove(0);
        assert_eq!(card.standing.state, PortalState::Uninstalled);
        assert_eq!((card.read_at, card.totals), (None, None));
        assert_eq!(store.snapshot(&one.tenant, &member(1)).await.unwrap(), None);
        // An administrator installs it anew and links it again.
        installed(&store, 1).await;
        let again = crmap_store::Grant { installs: 2, ..grant(1, Level::Read, 7) };
        assert_eq!(store.link(&one.id, &again, None).await.unwrap(), Linking::Made);
        let card = store.links(&one.tenant).await.unwrap().remove(0);
        assert_eq!((card.read_at, card.totals), (Some(at(7)), Some(reading(2).totals())));
        let kept = store.snapshot(&one.tenant, &member(1)).await.unwrap().unwrap();
        let mut expected = (*reading(2)).clone();
        expected.reading.viewer.name.clear();
        expected.reading.at = at(7);
        expected.users = kept.specification.users.clone();
        assert_eq!(kept.specification, expected);
        assert!(matches!(expected.users, Section::Refused(_)), "not a portal without people");
        assert_eq!(store.verify().await.unwrap(), []);
        let pool = base.raw().await;
        let people: Option<Vec<u8>> = sqlx::query_scalar("select people from version")
            .fetch_one(&pool)
            .await
            .unwrap();
        pool.close().await;
        assert_eq!(people, None);
    }

    async fn sec_19_a_portal_that_wants_to_be_forgotten_tells_each_cabinet_once(base) {
        let store = base.open().await;
        let cabinets = [cabinet(&store, 1).await, cabinet(&store, 2).await];
        let other = cabinet(&store, 3).await;
        for number in 1..=2 {
            installed(&store, number).await;
        }
        for owner in &cabinets {
            link(&store, owner, 1, 1).await;
            link(&store, owner, 2, 1).await;
        }
        link(&store, &other, 2, 1).await;
        for number in 1..=2 {
            assert!(put_at(&store, number, 1, 2, 5).await);
        }
        for _ in 0..2 {
            store.uninstall(&member(1), &left(true, 6)).await.unwrap();
        }
        for owner in &cabinets {
            let cards = store.links(&owner.tenant).await.unwrap();
            assert_eq!(cards.len(), 1);
            assert_eq!(cards[0].member_id, member(2));
            assert!(store.snapshot(&owner.tenant, &member(2)).await.unwrap().is_some());
            let news = store.news(&owner.tenant).await.unwrap();
            let erased = news.iter().filter(|deed| deed.kind == DeedKind::PortalErased);
            assert_eq!(erased.count(), 1);
            let named = news.iter().any(|deed| {
                matches!(&deed.kind, DeedKind::Linked { member_id, .. } if *member_id == member(1))
            });
            assert!(!named, "a deed still names the portal");
        }
        let news = store.news(&other.tenant).await.unwrap();
        assert!(news.iter().all(|deed| deed.kind != DeedKind::PortalErased));
        assert!(store.snapshot(&other.tenant, &member(2)).await.unwrap().is_some());
        assert_eq!(store.verify().await.unwrap(), []);
        // Whoever comes back is linked anew.
        installed(&store, 1).await;
        assert!(!is_linked(&store, 1).await);
    }

    async fn what_does_not_decode_is_called_damaged(base) {
        let store = base.open().await;
        installed(&store, 1).await;
        let one = cabinet(&store, 1).await;
        link(&store, &one, 1, 1).await;
        let mut bomb = ZlibEncoder::new(Vec::new(), Compression::best());
        for _ in 0..=64 {
            bomb.write_all(&vec![b' '; 1 << 20]).unwrap();
        }
        let bomb = bomb.finish().unwrap();
        let pool = base.raw().await;
        for (column, bytes) in [
            ("content", b"nothing".as_slice()),
            ("content", &bomb),
            ("people", b""),
            ("people", &bomb),
        ] {
            let _ = put_at(&store, 1, 1, 2, 5).await;
            let sql = sqlx::AssertSqlSafe(format!("update version set {column} = $1"));
            sqlx::query(sql).bind(bytes).execute(&pool).await.unwrap();
            let refused = store.snapshot(&one.tenant, &member(1)).await.unwrap_err();
            let StoreError::Corrupt { table, column: found, .. } = refused else {
                panic!("{refused:?}");
            };
            assert_eq!((table, found.as_str()), ("version", column));
            let findings = store.verify().await.unwrap();
            assert_eq!(findings.len(), 1, "{findings:?}");
            base.execute("delete from version").await;
        }
        let _ = put_at(&store, 1, 1, 2, 5).await;
        sqlx::query("update version set content = $1").bind(b"nothing".as_slice())
            .execute(&pool)
            .await
            .unwrap();
        // Whoever cannot show it says so.
        store.distrust_snapshot(&member(1)).await.unwrap();
        assert!(put_at(&store, 1, 1, 2, 5).await, "the next reading heals it");
        assert!(store.snapshot(&one.tenant, &member(1)).await.unwrap().is_some());
        base.execute("delete from version where number = 1").await;
        sqlx::query("update snapshot set totals = '{\"funnels\":9}'")
            .execute(&pool)
            .await
            .unwrap();
        assert_eq!(store.verify().await.unwrap().len(), 1);
        pool.close().await;
    }

    async fn orphans_are_found(base) {
        let store = base.open().await;
        installed(&store, 1).await;
        let one = cabinet(&store, 1).await;
        link(&store, &one, 1, 1).await;
        assert!(put_at(&store, 1, 1, 2, 5).await);
        base.execute("delete from link").await;
        let findings = store.verify().await.unwrap();
        let told = |findings: &[crmap_store::Finding]| {
            findings.iter().map(|one| format!("{}: {}", one.table, one.what)).collect::<Vec<_>>()
        };
        let unlinked = ["snapshot: is linked to no cabinet", "version: is linked to no cabinet"];
        assert_eq!(told(&findings), unlinked);
        base.execute("update portal set state = 'uninstalled', uninstalled_at = 1, \
                      sealed_application_token = null; delete from credential").await;
        let findings = store.verify().await.unwrap();
        assert_eq!(findings.len(), 3, "{findings:?}");
        assert_eq!(told(&findings)[2], "version: holds people of a portal that left");
    }

    async fn sec_24_who_reads_and_who_unlinks_at_once_leave_no_snapshot_behind(base) {
        let store = Arc::new(base.open().await);
        let cabinets = [1, 2].map(|number| (number, Arc::clone(&store)));
        let mut owners = Vec::new();
        for (number, store) in cabinets {
            owners.push(Arc::new(cabinet(&store, number).await));
        }
        for number in 1..=10 {
            installed(&store, number).await;
            for owner in &owners {
                link(&store, owner, number, 1).await;
            }
        }
        let mut work = JoinSet::new();
        for number in 1..=10 {
            for (place, owner) in owners.iter().enumerate() {
                let (store, owner) = (Arc::clone(&store), Arc::clone(owner));
                work.spawn(async move {
                    put_at(&store, number, 1, 2, 5).await;
                    if place == 0 {
                        store.unlink(&owner.tenant, &member(number), None, at(6)).await.unwrap();
                    } else if number % 2 == 0 {
                        let links = store.links_of_portal(&member(number)).await.unwrap();
                        for link in links {
                            store.end_link(&member(number), &link.id, 7, None, at(6)).await.unwrap();
                        }
                    }
                });
            }
            let store = Arc::clone(&store);
            work.spawn(async move {
                put_at(&store, number, 1, 2, 7).await;
                if number % 5 == 0 {
                    store.uninstall(&member(number), &left(true, 6)).await.unwrap();
                }
                put_at(&store, number, 1, 2, 8).await;
            });
        }
        let (deleting, owner) = (Arc::clone(&store), Arc::clone(&owners[1]));
        work.spawn(async move { delete_cabinet(&deleting, &owner).await });
        work.join_all().await;
        assert_eq!(store.verify().await.unwrap(), []);
        assert!(store.links(&owners[0].tenant).await.unwrap().is_empty());
        assert!(store.links(&owners[1].tenant).await.unwrap().is_empty());
        for number in 1..=10 {
            assert!(!put_at(&store, number, 1, 2, 9).await);
        }
    }
}
