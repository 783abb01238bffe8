//! `batch` with all its quirks (§3.4).

use portal_sim::{Cloud, Seed, UserRole};
use serde_json::{Map, Value, json};

use crate::client::{ask, cloud, post};

async fn batch(cloud: &Cloud, role: UserRole, body: Value) -> Value {
    let reply = ask(cloud, role, "batch", body).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    reply.json()["result"].take()
}

async fn as_admin(cloud: &Cloud, body: Value) -> Value {
    batch(cloud, UserRole::Administrator, body).await
}

#[tokio::test]
async fn empty_maps_are_lists_and_others_objects() {
    let cloud = cloud(Seed::Demo).await;
    let answer = as_admin(
        &cloud,
        json!({"cmd": {"p": "profile", "s": "crm.status.list"}}),
    )
    .await;
    assert_eq!(answer["result"]["p"]["ID"], "1");
    assert_eq!(answer["result_error"], json!([]));
    assert_eq!(answer["result_next"], json!([]));
    let total = cloud.portal(1).world().statuses.len();
    assert_eq!(answer["result_total"], json!({"s": total}));
    assert!(answer["result_time"]["p"]["duration"].is_number());
    let nothing = as_admin(&cloud, json!({"cmd": {}})).await;
    assert_eq!(nothing["result"], json!([]));
}

#[tokio::test]
async fn consecutive_numeric_keys_give_lists() {
    let cloud = cloud(Seed::Demo).await;
    let both = as_admin(&cloud, json!({"cmd": ["user.admin", "server.time"]})).await;
    assert_eq!(both["result"].as_array().unwrap().len(), 2);

    let denied = json!({"cmd": ["crm.lead.userfield.list", "crm.category.list?entityTypeId=2"]});
    let answer = batch(&cloud, UserRole::Narrow, denied).await;
    assert_eq!(
        answer["result_error"],
        json!([{"error": "ACCESS_DENIED", "error_description": "Access denied."}])
    );
    assert_eq!(
        answer["result"]["1"]["categories"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
    assert_eq!(answer["result_total"], json!({"1": 2}));
}

#[tokio::test]
async fn commands_run_in_the_order_given_and_may_refer_back() {
    let cloud = cloud(Seed::Demo).await;
    let body = r#"{"halt":1,"cmd":{
        "z":"crm.category.list?entityTypeId=2",
        "a":"crm.status.list?filter[ENTITY_ID]=DEAL_STAGE_$result[z][categories][1][id]",
        "b":"user.get?FILTER[ID]=$result[nobody][ID]"}}"#;
    let url = format!("{}batch", cloud.portal(1).webhook(UserRole::Administrator));
    let answer = post(&url, "application/json", body).await.json();
    assert_eq!(answer["result"]["result"]["a"].as_array().unwrap().len(), 9);
    assert_eq!(
        answer["result"]["result"]["b"],
        json!([]),
        "an unresolved reference is text"
    );
}

#[tokio::test]
async fn halt_stops_at_the_first_error() {
    let cloud = cloud(Seed::Demo).await;
    let commands = json!({"a": "profile", "b": "no.such.method", "c": "scope"});
    let halted = as_admin(&cloud, json!({"halt": 1, "cmd": commands})).await;
    assert_eq!(halted["result"].as_object().unwrap().len(), 1);
    assert_eq!(
        halted["result_error"]["b"]["error"],
        "ERROR_METHOD_NOT_FOUND"
    );
    let whole = as_admin(&cloud, json!({"halt": 0, "cmd": commands})).await;
    assert_eq!(
        whole["result"]["c"],
        json!(["crm", "user_brief", "department"])
    );
}

#[tokio::test]
async fn the_fifty_first_command_and_a_nested_batch_fail_alone() {
    let cloud = cloud(Seed::Demo).await;
    let mut commands = Map::new();
    for index in 0..51 {
        commands.insert(format!("c{index:02}"), json!("user.admin"));
    }
    let answer = as_admin(&cloud, json!({"cmd": commands})).await;
    assert_eq!(answer["result"].as_object().unwrap().len(), 50);
    assert_eq!(
        answer["result_error"]["c50"]["error"],
        "ERROR_BATCH_LENGTH_EXCEEDED"
    );
    let nested = as_admin(&cloud, json!({"cmd": {"n": "batch?cmd[a]=profile"}})).await;
    assert_eq!(
        nested["result_error"]["n"]["error"],
        "ERROR_BATCH_METHOD_NOT_ALLOWED"
    );
}

#[tokio::test]
async fn brackets_say_the_same_as_json() {
    let cloud = cloud(Seed::Demo).await;
    let url = format!(
        "{}batch.json",
        cloud.portal(1).webhook(UserRole::Administrator)
    );
    let form = "halt=0&cmd[a]=crm.category.list%3FentityTypeId%3D2&cmd[b]=user.get%3FFILTER%255BID%255D%3D5";
    let answer = post(&url, "application/x-www-form-urlencoded", form)
        .await
        .json();
    assert_eq!(answer["result"]["result_total"], json!({"a": 6, "b": 1}));
}

#[tokio::test]
async fn a_batch_is_one_request_in_log_and_limit() {
    let cloud = cloud(Seed::Demo).await;
    as_admin(
        &cloud,
        json!({"cmd": ["profile", "crm.status.list?filter[ENTITY_ID]=SOURCE"]}),
    )
    .await;
    let log = cloud.portal(1).requests();
    assert_eq!(log.len(), 1);
    assert_eq!(log[0].rest_method, "batch");
    assert_eq!(log[0].inner_methods, ["profile", "crm.status.list"]);
}
