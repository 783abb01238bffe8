//! `event.*` and `placement.*`: shapes and refusals (§1.9, §7).

use portal_sim::{Cloud, Fault, Seed, UserRole};
use serde_json::{Value, json};

use crate::client::{Reply, ask, cloud, get, post};

const ADMIN: UserRole = UserRole::Administrator;
const HANDLER: &str = "https://crmap.example/b24/event";

/// Calls a method of the first portal with a token of that user.
async fn call(cloud: &Cloud, role: UserRole, method: &str, mut body: Value) -> Reply {
    let portal = cloud.portal(1);
    body["auth"] = json!(portal.access_token(role));
    let url = format!("{}{method}", portal.client_endpoint());
    post(&url, "application/json", &body.to_string()).await
}

async fn result(cloud: &Cloud, method: &str, body: Value) -> Value {
    let reply = call(cloud, ADMIN, method, body).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    reply.json()["result"].take()
}

#[tokio::test]
async fn handlers_are_bound_listed_and_unbound() {
    let cloud = cloud(Seed::Demo).await;
    let bind = json!({"event": "onCrmDealUserFieldAdd", "handler": HANDLER});
    assert_eq!(
        result(&cloud, "event.bind", bind.clone()).await,
        json!(true)
    );
    let bound = json!([{"event": "ONCRMDEALUSERFIELDADD", "handler": HANDLER, "auth_type": "0",
        "offline": 0}]);
    assert_eq!(result(&cloud, "event.get", json!({})).await, bound);
    let twice = call(&cloud, ADMIN, "event.bind", bind.clone()).await;
    twice.is_refusal(400, "ERROR_CORE");
    let text = "Unable to set event handler: Handler already binded";
    assert_eq!(twice.json()["error_description"], text);

    let own = call(&cloud, UserRole::Employee, "event.bind", bind.clone()).await;
    assert_eq!(own.status, 200);
    let rows = result(&cloud, "event.get", json!({})).await;
    assert_eq!(rows[1]["auth_type"], "12");
    let one = json!({"event": "ONCRMDEALUSERFIELDADD", "handler": HANDLER, "auth_type": 12});
    assert_eq!(
        result(&cloud, "event.unbind", one).await,
        json!({"count": 1})
    );
    assert_eq!(
        result(&cloud, "event.unbind", bind).await,
        json!({"count": 1})
    );
    assert_eq!(result(&cloud, "event.get", json!({})).await, json!([]));
}

#[tokio::test]
async fn the_control_interface_lists_what_is_bound() {
    let cloud = cloud(Seed::Demo).await;
    let portal = cloud.portal(1);
    let state = format!("{}/__control/state", portal.base_url());
    let bound = || async { get(&state).await.json()["bindings"].take() };
    let nothing = json!({"events": [], "placements": []});
    assert_eq!(bound().await, nothing);
    let event = json!({"event": "onAppUninstall", "handler": HANDLER});
    result(&cloud, "event.bind", event).await;
    let button = json!({"PLACEMENT": "CRM_FUNNELS_TOOLBAR", "HANDLER": HANDLER, "TITLE": "CRMAP"});
    result(&cloud, "placement.bind", button).await;
    let both = json!({
        "events": [{"event": "ONAPPUNINSTALL", "handler": HANDLER, "auth_type": 0,
            "offline": false}],
        "placements": [{"placement": "CRM_FUNNELS_TOOLBAR", "handler": HANDLER, "user": 0,
            "title": "CRMAP"}],
    });
    assert_eq!(bound().await, both);
    portal.uninstall(false);
    assert_eq!(bound().await, nothing);
}

#[tokio::test]
async fn wrong_bindings_are_refused() {
    let cloud = cloud(Seed::Demo).await;
    let refused = |body: Value, role: UserRole| {
        let cloud = &cloud;
        async move { call(cloud, role, "event.bind", body).await }
    };
    let event = |handler: &str| json!({"event": "ONAPPUNINSTALL", "handler": handler});
    for (body, status, code) in [
        (json!({"handler": HANDLER}), 400, "ERROR_ARGUMENT"),
        (json!({"event": "ONAPPUNINSTALL"}), 400, "ERROR_ARGUMENT"),
        (
            json!({"event": "ONNOTHING", "handler": HANDLER}),
            400,
            "ERROR_EVENT_NOT_FOUND",
        ),
        (
            event("http://localhost:3000/e"),
            400,
            "ERROR_WRONG_HANDLER_URL",
        ),
        (event("crmap.example"), 400, "ERROR_WRONG_HANDLER_URL"),
        (
            event("ftp://crmap.example/"),
            400,
            "ERROR_UNSUPPORTED_PROTOCOL",
        ),
        (
            json!({"event": "ONAPPTEST", "handler": HANDLER, "event_type": "x"}),
            400,
            "ERROR_ARGUMENT",
        ),
    ] {
        refused(body, ADMIN).await.is_refusal(status, code);
    }
    let other = json!({"event": "ONAPPTEST", "handler": HANDLER, "auth_type": 1});
    refused(other, UserRole::Employee)
        .await
        .is_refusal(403, "ACCESS_DENIED");
    let offline = json!({"event": "ONAPPTEST", "event_type": "offline"});
    refused(offline.clone(), UserRole::Employee)
        .await
        .is_refusal(403, "ACCESS_DENIED");
    assert_eq!(refused(offline, ADMIN).await.status, 200);
    for method in ["event.bind", "event.get", "events", "placement.list"] {
        let by_webhook = ask(&cloud, ADMIN, method, event(HANDLER)).await;
        let code = if method == "placement.list" {
            "insufficient_scope"
        } else {
            "WRONG_AUTH_TYPE"
        };
        by_webhook.is_refusal(403, code);
    }
}

#[tokio::test]
async fn the_names_of_events_follow_the_scopes() {
    let cloud = cloud(Seed::Demo).await;
    let names = result(&cloud, "events", json!({})).await;
    let has = |names: &Value, name: &str| names.as_array().unwrap().contains(&json!(name));
    assert!(has(&names, "ONAPPUNINSTALL") && has(&names, "ONCRMLEADUSERFIELDSETENUMVALUES"));
    assert!(!has(&names, "ONUSERADD"));
    cloud.portal(1).set_fault(Fault::ScopeWithout {
        scope: "crm".to_owned(),
    });
    let names = result(&cloud, "events", json!({})).await;
    assert!(!has(&names, "ONCRMDEALUSERFIELDADD"));
}

#[tokio::test]
async fn placements_are_bound_by_administrators_only() {
    let cloud = cloud(Seed::Demo).await;
    let bind = json!({"PLACEMENT": "CRM_FUNNELS_TOOLBAR", "HANDLER": HANDLER, "TITLE": "CRMAP",
        "LANG_ALL": {"ru": {"TITLE": "Карта", "DESCRIPTION": "", "GROUP_NAME": ""}}});
    call(&cloud, UserRole::Employee, "placement.bind", bind.clone())
        .await
        .is_refusal(403, "ACCESS_DENIED");
    let codes = result(&cloud, "placement.list", json!({})).await;
    let codes = codes.as_array().unwrap().clone();
    assert!(codes.contains(&json!("CRM_FUNNELS_TOOLBAR")) && codes.contains(&json!("LEFT_MENU")));
    assert_eq!(
        result(&cloud, "placement.bind", bind.clone()).await,
        json!(true)
    );
    let bound = json!([{"placement": "CRM_FUNNELS_TOOLBAR", "userId": 0, "handler": HANDLER,
        "options": [], "title": "CRMAP", "description": "",
        "langAll": {"ru": {"TITLE": "Карта", "DESCRIPTION": "", "GROUP_NAME": ""}}}]);
    assert_eq!(result(&cloud, "placement.get", json!({})).await, bound);
    for (body, code) in [
        (bind.clone(), "ERROR_CORE"),
        (json!({"HANDLER": HANDLER}), "ERROR_ARGUMENT"),
        (
            json!({"PLACEMENT": "NOWHERE", "HANDLER": HANDLER}),
            "ERROR_PLACEMENT_NOT_FOUND",
        ),
        (
            json!({"PLACEMENT": "LEFT_MENU", "HANDLER": "http://localhost/"}),
            "ERROR_WRONG_HANDLER_URL",
        ),
    ] {
        call(&cloud, ADMIN, "placement.bind", body)
            .await
            .is_refusal(400, code);
    }
    let unbind = json!({"PLACEMENT": "CRM_FUNNELS_TOOLBAR"});
    assert_eq!(
        result(&cloud, "placement.unbind", unbind).await,
        json!({"count": 1})
    );

    cloud.portal(1).set_fault(Fault::ScopeWithout {
        scope: "placement".to_owned(),
    });
    call(&cloud, ADMIN, "placement.bind", bind)
        .await
        .is_refusal(403, "insufficient_scope");
}

#[tokio::test]
async fn the_toolbar_of_the_funnels_shows_what_is_bound_once_the_application_is_ready() {
    let cloud = cloud(Seed::Demo).await;
    let portal = cloud.portal(1);
    portal.reinstall(1);
    let bind = json!({"PLACEMENT": "CRM_FUNNELS_TOOLBAR", "HANDLER": HANDLER, "TITLE": "CRMAP",
        "LANG_ALL": {"ru": {"TITLE": "Карта", "DESCRIPTION": "", "GROUP_NAME": ""}}});
    result(&cloud, "placement.bind", bind).await;
    let page = |query: &str| {
        let url = format!("{}/crm/deal/funnels/?{query}", portal.base_url());
        async move { get(&url).await.body }
    };
    assert!(!page("user=1").await.contains("data-placement"));
    portal.finish_install();
    let toolbar = page("user=1").await;
    assert!(toolbar.contains("data-placement=\"CRM_FUNNELS_TOOLBAR\""));
    assert!(toolbar.contains(">Карта</a>") && page("user=1&lang=en").await.contains(">CRMAP</a>"));
    let opened = page("user=1&placement=1").await;
    assert!(opened.contains(&format!("action=\"{HANDLER}?DOMAIN=")));
    assert!(opened.contains("name=\"PLACEMENT\" value=\"CRM_FUNNELS_TOOLBAR\""));
    assert!(opened.contains("\"PLACEMENT_OPTIONS\":{\"URI\":\"/crm/deal/funnels/\"}"));
    let form = portal.placement_form("CRM_FUNNELS_TOOLBAR", ADMIN, "ru");
    let (address, _, body) = form.unwrap();
    assert_eq!(address, HANDLER);
    assert!(body.contains("PLACEMENT_OPTIONS=%7B%22URI%22%3A%22%2Fcrm%2Fdeal%2Ffunnels%2F%22%7D"));
    portal.uninstall(false);
    assert!(
        portal
            .placement_form("CRM_FUNNELS_TOOLBAR", ADMIN, "ru")
            .is_none()
    );
}
