//! The marketplace page and the application's page before it is ready (§1.4, §1.5).

use portal_sim::{AppStanding, Options, Portal};
use serde_json::{Value, json};

use crate::client::{Reply, get, post, start};

async fn page(portal: &Portal, path: &str, user: u32) -> Reply {
    get(&format!("{}{path}?user={user}", portal.base_url())).await
}

async fn press(portal: &Portal, what: &str, body: Value) -> u16 {
    let url = format!("{}/page/{what}", portal.base_url());
    post(&url, "application/json", &body.to_string())
        .await
        .status
}

const APP: &str = "/marketplace/app/5/";
const MENU_ENTRY: &str = "</svg>CRMAP</a>";

#[tokio::test]
async fn an_administrator_installs_finishes_and_removes() {
    let cloud = start(Options {
        not_installed: true,
        ..Options::default()
    })
    .await;
    let portal = cloud.portal(1);
    let market = page(portal, "/marketplace/", 1).await;
    assert!(market.body.contains("id=\"app-install\"") && !market.body.contains(MENU_ENTRY));
    let employee = page(portal, "/marketplace/", 12).await;
    assert!(!employee.body.contains("id=\"app-install\""));
    assert!(
        page(portal, APP, 1)
            .await
            .body
            .contains("id=\"app-refusal\"")
    );

    assert_eq!(press(portal, "install", json!({"user": 12})).await, 403);
    assert_eq!(press(portal, "install", json!({"user": 1})).await, 204);
    let wizard = page(portal, APP, 1).await;
    assert!(
        wizard
            .body
            .contains("action=\"http://127.0.0.1:3000/bitrix/install?DOMAIN=")
    );
    assert!(wizard.body.contains("\"INSTALL\":true") && wizard.body.contains(MENU_ENTRY));
    let stub = page(portal, APP, 12).await;
    assert!(stub.body.contains("Обратитесь к администратору"));
    assert!(!stub.body.contains("app-frame"));

    assert_eq!(
        press(portal, "install-finish", json!({"user": 12})).await,
        403
    );
    assert_eq!(
        press(portal, "install-finish", json!({"user": 1})).await,
        204
    );
    let ready = page(portal, APP, 12).await;
    assert!(
        ready
            .body
            .contains("action=\"http://127.0.0.1:3000/bitrix/app?DOMAIN=")
    );
    assert!(ready.body.contains("\"INSTALL\":false"));

    let market = page(portal, "/marketplace/", 1).await;
    assert!(market.body.contains("id=\"app-clean\"") && market.body.contains("id=\"app-remove\""));
    let body = json!({"user": 1, "clean": true});
    assert_eq!(press(portal, "uninstall", body).await, 204);
    assert_eq!(portal.app_state().standing, AppStanding::NotInstalled);
}

#[tokio::test]
async fn options_survive_a_removal_unless_it_is_clean() {
    let cloud = start(Options::default()).await;
    let portal = cloud.portal(1);
    let option = json!({"kind": "app", "user": 1, "name": "k", "value": "v"});
    press(portal, "options", option).await;
    portal.reinstall(1);
    assert!(
        page(portal, APP, 1)
            .await
            .body
            .contains("\"APP_OPTIONS\":{\"k\":\"v\"}")
    );
    portal.uninstall(true);
    portal.install(1);
    assert!(
        page(portal, APP, 1)
            .await
            .body
            .contains("\"APP_OPTIONS\":[]")
    );
}

#[tokio::test]
async fn whom_the_administrator_left_out_sees_no_entry_and_no_frame() {
    let cloud = start(Options::default()).await;
    let portal = cloud.portal(1);
    portal.restrict_to(Some(vec![1]));
    let out = page(portal, APP, 12).await;
    assert!(out.body.contains("id=\"app-refusal\"") && !out.body.contains(MENU_ENTRY));
    assert!(page(portal, APP, 1).await.body.contains("app-frame"));
}
