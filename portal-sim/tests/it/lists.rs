//! Lists: the types on the wire, filters, order, pages and rights (§3.3, §4).

use portal_sim::worlds::{Entity, Status};
use portal_sim::{Options, Seed, UserRole};
use serde_json::{Value, json};

use crate::client::{ask, cloud, get, post, result, start};

fn texts<'a>(rows: &'a Value, key: &str) -> Vec<&'a str> {
    rows.as_array()
        .unwrap()
        .iter()
        .map(|row| row[key].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn funnels_have_numbers_and_the_default_one_lacks_origins() {
    let cloud = cloud(Seed::Demo).await;
    let reply = ask(
        &cloud,
        UserRole::Administrator,
        "crm.category.list",
        json!({"entityTypeId": 2}),
    )
    .await;
    let body = reply.json();
    let rows = &body["result"]["categories"];
    assert_eq!(
        rows[0],
        json!({"id": 0, "name": "Продажи", "sort": 100, "entityTypeId": 2, "isDefault": "Y"})
    );
    assert_eq!(
        rows[1],
        json!({"id": 3, "name": "Опт", "sort": 200, "entityTypeId": 2, "isDefault": "N",
            "originId": "", "originatorId": ""})
    );
    assert_eq!((&body["total"], body.get("next")), (&json!(6), None));
    assert!(body["time"]["operating_reset_at"].is_i64());
}

#[tokio::test]
async fn kinds_without_funnels_are_refused() {
    let cloud = cloud(Seed::Demo).await;
    let admin = UserRole::Administrator;
    let of = |kind: u32| {
        ask(
            &cloud,
            admin,
            "crm.category.list",
            json!({"entityTypeId": kind}),
        )
    };
    of(1).await.is_refusal(400, "ENTITY_TYPE_NOT_SUPPORTED");
    of(999).await.is_refusal(400, "NOT_FOUND");
    let none = ask(&cloud, admin, "crm.category.list", json!({})).await;
    assert_eq!((none.status, &none.json()["error"]), (400, &json!(100)));
}

#[tokio::test]
async fn stages_are_strings_and_extra_belongs_to_classic_ones() {
    let cloud = cloud(Seed::Demo).await;
    let stages = result(
        &cloud,
        "crm.status.list",
        json!({"filter": {"ENTITY_ID": "DEAL_STAGE"}, "order": {"SORT": "ASC"}}),
    )
    .await;
    let last = &stages[7];
    assert_eq!(last["STATUS_ID"], "APOLOGY");
    assert_eq!(
        (&last["SORT"], &last["CATEGORY_ID"]),
        (&json!("80"), &Value::Null)
    );
    assert_eq!(last["SEMANTICS"], "F");
    assert_eq!(
        last["EXTRA"],
        json!({"SEMANTICS": "apology", "COLOR": "#FF5752"})
    );

    let smart = json!({"filter": {"ENTITY_ID": "DYNAMIC_177_STAGE_7"}});
    let smart = result(&cloud, "crm.status.list", smart).await;
    assert_eq!(smart[0]["STATUS_ID"], "DT177_7:NEW");
    assert_eq!(
        (&smart[0]["CATEGORY_ID"], smart[0].get("EXTRA")),
        (&json!("7"), None)
    );
}

#[tokio::test]
async fn an_unfiltered_list_holds_every_directory() {
    let cloud = cloud(Seed::Demo).await;
    let reply = ask(&cloud, UserRole::Employee, "crm.status.list", json!({}))
        .await
        .json();
    let world = cloud.portal(1).world();
    assert_eq!(reply["total"], json!(world.statuses.len()));
    let present = texts(&reply["result"], "ENTITY_ID");
    for directory in [
        "STATUS",
        "QUOTE_STATUS",
        "DEAL_STAGE_19",
        "SOURCE",
        "DYNAMIC_177_STAGE_7",
    ] {
        assert!(present.contains(&directory), "{directory}");
    }
}

#[tokio::test]
async fn every_stage_directory_is_found_by_entity_types() {
    let cloud = cloud(Seed::Demo).await;
    let types = result(&cloud, "crm.status.entity.types", json!({})).await;
    let known = texts(&types, "ID");
    let all = &cloud.portal(1).world().statuses;
    assert!(
        all.iter()
            .all(|status: &Status| known.contains(&status.entity_id.as_str()))
    );
    let categories: Vec<&Value> = types
        .as_array()
        .unwrap()
        .iter()
        .filter(|kind| ["DEAL_STAGE", "DEAL_STAGE_3"].contains(&kind["ID"].as_str().unwrap()))
        .map(|kind| &kind["CATEGORY_ID"])
        .collect();
    assert_eq!(categories, [&json!(0), &json!("3")]);
}

#[tokio::test]
async fn labels_come_with_a_language_only() {
    let cloud = cloud(Seed::Demo).await;
    let bare = json!({"filter": {"FIELD_NAME": "UF_CRM_1713791188"}});
    let bare = result(&cloud, "crm.deal.userfield.list", bare).await;
    assert_eq!(bare[0].get("EDIT_FORM_LABEL"), None);
    assert_eq!(
        (&bare[0]["ID"], &bare[0]["SORT"]),
        (&json!("150"), &json!("550"))
    );

    let of = |language: &str| {
        let filter = json!({"filter": {"FIELD_NAME": "UF_CRM_1713791188", "LANG": language}});
        result(&cloud, "crm.deal.userfield.list", filter)
    };
    assert_eq!(
        of("ru").await[0]["EDIT_FORM_LABEL"],
        "Ипотека или рассрочка"
    );
    assert_eq!(of("en").await[0]["EDIT_FORM_LABEL"], Value::Null);

    let one = result(&cloud, "crm.deal.userfield.get", json!({"id": 150})).await;
    assert_eq!(one["EDIT_FORM_LABEL"]["en"], "");
    assert_eq!(one["EDIT_FORM_LABEL"].as_object().unwrap().len(), 21);
}

#[tokio::test]
async fn choices_belong_to_lists_and_empty_settings_are_a_list() {
    let cloud = cloud(Seed::Demo).await;
    let rows = result(
        &cloud,
        "crm.deal.userfield.list",
        json!({"filter": {"LANG": "ru"}}),
    )
    .await;
    let of = |id: &str| {
        rows.as_array()
            .unwrap()
            .iter()
            .find(|row| row["ID"] == id)
            .unwrap_or(&Value::Null)
    };
    assert_eq!(of("131")["LIST"][0]["ID"], "3157");
    assert_eq!(of("131")["LIST"][0]["DEF"], "Y");
    assert_eq!(of("131")["LIST"][0]["XML_ID"].as_str().unwrap().len(), 32);
    assert_eq!(of("134").get("LIST"), None);
    assert_eq!(of("142")["SETTINGS"], json!([]));
    assert_eq!(of("137")["SETTINGS"]["PRECISION"], 2);
}

#[tokio::test]
async fn filters_take_lists_and_orders_take_directions() {
    let cloud = cloud(Seed::Demo).await;
    let base = cloud.portal(1).webhook(UserRole::Administrator);
    let form = "filter[USER_TYPE_ID][]=crm&filter[USER_TYPE_ID][]=money&order[ID]=DESC";
    let url = format!("{base}crm.deal.userfield.list.json");
    let posted = post(&url, "application/x-www-form-urlencoded", form)
        .await
        .json();
    assert_eq!(texts(&posted["result"], "ID"), ["165", "146"]);
    let asked = get(&format!(
        "{url}?filter%5BUSER_TYPE_ID%5D%5B0%5D=crm&bx24_sdk_ver=1"
    ))
    .await;
    assert_eq!(texts(&asked.json()["result"], "ID"), ["165"]);
    let wrong = json!({"filter": "x"});
    let wrong = ask(
        &cloud,
        UserRole::Administrator,
        "crm.deal.userfield.list",
        wrong,
    )
    .await;
    wrong.is_refusal(400, "");
}

#[tokio::test]
async fn the_switch_pages_lists_by_fifty() {
    let options = Options {
        seeds: vec![Seed::Large],
        paged: true,
        ..Options::default()
    };
    let cloud = start(options).await;
    let admin = UserRole::Administrator;
    let first = ask(&cloud, admin, "crm.deal.userfield.list", json!({}))
        .await
        .json();
    assert_eq!(first["result"].as_array().unwrap().len(), 50);
    assert_eq!(
        (&first["total"], &first["next"]),
        (&json!(1016), &json!(50))
    );
    let last = ask(
        &cloud,
        admin,
        "crm.deal.userfield.list",
        json!({"start": 1000}),
    )
    .await
    .json();
    assert_eq!(
        (last["result"].as_array().unwrap().len(), last.get("next")),
        (16, None)
    );
}

#[tokio::test]
async fn people_always_come_in_pages() {
    let cloud = cloud(Seed::Large).await;
    let admin = UserRole::Administrator;
    let mut ids = Vec::new();
    let mut start = json!(0);
    loop {
        let page = ask(&cloud, admin, "user.get", json!({"start": start}))
            .await
            .json();
        ids.extend(texts(&page["result"], "ID").into_iter().map(str::to_owned));
        assert_eq!(page["total"], 1000);
        match page.get("next") {
            Some(next) => start = next.clone(),
            None => break,
        }
    }
    assert_eq!(ids.len(), 1000);
    let fast = json!({"start": -1, "FILTER": {">ID": 2990}, "sort": "ID", "order": "ASC"});
    let fast = ask(&cloud, admin, "user.get", fast).await.json();
    assert_eq!(texts(&fast["result"], "ID"), ["2992", "2995", "2998"]);
    assert_eq!((fast.get("total"), fast.get("next")), (None, None));
}

#[tokio::test]
async fn people_are_filtered_and_typed_as_documented() {
    let cloud = cloud(Seed::Demo).await;
    let active = json!({"FILTER": {"ACTIVE": true}});
    let active = ask(&cloud, UserRole::Narrow, "user.get", active)
        .await
        .json();
    assert_eq!(active["total"], 23);
    assert_eq!(
        (&active["result"][0]["ID"], &active["result"][0]["ACTIVE"]),
        (&json!("1"), &json!(true))
    );
    let gone = result(&cloud, "user.get", json!({"FILTER": {"ACTIVE": "N"}})).await;
    assert_eq!(texts(&gone, "ID"), ["38", "43"]);
    let departments = result(&cloud, "department.get", json!({"PARENT": 3})).await;
    assert_eq!(
        departments,
        json!([{"ID": "10", "NAME": "Маркетинг", "SORT": 500, "PARENT": "3"}])
    );
}

#[tokio::test]
async fn rights_narrow_what_is_seen() {
    let cloud = cloud(Seed::Demo).await;
    let cloud = &cloud;
    let funnels = |role| async move {
        let reply = ask(cloud, role, "crm.category.list", json!({"entityTypeId": 2}))
            .await
            .json();
        reply["total"].as_u64().unwrap()
    };
    assert_eq!(funnels(UserRole::Administrator).await, 6);
    assert_eq!(funnels(UserRole::Employee).await, 5);
    assert_eq!(funnels(UserRole::Narrow).await, 2);
    for entity in Entity::ALL {
        let method = format!("crm.{}.userfield.list", entity.method_part());
        let full = ask(cloud, UserRole::Employee, &method, json!({}))
            .await
            .json();
        assert_eq!(
            full["total"],
            json!(cloud.portal(1).world().fields_of(entity).count())
        );
        let narrow = ask(cloud, UserRole::Narrow, &method, json!({})).await;
        if entity == Entity::Deal {
            assert_eq!(narrow.status, 200);
        } else {
            narrow.is_refusal(400, "ACCESS_DENIED");
        }
    }
}

#[tokio::test]
async fn profiles_tell_the_truth_about_rights() {
    let cloud = cloud(Seed::Demo).await;
    for (role, is_admin) in [(UserRole::Administrator, true), (UserRole::Employee, false)] {
        let profile = ask(&cloud, role, "profile", json!({})).await.json();
        let id = cloud.portal(1).world().user_id(role).to_string();
        assert_eq!(
            (&profile["result"]["ID"], &profile["result"]["ADMIN"]),
            (&json!(id), &json!(is_admin))
        );
        let admin = ask(&cloud, role, "user.admin", json!({})).await.json();
        assert_eq!(admin["result"], json!(is_admin));
    }
}

#[tokio::test]
async fn item_fields_name_both_kinds_of_fields() {
    let cloud = cloud(Seed::Demo).await;
    let camel = result(&cloud, "crm.item.fields", json!({"entityTypeId": 2})).await;
    assert_eq!(camel["fields"]["stageId"]["statusType"], "DEAL_STAGE");
    assert_eq!(
        camel["fields"]["ufCrm_1713790573"]["upperName"],
        "UF_CRM_1713790573"
    );
    let upper = json!({"entityTypeId": 2, "useOriginalUfNames": "Y"});
    let upper = result(&cloud, "crm.item.fields", upper).await;
    assert_eq!(
        upper["fields"]["UF_CRM_1713790573"]["items"][0]["VALUE"],
        "Окно"
    );
}

#[tokio::test]
async fn small_methods_answer_in_their_shapes() {
    let cloud = cloud(Seed::Demo).await;
    assert_eq!(result(&cloud, "crm.settings.mode.get", json!({})).await, 1);
    assert_eq!(
        result(&cloud, "method.get", json!({"name": "crm.category.list"})).await,
        json!({"isExisting": true, "isAvailable": true})
    );
    let one = json!({"entityTypeId": 2, "id": 0});
    assert_eq!(
        result(&cloud, "crm.category.get", one).await["category"]["name"],
        "Продажи"
    );
    let fields = result(&cloud, "crm.category.fields", json!({"entityTypeId": 2})).await;
    assert_eq!(fields["fields"]["name"]["type"], "string");
    assert_eq!(
        result(&cloud, "crm.status.get", json!({"id": 101})).await["STATUS_ID"],
        "NEW"
    );
    let items = result(
        &cloud,
        "crm.status.entity.items",
        json!({"entityId": "HONORIFIC"}),
    )
    .await;
    assert_eq!(
        items[0],
        json!({"NAME": "г-н", "SORT": 10, "STATUS_ID": "HNR_RU_1"})
    );
    assert!(
        result(&cloud, "server.time", json!({}))
            .await
            .as_str()
            .unwrap()
            .ends_with("+03:00")
    );
    let webhook_info = result(&cloud, "app.info", json!({})).await;
    assert_eq!(
        webhook_info["SCOPE"],
        json!(["crm", "user_brief", "department"])
    );
}
