//! A link ends while its cabinet looks at the portal from all sides.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use crmap_domain::MemberId;
use crmap_domain::cabinet::Level;
use crmap_service::{Entered, Services};
use crmap_store::{Grant, Linking};
use tokio::task::JoinSet;

use super::{Owner, link, open, owner, portal};
use crate::support::{ADMIN, Stand};

const ROUNDS: u32 = 1_000;

/// Whether anything of the portal is served.
async fn is_served(services: &Services, entered: &Entered, portal: &MemberId, way: u32) -> bool {
    match way % 4 {
        0 => !services.portals(entered).await.unwrap().is_empty(),
        1 => services.portal(entered, portal).await.is_ok(),
        2 => services.snapshot(entered, portal).await.is_ok(),
        _ => services.requests_to(entered, portal, None).await.is_ok(),
    }
}

/// The link is made anew, as if its administrator had done so.
async fn link_again(stand: &Stand, owner: &Owner, portal: &MemberId) {
    let token = crmap_domain::ConnectionToken::parse(&owner.token).unwrap();
    let cabinet = stand.store.cabinet_of_token(&token).await.unwrap().unwrap();
    let grant = Grant {
        member_id: portal.clone(),
        installs: 1,
        level: Level::Read,
        user_id: ADMIN,
        now: crate::support::START,
        first_reading_at: crate::support::START,
    };
    let linking = stand.store.link(&cabinet.id, &grant, None).await.unwrap();
    assert_eq!(linking, Linking::Made);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sec_24_of_a_thousand_links_that_end_none_serves_anything_afterwards() {
    let stand = Stand::new().await;
    let (portal, owner) = (portal(&stand, 1).await, owner(&stand, 1).await);
    link(&stand, &portal, &owner).await;
    let session = open(&stand, &portal, ADMIN).await;
    let owner = Arc::new(owner);
    let served = Arc::new(AtomicU32::new(0));
    for round in 0..ROUNDS {
        let ended = Arc::new(AtomicBool::new(false));
        let mut lookers = JoinSet::new();
        for way in 0..2 {
            let (services, owner) = (Arc::clone(&stand.services), Arc::clone(&owner));
            let (ended, served, portal) = (Arc::clone(&ended), Arc::clone(&served), portal.clone());
            lookers.spawn(async move {
                for number in 0.. {
                    let late = ended.load(Ordering::SeqCst);
                    let shown = is_served(&services, &owner.entered, &portal, way + number).await;
                    assert!(!(late && shown), "the link had ended");
                    served.fetch_add(u32::from(shown), Ordering::SeqCst);
                    if late && number >= 4 {
                        return;
                    }
                }
            });
        }
        // Now from one side, now from the other.
        if round % 2 == 0 {
            let ended = stand.services.unlink_portal(&owner.entered, &portal).await;
            assert_eq!(ended, Ok(()));
        } else {
            let links = stand.services.linked_cabinets(&session).await.unwrap();
            let left = stand.services.unlink_cabinet(&session, &links[0].id).await;
            assert_eq!(left, Ok(Vec::new()));
        }
        ended.store(true, Ordering::SeqCst);
        lookers.join_all().await;
        link_again(&stand, &owner, &portal).await;
    }
    let served = served.load(Ordering::SeqCst);
    assert!(served > ROUNDS / 2, "only {served} looks came in time");
}
