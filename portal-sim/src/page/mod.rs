//! The web pages: the directory of the cloud, and the portal with the application in a frame.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::response::Html;

use crate::oauth::OauthServer;
use crate::portal::Portal;

pub(crate) fn routes() -> Router<Arc<Portal>> {
    Router::new()
}

pub(crate) async fn directory(State(_server): State<Arc<OauthServer>>) -> Html<String> {
    Html(String::new())
}
