//! Writing pages: each with its own nonce and its own policy.

use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use crmap_app::document::{EncodingError, Frame};
use crmap_service::Entropy as _;

use crate::csp::{Framing, policy};
use crate::router::App;
use crate::runtime::OsEntropy;

/// A page with its policy.
pub(crate) fn html(
    status: StatusCode,
    app: &App,
    framing: Framing<'_>,
    write: impl FnOnce(Frame<'_>) -> String,
) -> Response {
    try_html(status, app, framing, |frame| Ok(write(frame)))
}

/// A page with its policy; a bare failure where it cannot be written.
pub(crate) fn try_html(
    status: StatusCode,
    app: &App,
    framing: Framing<'_>,
    write: impl FnOnce(Frame<'_>) -> Result<String, EncodingError>,
) -> Response {
    let nonce = fresh_nonce();
    match write(Frame {
        assets: &app.site.assets,
        nonce: &nonce,
    }) {
        Ok(page) => {
            let policy = policy(&nonce, framing);
            (
                status,
                [(header::CONTENT_SECURITY_POLICY, policy)],
                Html(page),
            )
                .into_response()
        }
        Err(error) => {
            tracing::error!(%error, "a page could not be written");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// 128 random bits for one answer.
fn fresh_nonce() -> String {
    let mut bytes = [0_u8; 16];
    OsEntropy.fill(&mut bytes);
    format!("{:032x}", u128::from_be_bytes(bytes))
}
