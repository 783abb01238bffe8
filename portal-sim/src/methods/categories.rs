//! Funnels: `crm.category.*` (§4.1).

use serde_json::{Value, json};

use super::{Context, required};
use crate::envelope::{Answer, Outcome, Refusal};
use crate::params::Param;
use crate::rows;

/// Kinds of records that have funnels besides deals and smart processes, with their names.
const OTHER_KINDS: &[(i64, &str)] = &[(3, "Контакты"), (4, "Компании"), (31, "Счета")];
/// Kinds that exist but have none.
const WITHOUT: &[(i64, &str)] = &[(1, "LEAD"), (5, "INVOICE"), (7, "QUOTE"), (8, "REQUISITE")];

pub(super) fn list(context: &Context<'_>, params: &Param) -> Outcome {
    let mut found = readable(context, params)?;
    rows::order(&mut found, &[("sort".into(), true), ("id".into(), true)]);
    let answer = context.listed(found, params);
    Ok(Answer {
        result: json!({"categories": answer.result}),
        ..answer
    })
}

pub(super) fn get(context: &Context<'_>, params: &Param) -> Outcome {
    let id = required(params, "id")?.integer();
    let kind = required(params, "entityTypeId")?.integer();
    let all = categories(context, params)?;
    let Some(row) = all.into_iter().find(|row| row["id"].as_i64() == id) else {
        return Err(Refusal::new(400, "NOT_FOUND", "Элемент не найден"));
    };
    if kind == Some(2) && !may_read(context, &row) {
        return Err(Refusal::access_denied());
    }
    Ok(Answer::of(json!({"category": row})))
}

pub(super) fn fields(context: &Context<'_>, params: &Param) -> Outcome {
    categories(context, params)?;
    let field = |kind: &str, read_only: bool, title: &str, upper: &str| {
        json!({"type": kind, "isRequired": upper == "NAME", "isReadOnly": read_only,
            "isImmutable": read_only, "isMultiple": false, "isDynamic": false, "title": title,
            "upperName": upper})
    };
    Ok(Answer::of(json!({"fields": {
        "id": field("integer", true, "ID", "ID"),
        "name": field("string", false, "Название", "NAME"),
        "sort": field("integer", false, "Сортировка", "SORT"),
        "entityTypeId": field("integer", true, "Тип", "ENTITY_TYPE_ID"),
        "isDefault": field("boolean", false, "По умолчанию", "IS_DEFAULT"),
    }})))
}

fn readable(context: &Context<'_>, params: &Param) -> Result<Vec<Value>, Refusal> {
    let is_deal = params.get("entityTypeId").and_then(Param::integer) == Some(2);
    let mut all = categories(context, params)?;
    all.retain(|row| !is_deal || may_read(context, row));
    Ok(all)
}

fn may_read(context: &Context<'_>, row: &Value) -> bool {
    let id = row["id"].as_u64().and_then(|id| u32::try_from(id).ok());
    let world = context.portal.world();
    id.is_some_and(|id| world.may_read_funnel(context.caller.role, id))
}

/// All funnels of the wanted kind, as rows.
fn categories(context: &Context<'_>, params: &Param) -> Result<Vec<Value>, Refusal> {
    let kind = required(params, "entityTypeId")?
        .integer()
        .unwrap_or_default();
    if kind == 2 {
        return Ok(deal_funnels(context));
    }
    let processes = &context.portal.world().smart_processes;
    if let Some(process) = processes
        .iter()
        .find(|process| i64::from(process.entity_type_id) == kind)
    {
        return Ok(vec![
            json!({"id": process.category_id, "name": process.category_name,
            "sort": 500, "entityTypeId": kind, "isDefault": "Y", "isSystem": "N", "code": ""}),
        ]);
    }
    if let Some((_, name)) = OTHER_KINDS.iter().find(|(id, _)| *id == kind) {
        return Ok(vec![
            json!({"id": 5, "name": name, "sort": 500, "entityTypeId": kind,
            "isDefault": "Y", "isSystem": "N", "code": ""}),
        ]);
    }
    match WITHOUT.iter().find(|(id, _)| *id == kind) {
        Some((_, name)) => {
            let text = format!("Entity type `{name}` is not supported");
            Err(Refusal::new(400, "ENTITY_TYPE_NOT_SUPPORTED", text))
        }
        None => Err(Refusal::new(400, "NOT_FOUND", "Смарт-процесс не найден")),
    }
}

/// The default funnel has no `originId` and `originatorId`.
fn deal_funnels(context: &Context<'_>) -> Vec<Value> {
    let funnels = context.portal.world().funnels.iter();
    let row = |funnel: &crate::worlds::Funnel| {
        if funnel.id == 0 {
            return json!({"id": 0, "name": funnel.name, "sort": funnel.sort, "entityTypeId": 2,
                "isDefault": "Y"});
        }
        json!({"id": funnel.id, "name": funnel.name, "sort": funnel.sort, "entityTypeId": 2,
            "isDefault": "N", "originId": "", "originatorId": ""})
    };
    funnels.map(row).collect()
}
