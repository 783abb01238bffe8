//! Posts of our own pages come from our own pages alone (SEC-45).

use axum::extract::Request;
use axum::http::StatusCode;
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::MethodRouter;
use tower::ServiceBuilder;
use tower_http::csrf::CsrfLayer;

use crate::router::App;

/// Lets a room hear our own pages and nobody else.
pub(crate) fn from_our_pages(room: MethodRouter<App>) -> MethodRouter<App> {
    room.layer(
        ServiceBuilder::new()
            .layer(CsrfLayer::new())
            .layer(from_fn(says_where_from)),
    )
}

/// Every browser says of a post where it comes from, which the CSRF layer has judged; what says
/// nothing, which that layer lets through, is no call of our pages.
async fn says_where_from(request: Request, next: Next) -> Response {
    let says = |name: &&str| request.headers().contains_key(*name);
    let is_silent = !["sec-fetch-site", "origin"].iter().any(says);
    if is_silent && !request.method().is_safe() {
        return StatusCode::FORBIDDEN.into_response();
    }
    next.run(request).await
}
