//! Answers to people and probes that do not come from a portal.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use crmap_app::document;

use crate::csp::Framing;
use crate::page::html;
use crate::router::App;

/// Explains that the application opens inside a portal. Portals' probes ask with HEAD (SEC-09).
pub(crate) async fn page(State(app): State<App>) -> Response {
    html(
        axum::http::StatusCode::OK,
        &app,
        Framing::Nobody,
        document::outside,
    )
    .into_response()
}
