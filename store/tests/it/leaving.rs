//! A portal leaves: the installation that was meant, all of it, and off the disk (SEC-19).

use std::time::{Duration, Instant};

use crmap_store::{InstallFacts, Leaving, NewEvent, Store, StoreError};

use crate::support::*;

fn leaving(clean: bool, installs: Option<u32>) -> Leaving {
    Leaving {
        clean,
        lost: true,
        installs,
        at: at(5),
        now: at(5),
    }
}

async fn install(store: &Store, number: u32) {
    opened(store, number).await;
    let facts = InstallFacts {
        version: None,
        plan: None,
        scopes: Vec::new(),
        now: at(1),
    };
    assert!(store.finish_install(&member(number), &facts).await.unwrap());
}

fn event(name: &str) -> NewEvent {
    let mut digest = [0; 32];
    digest[..name.len()].copy_from_slice(name.as_bytes());
    NewEvent {
        digest,
        member_id: member(1),
        name: name.to_owned(),
        sent_at: None,
        payload: "{}".to_owned(),
        now: at(2),
    }
}

on_both! {
    async fn a_new_installation_does_not_leave_with_the_old_one(base) {
        let store = base.open().await;
        install(&store, 1).await;
        // Somebody judges that the portal left; meanwhile it is installed anew.
        install(&store, 1).await;
        for clean in [false, true] {
            let late = store.uninstall(&member(1), &leaving(clean, Some(1))).await.unwrap();
            assert_eq!((late.applied, late.was_installed, late.chains), (false, false, 0));
            let portal = store.portal(&member(1)).await.unwrap().unwrap();
            assert_eq!((portal.installs, portal.uninstalled_at), (2, None));
            assert_eq!(store.chains(&member(1)).await.unwrap().len(), 1);
        }
        let left = store.uninstall(&member(1), &leaving(false, Some(2))).await.unwrap();
        assert_eq!((left.applied, left.was_installed, left.chains), (true, true, 1));
        let clean = store.uninstall(&member(1), &leaving(true, Some(2))).await.unwrap();
        assert_eq!((clean.applied, clean.was_installed, clean.chains), (true, false, 0));
        assert_eq!(store.portal(&member(1)).await.unwrap(), None);
        let again = store.uninstall(&member(1), &leaving(true, Some(2))).await.unwrap();
        assert_eq!((again.applied, again.was_installed, again.chains), (true, false, 0));
    }

    async fn sec_19_what_is_left_on_disk_goes_when_it_is_asked_for_again(base) {
        let store = base.open().await;
        for (number, clean) in [(1, false), (2, true)] {
            opened(&store, number).await;
            let lease = leased(&store, number, 1, "one").await;
            store.uninstall(&member(number), &leaving(clean, None)).await.unwrap();
            // As if the process had died before it came to the folder.
            store.spill().append(&lease, &pair("left", 5)).await.unwrap();
            assert_eq!(base.pair_files().len(), 1);
            for _ in 0..2 {
                store.finish_leaving(&member(number)).await.unwrap();
                assert!(base.pair_files().is_empty(), "tokens stayed on disk");
            }
        }
        store.finish_leaving(&member(9)).await.unwrap();
    }

    async fn sec_19_who_came_back_keeps_the_pairs_of_the_new_chains(base) {
        let store = base.open().await;
        opened(&store, 1).await;
        let old = leased(&store, 1, 1, "old").await;
        store.uninstall(&member(1), &leaving(false, None)).await.unwrap();
        opened(&store, 1).await;
        let new = leased(&store, 1, 1, "new").await;
        store.spill().append(&old, &pair("old", 5)).await.unwrap();
        store.spill().append(&new, &pair("new", 5)).await.unwrap();
        store.finish_leaving(&member(1)).await.unwrap();
        assert_eq!(base.pair_files().len(), 1);
        assert_eq!(store.replay_spill().await.unwrap().stored, 1);
        assert_eq!(generation(&store, 1, 1).await, 2);
    }

    async fn sec_19_the_wish_to_be_forgotten_outlives_a_mere_leaving(base) {
        let store = base.open().await;
        opened(&store, 1).await;
        for name in ["left", "left_clean"] {
            store.receive_event(&event(name)).await.unwrap();
        }
        store.uninstall(&member(1), &leaving(false, None)).await.unwrap();
        let waiting = store.next_event("one", LEASE).await.unwrap().unwrap();
        assert_eq!(waiting.name, "left_clean");
        store.uninstall(&member(1), &leaving(true, None)).await.unwrap();
        assert_eq!(store.next_event("two", LEASE).await.unwrap(), None);
    }
}

#[tokio::test]
async fn sec_19_a_reader_that_keeps_the_old_state_is_waited_for_later() {
    let base = Base::new(Kind::Sqlite).await;
    let store = base.open().await;
    opened(&store, 1).await;
    let pool = base.raw().await;
    let mut reader = pool.begin().await.unwrap();
    sqlx::query("select member_id from portal")
        .fetch_all(&mut *reader)
        .await
        .unwrap();
    let left = store
        .uninstall(&member(1), &leaving(true, None))
        .await
        .unwrap();
    assert!(left.was_installed && !left.is_off_disk, "{left:?}");
    assert_eq!(store.portal(&member(1)).await.unwrap(), None);
    let refused = store.finish_leaving(&member(1)).await.unwrap_err();
    assert!(matches!(refused, StoreError::Unavailable(_)), "{refused:?}");
    // A backup reads for minutes, and whoever writes must not wait for it.
    let (began, one) = (Instant::now(), member(1));
    let (wiped, ()) = tokio::join!(store.finish_leaving(&one), opened(&store, 2));
    assert!(wiped.is_err());
    assert!(began.elapsed().as_secs() < 2, "{:?}", began.elapsed());
    reader.rollback().await.unwrap();
    // Nobody speaks of that portal any more: it goes with the next clearing.
    let log = || {
        std::fs::metadata(base.folder().join("test.db-wal"))
            .unwrap()
            .len()
    };
    assert!(log() > 0);
    store.wipe_if_possible().await;
    assert_eq!(log(), 0);
    store.finish_leaving(&member(1)).await.unwrap();
}

#[tokio::test]
async fn rel_21_the_writer_is_patient_with_others_after_it_was_not_with_readers() {
    let base = Base::new(Kind::Sqlite).await;
    let store = base.open().await;
    opened(&store, 1).await;
    let pool = base.raw().await;
    let mut reader = pool.begin().await.unwrap();
    let read = sqlx::query("select member_id from portal");
    read.fetch_all(&mut *reader).await.unwrap();
    // One that ends, and one that nobody waits for.
    assert!(store.finish_leaving(&member(1)).await.is_err());
    let short = Duration::from_millis(20);
    let left = tokio::time::timeout(short, store.finish_leaving(&member(1))).await;
    assert!(left.is_err());
    drop(reader);
    let beside = pool.begin_with("begin immediate").await.unwrap();
    let (began, held) = (Instant::now(), Duration::from_millis(600));
    tokio::join!(opened(&store, 2), async {
        tokio::time::sleep(held).await;
        beside.rollback().await.unwrap();
    });
    assert!(began.elapsed() >= held);
    assert!(store.portal(&member(2)).await.unwrap().is_some());
}
