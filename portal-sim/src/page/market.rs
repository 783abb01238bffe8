//! The marketplace of the portal: the application's card, where administrators install and remove
//! it (§1.4, §1.7).

use std::sync::Arc;

use axum::Json;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Html;
use serde::Deserialize;

use super::html::{escape, fill};
use super::layout::{APP_PATH, MARKET_PATH, Section, View, ViewQuery};
use crate::life::AppStanding;
use crate::portal::Portal;

/// `GET /marketplace/`.
pub(super) async fn show(
    State(portal): State<Arc<Portal>>,
    Query(query): Query<ViewQuery>,
) -> Html<String> {
    let Some(view) = View::of(&portal, &query) else {
        return Html(String::new());
    };
    view.render(&Section {
        path: MARKET_PATH.to_owned(),
        heading: view.texts().market.to_owned(),
        content: card(&view),
        scripts: "<script src=\"/assets/market.js\"></script>",
    })
}

fn card(view: &View<'_>) -> String {
    let texts = view.texts();
    let app = view.portal.app_state();
    let is_there = app.standing != AppStanding::NotInstalled;
    let standing = match app.standing {
        AppStanding::NotInstalled => texts.app_absent,
        AppStanding::Installing => texts.app_unfinished,
        AppStanding::Installed => texts.app_ready,
    };
    let open = format!(
        "<a class=\"button\" href=\"{}\">{}</a>",
        view.link(APP_PATH),
        texts.open_app
    );
    let button = |id: &str, class: &str, name: &str| {
        format!("<button type=\"button\" class=\"{class}\" id=\"{id}\">{name}</button>")
    };
    let doing = match (view.user.admin, is_there) {
        (true, false) => button("app-install", "button", texts.install),
        (true, true) => format!(
            "{open}{}",
            button("app-remove", "button quiet", texts.remove)
        ),
        (false, true) => open,
        (false, false) => format!("<span>{}</span>", texts.only_administrators),
    };
    let values = [
        ("about", texts.app_about.to_owned()),
        ("standing", standing.to_owned()),
        ("version", format!("{} {}", texts.version, app.version)),
        ("doing", doing),
        ("user", view.user.id.to_string()),
        ("app", escape(&view.link(APP_PATH).replace("&amp;", "&"))),
        ("question", texts.remove_question.to_owned()),
        ("clean", texts.remove_clean.to_owned()),
        ("remove", texts.remove.to_owned()),
        ("cancel", texts.cancel.to_owned()),
    ];
    fill(include_str!("../../assets/market.html"), &values)
}

/// Who presses a button.
#[derive(Debug, Deserialize)]
pub(super) struct Press {
    user: u32,
    #[serde(default)]
    clean: bool,
}

/// `POST /page/install`.
pub(super) async fn install(
    State(portal): State<Arc<Portal>>,
    Json(press): Json<Press>,
) -> StatusCode {
    as_administrator(&portal, press.user, || portal.install(press.user))
}

/// `POST /page/install-finish`: the frame's `setInstallFinish` (§6.4).
pub(super) async fn finish(
    State(portal): State<Arc<Portal>>,
    Json(press): Json<Press>,
) -> StatusCode {
    as_administrator(&portal, press.user, || portal.finish_install())
}

/// `POST /page/uninstall`.
pub(super) async fn uninstall(
    State(portal): State<Arc<Portal>>,
    Json(press): Json<Press>,
) -> StatusCode {
    as_administrator(&portal, press.user, || portal.uninstall(press.clean))
}

fn as_administrator(portal: &Portal, user: u32, act: impl FnOnce()) -> StatusCode {
    let user = portal.world().user(user);
    if user.is_none_or(|user| !user.admin) {
        return StatusCode::FORBIDDEN;
    }
    act();
    StatusCode::NO_CONTENT
}
