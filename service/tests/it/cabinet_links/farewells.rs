//! A linked portal removes the application.

use crmap_domain::cabinet::{DeedKind, Denial};
use crmap_domain::{Lang, MemberId, PortalState, Section, Trouble};
use crmap_service::Outcome;

use super::{Owner, card, cards, link, open, owner, portal};
use crate::support::{ADMIN, Stand};

#[tokio::test]
async fn sec_24_after_a_farewell_the_link_stays_and_serves_nothing_until_it_is_made_again() {
    let stand = Stand::new().await;
    let (portal_1, owner) = (portal(&stand, 1).await, owner(&stand, 1).await);
    link(&stand, &portal_1, &owner).await;
    let session = open(&stand, &portal_1, ADMIN).await;
    stand.clock.pass(time::Duration::minutes(10));
    stand.leave(false).await;
    serves_nothing(&stand, &owner, &portal_1).await;
    // The page that is still open in the portal ends, too.
    let listed = stand.services.linked_cabinets(&session).await;
    assert_eq!(listed, Err(Denial::Portal(Trouble::Revoked)));
    assert_eq!(stand.world.log(), Vec::<String>::new(), "nobody was asked");

    // Somebody installs it anew, who need not know the cabinet.
    stand.clock.pass(time::Duration::minutes(1));
    portal(&stand, 1).await;
    serves_nothing(&stand, &owner, &portal_1).await;
    assert_eq!(card(&stand, &owner).await.standing.reason, "reinstalled");
    let session = open(&stand, &portal_1, ADMIN).await;
    let links = stand.services.linked_cabinets(&session).await;
    assert_eq!(links, Ok(Vec::new()));

    link(&stand, &portal_1, &owner).await;
    assert_eq!(card(&stand, &owner).await.standing.state, PortalState::Ok);
    let refreshed = stand
        .services
        .refresh_portal(&owner.entered, &portal_1, Lang::Ru)
        .await;
    let Ok(Outcome::Read(read)) = refreshed else {
        panic!("{refreshed:?}");
    };
    assert!(matches!(read.users, Section::Rows(_)));
}

/// A cabinet knows that it is linked to a portal, and no more of it.
async fn serves_nothing(stand: &Stand, owner: &Owner, portal: &MemberId) {
    stand.world.forget();
    let left = card(stand, owner).await;
    assert_eq!(left.standing.state, PortalState::Uninstalled);
    assert_eq!((left.read_at, left.totals), (None, None));
    let (services, entered) = (&stand.services, &owner.entered);
    assert_eq!(services.snapshot(entered, portal).await, Ok(None));
    let details = services.portal(entered, portal).await.unwrap();
    assert_eq!(details.rights, []);
    let requests = services.requests_to(entered, portal, None).await;
    assert_eq!(requests, Ok((Vec::new(), None)));
    let refreshed = services.refresh_portal(entered, portal, Lang::Ru).await;
    assert_eq!(refreshed, Ok(Outcome::Failed(Trouble::Revoked)));
    assert_eq!(stand.world.count("read"), 0);
}

#[tokio::test]
async fn sec_19_a_portal_that_wants_to_be_forgotten_is_and_its_owners_are_told() {
    let stand = Stand::new().await;
    let (first, second) = (portal(&stand, 1).await, portal(&stand, 2).await);
    let (one, two) = (owner(&stand, 1).await, owner(&stand, 2).await);
    link(&stand, &first, &one).await;
    link(&stand, &second, &one).await;
    link(&stand, &second, &two).await;
    stand.clock.pass(time::Duration::minutes(10));
    stand.leave(true).await;
    assert!(stand.known().await.is_none());
    assert_eq!(card(&stand, &one).await.member_id, second);
    let read = stand.services.snapshot(&one.entered, &first).await;
    assert_eq!(read, Err(Denial::NotFound));
    let news = stand.services.news(&one.entered).await.unwrap();
    let kinds: Vec<_> = news.into_iter().map(|deed| deed.kind).collect();
    assert!(matches!(
        kinds.as_slice(),
        [DeedKind::PortalErased, DeedKind::Linked { member_id, .. }] if *member_id == second
    ));
    let told = stand.services.news(&two.entered).await.unwrap();
    assert!(told.iter().all(|deed| deed.kind != DeedKind::PortalErased));
    assert!(card(&stand, &two).await.read_at.is_some());
    let findings = stand.store.verify().await.unwrap();
    assert!(findings.is_empty(), "{findings:?}");
}

#[tokio::test]
async fn sec_25_a_deleted_account_takes_its_links_and_leaves_others_theirs() {
    let stand = Stand::new().await;
    let portal = portal(&stand, 1).await;
    let (one, two) = (owner(&stand, 1).await, owner(&stand, 2).await);
    link(&stand, &portal, &one).await;
    link(&stand, &portal, &two).await;
    let deleted = stand
        .services
        .delete_account(&one.entered, super::PASSWORD.into(), &super::visitor(1))
        .await;
    assert_eq!(deleted, Ok(()));
    assert!(cards(&stand, &one).await.is_empty());
    assert!(card(&stand, &two).await.read_at.is_some());
    let denied = super::try_to_link(&stand, &portal, &one.token).await;
    assert_eq!(denied, Err(Denial::UnknownToken));
    let findings = stand.store.verify().await.unwrap();
    assert!(findings.is_empty(), "{findings:?}");
}
