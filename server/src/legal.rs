//! `/legal/*`: the licence, what happens to personal data, and how to get help.

use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use crmap_app::document::{self, Legal};
use crmap_domain::Lang;
use serde::Deserialize;

use crate::csp::Framing;
use crate::page::html;
use crate::router::App;

/// The language that was chosen, if any.
#[derive(Debug, Deserialize)]
pub(crate) struct Choice {
    lang: Option<String>,
}

/// One of the pages, in the language that was chosen or that the browser prefers.
pub(crate) async fn page(
    State(app): State<App>,
    Path(name): Path<String>,
    Query(choice): Query<Choice>,
    headers: HeaderMap,
) -> Response {
    let kind = match name.as_str() {
        "license" => Legal::License,
        "privacy" => Legal::Privacy,
        "support" => Legal::Support,
        _ => return (StatusCode::NOT_FOUND, "404\n").into_response(),
    };
    let lang = choice
        .lang
        .map_or_else(|| preferred(&headers), |lang| Lang::for_portal(&lang));
    html(StatusCode::OK, &app, Framing::Nobody, |frame| {
        document::legal(kind, lang, &app.operator, frame)
    })
}

/// Russian unless the browser names another language first.
pub(crate) fn preferred(headers: &HeaderMap) -> Lang {
    let first = headers
        .get(header::ACCEPT_LANGUAGE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split([',', ';', '-']).next())
        .map(str::trim)
        .filter(|lang| !lang.is_empty() && *lang != "*");
    first.map_or(Lang::Ru, Lang::for_portal)
}
