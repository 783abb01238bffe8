//! Stages and directories: `crm.status.*` (§4.2).

use serde_json::{Map, Value, json};

use super::{Context, required};
use crate::envelope::{Answer, Outcome, Refusal};
use crate::params::Param;
use crate::rows;
use crate::worlds::{Funnel, Meaning, Status};

const KEYS: &[&str] = &[
    "ID",
    "ENTITY_ID",
    "STATUS_ID",
    "NAME",
    "NAME_INIT",
    "SORT",
    "SYSTEM",
    "CATEGORY_ID",
    "COLOR",
    "SEMANTICS",
];

const DIRECTORIES: &[(&str, &str)] = &[
    ("SOURCE", "Источники"),
    ("CONTACT_TYPE", "Тип контакта"),
    ("COMPANY_TYPE", "Тип компании"),
    ("EMPLOYEES", "Количество сотрудников"),
    ("INDUSTRY", "Сфера деятельности"),
    ("DEAL_TYPE", "Тип сделки"),
    ("HONORIFIC", "Обращения"),
    ("CALL_LIST", "Статусы обзвона"),
];

pub(super) fn list(context: &Context<'_>, params: &Param) -> Outcome {
    let conditions = rows::map_param(params, "filter")?;
    let order = rows::order_keys(rows::map_param(params, "order")?, &["SORT", "ID"]);
    let mut found: Vec<Value> = context.portal.world().statuses.iter().map(row).collect();
    rows::filter(&mut found, conditions, KEYS);
    rows::order(&mut found, &order);
    Ok(context.listed(found, params))
}

pub(super) fn get(context: &Context<'_>, params: &Param) -> Outcome {
    let id = params
        .get_any_case("id")
        .and_then(Param::integer)
        .unwrap_or_default();
    if id <= 0 {
        return Err(Refusal::new(400, "", "Invalid identifier."));
    }
    let statuses = &context.portal.world().statuses;
    let found = statuses.iter().find(|status| i64::from(status.id) == id);
    let found = found.ok_or_else(|| Refusal::new(400, "", "Status is not found."))?;
    Ok(Answer::of(row(found)))
}

pub(super) fn entity_items(context: &Context<'_>, params: &Param) -> Outcome {
    let entity_id = required(params, "entityId")?.text();
    let items = context.portal.world().directory(&entity_id);
    let item = |status: &Status| json!({"NAME": status.name, "SORT": status.sort, "STATUS_ID": status.status_id});
    Ok(Answer::of(items.map(item).collect()))
}

pub(super) fn entity_types(context: &Context<'_>, _params: &Param) -> Outcome {
    let world = context.portal.world();
    let mut types = vec![
        json!({"ID": "STATUS", "NAME": "Стадии лида", "SEMANTIC_INFO":
            semantic_info("", "CONVERTED", "JUNK"), "FIELD_ATTRIBUTE_SCOPE": "",
            "ENTITY_TYPE_ID": 1}),
        json!({"ID": "QUOTE_STATUS", "NAME": "Стадии предложения", "SEMANTIC_INFO":
            json!({"START_FIELD": "DRAFT", "FINAL_SUCCESS_FIELD": "APPROVED",
                "FINAL_UNSUCCESS_FIELD": "DECLAINED", "FINAL_SORT": 0}),
            "FIELD_ATTRIBUTE_SCOPE": "", "ENTITY_TYPE_ID": 7}),
        json!({"ID": "SMART_INVOICE_STAGE_5", "NAME": "Счета", "SEMANTIC_INFO": [],
            "PREFIX": "DT31_5", "FIELD_ATTRIBUTE_SCOPE": "category_5", "ENTITY_TYPE_ID": 31,
            "IS_ENABLED": true, "CATEGORY_ID": 5}),
    ];
    types.extend(world.funnels.iter().map(funnel_type));
    types.extend(world.smart_processes.iter().map(|process| {
        let (kind, category) = (process.entity_type_id, process.category_id);
        json!({"ID": format!("DYNAMIC_{kind}_STAGE_{category}"),
            "NAME": format!("{} ({})", process.title, process.category_name), "SEMANTIC_INFO": [],
            "PREFIX": format!("DT{kind}_{category}"),
            "FIELD_ATTRIBUTE_SCOPE": format!("category_{category}"), "ENTITY_TYPE_ID": kind,
            "IS_ENABLED": true, "CATEGORY_ID": category, "CATEGORY_NAME": process.category_name,
            "CATEGORY_SORT": 500, "IS_DEFAULT_CATEGORY": true})
    }));
    types.extend(
        DIRECTORIES
            .iter()
            .map(|(id, name)| json!({"ID": id, "NAME": name})),
    );
    Ok(Answer::of(Value::Array(types)))
}

/// `CATEGORY_ID` is a number for the default funnel and a string for the others.
fn funnel_type(funnel: &Funnel) -> Value {
    let name = format!("Стадии сделки {}", funnel.name);
    if funnel.id == 0 {
        return json!({"ID": "DEAL_STAGE", "NAME": name, "SEMANTIC_INFO":
            semantic_info("", "WON", "LOSE"), "FIELD_ATTRIBUTE_SCOPE": "", "ENTITY_TYPE_ID": 2,
            "CATEGORY_ID": 0});
    }
    let id = funnel.id;
    json!({"ID": format!("DEAL_STAGE_{id}"), "NAME": name, "PARENT_ID": "DEAL_STAGE",
        "SEMANTIC_INFO": semantic_info(&format!("C{id}:"), "WON", "LOSE"),
        "PREFIX": format!("C{id}"), "FIELD_ATTRIBUTE_SCOPE": format!("category_{id}"),
        "ENTITY_TYPE_ID": 2, "CATEGORY_ID": id.to_string()})
}

fn semantic_info(prefix: &str, success: &str, failure: &str) -> Value {
    json!({"START_FIELD": format!("{prefix}NEW"),
        "FINAL_SUCCESS_FIELD": format!("{prefix}{success}"),
        "FINAL_UNSUCCESS_FIELD": format!("{prefix}{failure}"), "FINAL_SORT": 0})
}

/// A record; `EXTRA` only where stages are of the classic kind.
fn row(status: &Status) -> Value {
    let is_classic = ["STATUS", "QUOTE_STATUS", "DEAL_STAGE"].contains(&status.entity_id.as_str())
        || status.entity_id.starts_with("DEAL_STAGE_");
    let color = if status.color.is_empty() && !is_classic {
        Value::Null
    } else {
        json!(status.color)
    };
    let (semantics, extra) = match status.meaning {
        Meaning::Process => (Value::Null, "process"),
        Meaning::Success => (json!("S"), "success"),
        Meaning::Failure => (json!("F"), "failure"),
        Meaning::Apology => (json!("F"), "apology"),
    };
    let mut row = Map::new();
    let mut put = |key: &str, value: Value| row.insert(key.to_owned(), value);
    put("ID", json!(status.id.to_string()));
    put("ENTITY_ID", json!(status.entity_id));
    put("STATUS_ID", json!(status.status_id));
    put("NAME", json!(status.name));
    put("NAME_INIT", json!(status.name_init));
    put("SORT", json!(status.sort.to_string()));
    put("SYSTEM", json!(if status.system { "Y" } else { "N" }));
    put(
        "CATEGORY_ID",
        json!(status.category_id.map(|id| id.to_string())),
    );
    put("COLOR", color.clone());
    put("SEMANTICS", semantics);
    if is_classic {
        put("EXTRA", json!({"SEMANTICS": extra, "COLOR": color}));
    }
    Value::Object(row)
}
