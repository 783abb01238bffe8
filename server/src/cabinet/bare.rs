//! What people see where little but a status was answered: a page that says what happened and where to
//! go on. Programs get the bare answer.

use std::convert::Infallible;

use axum::extract::{FromRequestParts as _, Request, State};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use crmap_app::cabinet::data::{Outside, Page};
use crmap_app::document;
use crmap_domain::cabinet::Denial;

use super::browser::Browser;
use super::{data_of, html, naming_its_origin};
use crate::csp::Framing;
use crate::router::App;

/// Addresses that programs ask, whatever they say they accept: functions tell their errors
/// themselves, and what stands in a portal's frame has a referrer policy of its own (SEC-49) and
/// addresses that no other page may repeat.
const OF_PROGRAMS: [&str; 3] = ["/api/", "/bitrix/", "/pkg/"];

/// Gives whoever accepts a page one instead of a bare 404, 405, 500 or 503, whatever the method.
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
        (Some(browser), Some(denial)) => page(&app, &browser, &answer, denial),
        _ => answer,
    }
}

/// Browsers say so of what is to be shown, links and forms alike, and of nothing else.
fn is_for_a_page(parts: &Parts) -> bool {
    let accept = parts.headers.get(header::ACCEPT);
    let accept = accept.and_then(|value| value.to_str().ok());
    let path = parts.uri.path();
    let is_of_programs = OF_PROGRAMS.iter().any(|begin| path.starts_with(begin));
    accept.is_some_and(|accept| accept.contains("text/html")) && !is_of_programs
}

/// What there is to tell, where the answer is bare.
fn why(answer: &Response) -> Option<Denial> {
    let kind = answer.headers().get(header::CONTENT_TYPE);
    let says_nothing = kind.is_none_or(|kind| kind.as_bytes().starts_with(b"text/plain"));
    match answer.status() {
        // What takes posts alone has nothing to show.
        StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED if says_nothing => {
            Some(Denial::NotFound)
        }
        StatusCode::INTERNAL_SERVER_ERROR if says_nothing => Some(Denial::Internal),
        // Whoever asks whether the server is ready is told so in words.
        StatusCode::SERVICE_UNAVAILABLE if kind.is_none() => Some(Denial::Internal),
        _ => None,
    }
}

/// The page instead of what was `bare`; which methods are taken is said by it too.
fn page(app: &App, browser: &Browser, bare: &Response, denial: Denial) -> Response {
    let page = Page::Outside(Outside::Trouble(denial));
    let data = data_of(app, browser, browser.lang, page);
    let answer = html(bare.status(), app, Framing::Nobody, |frame| {
        document::bare(data, frame)
    });
    let mut answer = naming_its_origin(answer);
    if let Some(methods) = bare.headers().get(header::ALLOW) {
        answer.headers_mut().insert(header::ALLOW, methods.clone());
    }
    answer
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    fn is_asked(target: &str, accept: Option<&str>) -> bool {
        let asked = Request::post(target);
        let asked = match accept {
            Some(accept) => asked.header(header::ACCEPT, accept),
            None => asked,
        };
        let (parts, _) = asked.body(Body::empty()).unwrap().into_parts();
        is_for_a_page(&parts)
    }

    #[test]
    fn pages_are_asked_for_by_browsers_and_never_of_what_is_for_programs() {
        let browser = Some("text/html,application/xhtml+xml,*/*;q=0.8");
        for target in ["/", "/login", "/bitrixes", "/portals/1/specification.xlsx"] {
            assert!(is_asked(target, browser), "{target}");
            assert!(!is_asked(target, Some("*/*")), "{target}");
            assert!(!is_asked(target, None), "{target}");
        }
        for target in [
            "/api/account/log-in",
            "/bitrix/app?member_id=1",
            "/pkg/crmap.js",
        ] {
            assert!(!is_asked(target, browser), "{target}");
        }
    }

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
        assert_eq!(why(&answer(405, None)), Some(Denial::NotFound));
        assert_eq!(why(&answer(500, text)), Some(Denial::Internal));
        assert_eq!(why(&answer(500, None)), Some(Denial::Internal));
        assert_eq!(why(&answer(503, None)), Some(Denial::Internal));
        // «Not ready» is an answer, and so is a page.
        assert_eq!(why(&answer(503, text)), None);
        assert_eq!(why(&answer(404, Some("text/html; charset=utf-8"))), None);
        assert_eq!(why(&answer(500, Some("application/x-postcard"))), None);
        assert_eq!(why(&answer(200, text)), None);
        assert_eq!(why(&answer(403, None)), None);
    }
}
