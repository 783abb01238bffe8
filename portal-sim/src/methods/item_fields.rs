//! `crm.item.fields`: system and user fields of a type in one map (§4.5).

use serde_json::{Map, Value, json};

use super::{Context, required};
use crate::envelope::{Answer, Outcome, Refusal};
use crate::params::Param;
use crate::worlds::{Entity, UserField};

/// Name, type, title, directory.
type SystemField = (&'static str, &'static str, &'static str, &'static str);

const COMMON: &[SystemField] = &[
    ("id", "integer", "ID", ""),
    ("createdTime", "datetime", "Когда создан", ""),
    ("updatedTime", "datetime", "Когда обновлён", ""),
    ("createdBy", "user", "Кем создан", ""),
    ("assignedById", "user", "Ответственный", ""),
    ("comments", "text", "Комментарий", ""),
];

const LEAD: &[SystemField] = &[
    ("title", "string", "Название", ""),
    ("stageId", "crm_status", "Стадия", "STATUS"),
    ("sourceId", "crm_status", "Источник", "SOURCE"),
    ("opportunity", "double", "Сумма", ""),
];

const DEAL: &[SystemField] = &[
    ("title", "string", "Название", ""),
    ("categoryId", "crm_category", "Воронка", ""),
    ("stageId", "crm_status", "Стадия сделки", "DEAL_STAGE"),
    ("typeId", "crm_status", "Тип", "DEAL_TYPE"),
    ("opportunity", "double", "Сумма", ""),
    ("currencyId", "crm_currency", "Валюта", ""),
    ("companyId", "crm_company", "Компания", ""),
    ("contactId", "crm_contact", "Контакт", ""),
    ("begindate", "date", "Дата начала", ""),
    ("closedate", "date", "Дата завершения", ""),
];

const CONTACT: &[SystemField] = &[
    ("name", "string", "Имя", ""),
    ("lastName", "string", "Фамилия", ""),
    ("secondName", "string", "Отчество", ""),
    ("typeId", "crm_status", "Тип контакта", "CONTACT_TYPE"),
    ("birthdate", "date", "Дата рождения", ""),
];

const COMPANY: &[SystemField] = &[
    ("title", "string", "Название компании", ""),
    ("typeId", "crm_status", "Тип компании", "COMPANY_TYPE"),
    ("industry", "crm_status", "Сфера деятельности", "INDUSTRY"),
    (
        "employees",
        "crm_status",
        "Количество сотрудников",
        "EMPLOYEES",
    ),
    ("revenue", "double", "Годовой оборот", ""),
];

pub(super) fn fields(context: &Context<'_>, params: &Param) -> Outcome {
    let kind = required(params, "entityTypeId")?
        .integer()
        .unwrap_or_default();
    let world = context.portal.world();
    let entity = Entity::ALL
        .into_iter()
        .find(|entity| i64::from(entity.type_id()) == kind);
    let is_process = world
        .smart_processes
        .iter()
        .any(|p| i64::from(p.entity_type_id) == kind);
    if entity.is_none() && !is_process {
        return Err(Refusal::new(400, "NOT_FOUND", "Смарт-процесс не найден"));
    }
    if entity.is_some_and(|entity| !world.may_read_entity(context.caller.role, entity)) {
        return Err(Refusal::access_denied());
    }
    let keeps_names = params.get("useOriginalUfNames").is_some_and(Param::is_yes);
    let own: &[SystemField] = match entity {
        Some(Entity::Lead) => LEAD,
        Some(Entity::Deal) => DEAL,
        Some(Entity::Contact) => CONTACT,
        Some(Entity::Company) => COMPANY,
        None => &[("title", "string", "Название", "")],
    };
    let mut map = Map::new();
    for field in COMMON.iter().chain(own) {
        map.insert(field.0.to_owned(), system(field));
    }
    for field in entity
        .into_iter()
        .flat_map(|entity| world.fields_of(entity))
    {
        let key = if keeps_names {
            field.name.clone()
        } else {
            camel_case(&field.name)
        };
        map.insert(key, custom(field));
    }
    Ok(Answer::of(json!({"fields": map})))
}

fn system(&(name, kind, title, directory): &SystemField) -> Value {
    let is_read_only = matches!(name, "id" | "createdTime" | "updatedTime" | "createdBy");
    let mut row = json!({"type": kind, "isRequired": false, "isReadOnly": is_read_only,
        "isImmutable": false, "isMultiple": false, "isDynamic": false, "title": title,
        "upperName": upper_name(name)});
    if !directory.is_empty() {
        row["statusType"] = json!(directory);
    }
    row
}

/// Labels come in the portal's language; the row has neither the field's id nor its place.
fn custom(field: &UserField) -> Value {
    let text = |label: &crate::worlds::Label| json!(label.get("ru").unwrap_or(&field.name));
    let mut row = json!({"type": field.user_type_id, "isRequired": field.mandatory,
        "isReadOnly": false, "isImmutable": false, "isMultiple": field.multiple, "isDynamic": true,
        "title": text(&field.edit_form_label), "listLabel": text(&field.list_column_label),
        "formLabel": text(&field.edit_form_label), "filterLabel": text(&field.list_filter_label),
        "settings": field.settings, "upperName": field.name});
    if field.user_type_id == "enumeration" {
        let items = field.items.iter();
        row["items"] = items
            .map(|item| json!({"ID": item.id.to_string(), "VALUE": item.value}))
            .collect();
    }
    row
}

/// `UF_CRM_1724077760` as `ufCrm_1724077760`, `UF_CRM_SITE_URL` as `ufCrmSiteUrl`.
fn camel_case(name: &str) -> String {
    let mut written = String::new();
    for (index, word) in name.split('_').enumerate() {
        let is_number = word.starts_with(|sign: char| sign.is_ascii_digit());
        if is_number {
            written.push('_');
        }
        let mut letters = word.chars();
        match letters.next() {
            Some(first) if index > 0 && !is_number => written.push(first),
            Some(first) => written.extend(first.to_lowercase()),
            None => {}
        }
        written.extend(letters.flat_map(char::to_lowercase));
    }
    written
}

/// `stageId` as `STAGE_ID`.
fn upper_name(name: &str) -> String {
    let mut written = String::new();
    for sign in name.chars() {
        if sign.is_uppercase() {
            written.push('_');
        }
        written.extend(sign.to_uppercase());
    }
    written
}
