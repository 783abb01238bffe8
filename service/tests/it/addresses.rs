//! Portals that move, and addresses that change hands (SEC-08, SEC-12).

use std::time::Duration;

use crmap_domain::PortalState;

use crate::support::{ADMIN, EMPLOYEE, Stand, member};

#[tokio::test]
async fn f01_a_moved_portal_is_followed_to_where_the_authority_says() {
    let stand = Stand::installed().await;
    stand.world.lives_at(&stand.portal, "new.example");
    stand.services.check(&stand.portal).await.unwrap();
    let portal = stand.known().await.unwrap();
    assert_eq!(portal.state, PortalState::Ok);
    assert_eq!(portal.address, "new.example");
    assert_eq!(stand.world.count("prove"), 1);
    stand.world.forget();
    stand.services.check(&stand.portal).await.unwrap();
    assert_eq!(
        stand.world.log(),
        ["standing 1 at https://new.example/rest/"]
    );
}

#[tokio::test]
async fn f01_a_portal_that_says_it_moved_and_did_not_is_not_followed_anywhere() {
    let stand = Stand::installed().await;
    stand.world.portal_says(Some(|| crmap_crm::CrmError::Moved));
    stand.services.check(&stand.portal).await.unwrap();
    let portal = stand.known().await.unwrap();
    assert_eq!(
        (portal.state, portal.address.as_str()),
        (PortalState::Moved, "demo.example")
    );
    let log = stand.world.log();
    assert!(
        log.iter().filter(|line| line.contains(" at ")).count() <= 2,
        "{log:?}"
    );
}

#[tokio::test]
async fn f04_a_freed_address_belongs_to_the_new_portal_and_sees_no_token_of_the_old_one() {
    let stand = Stand::installed().await;
    let newcomer = member(2);
    stand.world.lives_at(&stand.portal, "elsewhere.example");
    stand.world.lives_at(&newcomer, "demo.example");
    let arrival = stand.arrival_at(&newcomer, ADMIN);
    stand.install_by(arrival).await;

    let old = stand.known().await.unwrap();
    assert_eq!((old.state, old.base), (PortalState::Moved, None));
    stand.world.forget();
    stand.services.check(&stand.portal).await.unwrap();
    let old = stand.known().await.unwrap();
    assert_eq!(
        (old.state, old.address.as_str()),
        (PortalState::Ok, "elsewhere.example")
    );
    let log = stand.world.log();
    assert!(
        !log.iter().any(|line| line.contains("demo.example")),
        "the old portal's token was shown to the new one: {log:?}"
    );
}

#[tokio::test]
async fn f04_what_answered_at_an_address_before_it_was_freed_does_not_bring_the_portal_back() {
    let stand = Stand::new().await;
    stand.install().await;
    stand.world.reads_late(true);
    let opening = async {
        stand.open(EMPLOYEE).await;
    };
    let freed = async {
        stand.settle(async || stand.world.being_read() == 1).await;
        let newcomer = member(2);
        stand.world.lives_at(&stand.portal, "elsewhere.example");
        stand.world.lives_at(&newcomer, "demo.example");
        let arrival = stand.arrival_at(&newcomer, ADMIN);
        stand.install_by(arrival).await;
        stand.world.reads_late(false);
    };
    tokio::join!(opening, freed);
    // What is done behind the page's back would be done by now.
    tokio::time::sleep(Duration::from_millis(50)).await;
    let old = stand.known().await.unwrap();
    assert_eq!((old.state, old.base), (PortalState::Moved, None));
}
