//! People see a page where little but a status is answered, programs the status alone.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use crmap_crm::{Clock, FakeCrm, SystemClock};
use crmap_server::router::router_within;
use crmap_server::{OsEntropy, Site};
use crmap_service::Services;
use hyper::body::{Body as HttpBody, Bytes, Frame};
use time::OffsetDateTime;

use crate::headers::{Set, assert_headers, of_all, page, plain, unframed, with};
use crate::support::{Answer, FORM, app, exchange, listen, patient, request, send, store, tiny};

/// What browsers accept when they show something, shortened.
const BROWSER: &str = "text/html,application/xhtml+xml,*/*;q=0.8";
const PROGRAM: &str = "*/*";

/// A clock that panics as often as it is told to: every room and every page asks it.
#[derive(Default)]
struct Broken(AtomicUsize);

impl Broken {
    fn panic(&self, times: usize) {
        self.0.store(times, Ordering::SeqCst);
    }
}

impl Clock for Broken {
    fn now(&self) -> OffsetDateTime {
        let left = self
            .0
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| {
                left.checked_sub(1)
            });
        assert!(left.is_err(), "as the test wants");
        SystemClock.now()
    }
}

/// The whole server over a clock that can be broken.
async fn server(longest: Duration) -> (Router, Arc<Broken>) {
    let clock = Arc::new(Broken::default());
    let crm = FakeCrm {
        specification: Arc::new(tiny()),
        token: None,
        expires_at: SystemClock.now() + Duration::from_secs(3600),
        reading_takes: Duration::ZERO,
        failure: None,
    };
    let services = Services::new(
        Arc::new(crm),
        store().await,
        clock.clone(),
        Arc::new(OsEntropy),
        patient(),
    );
    let app = app(Arc::new(services), Site::without_files());
    (router_within(app, longest), clock)
}

async fn in_time() -> (Router, Arc<Broken>) {
    server(Duration::from_secs(30)).await
}

/// What a form of our own pages sends, or a link of them.
fn asked(method: Method, target: &str, accept: &str, body: impl Into<Body>) -> Request<Body> {
    let mut asked = request(method, target, body);
    for (name, value) in [
        ("accept", accept),
        ("accept-language", "en"),
        ("content-type", FORM),
        ("sec-fetch-site", "same-origin"),
    ] {
        asked.headers_mut().insert(name, value.parse().unwrap());
    }
    asked
}

fn of_page() -> Set {
    with(
        page(unframed(), "'none'"),
        &[("referrer-policy", "same-origin")],
    )
}

/// The page, its policy and headers to the last one, without any script.
#[track_caller]
fn assert_page(what: &str, answer: &Answer, status: u16, told: &str) {
    let status = StatusCode::from_u16(status).unwrap();
    assert_headers(what, answer, status, &of_page());
    let body = answer.text();
    assert!(body.contains(told), "{what}: {body}");
    assert!(!body.contains("<script"), "{what}: {body}");
    assert!(!body.contains("as the test wants"), "{what}: {body}");
}

const MISSING: &str = "There is no such page";
const FAULT: &str = "Something failed in CRMAP";

#[tokio::test]
async fn sec_49_people_see_a_page_where_nothing_is() {
    let (router, _) = in_time().await;
    for (target, lang, told) in [
        ("/no/such/page", "ru", "Такой страницы нет"),
        ("/legal/nothing", "en", MISSING),
    ] {
        let mut asked = asked(Method::GET, target, BROWSER, "");
        asked
            .headers_mut()
            .insert("accept-language", lang.parse().unwrap());
        assert_page(target, &send(&router, asked).await, 404, told);
    }
}

#[tokio::test]
async fn sec_49_people_see_a_page_where_a_method_is_not_taken_and_are_told_which_are() {
    let (router, _) = in_time().await;
    for (method, target, allowed) in [
        (Method::GET, "/preferences", "POST"),
        (Method::POST, "/no/such/page", "GET,HEAD"),
        (Method::POST, "/dashboard", "GET,HEAD"),
    ] {
        let what = format!("{method} {target}");
        let shown = send(&router, asked(method.clone(), target, BROWSER, "")).await;
        assert_page(&what, &shown, 405, MISSING);
        assert_eq!(shown.header("allow"), allowed, "{what}");
        let told = send(&router, asked(method, target, PROGRAM, "")).await;
        assert_headers(&what, &told, StatusCode::METHOD_NOT_ALLOWED, &unframed());
        assert_eq!(told.header("allow"), allowed, "{what}");
    }
}

/// The headers and the body as they come over the wire; what differs each time is left out.
async fn on_the_wire(server: SocketAddr, method: &str, target: &str) -> (Vec<String>, String) {
    let sent = format!(
        "{method} {target} HTTP/1.1\r\nhost: crmap.example\r\naccept: {BROWSER}\r\n\
         connection: close\r\n\r\n"
    );
    let answer = String::from_utf8(exchange(server, sent.as_bytes()).await).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let changing = ["date:", "x-request-id:", "content-security-policy:"];
    let lines = head.lines().map(str::to_owned);
    let lines = lines.filter(|line| !changing.iter().any(|name| line.starts_with(name)));
    (lines.collect(), body.to_owned())
}

#[tokio::test]
async fn sec_49_what_is_asked_by_head_has_the_headers_of_what_is_shown() {
    let (router, clock) = in_time().await;
    let server = listen(router).await;
    for (target, panics) in [("/no/such/page", 0), ("/login", 1)] {
        clock.panic(panics);
        let (of_get, page) = on_the_wire(server, "GET", target).await;
        clock.panic(panics);
        let (of_head, nothing) = on_the_wire(server, "HEAD", target).await;
        assert_eq!(of_head, of_get, "{target}");
        assert_eq!(nothing, "", "{target}");
        let length = format!("content-length: {}", page.len());
        assert!(of_get.contains(&length), "{target}: {of_get:?}");
        assert!(page.starts_with("<!DOCTYPE html>"), "{target}: {page}");
    }
}

/// A link and a form: both meet a panic.
const PANICKING: [(Method, &str); 2] = [(Method::GET, "/login"), (Method::POST, "/login")];

#[tokio::test]
async fn rel_12_people_see_a_page_after_a_panic_and_programs_its_status() {
    let (router, clock) = in_time().await;
    for (method, target) in PANICKING {
        let what = format!("{method} {target}");
        let ask = |accept| asked(method.clone(), target, accept, "email=a%40b.example");
        clock.panic(1);
        assert_page(&what, &send(&router, ask(BROWSER)).await, 500, FAULT);
        clock.panic(1);
        let told = send(&router, ask(PROGRAM)).await;
        let status = StatusCode::INTERNAL_SERVER_ERROR;
        assert_headers(&what, &told, status, &plain(unframed()));
        assert_eq!(told.text(), "500\n", "{what}");
    }
}

/// What all pages share may be what is broken: then there is an answer all the same.
#[tokio::test]
async fn rel_12_a_panic_of_the_page_about_a_failure_is_answered_too() {
    let (router, clock) = in_time().await;
    clock.panic(usize::MAX);
    for target in ["/login", "/no/such/page"] {
        let told = send(&router, asked(Method::GET, target, BROWSER, "")).await;
        let status = StatusCode::INTERNAL_SERVER_ERROR;
        assert_headers(target, &told, status, &plain(unframed()));
        assert_eq!(told.text(), "500\n", "{target}");
    }
    // Nothing is left behind.
    clock.panic(0);
    let shown = send(&router, asked(Method::GET, "/no/such/page", BROWSER, "")).await;
    assert_page("afterwards", &shown, 404, MISSING);
}

/// A form that never comes to its end.
struct Endless;

impl HttpBody for Endless {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Pending
    }
}

#[tokio::test]
async fn people_see_a_page_where_an_answer_took_too_long_and_programs_its_status() {
    let (router, _) = server(Duration::from_millis(50)).await;
    let ask = |accept| asked(Method::POST, "/login", accept, Body::new(Endless));
    assert_page("too long", &send(&router, ask(BROWSER)).await, 503, FAULT);
    let told = send(&router, ask(PROGRAM)).await;
    let status = StatusCode::SERVICE_UNAVAILABLE;
    assert_headers("too long", &told, status, &unframed());
    assert!(told.body.is_empty());
}

/// What programs and portals ask is theirs to read, whatever is accepted.
#[tokio::test]
async fn sec_49_no_page_stands_at_the_addresses_of_portals_and_programs() {
    let (router, _) = in_time().await;
    for (method, target, status) in [
        (Method::GET, "/bitrix/nothing?member_id=secret", 404),
        (Method::DELETE, "/bitrix/app?member_id=secret", 405),
        (Method::GET, "/pkg/nothing.js", 404),
        (Method::GET, "/api/session/renew", 405),
    ] {
        let what = format!("{method} {target}");
        let answer = send(&router, asked(method, target, BROWSER, "")).await;
        let wanted = if target.starts_with("/bitrix/") {
            of_all()
        } else {
            unframed()
        };
        let wanted = if status == 404 { plain(wanted) } else { wanted };
        let status = StatusCode::from_u16(status).unwrap();
        assert_headers(&what, &answer, status, &wanted);
        assert!(!answer.text().contains("secret"), "{what}");
    }
}
