//! The control interface `/__control/…` of portals and of the OAuth server; it is never logged.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};

use crate::clock;
use crate::envelope::json_response;
use crate::faults::Fault;
use crate::log::RequestLogEntry;
use crate::oauth::OauthServer;
use crate::portal::Portal;
use crate::worlds::UserRole;

/// The routes of a portal.
pub(crate) fn of_portal() -> Router<Arc<Portal>> {
    Router::new()
        .route("/__control/state", get(portal_state))
        .route(
            "/__control/requests",
            get(portal_requests).delete(clear_portal_requests),
        )
        .route(
            "/__control/faults",
            post(add_portal_fault).delete(clear_portal_faults),
        )
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
}

async fn portal_state(State(portal): State<Arc<Portal>>) -> Json<Value> {
    let mut state = description(&portal);
    state["faults"] = json!(portal.faults().active());
    state["requests"] = json!(portal.log().entries().len());
    let now = clock::now().unix_timestamp();
    state["valid_tokens"] = json!(portal.shared().tokens.count(portal.number(), now));
    Json(state)
}

async fn portal_requests(State(portal): State<Arc<Portal>>) -> Json<Vec<RequestLogEntry>> {
    Json(portal.requests())
}

async fn clear_portal_requests(State(portal): State<Arc<Portal>>) -> Json<Value> {
    portal.clear_requests();
    Json(json!({"ok": true}))
}

async fn add_portal_fault(State(portal): State<Arc<Portal>>, body: Bytes) -> Response {
    with_fault(&body, |fault| portal.set_fault(fault))
}

async fn clear_portal_faults(State(portal): State<Arc<Portal>>) -> Json<Value> {
    portal.clear_faults();
    Json(json!({"ok": true}))
}

async fn oauth_state(State(server): State<Arc<OauthServer>>) -> Json<Value> {
    Json(json!({
        "url": server.shared.oauth_url,
        "client_id": server.shared.app.client_id,
        "portals": server.portals.len(),
        "faults": server.faults.active(),
        "requests": server.log.entries().len(),
    }))
}

async fn portals(State(server): State<Arc<OauthServer>>) -> Json<Value> {
    Json(
        server
            .portals
            .iter()
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
    with_fault(&body, |fault| server.faults.add(fault))
}

async fn clear_oauth_faults(State(server): State<Arc<OauthServer>>) -> Json<Value> {
    server.faults.clear();
    Json(json!({"ok": true}))
}

fn with_fault(body: &[u8], set: impl FnOnce(Fault)) -> Response {
    match serde_json::from_slice(body) {
        Ok(fault) => {
            set(fault);
            json_response(200, &json!({"ok": true}))
        }
        Err(problem) => json_response(400, &json!({"ok": false, "problem": problem.to_string()})),
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
