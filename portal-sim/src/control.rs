//! The control interface `/__control/…` of portals and of the OAuth server; it is never logged.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::State;
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use crate::actions::Action;
use crate::envelope::json_response;
use crate::events::Delivery;
use crate::faults::Fault;
use crate::knobs::Knobs;
use crate::log::RequestLogEntry;
use crate::oauth::OauthServer;
use crate::portal::Portal;
use crate::worlds::UserRole;

/// The routes of a portal.
pub(crate) fn of_portal() -> Router<Arc<Portal>> {
    Router::new()
        .route("/__control/state", get(portal_state))
        .route("/__control/world", get(world))
        .route(
            "/__control/requests",
            get(portal_requests).delete(clear_portal_requests),
        )
        .route(
            "/__control/faults",
            post(add_portal_fault).delete(clear_portal_faults),
        )
        .route("/__control/do", post(perform))
        .route("/__control/events", get(events).delete(clear_events))
}

/// The routes of the OAuth server.
pub(crate) fn of_oauth() -> Router<Arc<OauthServer>> {
    Router::new()
        .route("/__control/state", get(oauth_state))
        .route("/__control/portals", get(portals))
        .route(
            "/__control/requests",
            get(oauth_requests).delete(clear_oauth_requests),
        )
        .route(
            "/__control/faults",
            post(add_oauth_fault).delete(clear_oauth_faults),
        )
        .route("/__control/knobs", get(knobs).post(turn_knobs))
        .route("/__control/ledger", get(ledger).delete(clear_ledger))
        .route("/__control/pass", post(pass))
        .route("/__control/clear", post(clear_from_afar))
}

async fn portal_state(State(portal): State<Arc<Portal>>) -> Json<Value> {
    let mut state = description(&portal);
    state["faults"] = json!(portal.faults().active());
    state["requests"] = json!(portal.log().entries().len());
    let life = portal.life().clone();
    state["app"] = json!(life.app);
    state["subscription"] = json!(life.subscription);
    state["restricted_to"] = json!(life.restricted_to);
    state["deleted"] = json!(life.deleted);
    state["operating_limit"] = json!(portal.operating().limit());
    state["bindings"] = portal.bindings().now().listed();
    state["event_queue"] = json!(portal.post_office().queue());
    let now = portal.shared().timestamp();
    state["valid_tokens"] = json!(portal.shared().tokens.count(portal.number(), now));
    Json(state)
}

/// The truth about the portal, for whoever compares it with what is shown.
async fn world(State(portal): State<Arc<Portal>>) -> Json<Value> {
    Json(json!(portal.world()))
}

async fn portal_requests(State(portal): State<Arc<Portal>>) -> Json<Vec<RequestLogEntry>> {
    Json(portal.requests())
}

async fn clear_portal_requests(State(portal): State<Arc<Portal>>) -> Json<Value> {
    portal.clear_requests();
    Json(json!({"ok": true}))
}

async fn add_portal_fault(State(portal): State<Arc<Portal>>, body: Bytes) -> Response {
    with(&body, |fault: Fault| portal.set_fault(fault))
}

async fn clear_portal_faults(State(portal): State<Arc<Portal>>) -> Json<Value> {
    portal.clear_faults();
    Json(json!({"ok": true}))
}

async fn perform(State(portal): State<Arc<Portal>>, body: Bytes) -> Response {
    with(&body, |action: Action| portal.perform(action))
}

async fn events(State(portal): State<Arc<Portal>>) -> Json<Vec<Delivery>> {
    Json(portal.deliveries())
}

async fn clear_events(State(portal): State<Arc<Portal>>) -> Json<Value> {
    portal.clear_deliveries();
    Json(json!({"ok": true}))
}

async fn oauth_state(State(server): State<Arc<OauthServer>>) -> Json<Value> {
    Json(json!({
        "url": server.shared.oauth_url,
        "client_id": server.shared.app.client_id,
        "portals": server.registered().count(),
        "faults": server.faults.active(),
        "knobs": server.shared.knobs(),
        "now": server.shared.timestamp(),
        "requests": server.log.entries().len(),
    }))
}

async fn portals(State(server): State<Arc<OauthServer>>) -> Json<Value> {
    Json(
        server
            .registered()
            .map(|portal| description(portal))
            .collect(),
    )
}

async fn oauth_requests(State(server): State<Arc<OauthServer>>) -> Json<Vec<RequestLogEntry>> {
    Json(server.log.entries())
}

async fn clear_oauth_requests(State(server): State<Arc<OauthServer>>) -> Json<Value> {
    server.log.clear();
    Json(json!({"ok": true}))
}

async fn add_oauth_fault(State(server): State<Arc<OauthServer>>, body: Bytes) -> Response {
    with(&body, |fault: Fault| server.faults.add(fault))
}

/// The same for a portal's page, which as another origin may POST but not DELETE.
async fn clear_from_afar(State(server): State<Arc<OauthServer>>) -> Response {
    server.faults.clear();
    json_response(200, &json!({"ok": true}))
}

async fn clear_oauth_faults(State(server): State<Arc<OauthServer>>) -> Json<Value> {
    server.faults.clear();
    Json(json!({"ok": true}))
}

async fn knobs(State(server): State<Arc<OauthServer>>) -> Json<Knobs> {
    Json(server.shared.knobs())
}

/// Turns the knobs that are named; the others stay as they are.
async fn turn_knobs(State(server): State<Arc<OauthServer>>, body: Bytes) -> Response {
    with(&body, |turned: Map<String, Value>| {
        let mut all = json!(server.shared.knobs());
        for (name, value) in turned {
            all[name] = value;
        }
        serde_json::from_value(all).map(|knobs| server.shared.set_knobs(knobs))
    })
}

async fn ledger(State(server): State<Arc<OauthServer>>) -> Json<Value> {
    let ledger = &server.shared.ledger;
    let entries = ledger.entries();
    let violations = entries.iter().filter(|entry| entry.is_violation());
    Json(json!({
        "violations": violations.count(),
        "refreshes": ledger.refreshes(),
        "chains": server.shared.tokens.chains(),
        "entries": entries,
    }))
}

async fn clear_ledger(State(server): State<Arc<OauthServer>>) -> Json<Value> {
    server.shared.ledger.clear();
    Json(json!({"ok": true}))
}

/// How far the clock of tokens and events is put forward.
#[derive(Deserialize)]
struct Pass {
    seconds: u64,
}

async fn pass(State(server): State<Arc<OauthServer>>, body: Bytes) -> Response {
    with(&body, |pass: Pass| {
        server.shared.pass(Duration::from_secs(pass.seconds));
    })
}

/// What came of doing what a body asked for.
trait Done {
    fn problem(self) -> Option<String>;
}

impl Done for () {
    fn problem(self) -> Option<String> {
        None
    }
}

impl<E: ToString> Done for Result<(), E> {
    fn problem(self) -> Option<String> {
        self.err().map(|problem| problem.to_string())
    }
}

/// Reads a body and does what it says, or says what is wrong with it.
fn with<T: DeserializeOwned, D: Done>(body: &[u8], act: impl FnOnce(T) -> D) -> Response {
    let problem = match serde_json::from_slice(body) {
        Ok(value) => act(value).problem(),
        Err(problem) => Some(problem.to_string()),
    };
    match problem {
        None => json_response(200, &json!({"ok": true})),
        Some(problem) => json_response(400, &json!({"ok": false, "problem": problem})),
    }
}

/// Addresses and people of a portal.
pub(crate) fn description(portal: &Portal) -> Value {
    let of_roles = |value: &dyn Fn(UserRole) -> Value| {
        json!({
            "administrator": value(UserRole::Administrator),
            "employee": value(UserRole::Employee),
            "narrow": value(UserRole::Narrow),
        })
    };
    json!({
        "number": portal.number(),
        "company": portal.world().company,
        "domain": portal.domain(),
        "url": portal.base_url(),
        "member_id": portal.member_id(),
        "application_token": portal.application_token(),
        "webhooks": of_roles(&|role| json!(portal.webhook(role))),
        "users": of_roles(&|role| json!(portal.world().user_id(role))),
        "clipboard": portal.faults().clipboard_allowed(),
    })
}
