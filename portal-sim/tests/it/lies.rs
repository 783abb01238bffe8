//! Answers that are well formed and wrong (F12, F16–F19).

use portal_sim::{Cloud, Fault, Lie, Options, Seed, UserRole};
use serde_json::{Value, json};

use crate::client::{ask, cloud, result, start};

const ADMIN: UserRole = UserRole::Administrator;

async fn under(cloud: &Cloud, fault: Fault, method: &str, body: Value) -> Value {
    let portal = cloud.portal(1);
    portal.set_fault(fault);
    let reply = ask(cloud, ADMIN, method, body).await;
    portal.clear_faults();
    assert_eq!(reply.status, 200, "{reply:?}");
    reply.json()
}

#[tokio::test]
async fn f16_types_and_ids_lie() {
    let cloud = cloud(Seed::Demo).await;
    let funnels = |lie| {
        let cloud = &cloud;
        async move {
            let fault = Fault::Lies { lie };
            let body = json!({"entityTypeId": 2});
            under(cloud, fault, "crm.category.list", body).await["result"]["categories"].take()
        }
    };
    let honest = result(&cloud, "crm.category.list", json!({"entityTypeId": 2})).await;
    let honest = &honest["categories"];
    assert!(honest[0]["id"].is_number());
    assert!(funnels(Lie::NumbersAsStrings).await[0]["id"].is_string());
    assert!(funnels(Lie::NullIds).await[0]["id"].is_null());
    let repeated = funnels(Lie::DuplicateIds).await;
    assert!(honest[1]["id"] != honest[0]["id"] && repeated[1]["id"] == honest[0]["id"]);
    let stages = Fault::Lies {
        lie: Lie::StringsAsNumbers,
    };
    let stages = under(&cloud, stages, "crm.status.list", json!({})).await;
    assert!(stages["result"][0]["ID"].is_number());
    let types = Fault::Lies {
        lie: Lie::EmptySwapped,
    };
    let people = under(&cloud, types, "user.get", json!({})).await;
    assert_eq!(people["result"][0]["LAST_ACTIVITY_DATE"], json!([]));
}

#[tokio::test]
async fn f16_one_label_is_huge() {
    let cloud = cloud(Seed::Demo).await;
    let fault = Fault::HugeLabel { bytes: 10_000_000 };
    let people = under(&cloud, fault, "user.get", json!({})).await;
    let lengths = |row: &Value| row["LAST_NAME"].as_str().unwrap().len();
    let rows = people["result"].as_array().unwrap();
    assert_eq!(rows.iter().map(lengths).max(), Some(10_000_000));
    assert_eq!(rows.iter().filter(|row| lengths(row) > 1000).count(), 1);
}

#[tokio::test]
async fn f12_lists_never_end() {
    let cloud = cloud(Seed::Empty).await;
    let honest = result(&cloud, "user.get", json!({})).await;
    let page = under(
        &cloud,
        Fault::EndlessNext,
        "user.get",
        json!({"start": 5000}),
    )
    .await;
    assert_eq!((&page["result"], &page["next"]), (&honest, &json!(5050)));
}

#[tokio::test]
async fn f17_totals_lie_and_pages_shift() {
    let cloud = cloud(Seed::Large).await;
    let ids = |page: &Value| -> Vec<String> {
        let rows = page["result"].as_array().unwrap().iter();
        rows.map(|row| row["ID"].as_str().unwrap().to_owned())
            .collect()
    };
    let second = json!({"start": 50});
    let honest = ask(&cloud, ADMIN, "user.get", second.clone()).await.json();
    let fault = Fault::ShiftingPages { by: 3 };
    let shifted = under(&cloud, fault, "user.get", second.clone()).await;
    assert_eq!(ids(&shifted)[..47], ids(&honest)[3..]);
    assert_eq!(shifted["next"], 100);
    let back = under(&cloud, Fault::ShiftingPages { by: -3 }, "user.get", second).await;
    assert_eq!(ids(&back)[3..], ids(&honest)[..47]);
    let first = under(
        &cloud,
        Fault::ShiftingPages { by: 3 },
        "user.get",
        json!({}),
    )
    .await;
    assert_eq!(first["next"], 50, "the first page stays");
    let fault = Fault::LyingTotal { total: 7 };
    let page = under(&cloud, fault, "user.get", json!({})).await;
    assert_eq!((&page["total"], &page["next"]), (&json!(7), &json!(50)));
}

#[tokio::test]
async fn f18_the_clock_is_wrong_or_absent() {
    let cloud = cloud(Seed::Empty).await;
    let honest = ask(&cloud, ADMIN, "server.time", json!({})).await.json();
    let year = 365 * 86_400;
    for ahead in [year, -year] {
        let fault = Fault::ServerTime { ahead };
        let answer = under(&cloud, fault, "server.time", json!({})).await;
        let start = |answer: &Value| answer["time"]["start"].as_f64().unwrap() as i64;
        let off = start(&answer) - start(&honest);
        assert!((ahead..ahead + 20).contains(&off), "{off}");
        assert_ne!(
            answer["result"].as_str().unwrap()[..4],
            honest["result"].as_str().unwrap()[..4]
        );
    }
    let answer = under(&cloud, Fault::NoTime, "profile", json!({})).await;
    assert!(answer.get("time").is_none());
    let batch = json!({"cmd": {"a": "profile"}});
    let batch = under(&cloud, Fault::NoTime, "batch", batch).await;
    assert_eq!(batch["result"]["result_time"], json!([]));
}

#[tokio::test]
async fn f19_a_portal_answers_with_another_ones_data() {
    let cloud = start(Options {
        portals: 2,
        seeds: vec![Seed::Empty, Seed::Demo],
        ..Options::default()
    })
    .await;
    let foreign = || Fault::ForeignData { portal: 2 };
    let body = json!({"entityTypeId": 2});
    let answer = under(&cloud, foreign(), "crm.category.list", body).await;
    let rows = answer["result"]["categories"].as_array().unwrap();
    assert_eq!(rows.len(), cloud.portal(2).world().funnels.len());
    let profile = under(&cloud, foreign(), "profile", json!({})).await;
    assert_eq!(
        profile["result"]["LAST_NAME"],
        cloud.portal(2).world().users[0].last_name
    );
    let own = result(&cloud, "crm.category.list", json!({"entityTypeId": 2})).await;
    assert_eq!(own["categories"].as_array().unwrap().len(), 1);
}
