//! `placement.*`: where the application shows itself on the portal's pages (§7).

use serde_json::{Value, json};

use super::{Context, application_only, text_of};
use crate::bindings::{PlacementHandler, check_address};
use crate::envelope::{Answer, Outcome, Refusal};
use crate::params::Param;

/// Places that need the scope `placement` only.
const BASIC: &[&str] = &["LEFT_MENU", "REST_APP_URI", "IMMOBILE_CONTEXT_MENU"];

/// Places that need the scope `crm` too.
const CRM: &[&str] = &[
    "CRM_FUNNELS_TOOLBAR",
    "CRM_SMART_INVOICE_FUNNELS_TOOLBAR",
    "CRM_ANALYTICS_MENU",
    "CRM_ANALYTICS_TOOLBAR",
    "CRM_DEAL_LIST_TOOLBAR",
    "CRM_DEAL_LIST_MENU",
    "CRM_DEAL_DETAIL_TAB",
    "CRM_DEAL_DETAIL_TOOLBAR",
    "CRM_LEAD_LIST_TOOLBAR",
    "CRM_LEAD_LIST_MENU",
    "CRM_LEAD_DETAIL_TAB",
    "CRM_LEAD_DETAIL_TOOLBAR",
    "CRM_CONTACT_LIST_TOOLBAR",
    "CRM_CONTACT_LIST_MENU",
    "CRM_CONTACT_DETAIL_TAB",
    "CRM_CONTACT_DETAIL_TOOLBAR",
    "CRM_COMPANY_LIST_TOOLBAR",
    "CRM_COMPANY_LIST_MENU",
    "CRM_COMPANY_DETAIL_TAB",
    "CRM_COMPANY_DETAIL_TOOLBAR",
];

pub(super) fn list(context: &Context<'_>, _params: &Param) -> Outcome {
    application_only(context)?;
    Ok(Answer::of(json!(codes(context))))
}

pub(super) fn get(context: &Context<'_>, _params: &Param) -> Outcome {
    administrator_only(context)?;
    let bound = context.portal.bindings().now();
    let row = |handler: &PlacementHandler| {
        json!({"placement": handler.placement, "userId": handler.user,
            "handler": handler.address, "options": handler.options, "title": handler.title,
            "description": handler.description, "langAll": handler.languages})
    };
    Ok(Answer::of(bound.placements.iter().map(row).collect()))
}

pub(super) fn bind(context: &Context<'_>, params: &Param) -> Outcome {
    administrator_only(context)?;
    let placement = required(params, "PLACEMENT")?.to_uppercase();
    let address = required(params, "HANDLER")?;
    if !codes(context).contains(&placement) {
        let text = "Placement not found";
        return Err(Refusal::new(400, "ERROR_PLACEMENT_NOT_FOUND", text));
    }
    check_address(&address)?;
    let map = |name: &str| {
        let given = params.get_any_case(name).filter(|param| param.is_map());
        given.map_or_else(|| json!([]), Param::to_value)
    };
    let user = params.get_any_case("USER_ID").and_then(Param::integer);
    let mut handler = PlacementHandler {
        id: 0,
        placement,
        address,
        user: user.and_then(|id| u32::try_from(id).ok()).unwrap_or(0),
        title: text_of(params, "TITLE"),
        description: text_of(params, "DESCRIPTION"),
        languages: map("LANG_ALL"),
        options: map("OPTIONS"),
    };
    let mut bound = context.portal.bindings().now();
    let is_same = |other: &PlacementHandler| {
        (&other.placement, &other.address, other.user)
            == (&handler.placement, &handler.address, handler.user)
    };
    if bound.placements.iter().any(is_same) {
        let text = "Unable to set placement handler: Handler already binded";
        return Err(Refusal::new(400, "ERROR_CORE", text));
    }
    handler.id = bound.take_id();
    bound.placements.push(handler);
    Ok(Answer::of(Value::Bool(true)))
}

pub(super) fn unbind(context: &Context<'_>, params: &Param) -> Outcome {
    administrator_only(context)?;
    let placement = required(params, "PLACEMENT")?.to_uppercase();
    let address = text_of(params, "HANDLER");
    let user = params.get_any_case("USER_ID").and_then(Param::integer);
    let is_meant = |handler: &PlacementHandler| {
        handler.placement == placement
            && (address.is_empty() || handler.address == address)
            && user.is_none_or(|user| i64::from(handler.user) == user)
    };
    let mut bound = context.portal.bindings().now();
    let before = bound.placements.len();
    bound.placements.retain(|handler| !is_meant(handler));
    let count = before - bound.placements.len();
    Ok(Answer::of(json!({"count": count})))
}

fn codes(context: &Context<'_>) -> Vec<String> {
    let has_crm = context.caller.scopes.iter().any(|scope| scope == "crm");
    let crm = if has_crm { CRM } else { &[] };
    let mut codes: Vec<String> = BASIC.iter().chain(crm).map(|&code| code.into()).collect();
    if has_crm {
        let processes = &context.portal.world().smart_processes;
        codes.extend(
            processes
                .iter()
                .map(|process| format!("CRM_DYNAMIC_{}_FUNNELS_TOOLBAR", process.entity_type_id)),
        );
    }
    codes
}

fn administrator_only(context: &Context<'_>) -> Result<(), Refusal> {
    application_only(context)?;
    if context.caller.user.admin {
        return Ok(());
    }
    Err(Refusal::new(403, "ACCESS_DENIED", "Access denied!"))
}

fn required(params: &Param, name: &str) -> Result<String, Refusal> {
    let text = text_of(params, name);
    if text.is_empty() {
        let sentence = format!("Argument '{name}' is null or empty");
        return Err(Refusal::new(400, "ERROR_ARGUMENT", sentence));
    }
    Ok(text)
}
