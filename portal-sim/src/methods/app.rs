//! Methods about application, scope and system (§4.8).

use serde_json::{Value, json};
use time::Duration;

use super::{Context, find, is_allowed, required};
use crate::clock;
use crate::envelope::{Answer, Outcome};
use crate::life::AppStanding;
use crate::log::AuthKind;
use crate::params::Param;

pub(super) fn scope(context: &Context<'_>, _params: &Param) -> Outcome {
    Ok(Answer::of(json!(context.caller.scopes)))
}

/// The portal's own form; a webhook gets a reduced one.
pub(super) fn info(context: &Context<'_>, _params: &Param) -> Outcome {
    if context.caller.kind == AuthKind::Webhook {
        let scopes = &context.caller.scopes;
        return Ok(Answer::of(json!({"SCOPE": scopes, "LICENSE": "ru_basic"})));
    }
    let app = context.portal.app_state();
    Ok(Answer::of(json!({
        "ID": 5,
        "CODE": "simulated.crmap",
        "VERSION": app.version,
        "STATUS": "F",
        "INSTALLED": app.standing == AppStanding::Installed,
        "PAYMENT_EXPIRED": "N",
        "DAYS": null,
        "LANGUAGE_ID": "ru",
        "LICENSE": "ru_basic",
        "LICENSE_TYPE": "basic",
        "LICENSE_FAMILY": "basic",
    })))
}

pub(super) fn server_time(context: &Context<'_>, _params: &Param) -> Outcome {
    let ahead = Duration::seconds(context.portal.server_clock().ahead);
    let now = clock::iso(clock::now() + ahead);
    Ok(Answer::of(Value::String(now)))
}

pub(super) fn method_get(context: &Context<'_>, params: &Param) -> Outcome {
    let name = required(params, "name")?.text();
    let found = find(&name);
    let is_available = found.is_some_and(|method| is_allowed(method, context.caller));
    let is_existing = found.is_some();
    Ok(Answer::of(
        json!({"isExisting": is_existing, "isAvailable": is_available}),
    ))
}

pub(super) fn crm_mode(context: &Context<'_>, _params: &Param) -> Outcome {
    Ok(Answer::of(json!(context.portal.world().crm_mode)))
}
