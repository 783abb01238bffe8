//! User fields: `crm.{deal,contact,company,lead}.userfield.list` and `.get` (§4.3).

use serde_json::{Map, Value, json};

use super::Context;
use crate::envelope::{Answer, Outcome, Refusal};
use crate::params::Param;
use crate::rows;
use crate::worlds::{Entity, Label, ListItem, UserField};

const KEYS: &[&str] = &[
    "ID",
    "FIELD_NAME",
    "USER_TYPE_ID",
    "XML_ID",
    "SORT",
    "MULTIPLE",
    "MANDATORY",
    "SHOW_FILTER",
    "SHOW_IN_LIST",
    "EDIT_IN_LIST",
    "IS_SEARCHABLE",
];

/// The languages in a label map.
const LANGUAGES: &[&str] = &[
    "ar", "br", "de", "en", "fr", "hi", "id", "in", "it", "ja", "kz", "la", "ms", "pl", "ru", "sc",
    "tc", "th", "tr", "ua", "vn",
];

pub(super) fn deal_list(context: &Context<'_>, params: &Param) -> Outcome {
    list(context, params, Entity::Deal)
}

pub(super) fn contact_list(context: &Context<'_>, params: &Param) -> Outcome {
    list(context, params, Entity::Contact)
}

pub(super) fn company_list(context: &Context<'_>, params: &Param) -> Outcome {
    list(context, params, Entity::Company)
}

pub(super) fn lead_list(context: &Context<'_>, params: &Param) -> Outcome {
    list(context, params, Entity::Lead)
}

pub(super) fn deal_get(context: &Context<'_>, params: &Param) -> Outcome {
    get(context, params, Entity::Deal)
}

pub(super) fn contact_get(context: &Context<'_>, params: &Param) -> Outcome {
    get(context, params, Entity::Contact)
}

pub(super) fn company_get(context: &Context<'_>, params: &Param) -> Outcome {
    get(context, params, Entity::Company)
}

pub(super) fn lead_get(context: &Context<'_>, params: &Param) -> Outcome {
    get(context, params, Entity::Lead)
}

fn list(context: &Context<'_>, params: &Param, entity: Entity) -> Outcome {
    must_read(context, entity)?;
    let conditions = rows::map_param(params, "filter")?;
    let order = rows::order_keys(rows::map_param(params, "order")?, &["SORT", "ID"]);
    let language = conditions
        .iter()
        .find(|(key, _)| key.eq_ignore_ascii_case("LANG"));
    let language = language
        .map(|(_, language)| language.text())
        .filter(|text| !text.is_empty());
    let fields = context.portal.world().fields_of(entity);
    let mut found: Vec<Value> = fields
        .map(|field| match &language {
            Some(language) => labelled(field, |label| json!(label.get(language))),
            None => Value::Object(plain(field)),
        })
        .collect();
    rows::filter(&mut found, conditions, KEYS);
    rows::order(&mut found, &order);
    Ok(context.listed(found, params))
}

fn get(context: &Context<'_>, params: &Param, entity: Entity) -> Outcome {
    must_read(context, entity)?;
    let id = params
        .get_any_case("id")
        .and_then(Param::integer)
        .unwrap_or_default();
    if id <= 0 {
        return Err(Refusal::new(400, "", "ID is not defined or invalid."));
    }
    let mut fields = context.portal.world().fields_of(entity);
    let Some(field) = fields.find(|field| i64::from(field.id) == id) else {
        let text = format!("The entity with ID '{id}' is not found");
        return Err(Refusal::new(400, "ERROR_NOT_FOUND", text));
    };
    Ok(Answer::of(labelled(field, in_all_languages)))
}

fn must_read(context: &Context<'_>, entity: Entity) -> Result<(), Refusal> {
    if context
        .portal
        .world()
        .may_read_entity(context.caller.role, entity)
    {
        return Ok(());
    }
    Err(Refusal::access_denied())
}

/// A label as a map over all languages, empty where there is none.
fn in_all_languages(label: &Label) -> Value {
    let text = |language: &&str| label.get(*language).cloned().unwrap_or_default();
    let members = LANGUAGES
        .iter()
        .map(|language| ((*language).into(), json!(text(language))));
    Value::Object(members.collect())
}

fn labelled(field: &UserField, show: impl Fn(&Label) -> Value) -> Value {
    let mut row = plain(field);
    let labels = [
        ("EDIT_FORM_LABEL", &field.edit_form_label),
        ("LIST_COLUMN_LABEL", &field.list_column_label),
        ("LIST_FILTER_LABEL", &field.list_filter_label),
        ("ERROR_MESSAGE", &field.error_message),
        ("HELP_MESSAGE", &field.help_message),
    ];
    for (key, label) in labels {
        row.insert(key.to_owned(), show(label));
    }
    Value::Object(row)
}

/// The row without labels: scalars are strings, settings have native types.
fn plain(field: &UserField) -> Map<String, Value> {
    let yes_no = |flag: bool| json!(if flag { "Y" } else { "N" });
    let mut row = Map::new();
    let mut put = |key: &str, value: Value| row.insert(key.to_owned(), value);
    put("ID", json!(field.id.to_string()));
    put("ENTITY_ID", json!(field.entity.field_entity_id()));
    put("FIELD_NAME", json!(field.name));
    put("USER_TYPE_ID", json!(field.user_type_id));
    put("XML_ID", json!(field.xml_id));
    put("SORT", json!(field.sort.to_string()));
    put("MULTIPLE", yes_no(field.multiple));
    put("MANDATORY", yes_no(field.mandatory));
    put("SHOW_FILTER", json!(field.show_filter));
    put("SHOW_IN_LIST", json!("Y"));
    put("EDIT_IN_LIST", json!("Y"));
    put("IS_SEARCHABLE", json!("N"));
    put("SETTINGS", field.settings.clone());
    if field.user_type_id == "enumeration" && !field.items.is_empty() {
        put("LIST", field.items.iter().map(item).collect());
    }
    row
}

fn item(item: &ListItem) -> Value {
    json!({"ID": item.id.to_string(), "SORT": item.sort.to_string(), "VALUE": item.value,
        "DEF": if item.default { "Y" } else { "N" }, "XML_ID": item.xml_id})
}
