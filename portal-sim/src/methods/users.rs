//! People and structure: `user.*`, `profile`, `department.get` (§4.7).

use serde_json::{Value, json};

use super::Context;
use crate::envelope::{Answer, Outcome};
use crate::params::Param;
use crate::rows;
use crate::worlds::{Department, User};

const FILTER_KEYS: &[&str] = &[
    "ID",
    "ACTIVE",
    "NAME",
    "LAST_NAME",
    "SECOND_NAME",
    "WORK_POSITION",
    "USER_TYPE",
    "UF_DEPARTMENT",
    "PERSONAL_GENDER",
];

pub(super) fn profile(context: &Context<'_>, _params: &Param) -> Outcome {
    let user = &context.caller.user;
    Ok(Answer::of(
        json!({"ID": user.id.to_string(), "ADMIN": user.admin, "NAME": user.name,
        "LAST_NAME": user.last_name, "PERSONAL_GENDER": user.gender,
        "TIME_ZONE": "Europe/Moscow"}),
    ))
}

pub(super) fn current(context: &Context<'_>, _params: &Param) -> Outcome {
    Ok(Answer::of(row(&context.caller.user)))
}

pub(super) fn admin(context: &Context<'_>, _params: &Param) -> Outcome {
    Ok(Answer::of(json!(context.caller.user.admin)))
}

/// Always in pages of 50; order is one key and one direction.
pub(super) fn get(context: &Context<'_>, params: &Param) -> Outcome {
    let mut found: Vec<Value> = context.portal.world().users.iter().map(row).collect();
    rows::filter(&mut found, rows::map_param(params, "FILTER")?, FILTER_KEYS);
    if let Some(id) = params.get_any_case("ID") {
        rows::filter(&mut found, &[("ID".to_owned(), id.clone())], FILTER_KEYS);
    }
    rows::order(&mut found, &scalar_order(params, "ID"));
    select(&mut found, params);
    Ok(rows::page(found, params))
}

/// Always in pages of 50.
pub(super) fn departments(context: &Context<'_>, params: &Param) -> Outcome {
    const KEYS: &[&str] = &["ID", "NAME", "PARENT", "UF_HEAD"];
    let departments = context.portal.world().departments.iter();
    let mut found: Vec<Value> = departments.map(department_row).collect();
    rows::filter(&mut found, params.entries(), KEYS);
    rows::order(&mut found, &scalar_order(params, "ID"));
    Ok(rows::page(found, params))
}

fn scalar_order(params: &Param, default: &str) -> Vec<(String, bool)> {
    let key = params
        .get_any_case("sort")
        .map(Param::text)
        .filter(|key| !key.is_empty());
    let direction = params
        .get_any_case("order")
        .map(Param::text)
        .unwrap_or_default();
    let key = key.map_or_else(|| default.to_owned(), |key| key.to_uppercase());
    vec![(key, !direction.eq_ignore_ascii_case("DESC"))]
}

fn select(rows: &mut [Value], params: &Param) {
    let wanted = params
        .get_any_case("select")
        .map(Param::entries)
        .unwrap_or_default();
    let wanted: Vec<String> = wanted.iter().map(|(_, name)| name.text()).collect();
    if wanted.is_empty() || wanted.iter().any(|name| name == "*") {
        return;
    }
    for row in rows.iter_mut().filter_map(Value::as_object_mut) {
        row.retain(|key, _| key == "ID" || wanted.contains(key));
    }
}

/// What the scope `user_brief` shows.
fn row(user: &User) -> Value {
    json!({
        "ID": user.id.to_string(),
        "XML_ID": "",
        "ACTIVE": user.active,
        "NAME": user.name,
        "LAST_NAME": user.last_name,
        "SECOND_NAME": user.second_name,
        "IS_ONLINE": if user.active { "Y" } else { "N" },
        "TIME_ZONE": "Europe/Moscow",
        "LAST_ACTIVITY_DATE": {},
        "TIMESTAMP_X": {},
        "DATE_REGISTER": "2024-02-01T03:00:00+03:00",
        "PERSONAL_GENDER": user.gender,
        "WORK_POSITION": user.position,
        "UF_DEPARTMENT": user.departments,
        "USER_TYPE": "employee",
    })
}

fn department_row(department: &Department) -> Value {
    let mut row = json!({"ID": department.id.to_string(), "NAME": department.name,
        "SORT": department.sort});
    if let Some(parent) = department.parent {
        row["PARENT"] = json!(parent.to_string());
    }
    if let Some(head) = department.head {
        row["UF_HEAD"] = json!(head.to_string());
    }
    row
}
