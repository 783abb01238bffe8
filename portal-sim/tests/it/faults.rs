//! Faults: each does what it says, for as long as it says, and goes away (README).

use std::io::ErrorKind;
use std::time::{Duration, Instant};

use portal_sim::{Cloud, Effect, Fault, Seed, UserRole, hostile_text};
use serde_json::{Value, json};

use crate::client::{Reply, ask, cloud, get, post, result, try_send};

const ADMIN: UserRole = UserRole::Administrator;

async fn profile(cloud: &Cloud) -> Reply {
    ask(cloud, ADMIN, "profile", json!({})).await
}

#[tokio::test]
async fn errors_last_as_long_as_they_should() {
    let cloud = cloud(Seed::Demo).await;
    let portal = cloud.portal(1);
    portal.set_fault(Fault::next(2, Effect::query_limit()));
    profile(&cloud)
        .await
        .is_refusal(503, "QUERY_LIMIT_EXCEEDED");
    profile(&cloud)
        .await
        .is_refusal(503, "QUERY_LIMIT_EXCEEDED");
    assert_eq!(profile(&cloud).await.status, 200);

    portal.set_fault(Fault::every(Effect::unpaid()));
    let unpaid = profile(&cloud).await;
    unpaid.is_refusal(403, "ACCESS_DENIED");
    assert!(unpaid.body.contains("commercial plans"));
    portal.clear_faults();
    assert_eq!(profile(&cloud).await.status, 200);
    assert_eq!(
        portal
            .requests()
            .iter()
            .map(|entry| entry.status)
            .collect::<Vec<_>>(),
        [503, 503, 200, 403, 200]
    );
}

#[tokio::test]
async fn a_methods_error_hits_it_inside_a_batch_too() {
    let cloud = cloud(Seed::Demo).await;
    let portal = cloud.portal(1);
    portal.set_fault(Fault::method(
        "crm.status.list",
        Effect::operation_time_limit(),
    ));
    portal.set_fault(Fault::inside_batch(
        "scope",
        "INTERNAL_SERVER_ERROR",
        "oops",
    ));
    ask(&cloud, ADMIN, "crm.status.list", json!({}))
        .await
        .is_refusal(429, "OPERATION_TIME_LIMIT");
    assert_eq!(ask(&cloud, ADMIN, "scope", json!({})).await.status, 200);
    let commands = json!({"cmd": {"a": "profile", "b": "crm.status.list", "c": "scope"}});
    let answer = result(&cloud, "batch", commands).await;
    assert_eq!(answer["result"]["a"]["ID"], "1");
    assert_eq!(answer["result_error"]["b"]["error"], "OPERATION_TIME_LIMIT");
    assert_eq!(answer["result_error"]["c"]["error_description"], "oops");
}

#[tokio::test]
async fn answers_break_in_many_ways() {
    let cloud = cloud(Seed::Demo).await;
    let portal = cloud.portal(1);
    portal.set_fault(Fault::next(1, Effect::Html { status: 502 }));
    portal.set_fault(Fault::next(1, Effect::TruncatedJson));
    portal.set_fault(Fault::next(1, Effect::EmptyBody));
    portal.set_fault(Fault::next(1, Effect::HugeBody { bytes: 100_000 }));
    let moved = Effect::Redirect {
        location: "http://127.0.0.3/rest/profile".to_owned(),
    };
    portal.set_fault(Fault::next(1, moved));
    let html = profile(&cloud).await;
    assert!(html.status == 502 && html.head.contains("text/html"));
    let cut = profile(&cloud).await;
    assert!(cut.status == 200 && serde_json::from_str::<Value>(&cut.body).is_err());
    assert_eq!(profile(&cloud).await.body, "");
    assert!(profile(&cloud).await.body.len() > 100_000);
    let moved = profile(&cloud).await;
    assert!(
        moved.status == 302
            && moved
                .head
                .contains("location: http://127.0.0.3/rest/profile")
    );
}

#[tokio::test]
async fn connections_are_reset_or_left_hanging() {
    let cloud = cloud(Seed::Demo).await;
    let portal = cloud.portal(1);
    let url = format!("{}profile", portal.webhook(ADMIN));
    portal.set_fault(Fault::every(Effect::Reset));
    let reset = try_send("GET", &url, "text/plain", "").await.unwrap_err();
    assert_eq!(reset.kind(), ErrorKind::ConnectionReset);
    portal.clear_faults();
    portal.set_fault(Fault::every(Effect::Hang));
    let hanging = try_send("GET", &url, "text/plain", "");
    assert!(
        tokio::time::timeout(Duration::from_millis(300), hanging)
            .await
            .is_err()
    );
    assert_eq!(portal.requests().last().unwrap().status, 0);
}

#[tokio::test]
async fn latency_delays_answers() {
    let cloud = cloud(Seed::Demo).await;
    cloud.portal(1).set_fault(Fault::Latency { ms: 200 });
    let started = Instant::now();
    profile(&cloud).await;
    assert!(started.elapsed() >= Duration::from_millis(200));
    assert!(cloud.portal(1).requests()[0].duration_ms >= 200);
}

#[tokio::test]
async fn results_and_labels_can_be_spoilt() {
    let cloud = cloud(Seed::Demo).await;
    let portal = cloud.portal(1);
    portal.set_fault(Fault::replace_result("user.get", json!({"no": "list"})));
    portal.set_fault(Fault::hostile_labels());
    assert_eq!(
        result(&cloud, "user.get", json!({})).await,
        json!({"no": "list"})
    );
    let funnels = result(&cloud, "crm.category.list", json!({"entityTypeId": 2})).await;
    let expected = format!("{}Продажи", hostile_text());
    assert_eq!(funnels["categories"][0]["name"], expected);
    let fields = json!({"filter": {"LANG": "ru", "ID": 131}});
    let fields = result(&cloud, "crm.deal.userfield.list", fields).await;
    assert!(
        fields[0]["EDIT_FORM_LABEL"]
            .as_str()
            .unwrap()
            .starts_with("<script>")
    );
    assert!(
        fields[0]["LIST"][0]["VALUE"]
            .as_str()
            .unwrap()
            .starts_with("<script>")
    );
    assert_eq!(fields[0]["FIELD_NAME"], "UF_CRM_1713790573");
}

#[tokio::test]
async fn the_oauth_server_fails_by_itself() {
    let cloud = cloud(Seed::Demo).await;
    let token = cloud.portal(1).access_token(ADMIN);
    let url = format!("{}/rest/app.info?auth={token}", cloud.oauth_url());
    cloud.set_oauth_fault(Fault::method("app.info", Effect::Html { status: 500 }));
    assert_eq!(get(&url).await.status, 500);
    assert_eq!(profile(&cloud).await.status, 200);
    cloud.clear_oauth_faults();
    cloud.set_oauth_fault(Fault::every(Effect::Reset));
    assert!(try_send("GET", &url, "text/plain", "").await.is_err());
    cloud.clear_oauth_faults();
    assert_eq!(get(&url).await.status, 200);
}

#[tokio::test]
async fn everything_is_also_switched_over_http() {
    let cloud = cloud(Seed::Demo).await;
    let control = format!("{}/__control", cloud.portal(1).base_url());
    let fault = json!({"kind": "answer", "times": 1, "effect":
        {"effect": "error", "status": 500, "error": "PORTAL_DELETED", "description": "gone"}});
    let set = post(
        &format!("{control}/faults"),
        "application/json",
        &fault.to_string(),
    )
    .await;
    assert_eq!(set.json(), json!({"ok": true}));
    let state = get(&format!("{control}/state")).await.json();
    assert_eq!(
        (
            state["faults"].as_array().unwrap().len(),
            &state["requests"]
        ),
        (1, &json!(0))
    );
    profile(&cloud).await.is_refusal(500, "PORTAL_DELETED");
    let log = get(&format!("{control}/requests")).await.json();
    assert_eq!(log.as_array().unwrap().len(), 1);
    assert_eq!(
        (&log[0]["rest_method"], &log[0]["auth"]),
        (&json!("profile"), &json!("webhook"))
    );
    assert_eq!(
        (&log[0]["role"], &log[0]["error"]),
        (&json!("administrator"), &json!("PORTAL_DELETED"))
    );
    try_send("DELETE", &format!("{control}/requests"), "text/plain", "")
        .await
        .unwrap();
    try_send("DELETE", &format!("{control}/faults"), "text/plain", "")
        .await
        .unwrap();
    assert_eq!(get(&format!("{control}/requests")).await.json(), json!([]));
    let wrong = post(&format!("{control}/faults"), "application/json", "{}").await;
    assert_eq!(wrong.status, 400);

    let oauth = format!("{}/__control", cloud.oauth_url());
    let portals = get(&format!("{oauth}/portals")).await.json();
    assert_eq!(portals[0]["member_id"], cloud.portal(1).member_id());
    assert_eq!(
        portals[0]["webhooks"]["administrator"],
        cloud.portal(1).webhook(ADMIN)
    );
    let hang = r#"{"kind":"answer","effect":{"effect":"html","status":503}}"#;
    post(&format!("{oauth}/faults"), "application/json", hang).await;
    assert_eq!(
        get(&format!("{}/rest/app.info", cloud.oauth_url()))
            .await
            .status,
        503
    );
    assert_eq!(
        get(&format!("{oauth}/requests"))
            .await
            .json()
            .as_array()
            .unwrap()
            .len(),
        1
    );
}
