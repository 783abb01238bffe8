//! The application's life on a portal, and what else can befall it (§1.4, §1.5, §5).

use portal_sim::{AppRegistration, AppStanding, Knobs, Options, Seed, UninstalledRest, UserRole};
use serde_json::{Value, json};

use crate::client::{cloud, control, get, refresh, start, with_token};

const ADMIN: UserRole = UserRole::Administrator;

#[tokio::test]
async fn portals_have_the_application_ready_unless_told_otherwise() {
    let ready = cloud(Seed::Empty).await;
    let state = ready.portal(1).app_state();
    assert_eq!(
        (state.standing, state.version, state.installations),
        (AppStanding::Installed, 1, 1)
    );
    assert_eq!(state.install_url, "http://127.0.0.1:3000/bitrix/install");
    let token = ready.portal(1).access_token(ADMIN);
    assert_eq!(
        with_token(ready.portal(1), &token, "profile").await.status,
        200
    );

    let without = start(Options {
        not_installed: true,
        ..Options::default()
    })
    .await;
    let portal = without.portal(1);
    assert_eq!(portal.app_state().standing, AppStanding::NotInstalled);
    assert_eq!(portal.application_token(), "");
    let token = portal.access_token(ADMIN);
    with_token(portal, &token, "profile")
        .await
        .is_refusal(401, "APPLICATION_NOT_FOUND");
}

#[tokio::test]
async fn an_installation_is_unfinished_until_the_page_says_so() {
    let app = AppRegistration {
        app_url: "https://crmap.example/b24/app?x=1".to_owned(),
        ..AppRegistration::default()
    };
    let cloud = start(Options {
        not_installed: true,
        app,
        ..Options::default()
    })
    .await;
    let portal = cloud.portal(1);
    portal.install(1);
    assert_eq!(portal.app_state().standing, AppStanding::Installing);
    assert_eq!(portal.app_state().installed_by, Some(1));
    assert_eq!(
        portal.opening_url(),
        "https://crmap.example/b24/install?x=1"
    );
    let token = portal.access_token(ADMIN);
    let info = with_token(portal, &token, "app.info").await.json();
    assert_eq!(info["result"]["INSTALLED"], json!(false));
    portal.finish_install();
    let info = with_token(portal, &token, "app.info").await.json();
    assert_eq!(info["result"]["INSTALLED"], json!(true));
    assert_eq!(portal.opening_url(), "https://crmap.example/b24/app?x=1");

    portal.update_app();
    let info = with_token(portal, &token, "app.info").await.json();
    assert_eq!(
        (&info["result"]["VERSION"], &info["result"]["INSTALLED"]),
        (&json!(2), &json!(false))
    );
}

#[tokio::test]
async fn uninstalling_kills_every_token_and_says_so_in_four_ways() {
    let cloud = cloud(Seed::Demo).await;
    let portal = cloud.portal(1);
    let (access, token) = portal.token_pair(UserRole::Employee);
    portal.uninstall(false);
    for (uninstalled_rest, code) in [
        (
            UninstalledRest::ApplicationNotFound,
            "APPLICATION_NOT_FOUND",
        ),
        (UninstalledRest::ErrorOauth, "ERROR_OAUTH"),
        (UninstalledRest::InvalidToken, "invalid_token"),
        (UninstalledRest::NoAuthFound, "NO_AUTH_FOUND"),
    ] {
        cloud.set_knobs(Knobs {
            uninstalled_rest,
            ..Knobs::default()
        });
        with_token(portal, &access, "profile")
            .await
            .is_refusal(401, code);
    }
    refresh(&cloud, &token)
        .await
        .is_refusal(401, "NOT_INSTALLED");
    let info = format!("{}/rest/app.info?auth={access}", cloud.oauth_url());
    get(&info).await.is_refusal(401, "NOT_INSTALLED");

    portal.install(1);
    refresh(&cloud, &token)
        .await
        .is_refusal(400, "invalid_grant");
    get(&info).await.is_refusal(401, "invalid_token");
    let fresh = portal.access_token(UserRole::Employee);
    assert_eq!(with_token(portal, &fresh, "profile").await.status, 200);
}

#[tokio::test]
async fn a_new_installation_has_a_new_application_token_unless_kept() {
    let cloud = cloud(Seed::Empty).await;
    let portal = cloud.portal(1);
    let first = portal.application_token();
    portal.reinstall(1);
    let second = portal.application_token();
    assert_ne!(first, second);
    cloud.set_knobs(Knobs {
        keep_application_token: true,
        ..Knobs::default()
    });
    portal.reinstall(1);
    assert_eq!(portal.application_token(), second);
    assert_eq!(portal.app_state().installations, 3);
    let (_, body) = portal.opening_form(ADMIN, "ru");
    assert!(body.contains(&format!("APPLICATION_TOKEN={second}")));
}

#[tokio::test]
async fn tokens_expire_are_revoked_and_fall_with_their_user() {
    let cloud = cloud(Seed::Demo).await;
    let portal = cloud.portal(1);
    let (admin, _) = portal.token_pair(ADMIN);
    let (employee, token) = portal.token_pair(UserRole::Employee);
    portal.expire_access_of(12);
    with_token(portal, &employee, "profile")
        .await
        .is_refusal(401, "expired_token");
    assert_eq!(with_token(portal, &admin, "profile").await.status, 200);

    portal.dismiss(12);
    refresh(&cloud, &token)
        .await
        .is_refusal(400, "invalid_grant");
    portal.reinstate(12);
    let renewed = refresh(&cloud, &token).await.json();
    let text = |name: &str| renewed[name].as_str().unwrap().to_owned();
    let (employee, token) = (text("access_token"), text("refresh_token"));
    portal.dismiss(12);
    with_token(portal, &employee, "profile")
        .await
        .is_refusal(401, "authorization_error");
    portal.reinstate(12);
    portal.revoke_tokens_of(12);
    with_token(portal, &employee, "profile")
        .await
        .is_refusal(401, "invalid_token");
    refresh(&cloud, &token)
        .await
        .is_refusal(400, "invalid_grant");
    portal.expire_access_tokens();
    with_token(portal, &admin, "profile")
        .await
        .is_refusal(401, "expired_token");
}

#[tokio::test]
async fn portals_end_their_subscription_restrict_access_and_vanish() {
    let cloud = cloud(Seed::Demo).await;
    let portal = cloud.portal(1);
    let (access, token) = portal.token_pair(UserRole::Employee);
    let call = || with_token(portal, &access, "profile");
    portal.set_subscription(false);
    let unpaid = call().await;
    unpaid.is_refusal(403, "ACCESS_DENIED");
    assert!(unpaid.body.contains("commercial plans"));
    refresh(&cloud, &token)
        .await
        .is_refusal(401, "PAYMENT_REQUIRED");
    portal.set_subscription(true);
    assert_eq!(call().await.status, 200);

    portal.restrict_to(Some(vec![1]));
    call().await.is_refusal(403, "user_access_error");
    portal.restrict_to(None);
    assert_eq!(call().await.status, 200);

    portal.delete();
    call().await.is_refusal(500, "PORTAL_DELETED");
    let gone = refresh(&cloud, &token).await;
    assert!(gone.status == 404 && gone.head.contains("text/html"));
    portal.restore();
    assert_eq!(refresh(&cloud, &token).await.status, 200);
}

#[tokio::test]
async fn everything_also_happens_over_http() {
    let cloud = cloud(Seed::Demo).await;
    let portal = cloud.portal(1);
    let base = portal.base_url();
    let state = || async { get(&format!("{base}/__control/state")).await.json() };
    let act = |action: Value| {
        let base = base.clone();
        async move { assert_eq!(control(&base, "do", &action).await.status, 200, "{action}") }
    };
    act(json!({"do": "uninstall", "clean": true})).await;
    assert_eq!(state().await["app"]["standing"], "not_installed");
    act(json!({"do": "install", "user": 1})).await;
    act(json!({"do": "subscription", "active": false})).await;
    act(json!({"do": "restrict_to", "users": [1, 12]})).await;
    let now = state().await;
    assert_eq!(now["app"]["standing"], "installing");
    assert_eq!(now["app"]["application_token"], portal.application_token());
    assert_eq!(
        (&now["subscription"], &now["restricted_to"]),
        (&json!(false), &json!([1, 12]))
    );
    act(json!({"do": "finish_install"})).await;
    assert_eq!(portal.app_state().standing, AppStanding::Installed);
    act(json!({"do": "dismiss", "user": 12})).await;
    assert!(!portal.world().user(12).unwrap().active);
    let unknown = control(&base, "do", &json!({"do": "explode"})).await;
    assert_eq!(unknown.status, 400);

    let oauth = cloud.oauth_url();
    control(oauth, "knobs", &json!({"rotation": "lenient"})).await;
    let turned = control(oauth, "knobs", &json!({"wrong_client": true})).await;
    assert_eq!(turned.status, 200);
    let knobs = get(&format!("{oauth}/__control/knobs")).await.json();
    assert_eq!(
        (&knobs["rotation"], &knobs["wrong_client"]),
        (&json!("lenient"), &json!(true))
    );
    let wrong = control(oauth, "knobs", &json!({"rotation": "sideways"})).await;
    assert_eq!(wrong.status, 400);
}
