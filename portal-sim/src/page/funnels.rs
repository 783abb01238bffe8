//! «Воронки и туннели продаж»: the one page where a placement of the application shows (§7).

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::{Query, State};
use axum::response::Html;
use serde_json::json;

use super::frame::{self, Opened};
use super::html::escape;
use super::layout::{Section, View, ViewQuery};
use super::sections::funnel_cards;
use crate::bindings::PlacementHandler;
use crate::life::AppStanding;
use crate::opening::Place;
use crate::portal::{FUNNELS_PATH, Portal};

/// The placement at the top right of this page.
const TOOLBAR: &str = "CRM_FUNNELS_TOOLBAR";

/// `GET /crm/deal/funnels/`: the funnels, or with `placement=ID` the application.
pub(super) async fn show(
    State(portal): State<Arc<Portal>>,
    Query(query): Query<ViewQuery>,
    Query(all): Query<BTreeMap<String, String>>,
) -> Html<String> {
    let Some(view) = View::of(&portal, &query) else {
        return Html(String::new());
    };
    let handlers = handlers(&view);
    let wanted = all.get("placement").and_then(|id| id.parse().ok());
    let opened = handlers.iter().find(|handler| Some(handler.id) == wanted);
    let (content, scripts) = match opened {
        Some(handler) => (opened_frame(&view, handler), frame::SCRIPT),
        None => (toolbar(&view, &handlers) + &funnel_cards(&view), ""),
    };
    view.render(&Section {
        path: FUNNELS_PATH.to_owned(),
        heading: view.texts().tunnels.to_owned(),
        content,
        scripts,
    })
}

/// What shows: nothing before the application is finished, or for whom it is not meant.
fn handlers(view: &View<'_>) -> Vec<PlacementHandler> {
    let is_ready = view.portal.app_state().standing == AppStanding::Installed;
    if !is_ready || !view.portal.may_use(view.user.id) {
        return Vec::new();
    }
    let mut handlers = view.portal.bindings().now().placements.clone();
    handlers.retain(|handler| handler.placement == TOOLBAR);
    handlers
}

fn toolbar(view: &View<'_>, handlers: &[PlacementHandler]) -> String {
    let button = |handler: &PlacementHandler| {
        let language = &view.spoken;
        let own = handler.languages[language]["TITLE"].as_str();
        let title = own.filter(|title| !title.is_empty());
        let title = escape(title.unwrap_or(&handler.title));
        let (link, id) = (view.link(FUNNELS_PATH), handler.id);
        format!(
            "<a class=\"button\" data-placement=\"{TOOLBAR}\" href=\"{link}&amp;placement={id}\">\
             {title}</a>"
        )
    };
    let buttons: String = handlers.iter().map(button).collect();
    format!("<div class=\"toolbar\" id=\"toolbar\">{buttons}</div>")
}

fn opened_frame(view: &View<'_>, handler: &PlacementHandler) -> String {
    let opened = Opened {
        place: Place::of(TOOLBAR, FUNNELS_PATH),
        address: handler.address.clone(),
        options: json!({"URI": FUNNELS_PATH}),
    };
    frame::frame(view, &opened)
}
