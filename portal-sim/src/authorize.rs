//! `/oauth/authorize/`: the portal hands the application a code for its user (§2.2).

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::{Query, State};
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};

use crate::life::AppStanding;
use crate::opening::encode;
use crate::portal::Portal;

/// Sends the browser to the application with a code, or says on a page of its own why not.
pub(crate) async fn serve(
    State(portal): State<Arc<Portal>>,
    Query(query): Query<BTreeMap<String, String>>,
) -> Response {
    match address(&portal, &query) {
        Ok(address) => (StatusCode::FOUND, [(header::LOCATION, address)]).into_response(),
        Err(problem) => {
            let page = format!("<!DOCTYPE html><html><body><h1>{problem}</h1></body></html>");
            (StatusCode::BAD_REQUEST, Html(page)).into_response()
        }
    }
}

fn address(portal: &Portal, query: &BTreeMap<String, String>) -> Result<String, &'static str> {
    let app = &portal.shared().app;
    let given = |name: &str| query.get(name).cloned().unwrap_or_default();
    if given("client_id") != app.client_id {
        return Err("Приложение не найдено");
    }
    let is_gone = portal.life().deleted;
    if is_gone || portal.app_state().standing == AppStanding::NotInstalled {
        return Err("Приложение не установлено на этом портале");
    }
    let named = query.get("user").and_then(|id| id.parse().ok());
    let user = portal.world().user(named.unwrap_or(1));
    let user = user.filter(|user| user.active).ok_or("Войдите на портал")?;
    if !portal.may_use(user.id) {
        return Err("Нет доступа к приложению");
    }
    let shared = portal.shared();
    let code = shared
        .tokens
        .issue_code(portal.holder(user.id), shared.timestamp());
    let pairs = [
        ("code", code),
        ("state", given("state")),
        ("domain", portal.domain()),
        ("member_id", portal.member_id().to_owned()),
        ("scope", app.scope.clone()),
        ("server_domain", shared.oauth_host().to_owned()),
    ];
    let target = app.redirect_address();
    let joint = if target.contains('?') { '&' } else { '?' };
    Ok(format!("{target}{joint}{}", encode(&pairs)))
}
