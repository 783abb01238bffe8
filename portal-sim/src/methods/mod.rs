//! The REST methods, each with its scope; this module knows none of their answers.

mod app;
mod categories;
mod events;
mod item_fields;
mod placements;
mod spoilt;
mod statuses;
mod user_fields;
mod users;

use serde_json::Value;
use tokio::time::Instant;

use crate::auth::Caller;
use crate::envelope::{Answer, Outcome, Refusal};
use crate::log::AuthKind;
use crate::params::Param;
use crate::portal::Portal;
use crate::rows;

/// Where a call happens, and for whom.
#[derive(Clone, Copy)]
pub(crate) struct Context<'a> {
    pub(crate) portal: &'a Portal,
    pub(crate) caller: &'a Caller,
}

impl Context<'_> {
    /// Rows as lists of the CRM come: all of them, or a page where this cloud has pages.
    fn listed(&self, rows: Vec<Value>, params: &Param) -> Answer {
        if self.portal.shared().paged {
            rows::page(rows, params)
        } else {
            rows::whole(rows)
        }
    }
}

type Run = fn(&Context<'_>, &Param) -> Outcome;

/// A method: its name, the scopes of which one is enough (none for basic ones), its work.
struct Method {
    name: &'static str,
    scopes: &'static [&'static str],
    run: Run,
}

const BASIC: &[&str] = &[];
const CRM: &[&str] = &["crm"];
const USER: &[&str] = &["user_brief", "user_basic", "user"];
const DEPARTMENT: &[&str] = &["department"];
const PLACEMENT: &[&str] = &["placement"];

const METHODS: &[Method] = &[
    method("profile", BASIC, users::profile),
    method("scope", BASIC, app::scope),
    method("app.info", BASIC, app::info),
    method("server.time", BASIC, app::server_time),
    method("method.get", BASIC, app::method_get),
    method("user.get", USER, users::get),
    method("user.current", USER, users::current),
    method("user.admin", BASIC, users::admin),
    method("department.get", DEPARTMENT, users::departments),
    method("crm.category.list", CRM, categories::list),
    method("crm.category.get", CRM, categories::get),
    method("crm.category.fields", CRM, categories::fields),
    method("crm.status.list", CRM, statuses::list),
    method("crm.status.get", CRM, statuses::get),
    method("crm.status.entity.types", CRM, statuses::entity_types),
    method("crm.status.entity.items", CRM, statuses::entity_items),
    method("crm.deal.userfield.list", CRM, user_fields::deal_list),
    method("crm.deal.userfield.get", CRM, user_fields::deal_get),
    method("crm.contact.userfield.list", CRM, user_fields::contact_list),
    method("crm.contact.userfield.get", CRM, user_fields::contact_get),
    method("crm.company.userfield.list", CRM, user_fields::company_list),
    method("crm.company.userfield.get", CRM, user_fields::company_get),
    method("crm.lead.userfield.list", CRM, user_fields::lead_list),
    method("crm.lead.userfield.get", CRM, user_fields::lead_get),
    method("crm.item.fields", CRM, item_fields::fields),
    method("crm.settings.mode.get", CRM, app::crm_mode),
    method("events", BASIC, events::all),
    method("event.get", BASIC, events::get),
    method("event.bind", BASIC, events::bind),
    method("event.unbind", BASIC, events::unbind),
    method("event.test", BASIC, events::test),
    method("placement.list", PLACEMENT, placements::list),
    method("placement.get", PLACEMENT, placements::get),
    method("placement.bind", PLACEMENT, placements::bind),
    method("placement.unbind", PLACEMENT, placements::unbind),
];

const fn method(name: &'static str, scopes: &'static [&'static str], run: Run) -> Method {
    Method { name, scopes, run }
}

/// Calls a method by its name, in any case.
pub(crate) fn call(context: &Context<'_>, name: &str, params: &Param) -> Outcome {
    let Some(method) = find(name) else {
        return Err(Refusal::new(
            404,
            "ERROR_METHOD_NOT_FOUND",
            "Method not found!",
        ));
    };
    if !is_allowed(method, context.caller) {
        let text = "The request requires higher privileges than provided by the access token";
        return Err(Refusal::new(403, "insufficient_scope", text));
    }
    let portal = context.portal;
    let (caller, now) = (context.caller.budget(), portal.shared().timestamp());
    portal.operating().admit(caller, method.name, now)?;
    let started = Instant::now();
    let mut answer = spoilt::run(method, context, params)?;
    let seconds = started.elapsed().as_secs_f64();
    answer.used = Some(portal.operating().spend(caller, method.name, seconds, now));
    Ok(answer)
}

fn find(name: &str) -> Option<&'static Method> {
    METHODS
        .iter()
        .find(|method| method.name.eq_ignore_ascii_case(name))
}

fn is_allowed(method: &Method, caller: &Caller) -> bool {
    let has = |scope: &&str| caller.scopes.iter().any(|granted| granted == scope);
    method.scopes.is_empty() || method.scopes.iter().any(has)
}

/// Refuses webhooks where only an application makes sense (§3.1).
fn application_only(context: &Context<'_>) -> Result<(), Refusal> {
    if context.caller.kind == AuthKind::Token {
        return Ok(());
    }
    let text = "Current authorization type is denied for this method";
    Err(Refusal::new(403, "WRONG_AUTH_TYPE", text))
}

/// A text parameter whose name may be written in any case; empty when it is not there.
fn text_of(params: &Param, name: &str) -> String {
    let given = params.get_any_case(name);
    given.map(Param::text).unwrap_or_default()
}

/// A mandatory parameter of a controller method; its name is case-sensitive.
fn required<'a>(params: &'a Param, name: &str) -> Result<&'a Param, Refusal> {
    params.get(name).ok_or_else(|| {
        let text = format!("Could not find value for parameter {{{name}}}");
        Refusal::new(400, "100", text)
    })
}
