//! Portals that move, and addresses that change hands (SEC-08, SEC-12).

use std::sync::Arc;

use crmap_crm::CrmError;
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
    stand.world.portal_says(Some(|| CrmError::Moved));
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
async fn f04_what_answers_at_an_address_that_was_freed_meanwhile_says_nothing_of_the_portal() {
    for (user, failure) in [
        (EMPLOYEE, None),
        (ADMIN, None),
        (ADMIN, Some(not_paid as fn() -> CrmError)),
    ] {
        let stand = Stand::new().await;
        stand.install().await;
        // By then the portal's bindings would be looked after again.
        stand.clock.pass(time::Duration::minutes(6));
        is_silent_where_the_portal_was(&stand, user, failure).await;
    }
}

fn not_paid() -> CrmError {
    let code = "ACCESS_DENIED".to_owned();
    CrmError::NotPaid { code }
}

async fn is_silent_where_the_portal_was(
    stand: &Stand,
    user: i64,
    failure: Option<fn() -> CrmError>,
) {
    stand.world.reads_late(true);
    let opening = stand.open(user);
    let freed = async {
        stand.settle(async || stand.world.being_read() == 1).await;
        let newcomer = member(2);
        stand.world.lives_at(&stand.portal, "elsewhere.example");
        stand.world.lives_at(&newcomer, "demo.example");
        let arrival = stand.arrival_at(&newcomer, ADMIN);
        stand.install_by(arrival).await;
        stand.world.forget();
        if let Some(failure) = failure {
            stand.world.reading_says(&stand.portal, failure);
        }
        stand.world.reads_late(false);
    };
    let (session, ()) = tokio::join!(opening, freed);
    // What is done behind the page's back holds the session, which its table and this test have too.
    stand
        .settle(async || Arc::strong_count(&session) <= 2)
        .await;
    let old = stand.known().await.unwrap();
    assert_eq!((old.state, old.base), (PortalState::Moved, None));
    // Whoever looks after the bindings asks first how the portal stands.
    let log = stand.world.log();
    let is_looked_after = log.iter().any(|line| line.starts_with("standing"));
    assert!(!is_looked_after, "{user}: {log:?}");
}
