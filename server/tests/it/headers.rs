//! The headers of every kind of answer, to the last one (SEC-41, SEC-47 to SEC-49).

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{Method, StatusCode};
use axum::response::Response;
use crmap_crm::{Clock as _, CrmError, FakeCrm};
use crmap_server::{App, Front, OsEntropy, Site, TrustedProxies, headers, router};
use crmap_service::Services;
use portal_sim::UserRole;

use crate::site;
use crate::support::{
    Answer, Form, READ, Stand, TestClock, app, folder, in_memory, open, patient, read, request,
    send, serving, store, tiny,
};

pub type Set = BTreeMap<String, String>;

/// What says something of the body or the way rather than of safety.
const OF_THE_BODY: [&str; 8] = [
    "accept-ranges",
    "allow",
    "content-encoding",
    "content-length",
    "date",
    "etag",
    "last-modified",
    "vary",
];
const PERMISSIONS: &str = "accelerometer=(), autoplay=(), browsing-topics=(), camera=(), clipboard-read=(), \
     clipboard-write=(self), display-capture=(), encrypted-media=(), fullscreen=(), gamepad=(), \
     geolocation=(), gyroscope=(), hid=(), identity-credentials-get=(), idle-detection=(), \
     keyboard-map=(), local-fonts=(), magnetometer=(), microphone=(), midi=(), \
     otp-credentials=(), payment=(), picture-in-picture=(), publickey-credentials-create=(), \
     publickey-credentials-get=(), screen-wake-lock=(), serial=(), storage-access=(), \
     sync-xhr=(), usb=(), window-management=(), xr-spatial-tracking=()";

fn set_of(answer: &Answer) -> Set {
    let mut set = Set::new();
    for (name, value) in &answer.headers {
        if OF_THE_BODY.contains(&name.as_str()) {
            continue;
        }
        let value = value.to_str().unwrap().to_owned();
        let again = set.insert(name.to_string(), value);
        assert_eq!(again, None, "{name} is there twice");
    }
    // Another one each time; sixteen digits of our own, whatever the visitor sent.
    let id = set.get_mut("x-request-id").expect("a request without name");
    assert!(
        id.len() == 16 && id.bytes().all(|digit| digit.is_ascii_hexdigit()),
        "{id}"
    );
    "ID".clone_into(id);
    if let Some(policy) = set.get_mut("content-security-policy")
        && policy.contains("nonce-")
    {
        *policy = policy.replace(&answer.nonce(), "N");
    }
    set
}

pub fn with(mut set: Set, more: &[(&str, &str)]) -> Set {
    for (name, value) in more {
        set.insert((*name).to_owned(), (*value).to_owned());
    }
    set
}

/// What every answer has.
pub fn of_all() -> Set {
    with(
        Set::new(),
        &[
            ("cache-control", "no-store"),
            (
                "content-security-policy",
                "default-src 'none'; frame-ancestors 'none'",
            ),
            ("cross-origin-resource-policy", "same-origin"),
            ("permissions-policy", PERMISSIONS),
            ("referrer-policy", "no-referrer"),
            (
                "strict-transport-security",
                "max-age=63072000; includeSubDomains",
            ),
            ("x-content-type-options", "nosniff"),
            ("x-request-id", "ID"),
        ],
    )
}

/// What no portal shows in its frame.
pub fn unframed() -> Set {
    with(
        of_all(),
        &[
            ("cross-origin-opener-policy", "same-origin"),
            ("x-frame-options", "DENY"),
        ],
    )
}

/// A page that `ancestors` may frame.
pub fn page(set: Set, ancestors: &str) -> Set {
    let policy = format!(
        "default-src 'none'; script-src 'nonce-N' 'strict-dynamic' 'wasm-unsafe-eval'; \
         style-src 'self' 'nonce-N'; img-src 'self' data:; font-src 'self'; connect-src 'self'; \
         base-uri 'none'; form-action 'self'; object-src 'none'; frame-ancestors {ancestors}"
    );
    with(
        set,
        &[
            ("content-security-policy", &policy),
            ("content-type", "text/html; charset=utf-8"),
        ],
    )
}

pub fn plain(set: Set) -> Set {
    with(set, &[("content-type", "text/plain; charset=utf-8")])
}

#[track_caller]
pub fn assert_headers(what: &str, answer: &Answer, status: StatusCode, wanted: &Set) {
    assert_eq!(answer.status, status, "{what}");
    let found = set_of(answer);
    for name in found.keys().chain(wanted.keys()) {
        assert_eq!(found.get(name), wanted.get(name), "{name} of {what}");
    }
}

async fn asked(router: &Router, method: Method, target: &str) -> Answer {
    send(router, request(method, target, "")).await
}

#[tokio::test]
async fn sec_49_pages_and_probes_of_anybody() {
    let stand = Stand::start().await;
    for target in [
        "/legal/license",
        "/legal/privacy?lang=en",
        "/legal/security",
        "/legal/support",
    ] {
        let answer = asked(&stand.router, Method::GET, target).await;
        assert_headers(target, &answer, StatusCode::OK, &page(unframed(), "'none'"));
    }
    for target in ["/healthz", "/readyz", "/.well-known/security.txt"] {
        let answer = asked(&stand.router, Method::GET, target).await;
        assert_headers(target, &answer, StatusCode::OK, &plain(unframed()));
    }
    for target in ["/bitrix/app", "/bitrix/install", "/bitrix/events"] {
        let answer = asked(&stand.router, Method::GET, target).await;
        assert_headers(target, &answer, StatusCode::OK, &page(of_all(), "'none'"));
    }
}

#[tokio::test]
async fn sec_47_what_a_portal_frames_is_framed_by_it_alone() {
    let stand = Stand::start().await;
    let form = Form::of(stand.cloud.portal(1), UserRole::Administrator);
    let origin = &open(&stand.router, &form)
        .await
        .island()
        .unwrap()
        .portal
        .origin;
    let framed = page(of_all(), origin);

    let opened = stand.open(&form).await;
    assert_headers("the application", &opened, StatusCode::OK, &framed);
    let installer = stand.open(&form.clone().to("/bitrix/install")).await;
    // Its form is to be known for our own.
    let framed = with(framed, &[("referrer-policy", "same-origin")]);
    assert_headers("the installer", &installer, StatusCode::OK, &framed);
    let forged = stand.open(&form.set("AUTH_ID", "made-up")).await;
    let refused = page(of_all(), "'none'");
    assert_headers("a forged opening", &forged, StatusCode::FORBIDDEN, &refused);
    let unreadable = stand.open(&Form::made_up().without("AUTH_ID")).await;
    assert_headers(
        "half an opening",
        &unreadable,
        StatusCode::BAD_REQUEST,
        &refused,
    );
    let event = asked(&stand.router, Method::POST, "/bitrix/events").await;
    assert_headers(
        "no event",
        &event,
        StatusCode::BAD_REQUEST,
        &plain(of_all()),
    );
}

#[tokio::test]
async fn sec_49_server_functions() {
    let stand = Stand::start().await;
    let form = Form::of(stand.cloud.portal(1), UserRole::Administrator);
    let bearer = stand.open(&form).await.bearer();
    let wanted = with(unframed(), &[("content-type", "application/x-postcard")]);
    let good = read(&stand.router, &bearer).await;
    assert_headers("a call", &good, StatusCode::OK, &wanted);
    let bad = read(&stand.router, "made-up").await;
    let wanted = with(wanted, &[("serverfnerror", READ)]);
    assert_headers("a call of nobody", &bad, StatusCode::UNAUTHORIZED, &wanted);
}

#[tokio::test]
async fn sec_49_files() {
    let folder = folder("headers-files");
    let site = site::build(&folder);
    std::fs::create_dir_all(site.join("pkg")).unwrap();
    std::fs::write(site.join("pkg/crmap-1.js"), "js").unwrap();
    std::fs::write(site.join("robots.txt"), "").unwrap();
    let services = in_memory(&Arc::new(TestClock::default()), time::Duration::HOUR).await;
    let router = serving(services, Site::open(&site).unwrap());
    for (target, kind, caching) in [
        (
            "/pkg/crmap-1.js",
            "text/javascript",
            "public, max-age=31536000, immutable",
        ),
        ("/robots.txt", "text/plain", "public, max-age=86400"),
    ] {
        let answer = asked(&router, Method::GET, target).await;
        let wanted = with(
            unframed(),
            &[("content-type", kind), ("cache-control", caching)],
        );
        assert_headers(target, &answer, StatusCode::OK, &wanted);
    }
}

/// Status, whether there is a text, the request, and where it says that it comes from. The posts
/// with a large body say how large it is.
const WRONG: [&str; 14] = [
    "404 text GET /no/such/page none",
    "404 text GET /pkg/no-such-file.js none",
    "404 text GET /legal/nothing none",
    "404 text GET /bitrix/nothing none",
    "405 bare DELETE / none",
    "405 bare DELETE /bitrix/app none",
    "405 bare TRACE / none",
    "405 bare GET /api/session/renew none",
    "405 bare POST /no/such/page same-origin",
    "403 bare POST /api/session/renew cross-site",
    "403 bare POST /api/session/renew none",
    "403 bare POST /bitrix/install/complete cross-site",
    "413 text POST /api/session/renew same-origin",
    "413 text POST /bitrix/app cross-site",
];

#[tokio::test]
async fn sec_49_answers_that_something_is_wrong() {
    let stand = Stand::start().await;
    for what in WRONG {
        let words: Vec<_> = what.split(' ').collect();
        let [status, text, method, target, site] = words[..] else {
            panic!("{what}")
        };
        let size = if status == "413" { 65_537 } else { 0 };
        let mut wrong = request(method.parse().unwrap(), target, "x".repeat(size));
        let headers = wrong.headers_mut();
        headers.insert("content-length", size.into());
        if site != "none" {
            headers.insert("sec-fetch-site", site.parse().unwrap());
        }
        let answer = send(&stand.router, wrong).await;
        let framed = target.starts_with("/bitrix/");
        let wanted = if framed { of_all() } else { unframed() };
        let wanted = if text == "text" {
            plain(wanted)
        } else {
            wanted
        };
        assert_headers(what, &answer, status.parse().unwrap(), &wanted);
    }
    let kind = request(Method::POST, "/bitrix/app", "");
    let answer = send(&stand.router, kind).await;
    let refused = page(of_all(), "'none'");
    let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
    assert_headers("another form", &answer, status, &refused);
}

/// A server whose CRM does `failure` whenever it is asked.
async fn failing(failure: fn() -> CrmError, front: Front) -> Router {
    let clock = Arc::new(TestClock::default());
    let crm = FakeCrm {
        specification: Arc::new(tiny()),
        token: None,
        expires_at: clock.now() + Duration::from_secs(3600),
        reading_takes: Duration::ZERO,
        failure: Some(failure),
    };
    let services = Services::new(
        Arc::new(crm),
        store().await,
        clock,
        Arc::new(OsEntropy),
        patient(),
    );
    router(App {
        front: Arc::new(front),
        ..app(Arc::new(services), Site::without_files())
    })
}

fn front(public_url: &str) -> Front {
    Front::new(&public_url.parse().unwrap(), TrustedProxies::default())
}

#[tokio::test]
async fn sec_49_an_answer_after_a_panic() {
    let router = failing(
        || panic!("as the test wants"),
        front("https://crmap.example"),
    )
    .await;
    let answer = open(&router, &Form::made_up().to("/bitrix/install")).await;
    assert_headers(
        "a panic",
        &answer,
        StatusCode::INTERNAL_SERVER_ERROR,
        &plain(of_all()),
    );
    assert!(!answer.text().contains("as the test wants"));
}

/// A browser that has once heard it would never again come to a machine of development.
#[tokio::test]
async fn a_site_without_https_does_not_ask_for_it() {
    let router = failing(|| panic!("not asked"), front("http://127.0.0.1:3000")).await;
    for target in ["/", "/healthz", "/bitrix/app", "/no/such/page"] {
        let answer = asked(&router, Method::GET, target).await;
        assert_eq!(answer.header("strict-transport-security"), "", "{target}");
        assert_eq!(
            answer.header("x-content-type-options"),
            "nosniff",
            "{target}"
        );
    }
}

#[test]
fn sec_61_an_answer_to_a_log_out_has_the_browser_forget() {
    let answer = headers::forgetting(Response::new(Body::empty()));
    assert_eq!(answer.headers()["clear-site-data"], r#""cache", "storage""#);
}
