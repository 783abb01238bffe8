//! Letting portals go, and not letting them go by mistake.

use crmap_crm::{CrmError, RefreshError};
use crmap_domain::{Lang, PortalState, Trouble};
use crmap_service::{Bearer, Opened, Outcome, Reception};
use secrecy::ExposeSecret as _;

use crate::support::{ADMIN, EMPLOYEE, Stand};

fn minutes(count: i64) -> time::Duration {
    time::Duration::minutes(count)
}

/// A portal that removed the application and has had it again for a minute.
async fn installed_anew() -> Stand {
    let stand = Stand::installed().await;
    stand.clock.pass(minutes(5));
    stand.leave(false).await;
    stand.clock.pass(minutes(1));
    stand.install().await;
    stand.clock.pass(minutes(1));
    stand
}

#[tokio::test]
async fn sec_19_a_farewell_destroys_tokens_secret_and_sessions_at_once() {
    let stand = Stand::installed().await;
    stand.clock.pass(minutes(5));
    let session = stand.open(ADMIN).await;
    stand.leave(false).await;
    let portal = stand.known().await.unwrap();
    assert_eq!(portal.state, PortalState::Uninstalled);
    assert!(!portal.has_application_token);
    assert!(stand.chains().await.is_empty());
    drop(session);
    stand.world.forget();
    stand.clock.pass(time::Duration::days(200));
    stand.work().await;
    assert_eq!(stand.world.log(), Vec::<String>::new(), "nobody is asked");
}

#[tokio::test]
async fn sec_19_with_the_checkbox_everything_goes() {
    let stand = Stand::installed().await;
    stand.clock.pass(minutes(5));
    stand.leave(true).await;
    assert!(stand.known().await.is_none());
    let again = stand.services.receive(&stand.farewell(true)).await.unwrap();
    assert_eq!(again, Reception::Ignored, "its secret is gone too");
}

#[tokio::test]
async fn without_the_checkbox_the_portal_is_itself_again_after_a_new_installation() {
    let stand = Stand::installed().await;
    let first_seen = stand.known().await.unwrap().first_seen_at;
    for round in 2..=21 {
        stand.clock.pass(time::Duration::days(2));
        stand.leave(false).await;
        assert_eq!(stand.known().await.unwrap().state, PortalState::Uninstalled);
        stand.clock.pass(minutes(1));
        stand.install().await;
        let portal = stand.known().await.unwrap();
        assert_eq!((portal.state, portal.installs), (PortalState::Ok, round));
        assert_eq!(portal.first_seen_at, first_seen);
    }
}

#[tokio::test]
async fn f20_a_farewell_from_before_the_installation_is_ignored() {
    let stand = Stand::installed().await;
    let old = stand.farewell(true);
    stand.clock.pass(minutes(5));
    stand.leave(false).await;
    stand.clock.pass(minutes(5));
    stand.install().await;
    // Sent before this installation, and it comes only now.
    let reception = stand.services.receive(&old).await.unwrap();
    assert_eq!(reception, Reception::Taken);
    stand.work().await;
    assert_eq!(stand.known().await.unwrap().state, PortalState::Ok);
    assert_eq!(stand.world.count("prove"), 0, "its time says enough");
}

/// A queue may stamp a late event with the time of sending: then only the authority knows.
#[tokio::test]
async fn f20_a_late_farewell_with_a_new_time_is_believed_only_if_the_authority_agrees() {
    let stand = installed_anew().await;
    stand.leave(true).await;
    let portal = stand.known().await.expect("not the present one was meant");
    assert_eq!(portal.state, PortalState::Ok);
    assert!(stand.world.count("prove") > 0);

    // Now it does leave: its tokens are dead.
    stand.clock.pass(minutes(1));
    stand.world.revoke(None);
    stand.leave(true).await;
    assert!(stand.known().await.is_none());
}

/// The application was removed and is being installed again; somebody opened it before the farewell
/// came, and the token that they brought belongs to what is not finished yet.
#[tokio::test]
async fn a_farewell_is_believed_while_the_installation_after_it_is_not_finished() {
    let stand = installed_anew().await;
    stand.world.revoke(None);
    stand.open(EMPLOYEE).await;
    stand.world.is_installed(Some(false));
    stand.leave(true).await;
    assert!(stand.known().await.is_none(), "nothing of it is installed");
}

#[tokio::test]
async fn an_authority_that_is_away_does_not_keep_a_portal_that_says_farewell() {
    let stand = Stand::installed().await;
    stand.install().await;
    stand.clock.pass(minutes(1));
    stand
        .world
        .proofs_say(Some(|| CrmError::ProofUnavailable { source: None }));
    stand.leave(false).await;
    assert_eq!(stand.known().await.unwrap().state, PortalState::Uninstalled);
}

#[tokio::test]
async fn sec_19_a_lost_farewell_is_found_out_and_ends_the_same_way() {
    let stand = Stand::installed().await;
    stand.world.expire();
    stand
        .world
        .authority_says(Some(|| RefreshError::NotInstalled {
            code: "NOT_INSTALLED".to_owned(),
        }));
    stand.services.check(&stand.portal).await.unwrap();
    let portal = stand.known().await.unwrap();
    assert_eq!(
        (portal.state, portal.reason.as_str()),
        (PortalState::Revoked, "NOT_INSTALLED")
    );
    assert_eq!(stand.chains().await.len(), 2);
    stand.clock.pass(minutes(90));
    tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    stand.work().await;
    let portal = stand.known().await.unwrap();
    assert_eq!(portal.state, PortalState::Uninstalled);
    assert!(stand.chains().await.is_empty());
    assert!(!portal.has_application_token);
    stand.world.authority_says(None);
    stand.install().await;
    assert_eq!(stand.known().await.unwrap().state, PortalState::Ok);
}

#[tokio::test]
async fn a_wrong_secret_of_our_own_lets_no_portal_go() {
    let stand = Stand::installed().await;
    stand.world.expire();
    stand
        .world
        .authority_says(Some(|| RefreshError::ClientRefused {
            code: "invalid_client".to_owned(),
        }));
    for _ in 0..30 {
        stand.services.check(&stand.portal).await.unwrap();
        stand.clock.pass(time::Duration::days(1));
        tokio::time::sleep(std::time::Duration::from_millis(3)).await;
    }
    let portal = stand.known().await.unwrap();
    assert_eq!(portal.state, PortalState::Revoked);
    assert_eq!(stand.chains().await.len(), 2);
    // With the right secret everything goes on as if nothing had been.
    stand.world.authority_says(None);
    stand.services.check(&stand.portal).await.unwrap();
    assert_eq!(stand.known().await.unwrap().state, PortalState::Ok);
}

#[tokio::test]
async fn rel_06_a_portal_that_leaves_during_a_visit_does_not_come_back_by_it() {
    let stand = Stand::installed().await;
    let session = stand.open(EMPLOYEE).await;
    stand.clock.pass(minutes(5));
    stand.leave(false).await;
    // The page is still open and asks on.
    stand.services.read(&session).await;
    stand.work().await;
    assert_eq!(stand.known().await.unwrap().state, PortalState::Uninstalled);
    assert!(stand.chains().await.is_empty());
}

/// A late event of an earlier installation while the authority is away: tokens go, which the next
/// opening brings back; what nobody could bring back does not.
#[tokio::test]
async fn f20_a_doubtful_farewell_takes_no_settings_as_long_as_nobody_can_be_asked() {
    let stand = Stand::installed().await;
    stand.install().await;
    stand.clock.pass(minutes(1));
    stand
        .world
        .proofs_say(Some(|| CrmError::ProofUnavailable { source: None }));
    stand.leave(true).await;
    let portal = stand.known().await.expect("its settings are there");
    assert_eq!(portal.state, PortalState::Uninstalled);
    assert!(stand.chains().await.is_empty());
    stand.world.proofs_say(None);
    stand.install().await;
    assert_eq!(stand.known().await.unwrap().state, PortalState::Ok);
}

/// The portal says farewell by a clock that is forty seconds slow.
async fn leave_by_a_slow_clock(stand: &Stand) {
    let mut farewell = stand.farewell(false);
    farewell.sent_at = farewell.sent_at.map(|at| at - time::Duration::seconds(40));
    stand.world.revoke(None);
    stand.services.receive(&farewell).await.unwrap();
    stand.work().await;
    assert_eq!(stand.known().await.unwrap().state, PortalState::Uninstalled);
}

/// Two clocks are never the same.
#[tokio::test]
async fn a_farewell_from_a_clock_that_is_slow_is_checked_rather_than_ignored() {
    let stand = Stand::installed().await;
    stand.clock.pass(time::Duration::seconds(20));
    leave_by_a_slow_clock(&stand).await;
}

#[tokio::test]
async fn a_late_farewell_does_not_take_the_page_away_that_installs_the_application_anew() {
    let stand = Stand::installed().await;
    stand.clock.pass(minutes(10));
    let old = stand.services.open(stand.arrival(ADMIN), Lang::Ru).await;
    let Ok(Opened::Page(old)) = old else {
        panic!("no page")
    };
    let farewell = stand.farewell(false);
    stand.clock.pass(time::Duration::seconds(30));
    let arrival = stand.arrival(ADMIN);
    let installer = stand
        .services
        .begin_install(arrival, Lang::Ru)
        .await
        .unwrap();
    stand.clock.pass(time::Duration::seconds(5));
    stand.services.receive(&farewell).await.unwrap();
    stand.work().await;
    assert_eq!(stand.known().await.unwrap().state, PortalState::Uninstalled);
    let session = async |bearer: &Bearer| {
        let bearer = bearer.expose_secret();
        stand.services.session(bearer).await.unwrap()
    };
    assert!(session(&old.bearer).await.is_none());
    let goes_on = session(&installer.bearer).await.expect("it goes on");
    assert!(stand.services.install(&goes_on).await.finished);
    assert_eq!(stand.known().await.unwrap().state, PortalState::Ok);
    // It ends with what it has installed, however slow the clock of the next farewell's sender is.
    stand.clock.pass(time::Duration::seconds(20));
    leave_by_a_slow_clock(&stand).await;
    assert!(session(&installer.bearer).await.is_none());
}

/// A probe that began before a new installation must not end that one.
#[tokio::test]
async fn a_removal_that_was_concluded_before_a_new_installation_does_not_end_it() {
    let stand = Stand::installed().await;
    let not_installed = || CrmError::NotInstalled {
        code: "APPLICATION_NOT_FOUND".to_owned(),
    };
    stand.world.portal_says(Some(not_installed));
    stand.services.check(&stand.portal).await.unwrap();
    stand.clock.pass(minutes(61));
    // While the second probe is under way the application is installed again.
    let (services, portal) = (stand.services.clone(), stand.portal.clone());
    stand.world.answers_late(true);
    let probe = tokio::spawn(async move { services.check(&portal).await });
    stand.settle(async || stand.world.is_waiting()).await;
    stand.world.portal_says(None);
    stand.install().await;
    stand.world.portal_says(Some(not_installed));
    stand.world.answers_late(false);
    probe.await.unwrap().unwrap();
    let portal = stand.known().await.unwrap();
    assert_eq!((portal.state, portal.installs), (PortalState::Ok, 2));
    assert!(!stand.chains().await.is_empty());
}

#[tokio::test]
async fn a_session_ends_with_the_installation_in_whichever_process_that_ended() {
    let stand = Stand::installed().await;
    stand.clock.pass(minutes(5));
    let session = stand.open(EMPLOYEE).await;
    // Another process removes the portal, and this one hears nothing of it.
    let leaving = crmap_store::Leaving {
        clean: false,
        lost: false,
        at: crate::support::START,
        now: crate::support::START,
        installs: None,
    };
    stand
        .store
        .uninstall(&stand.portal, &leaving)
        .await
        .unwrap();
    // Whoever installs it anew by now has nothing to do with that.
    let arrival = stand.arrival(ADMIN);
    let installer = stand.services.begin_install(arrival, Lang::Ru).await;
    let bearer = installer.unwrap().bearer;
    stand.world.forget();
    let outcome = stand.services.read(&session).await;
    assert_eq!(outcome, Outcome::Failed(Trouble::Revoked));
    assert_eq!(stand.world.log(), Vec::<String>::new());
    let goes_on = stand.services.session(bearer.expose_secret()).await;
    assert!(goes_on.unwrap().is_some());
}

#[tokio::test]
async fn what_a_page_of_an_earlier_installation_hears_says_nothing_of_the_next() {
    let stand = Stand::installed().await;
    stand.clock.pass(minutes(5));
    let session = stand.open(EMPLOYEE).await;
    stand.world.forget();
    stand.world.reads_late(true);
    let (services, of) = (stand.services.clone(), session);
    let reading = tokio::spawn(async move { services.read(&of).await });
    stand.settle(async || stand.world.count("read") > 0).await;
    stand.leave(false).await;
    stand.clock.pass(minutes(1));
    stand.install().await;
    stand.world.readings_say(Some(|| CrmError::NotInstalled {
        code: "APPLICATION_NOT_FOUND".to_owned(),
    }));
    stand.world.reads_late(false);
    let outcome = reading.await.unwrap();
    assert_eq!(outcome, Outcome::Failed(Trouble::Revoked));
    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    let portal = stand.known().await.unwrap();
    assert_eq!((portal.state, portal.installs), (PortalState::Ok, 2));
}
