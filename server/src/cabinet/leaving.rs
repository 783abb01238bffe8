//! The door: the question for pages without life, and leaving.

use axum::extract::State;
use axum::http::header;
use axum::response::{AppendHeaders, IntoResponse, Redirect, Response};
use crmap_app::cabinet::data::Room;
use crmap_domain::cabinet::Denial;

use super::rooms::shown;
use super::{Browser, not_let_in};
use crate::headers::forgetting;
use crate::router::App;

/// `GET /logout` asks; nothing changes.
pub(crate) async fn leave(State(app): State<App>, browser: Browser) -> Response {
    shown(&app, &browser, async |_| Ok(Room::Leave)).await
}

/// `POST /logout` ends the session on the server, and has the browser forget what it kept of it.
pub(crate) async fn log_out(State(app): State<App>, browser: Browser) -> Response {
    let left = match browser.enter(&app).await {
        Ok(entered) => app.services.log_out(&entered).await,
        Err(Denial::SignedOut) => Ok(()),
        Err(denial) => Err(denial),
    };
    if let Err(denial) = left {
        return not_let_in(&app, &browser, &denial);
    }
    let cookies = app.front.cookies().log_out();
    let cookies: Vec<_> = cookies
        .into_iter()
        .map(|cookie| (header::SET_COOKIE, cookie))
        .collect();
    let way = (AppendHeaders(cookies), Redirect::to("/login?done=left"));
    forgetting(way.into_response())
}
