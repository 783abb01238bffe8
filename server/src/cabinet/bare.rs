//! What people see where nothing but a status was answered: a page that says what happened and where to
//! go on. Programs get the bare answer.

use std::convert::Infallible;

use axum::extract::{FromRequestParts as _, Request, State};
use axum::http::request::Parts;
use axum::http::{Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use crmap_app::cabinet::data::{Outside, Page};
use crmap_app::document;
use crmap_domain::cabinet::Denial;

use super::browser::Browser;
use super::{data_of, html, naming_its_origin};
use crate::csp::Framing;
use crate::router::App;

/// Lets nobody who asked for a page stand before a bare status.
pub(crate) async fn for_people(State(app): State<App>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let browser = if is_for_a_page(&parts) {
        let browser: Result<_, Infallible> = Browser::from_request_parts(&mut parts, &app).await;
        browser.ok()
    } else {
        None
    };
    let answer = next.run(Request::from_parts(parts, body)).await;
    match (browser, why(&answer)) {
        (Some(browser), Some(denial)) => page(&app, &browser, answer.status(), denial),
        _ => answer,
    }
}

/// Browsers ask for pages so, and for nothing else.
fn is_for_a_page(parts: &Parts) -> bool {
    let accept = parts.headers.get(header::ACCEPT);
    let accept = accept.and_then(|value| value.to_str().ok());
    parts.method == Method::GET && accept.is_some_and(|accept| accept.contains("text/html"))
}

/// What there is to tell, where the answer is bare.
fn why(answer: &Response) -> Option<Denial> {
    let kind = answer.headers().get(header::CONTENT_TYPE);
    let says_nothing = kind.is_none_or(|kind| kind.as_bytes().starts_with(b"text/plain"));
    match answer.status() {
        StatusCode::NOT_FOUND if says_nothing => Some(Denial::NotFound),
        StatusCode::INTERNAL_SERVER_ERROR if says_nothing => Some(Denial::Internal),
        // Whoever asks whether the server is ready is told so in words.
        StatusCode::SERVICE_UNAVAILABLE if kind.is_none() => Some(Denial::Internal),
        _ => None,
    }
}

fn page(app: &App, browser: &Browser, status: StatusCode, denial: Denial) -> Response {
    let page = Page::Outside(Outside::Trouble(denial));
    let data = data_of(app, browser, browser.lang, page);
    let answer = html(status, app, Framing::Nobody, |frame| {
        document::bare(data, frame)
    });
    naming_its_origin(answer)
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    fn answer(status: u16, kind: Option<&str>) -> Response {
        let answer = Response::builder().status(status);
        let answer = match kind {
            Some(kind) => answer.header(header::CONTENT_TYPE, kind),
            None => answer,
        };
        answer.body(Body::empty()).unwrap()
    }

    #[test]
    fn what_is_bare_is_told_and_what_says_something_stays() {
        let text = Some("text/plain; charset=utf-8");
        assert_eq!(why(&answer(404, text)), Some(Denial::NotFound));
        assert_eq!(why(&answer(500, text)), Some(Denial::Internal));
        assert_eq!(why(&answer(500, None)), Some(Denial::Internal));
        assert_eq!(why(&answer(503, None)), Some(Denial::Internal));
        // «Not ready» is an answer, and so is a page.
        assert_eq!(why(&answer(503, text)), None);
        assert_eq!(why(&answer(404, Some("text/html; charset=utf-8"))), None);
        assert_eq!(why(&answer(200, text)), None);
        assert_eq!(why(&answer(403, None)), None);
    }
}
