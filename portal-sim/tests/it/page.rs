//! The opening form and the portal's page (§1.3, §6).

use std::collections::HashMap;

use portal_sim::{Fault, Options, Seed, UserRole};
use serde_json::{Value, json};

use crate::client::{Reply, cloud, get, post, start};

const APP: &str = "/marketplace/app/5/";

fn pairs(text: &str) -> HashMap<String, String> {
    form_urlencoded::parse(text.as_bytes())
        .into_owned()
        .collect()
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> &'a str {
    text.split_once(before)
        .unwrap()
        .1
        .split_once(after)
        .unwrap()
        .0
}

fn opening(page: &Reply) -> Value {
    let json = between(&page.body, "id=\"opening\">", "</script>");
    serde_json::from_str(json).unwrap()
}

#[tokio::test]
async fn the_form_carries_what_the_portal_sends() {
    let cloud = cloud(Seed::Demo).await;
    let portal = cloud.portal(1);
    let (query, body) = portal.opening_form(UserRole::Employee, "en");
    let (query, body) = (pairs(&query), pairs(&body));
    assert_eq!(
        (query["DOMAIN"].as_str(), query["PROTOCOL"].as_str()),
        (portal.domain().as_str(), "0")
    );
    assert_eq!((query["LANG"].as_str(), query["APP_SID"].len()), ("en", 32));
    assert_eq!(body["member_id"], portal.member_id());
    assert_eq!(body["APPLICATION_TOKEN"], portal.application_token());
    assert_eq!(
        body["SERVER_ENDPOINT"],
        format!("{}/rest/", cloud.oauth_url())
    );
    assert_eq!(
        body["APPLICATION_SCOPE"],
        "crm,placement,user_brief,department"
    );
    assert_eq!(
        (body["PLACEMENT"].as_str(), body["AUTH_EXPIRES"].as_str()),
        ("DEFAULT", "3600")
    );
    assert!(body["REFRESH_ID"] != body["AUTH_ID"] && body["status"] == "F");
    let profile = format!(
        "{}profile?auth={}",
        portal.client_endpoint(),
        body["AUTH_ID"]
    );
    assert_eq!(get(&profile).await.json()["result"]["ID"], "12");
    assert_ne!(
        pairs(&portal.opening_form(UserRole::Employee, "en").0)["APP_SID"],
        query["APP_SID"]
    );
}

/// What the portal's own texts do not have, they say in English; the application is told all the same.
#[tokio::test]
async fn a_viewer_may_speak_any_language_of_bitrix24() {
    let cloud = cloud(Seed::Demo).await;
    let portal = cloud.portal(1);
    for (lang, told, own) in [
        ("de", "de", "en"),
        ("ru", "ru", "ru"),
        ("%22%3E%3Cb", "ru", "ru"),
    ] {
        let page = get(&format!("{}{APP}?user=33&lang={lang}", portal.base_url())).await;
        assert_eq!(opening(&page)["initData"]["LANG"], json!(told), "{lang}");
        assert!(between(&page.body, "action=\"", "\"").contains(&format!("LANG={told}")));
        assert!(page.body.contains(&format!("<html lang=\"{own}\"")));
        assert!(page.body.contains(&format!("?user=33&amp;lang={told}\"")));
    }
}

#[tokio::test]
async fn the_page_opens_the_application_in_a_named_frame() {
    let cloud = cloud(Seed::Demo).await;
    let portal = cloud.portal(1);
    let page = get(&format!("{}{APP}?user=33&lang=en", portal.base_url())).await;
    let data = opening(&page);
    let name = format!("{}|0|{}", portal.domain(), data["appSid"].as_str().unwrap());
    assert_eq!(
        between(&page.body, "<iframe id=\"app-frame\" name=\"", "\""),
        name
    );
    assert_eq!(between(&page.body, "method=\"post\" target=\"", "\""), name);
    let action = between(&page.body, "action=\"", "\"").replace("&amp;", "&");
    assert!(action.starts_with("http://127.0.0.1:3000/bitrix/app?DOMAIN="));
    assert!(page.body.contains("allow=\"clipboard-write *\""));
    assert!(page.body.contains("lang=\"en\"") && page.body.contains("Светлана Морозова"));
    let init = &data["initData"];
    assert_eq!(
        (&init["IS_ADMIN"], &init["FIRST_RUN"]),
        (&json!(false), &json!(true))
    );
    assert_eq!(
        (&init["APP_OPTIONS"], &init["INSTALL"]),
        (&json!([]), &json!(false))
    );

    portal.set_fault(Fault::Clipboard { allowed: false });
    let again = get(&format!("{}{APP}?user=33&lang=en", portal.base_url())).await;
    assert!(!again.body.contains("clipboard-write"));
    assert_eq!(opening(&again)["initData"]["FIRST_RUN"], json!(false));
    assert!(portal.requests().is_empty(), "pages are not REST requests");
}

#[tokio::test]
async fn the_frame_gets_fresh_tokens_and_keeps_options() {
    let cloud = cloud(Seed::Demo).await;
    let base = cloud.portal(1).base_url();
    let pair = post(
        &format!("{base}/page/tokens"),
        "application/json",
        "{\"user\":12}",
    )
    .await;
    let token = pair.json()["AUTH_ID"].as_str().unwrap().to_owned();
    assert_eq!(
        get(&format!("{base}/rest/profile?auth={token}"))
            .await
            .status,
        200
    );
    let dismissed = post(
        &format!("{base}/page/tokens"),
        "application/json",
        "{\"user\":38}",
    )
    .await;
    assert_eq!(dismissed.status, 404);
    let option = json!({"kind": "user", "user": 12, "name": "theme", "value": "dark"});
    let kept = post(
        &format!("{base}/page/options"),
        "application/json",
        &option.to_string(),
    )
    .await;
    assert_eq!(kept.json(), json!({"theme": "dark"}));
    let page = get(&format!("{base}{APP}?user=12")).await;
    assert_eq!(
        opening(&page)["initData"]["USER_OPTIONS"],
        json!({"theme": "dark"})
    );
}

/// An application that was removed while its page was open gets no tokens.
#[tokio::test]
async fn a_frame_gets_no_tokens_where_the_application_is_not_installed() {
    let cloud = cloud(Seed::Demo).await;
    let portal = cloud.portal(1);
    let tokens = format!("{}/page/tokens", portal.base_url());
    let ask = || post(&tokens, "application/json", "{\"user\":1}");
    portal.uninstall(false);
    let refused = ask().await;
    assert_eq!(refused.status, 404);
    assert!(!refused.body.contains("AUTH_ID"));
    // The page of an installation that is going on is served, so it may ask too.
    portal.install(1);
    assert_eq!(ask().await.status, 200);
}

#[tokio::test]
async fn every_section_and_the_directory_open() {
    let cloud = start(Options {
        portals: 3,
        ..Options::default()
    })
    .await;
    let base = cloud.portal(3).base_url();
    for path in [
        "/",
        "/crm/",
        "/company/",
        "/section/tasks",
        APP,
        "/assets/portal.css",
    ] {
        assert_eq!(get(&format!("{base}{path}")).await.status, 200, "{path}");
    }
    let directory = get(&format!("{}/", cloud.oauth_url())).await;
    assert!(
        cloud
            .portals()
            .all(|portal| directory.body.contains(&portal.base_url()))
    );
    let narrow = get(&format!("{base}/crm/?user=33")).await;
    assert!(narrow.body.contains("Сервис и гарантия") && !narrow.body.contains("Тендеры"));
}

#[tokio::test]
async fn every_button_of_the_panel_sends_what_the_control_interface_takes() {
    let cloud = start(Options {
        spare_addresses: 1,
        ..Options::default()
    })
    .await;
    let base = cloud.portal(1).base_url();
    let page = get(&format!("{base}/")).await.body;
    let (mut count, oauth) = (0, cloud.oauth_url());
    assert!(page.contains(&format!("data-oauth=\"{oauth}\"")));
    for (kind, url) in [
        ("fault", format!("{base}/__control/faults")),
        ("do", format!("{base}/__control/do")),
        ("oauth-faults", format!("{oauth}/__control/faults")),
        ("oauth-knobs", format!("{oauth}/__control/knobs")),
    ] {
        for part in page.split(&format!("data-{kind}=\"")).skip(1) {
            let json = part.split('"').next().unwrap().replace("&quot;", "\"");
            let sent = post(&url, "text/plain", &json).await;
            assert_eq!(sent.status, 200, "{json}: {sent:?}");
            count += 1;
        }
    }
    assert_eq!(count, 54);
    let cleared = post(&format!("{oauth}/__control/clear"), "text/plain", "").await;
    assert!(cleared.head.contains("access-control-allow-origin: *"));
    let state = get(&format!("{oauth}/__control/state")).await.json();
    assert_eq!(state["faults"], json!([]));
}

#[tokio::test]
async fn a_dropped_cloud_is_gone() {
    let cloud = cloud(Seed::Empty).await;
    let domain = cloud.portal(1).domain();
    drop(cloud);
    for _ in 0..100 {
        if tokio::net::TcpStream::connect(&domain).await.is_err() {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("{domain} still listens");
}
