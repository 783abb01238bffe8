//! Installing, and openings that take a portal in.

use crmap_crm::{SetUpStep, StepOutcome};
use crmap_domain::{Lang, PortalState, Trouble};
use crmap_service::{InstallStep, Opened};
use secrecy::{ExposeSecret as _, SecretString};

use crate::support::{ADMIN, EMPLOYEE, EVENTS, Stand};

#[tokio::test]
async fn an_administrator_installs_and_everything_is_kept() {
    let stand = Stand::new().await;
    let installer = stand
        .services
        .begin_install(stand.arrival(ADMIN), Lang::Ru)
        .await;
    let installer = installer.unwrap();
    assert!(installer.standing.administrator);
    assert!(
        stand.known().await.is_none(),
        "nothing is kept before consent"
    );

    let report = stand.services.install(&installer.session).await;
    assert!(report.finished);
    let kinds: Vec<InstallStep> = report.steps.iter().map(|(step, _)| *step).collect();
    let mut expected = vec![InstallStep::Portal];
    expected.extend(SetUpStep::ALL.map(InstallStep::Binding));
    assert_eq!(kinds, expected);

    let portal = stand.known().await.unwrap();
    assert_eq!((portal.state, portal.installs), (PortalState::Ok, 1));
    assert!(portal.installed_at.is_some() && portal.has_application_token);
    assert_eq!(portal.version, Some(3));
    let chains = stand.chains().await;
    assert_eq!(chains.len(), 1);
    assert!(chains[0].administrator && chains[0].has_candidate && !chains[0].has_refresh);
}

#[tokio::test]
async fn somebody_who_may_not_install_leaves_no_trace() {
    let stand = Stand::new().await;
    let installer = stand
        .services
        .begin_install(stand.arrival(EMPLOYEE), Lang::Ru)
        .await;
    let installer = installer.unwrap();
    assert!(!installer.standing.administrator);
    let report = stand.services.install(&installer.session).await;
    assert!(!report.finished);
    assert_eq!(
        report.steps,
        [(InstallStep::Portal, StepOutcome::Failed(Trouble::NoRights))]
    );
    assert!(stand.known().await.is_none());
    assert_eq!(stand.world.count("set_up"), 0);
}

#[tokio::test]
async fn a_step_that_failed_can_be_repeated_until_it_works() {
    let stand = Stand::new().await;
    stand.world.a_step_fails(true);
    let installer = stand
        .services
        .begin_install(stand.arrival(ADMIN), Lang::Ru)
        .await;
    let session = installer.unwrap().session;
    let report = stand.services.install(&session).await;
    assert!(!report.finished);
    let failed = (
        InstallStep::Binding(SetUpStep::Changes),
        StepOutcome::Failed(Trouble::RateLimited),
    );
    assert!(report.steps.contains(&failed));
    assert!(stand.known().await.unwrap().installed_at.is_none());
    stand.world.a_step_fails(false);
    assert!(stand.services.install(&session).await.finished);
    assert_eq!(stand.known().await.unwrap().installs, 1);
}

#[tokio::test]
async fn installing_again_and_again_works_every_time() {
    let stand = Stand::new().await;
    for round in 1..=20 {
        stand.install().await;
        stand.clock.pass(time::Duration::hours(1));
        assert_eq!(stand.known().await.unwrap().installs, round);
    }
    let chains = stand.chains().await;
    assert_eq!(chains.len(), 1, "one person, one chain");
}

#[tokio::test]
async fn an_administrators_opening_takes_an_unknown_portal_in() {
    let stand = Stand::new().await;
    stand.open(ADMIN).await;
    let installed = async || {
        let portal = stand.known().await;
        portal.is_some_and(|portal| portal.installed_at.is_some())
    };
    stand.settle(installed).await;
    assert!(stand.known().await.unwrap().has_application_token);
}

#[tokio::test]
async fn many_openings_at_once_take_an_unknown_portal_in_once_and_all_sessions_live() {
    let stand = Stand::new().await;
    let mut sessions = Vec::new();
    for _ in 0..10 {
        sessions.push(stand.open(ADMIN).await);
    }
    let installed = async || {
        let portal = stand.known().await;
        portal.is_some_and(|portal| portal.installed_at.is_some())
    };
    stand.settle(installed).await;
    stand.open(ADMIN).await;
    assert_eq!(stand.known().await.unwrap().installs, 1);
    for session in sessions {
        let outcome = stand.services.read(&session).await;
        assert!(matches!(outcome, crmap_service::Outcome::Read(_)));
    }
}

#[tokio::test]
async fn an_employees_opening_of_an_unknown_portal_shows_it_and_keeps_nothing() {
    let stand = Stand::new().await;
    stand.open(EMPLOYEE).await;
    stand.work().await;
    assert!(stand.known().await.is_none());
    assert_eq!(stand.world.count("read 12"), 1);
}

#[tokio::test]
async fn before_the_portal_is_done_installing_only_administrators_get_further() {
    let stand = Stand::new().await;
    stand.world.is_installed(Some(false));
    let employee = stand.services.open(stand.arrival(EMPLOYEE), Lang::Ru).await;
    assert!(matches!(employee, Ok(Opened::NotFinished { .. })));
    let administrator = stand.services.open(stand.arrival(ADMIN), Lang::Ru).await;
    assert!(matches!(administrator, Ok(Opened::Installer(_))));
    assert!(stand.known().await.is_none());
}

#[tokio::test]
async fn bindings_are_looked_after_now_and_then_and_that_is_no_installation() {
    let stand = Stand::installed().await;
    let installed_at = stand.known().await.unwrap().installed_at;
    for round in 1..=3 {
        stand.clock.pass(time::Duration::minutes(6));
        for _ in 0..5 {
            stand.open(ADMIN).await;
        }
        stand
            .settle(async || stand.world.count("set_up") == round)
            .await;
    }
    let portal = stand.known().await.unwrap();
    assert_eq!((portal.installs, portal.installed_at), (1, installed_at));
}

/// Everybody who opens the application sees the portal's secret in the form, and could send another
/// one in its place.
#[tokio::test]
async fn sec_16_the_secret_of_events_is_believed_of_administrators_alone() {
    let stand = Stand::installed().await;
    let planted = |user| {
        let mut arrival = stand.arrival(user);
        arrival.application_token = Some(SecretString::from("planted"));
        arrival
    };
    let kept = async || {
        let token = stand.store.application_token(&stand.portal).await.unwrap();
        token.map(|token| token.expose_secret().to_owned())
    };
    let _ = stand.services.open(planted(EMPLOYEE), Lang::Ru).await;
    let installer = stand
        .services
        .begin_install(planted(EMPLOYEE), Lang::Ru)
        .await;
    stand.services.install(&installer.unwrap().session).await;
    stand.work().await;
    assert_eq!(kept().await.as_deref(), Some(EVENTS));

    let installer = stand.services.begin_install(planted(ADMIN), Lang::Ru).await;
    stand.services.install(&installer.unwrap().session).await;
    assert_eq!(kept().await.as_deref(), Some("planted"));
}
