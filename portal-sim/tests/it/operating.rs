//! The budget of run time, and the portal that is blocked by hand (F07; §3.5).

use std::time::Duration;

use portal_sim::{OperatingLimit, Seed, UserRole};
use serde_json::json;

use crate::client::{ask, cloud, control, result, with_token};

const ADMIN: UserRole = UserRole::Administrator;

#[tokio::test]
async fn f07_a_method_is_blocked_once_its_time_is_used_up() {
    let cloud = cloud(Seed::Demo).await;
    let portal = cloud.portal(1);
    portal.set_operating_limit(OperatingLimit {
        seconds: 10.0,
        cost: 6.0,
    });
    let call = |method: &'static str| {
        let cloud = &cloud;
        async move { ask(cloud, ADMIN, method, json!({})).await }
    };
    let first = call("crm.status.list").await.json();
    let used = first["time"]["operating"].as_f64().unwrap();
    assert!((6.0..7.0).contains(&used), "{used}");
    let reset_at = first["time"]["operating_reset_at"].as_i64().unwrap();
    let finish = first["time"]["finish"].as_f64().unwrap() as i64;
    assert!(
        (540..=601).contains(&(reset_at - finish)),
        "{reset_at} {finish}"
    );
    assert_eq!(
        call("crm.status.list").await.status,
        200,
        "overrunning completes"
    );
    call("crm.status.list")
        .await
        .is_refusal(429, "OPERATION_TIME_LIMIT");
    assert_eq!(call("profile").await.status, 200, "other methods go on");
    let employee = ask(&cloud, UserRole::Employee, "crm.status.list", json!({})).await;
    assert_eq!(employee.status, 200, "other webhooks go on");
    let token = portal.access_token(ADMIN);
    assert_eq!(
        with_token(portal, &token, "crm.status.list").await.status,
        200
    );

    let batch = json!({"cmd": {"a": "crm.status.list", "b": "scope"}});
    let batch = result(&cloud, "batch", batch).await;
    assert_eq!(batch["result_error"]["a"]["error"], "OPERATION_TIME_LIMIT");
    let used = batch["result_time"]["b"]["operating"].as_f64().unwrap();
    assert!(used >= 6.0, "each method inside counts: {used}");

    cloud.pass(Duration::from_secs(601));
    assert_eq!(call("crm.status.list").await.status, 200);
}

#[tokio::test]
async fn f07_a_portal_is_blocked_by_hand() {
    let cloud = cloud(Seed::Empty).await;
    let portal = cloud.portal(1);
    portal.set_overloaded(true);
    ask(&cloud, ADMIN, "profile", json!({}))
        .await
        .is_refusal(503, "OVERLOAD_LIMIT");
    portal.set_overloaded(false);
    assert_eq!(ask(&cloud, ADMIN, "profile", json!({})).await.status, 200);
}

#[tokio::test]
async fn both_are_also_switched_over_http() {
    let cloud = cloud(Seed::Empty).await;
    let base = cloud.portal(1).base_url();
    control(
        &base,
        "do",
        &json!({"do": "operating_limit", "seconds": 0.0}),
    )
    .await;
    ask(&cloud, ADMIN, "profile", json!({}))
        .await
        .is_refusal(429, "OPERATION_TIME_LIMIT");
    control(&base, "do", &json!({"do": "overload", "active": true})).await;
    ask(&cloud, ADMIN, "profile", json!({}))
        .await
        .is_refusal(503, "OVERLOAD_LIMIT");
}
