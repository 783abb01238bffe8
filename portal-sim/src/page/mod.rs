//! The web pages: the directory of the cloud, and the portal with the application in a frame. What
//! the application may ask of the page is in `frame`.

mod directory;
mod frame;
mod funnels;
mod html;
mod layout;
mod market;
mod panel;
mod sections;
mod texts;

use std::sync::Arc;

use axum::Router;
use axum::http::header;
use axum::response::IntoResponse;
use axum::routing::{get, post};

use crate::portal::Portal;

pub(crate) use directory::directory;

/// The pages of a portal.
pub(crate) fn routes() -> Router<Arc<Portal>> {
    Router::new()
        .route("/", get(sections::home))
        .route("/crm/", get(sections::crm))
        .route("/crm/deal/funnels/", get(funnels::show))
        .route("/company/", get(sections::company))
        .route("/section/{name}", get(sections::absent))
        .route("/marketplace/app/5/", get(frame::show))
        .route("/marketplace/", get(market::show))
        .route("/page/install", post(market::install))
        .route("/page/install-finish", post(market::finish))
        .route("/page/uninstall", post(market::uninstall))
        .route("/page/tokens", post(frame::tokens))
        .route("/page/options", post(frame::options))
        .route("/assets/portal.css", get(css))
        .route("/assets/portal.js", get(portal_js))
        .route("/assets/frame.js", get(frame_js))
        .route("/assets/market.js", get(market_js))
}

/// The style sheet, also for the directory.
pub(crate) async fn css() -> impl IntoResponse {
    let kind = [(header::CONTENT_TYPE, "text/css; charset=utf-8")];
    (kind, include_str!("../../assets/portal.css"))
}

async fn portal_js() -> impl IntoResponse {
    script(include_str!("../../assets/portal.js"))
}

async fn frame_js() -> impl IntoResponse {
    script(include_str!("../../assets/frame.js"))
}

async fn market_js() -> impl IntoResponse {
    script(include_str!("../../assets/market.js"))
}

fn script(text: &'static str) -> impl IntoResponse {
    (
        [(header::CONTENT_TYPE, "text/javascript; charset=utf-8")],
        text,
    )
}
