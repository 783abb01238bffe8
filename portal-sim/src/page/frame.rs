//! The application's page: the frame, the form that opens it, and what the frame may ask for
//! (§1.3, §6).

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Html;
use serde::Deserialize;
use serde_json::{Value, json};

use super::html::{escape, fill};
use super::layout::{APP_PATH, Section, View, ViewQuery};
use crate::envelope::php_array;
use crate::life::AppStanding;
use crate::opening::{Opening, Place, encode};
use crate::portal::Portal;
use crate::tokens::LIFETIME;

/// The script of a page with the frame.
pub(super) const SCRIPT: &str = "<script src=\"/assets/frame.js\"></script>";

/// The application in a frame: where, at which address, and with which `PLACEMENT_OPTIONS` for the
/// frame.
pub(super) struct Opened {
    pub(super) place: Place,
    pub(super) address: String,
    pub(super) options: Value,
}

/// `GET /marketplace/app/5/`: each rendering is a new opening.
pub(super) async fn show(
    State(portal): State<Arc<Portal>>,
    Query(query): Query<ViewQuery>,
    Query(mut all): Query<BTreeMap<String, String>>,
) -> Html<String> {
    let Some(view) = View::of(&portal, &query) else {
        return Html(String::new());
    };
    all.retain(|name, _| name != "user" && name != "lang");
    let options = if all.is_empty() {
        json!("")
    } else {
        json!(all)
    };
    let opened = Opened {
        place: Place::own_page(),
        address: portal.opening_url(),
        options,
    };
    let (content, scripts) = match refusal(&view) {
        None => (frame(&view, &opened), SCRIPT),
        Some(refusal) => (
            format!("<section class=\"card\" id=\"app-refusal\"><p>{refusal}</p></section>"),
            "",
        ),
    };
    view.render(&Section {
        path: APP_PATH.to_owned(),
        heading: "CRMAP".to_owned(),
        content,
        scripts,
    })
}

/// What the viewer reads instead of the application (§1.5).
fn refusal(view: &View<'_>) -> Option<&'static str> {
    let (texts, standing) = (view.texts(), view.portal.app_state().standing);
    match standing {
        AppStanding::NotInstalled => Some(texts.app_not_installed),
        _ if !view.portal.may_use(view.user.id) => Some(texts.app_not_for_you),
        AppStanding::Installing if !view.user.admin => Some(texts.app_not_finished),
        AppStanding::Installing | AppStanding::Installed => None,
    }
}

/// What the frame's `refreshAuth` asks for.
#[derive(Debug, Deserialize)]
pub(super) struct TokenRequest {
    user: u32,
}

/// `POST /page/tokens`: a fresh pair for the viewer, of an application that is there (§6.4
/// `refreshAuth`).
pub(super) async fn tokens(
    State(portal): State<Arc<Portal>>,
    Json(request): Json<TokenRequest>,
) -> Result<Json<Value>, StatusCode> {
    if portal.app_state().standing == AppStanding::NotInstalled {
        return Err(StatusCode::NOT_FOUND);
    }
    let user = portal.world().user(request.user).filter(|user| user.active);
    let user = user.ok_or(StatusCode::NOT_FOUND)?;
    let pair = portal.issue_tokens(user.id);
    Ok(Json(
        json!({"AUTH_ID": pair.access, "AUTH_EXPIRES": LIFETIME.to_string(),
        "REFRESH_ID": pair.refresh}),
    ))
}

/// An option that the frame sets.
#[derive(Debug, Deserialize)]
pub(super) struct OptionRequest {
    kind: OptionKind,
    user: u32,
    name: String,
    #[serde(default)]
    value: Value,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum OptionKind {
    App,
    User,
}

/// `POST /page/options`: stores an option, answers with all of them (§6.4).
pub(super) async fn options(
    State(portal): State<Arc<Portal>>,
    Json(request): Json<OptionRequest>,
) -> Json<Value> {
    let mut memory = portal.remembered();
    let options = match request.kind {
        OptionKind::App => &mut memory.app_options,
        OptionKind::User => memory.user_options.entry(request.user).or_default(),
    };
    options.insert(request.name, request.value);
    Json(as_php(options))
}

/// The frame and the form that opens it; the page needs [`SCRIPT`] with it.
pub(super) fn frame(view: &View<'_>, opened: &Opened) -> String {
    let language = &view.spoken;
    let opening = &Opening::new(view.portal, view.user.id, language, &opened.place);
    let name = format!(
        "{}|{}|{}",
        value(opening, "DOMAIN"),
        value(opening, "PROTOCOL"),
        opening.app_sid
    );
    let app_url = &opened.address;
    let joint = if app_url.contains('?') { '&' } else { '?' };
    let action = format!("{app_url}{joint}{}", encode(&opening.query));
    let input = |(name, value): &(&str, String)| {
        format!(
            "<input type=\"hidden\" name=\"{name}\" value=\"{}\">",
            escape(value)
        )
    };
    let is_allowed = view.portal.faults().clipboard_allowed();
    let values = [
        ("frame_name", escape(&name)),
        (
            "allow",
            if is_allowed {
                " allow=\"clipboard-write *\""
            } else {
                ""
            }
            .to_owned(),
        ),
        ("action", escape(&action)),
        ("inputs", opening.body.iter().map(input).collect()),
        ("opening", script_json(&for_script(view, opening, opened))),
    ];
    fill(include_str!("../../assets/frame.html"), &values)
}

/// What `frame.js` needs; `initData` is the reply to `getInitData` (§6.4).
fn for_script(view: &View<'_>, opening: &Opening, opened: &Opened) -> Value {
    let user = view.user.id;
    let mut memory = view.portal.remembered();
    let is_first = !memory.seen_by.contains(&user);
    if is_first {
        memory.seen_by.push(user);
    }
    let user_options = memory
        .user_options
        .get(&user)
        .map_or_else(|| json!([]), as_php);
    json!({
        "appUrl": opened.address,
        "appSid": opening.app_sid,
        "user": user,
        "home": view.link("/").replace("&amp;", "&"),
        "initData": {
            "LANG": view.spoken,
            "DOMAIN": value(opening, "DOMAIN"),
            "PROTOCOL": value(opening, "PROTOCOL"),
            "PATH": "/rest",
            "AUTH_ID": value(opening, "AUTH_ID"),
            "AUTH_EXPIRES": value(opening, "AUTH_EXPIRES"),
            "REFRESH_ID": value(opening, "REFRESH_ID"),
            "MEMBER_ID": view.portal.member_id(),
            "FIRST_RUN": is_first,
            "IS_ADMIN": view.user.admin,
            "INSTALL": view.portal.app_state().standing == AppStanding::Installing,
            "USER_OPTIONS": user_options,
            "APP_OPTIONS": as_php(&memory.app_options),
            "PLACEMENT": opened.place.code,
            "PLACEMENT_OPTIONS": opened.options,
        },
    })
}

fn value<'a>(opening: &'a Opening, name: &str) -> &'a str {
    let mut pairs = opening.query.iter().chain(&opening.body);
    pairs
        .find(|(key, _)| *key == name)
        .map_or("", |(_, value)| value)
}

fn as_php(options: &BTreeMap<String, Value>) -> Value {
    php_array(
        options
            .iter()
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect(),
    )
}

/// JSON that cannot end its script element.
fn script_json(value: &Value) -> String {
    value.to_string().replace('<', "\\u003c")
}
