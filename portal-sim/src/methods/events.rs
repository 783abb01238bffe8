//! `events` and `event.*`: which events there are, and who gets them (§1.9).

use serde_json::{Value, json};

use super::{Context, application_only, text_of};
use crate::bindings::{EventHandler, check_address};
use crate::envelope::{Answer, Outcome, Refusal};
use crate::events::names;
use crate::params::Param;

pub(super) fn all(context: &Context<'_>, _params: &Param) -> Outcome {
    application_only(context)?;
    Ok(Answer::of(json!(names(&context.caller.scopes))))
}

pub(super) fn get(context: &Context<'_>, _params: &Param) -> Outcome {
    application_only(context)?;
    let bound = context.portal.bindings().now();
    let row = |handler: &EventHandler| {
        json!({"event": handler.event, "handler": handler.address,
            "auth_type": handler.auth_type.to_string(), "offline": i32::from(handler.offline)})
    };
    Ok(Answer::of(bound.events.iter().map(row).collect()))
}

pub(super) fn bind(context: &Context<'_>, params: &Param) -> Outcome {
    application_only(context)?;
    let mut handler = EventHandler {
        id: 0,
        event: text_of(params, "event").to_uppercase(),
        address: text_of(params, "handler"),
        auth_type: auth_type(context, params)?,
        offline: is_offline(context, params)?,
    };
    must_be_given("EVENT", &handler.event)?;
    if !names(&context.caller.scopes).contains(&handler.event) {
        return Err(Refusal::new(
            400,
            "ERROR_EVENT_NOT_FOUND",
            "Event not found",
        ));
    }
    if !handler.offline {
        must_be_given("HANDLER", &handler.address)?;
        check_address(&handler.address)?;
    }
    let mut bound = context.portal.bindings().now();
    if bound.events.iter().any(|other| is_same(other, &handler)) {
        let text = "Unable to set event handler: Handler already binded";
        return Err(Refusal::new(400, "ERROR_CORE", text));
    }
    if !bound.known_addresses.contains(&handler.address) {
        bound.known_addresses.push(handler.address.clone());
    }
    handler.id = bound.take_id();
    bound.events.push(handler);
    Ok(Answer::of(Value::Bool(true)))
}

pub(super) fn unbind(context: &Context<'_>, params: &Param) -> Outcome {
    application_only(context)?;
    let event = text_of(params, "event").to_uppercase();
    let address = text_of(params, "handler");
    must_be_given("EVENT", &event)?;
    let auth_type = params.get_any_case("auth_type").and_then(Param::integer);
    let event_type = text_of(params, "event_type");
    let is_meant = |handler: &EventHandler| {
        handler.event == event
            && (address.is_empty() || handler.address == address)
            && auth_type.is_none_or(|user| i64::from(handler.auth_type) == user)
            && (event_type.is_empty() || handler.offline == (event_type == "offline"))
    };
    let mut bound = context.portal.bindings().now();
    let before = bound.events.len();
    bound.events.retain(|handler| !is_meant(handler));
    Ok(Answer::of(json!({"count": before - bound.events.len()})))
}

/// Fires `ONAPPTEST` at the application.
pub(super) fn test(context: &Context<'_>, params: &Param) -> Outcome {
    application_only(context)?;
    let mut data = params.to_value();
    if let Some(members) = data.as_object_mut() {
        members.remove("auth");
    }
    context.portal.fire("ONAPPTEST", &json!({"QUERY": data}));
    Ok(Answer::of(Value::Bool(true)))
}

fn is_same(one: &EventHandler, other: &EventHandler) -> bool {
    (&one.event, &one.address, one.auth_type, one.offline)
        == (&other.event, &other.address, other.auth_type, other.offline)
}

fn must_be_given(name: &str, text: &str) -> Result<(), Refusal> {
    if text.is_empty() {
        let sentence = format!("Argument '{name}' is null or empty");
        return Err(Refusal::new(400, "ERROR_ARGUMENT", sentence));
    }
    Ok(())
}

/// An administrator may choose anybody's token; others get their own.
fn auth_type(context: &Context<'_>, params: &Param) -> Result<u32, Refusal> {
    let user = &context.caller.user;
    let given = params.get_any_case("auth_type").and_then(Param::integer);
    let given = given.and_then(|id| u32::try_from(id).ok());
    match given {
        None if user.admin => Ok(0),
        None => Ok(user.id),
        Some(id) if user.admin || id == user.id => Ok(id),
        Some(_) => {
            let text = "Access denied! AUTH_TYPE of somebody else needs an administrator";
            Err(Refusal::new(403, "ACCESS_DENIED", text))
        }
    }
}

fn is_offline(context: &Context<'_>, params: &Param) -> Result<bool, Refusal> {
    match text_of(params, "event_type").to_lowercase().as_str() {
        "" | "online" => Ok(false),
        "offline" if context.caller.user.admin => Ok(true),
        "offline" => {
            let text = "Access denied! Offline events need an administrator";
            Err(Refusal::new(403, "ACCESS_DENIED", text))
        }
        _ => {
            let text = "Argument 'EVENT_TYPE' must be online or offline";
            Err(Refusal::new(400, "ERROR_ARGUMENT", text))
        }
    }
}
