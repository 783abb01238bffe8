//! States of portals as they come and go.

use crmap_crm::{CrmError, RefreshError};
use crmap_domain::{PortalState, Unreachable};

use crate::support::{ADMIN, EMPLOYEE, Mood, Stand};

async fn state(stand: &Stand) -> PortalState {
    stand.known().await.unwrap().state
}

#[tokio::test]
async fn f06_an_unpaid_portal_waits_and_comes_back_with_its_next_opening() {
    let stand = Stand::installed().await;
    let unpaid: Mood = || CrmError::NotPaid {
        code: "ACCESS_DENIED".to_owned(),
    };
    stand.world.portal_says(Some(unpaid));
    stand.open(EMPLOYEE).await;
    stand
        .settle(async || state(&stand).await == PortalState::NeedsPayment)
        .await;
    let portal = stand.known().await.unwrap();
    assert_eq!(portal.reason, "ACCESS_DENIED");
    assert!(portal.next_probe_at.is_some());
    stand.world.portal_says(None);
    stand.open(EMPLOYEE).await;
    stand
        .settle(async || state(&stand).await == PortalState::Ok)
        .await;
}

#[tokio::test]
async fn f06_an_unpaid_portal_is_asked_ever_more_seldom_and_keeps_its_tokens() {
    let stand = Stand::installed().await;
    stand.world.expire();
    stand.world.authority_says(Some(|| RefreshError::NotPaid {
        code: "PAYMENT_REQUIRED".to_owned(),
    }));
    stand.services.check(&stand.portal).await.unwrap();
    stand.world.forget();
    for _hour in 0..24 * 10 {
        stand.clock.pass(time::Duration::hours(1));
        tokio::time::sleep(std::time::Duration::from_millis(2)).await;
        stand.work().await;
    }
    let asked = stand.world.count("refresh");
    assert!((8..=15).contains(&asked), "{asked} times in ten days");
    assert_eq!(state(&stand).await, PortalState::NeedsPayment);
    assert_eq!(stand.chains().await.len(), 2);
    stand.world.authority_says(None);
    stand.clock.pass(time::Duration::hours(30));
    stand.work().await;
    assert_eq!(state(&stand).await, PortalState::Ok);
}

#[tokio::test]
async fn rel_08_two_hours_without_the_authority_change_no_state() {
    let stand = Stand::installed().await;
    stand.world.expire();
    stand.world.authority_says(Some(|| {
        RefreshError::NotSent(CrmError::Unreachable {
            why: Unreachable::Timeout,
            source: None,
        })
    }));
    stand.services.check(&stand.portal).await.unwrap();
    stand.world.forget();
    for _minute in 0..120 {
        stand.clock.pass(time::Duration::minutes(1));
        tokio::time::sleep(std::time::Duration::from_millis(2)).await;
        stand.work().await;
    }
    assert_eq!(state(&stand).await, PortalState::Ok);
    let asked = stand.world.count("refresh");
    assert!(asked <= 2 * 120, "{asked} tries of two people in two hours");
    stand.world.authority_says(None);
    stand.clock.pass(time::Duration::minutes(3));
    stand.world.forget();
    stand.work().await;
    assert_eq!(stand.world.count("refresh"), 1, "back within three minutes");
    assert!(stand.world.count("standing") >= 1);
}

#[tokio::test]
async fn silence_makes_a_portal_unreachable_and_an_answer_heals_it() {
    let stand = Stand::installed().await;
    let silent: Mood = || CrmError::Unreachable {
        why: Unreachable::Dns,
        source: None,
    };
    stand.world.portal_says(Some(silent));
    let standing = stand.services.check(&stand.portal).await.unwrap().unwrap();
    assert_eq!(
        (standing.state, standing.reason.as_str()),
        (PortalState::Unreachable, "dns")
    );
    stand.world.portal_says(None);
    stand.clock.pass(time::Duration::minutes(10));
    stand.work().await;
    assert_eq!(state(&stand).await, PortalState::Ok);
}

#[tokio::test]
async fn an_employee_who_is_kept_out_says_nothing_of_the_portal() {
    let stand = Stand::installed().await;
    stand.world.user_hears(EMPLOYEE, || CrmError::Restricted);
    stand.open(EMPLOYEE).await;
    stand.services.check(&stand.portal).await.unwrap();
    assert_eq!(state(&stand).await, PortalState::Ok);
    assert_eq!(stand.world.count("standing 1"), 1);
}

#[tokio::test]
async fn a_page_whose_token_has_run_out_says_nothing_of_the_portal() {
    let stand = Stand::installed().await;
    let session = stand.open(EMPLOYEE).await;
    stand.world.expire();
    let outcome = stand.services.read(&session).await;
    assert_eq!(
        outcome,
        crmap_service::Outcome::Failed(crmap_domain::Trouble::Expired)
    );
    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    assert_eq!(state(&stand).await, PortalState::Ok);
}

#[tokio::test]
async fn when_all_are_kept_out_the_portal_is_restricted() {
    let stand = Stand::installed().await;
    for user in [ADMIN, EMPLOYEE] {
        stand.world.user_hears(user, || CrmError::Restricted);
    }
    stand.services.check(&stand.portal).await.unwrap();
    assert_eq!(state(&stand).await, PortalState::Restricted);
}

#[tokio::test]
async fn rel_19_a_blocked_portal_is_not_touched_for_a_day() {
    let stand = Stand::installed().await;
    stand.world.portal_says(Some(|| CrmError::Blocked));
    stand.services.check(&stand.portal).await.unwrap();
    stand.world.forget();
    for _hour in 0..23 {
        stand.clock.pass(time::Duration::hours(1));
        stand.work().await;
    }
    assert_eq!(stand.world.log(), Vec::<String>::new());
    assert_eq!(stand.known().await.unwrap().reason, "OVERLOAD_LIMIT");
}
