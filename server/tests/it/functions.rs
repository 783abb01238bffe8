//! Server functions over HTTP: what they take, from whom, and what they never do.

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use crmap_app::data::Content;
use portal_sim::UserRole;

use crate::support::{Form, READ, RENEW, Stand, call, nothing, read_of, request, send};

const FUNCTIONS: [&str; 2] = [READ, RENEW];

/// A stand, a good bearer, and portal and authority with empty logs.
async fn with_session() -> (Stand, String) {
    let stand = Stand::start().await;
    let form = Form::of(stand.cloud.portal(1), UserRole::Administrator);
    let bearer = stand.open(&form).await.bearer();
    stand.cloud.portal(1).clear_requests();
    stand.cloud.clear_oauth_requests();
    (stand, bearer)
}

fn with(mut request: Request<Body>, headers: &[(&'static str, &str)]) -> Request<Body> {
    for name in ["origin", "sec-fetch-site"] {
        request.headers_mut().remove(name);
    }
    for (name, value) in headers {
        request.headers_mut().insert(*name, value.parse().unwrap());
    }
    request
}

#[tokio::test]
async fn a_reading_gives_the_portals_content_to_its_session() {
    let (stand, bearer) = with_session().await;
    let answer = stand.read(&bearer).await;
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
    assert!(!answer.headers.contains_key("set-cookie"));
    let specification = read_of(answer.content());
    let stages = stand.cloud.portal(1).world().deal_stages().count();
    assert_eq!(specification.stages.rows().len(), stages);
    assert!(!stand.cloud.portal(1).requests().is_empty());
}

/// Each session reads its own portal with its own user's rights.
#[tokio::test]
async fn sessions_of_two_portals_and_two_users_do_not_mix() {
    let stand = Stand::start().await;
    let mut sessions = Vec::new();
    for number in [1, 2] {
        for role in [UserRole::Administrator, UserRole::Narrow] {
            let portal = stand.cloud.portal(number);
            let bearer = stand.open(&Form::of(portal, role)).await.bearer();
            sessions.push((portal, role, bearer));
        }
    }
    for (portal, role, bearer) in sessions {
        let specification = read_of(stand.read(&bearer).await.content());
        assert_eq!(specification.portal.address, portal.domain());
        let user = i64::from(portal.world().user_id(role));
        assert_eq!(specification.reading.viewer.id, user);
    }
}

#[tokio::test]
async fn sec_45_calls_from_other_sites_are_refused_and_do_nothing() {
    let (stand, bearer) = with_session().await;
    for function in FUNCTIONS {
        for headers in [
            &[][..],
            &[("origin", "https://evil.example")],
            &[("origin", "null")],
            &[("sec-fetch-site", "cross-site")],
            &[("sec-fetch-site", "same-site")],
            &[
                ("origin", "https://evil.example"),
                ("sec-fetch-site", "cross-site"),
            ],
            &[("origin", "https://crmap.example.evil.example")],
            &[
                ("origin", "https://demo.bitrix24.ru"),
                ("sec-fetch-site", "cross-site"),
            ],
        ] {
            let asked = with(call(function, Some(&bearer), nothing()), headers);
            let answer = send(&stand.router, asked).await;
            assert_eq!(
                answer.status,
                StatusCode::FORBIDDEN,
                "{function} {headers:?}"
            );
            assert!(answer.body.is_empty(), "{function} {headers:?}");
        }
    }
    assert_eq!(stand.outbound(), Vec::<String>::new());
    for headers in [
        &[("sec-fetch-site", "same-origin")][..],
        &[("origin", "https://crmap.example")],
    ] {
        let asked = with(call(READ, Some(&bearer), nothing()), headers);
        assert_eq!(
            send(&stand.router, asked).await.status,
            StatusCode::OK,
            "{headers:?}"
        );
    }
}

#[tokio::test]
async fn functions_answer_to_posts_alone() {
    let (stand, bearer) = with_session().await;
    for function in FUNCTIONS {
        for method in [
            Method::GET,
            Method::HEAD,
            Method::PUT,
            Method::PATCH,
            Method::DELETE,
        ] {
            let mut asked = call(function, Some(&bearer), nothing());
            *asked.method_mut() = method.clone();
            let answer = send(&stand.router, asked).await;
            assert_eq!(
                answer.status,
                StatusCode::METHOD_NOT_ALLOWED,
                "{method} {function}"
            );
            assert_eq!(
                answer.header("cache-control"),
                "no-store",
                "{method} {function}"
            );
        }
    }
    assert_eq!(stand.outbound(), Vec::<String>::new());
}

#[tokio::test]
async fn functions_that_do_not_exist_are_refused_without_a_word_of_the_inside() {
    let (stand, bearer) = with_session().await;
    for target in [
        "/api/",
        "/api/no/such",
        "/api/specification/read/",
        "/api/session/renew2",
    ] {
        let answer = send(&stand.router, call(target, Some(&bearer), nothing())).await;
        let unknown = [StatusCode::NOT_FOUND, StatusCode::METHOD_NOT_ALLOWED];
        assert!(unknown.contains(&answer.status), "{target}");
        assert_eq!(answer.header("cache-control"), "no-store", "{target}");
        assert!(answer.text().len() < 10, "{target}: {}", answer.text());
    }
}

#[tokio::test]
async fn arguments_that_cannot_be_understood_are_refused_and_nobody_is_asked() {
    let (stand, bearer) = with_session().await;
    for arguments in [
        vec![],
        vec![0xff; 300],
        b"{\"access_token\":\"x\"}".to_vec(),
    ] {
        let answer = send(&stand.router, call(RENEW, Some(&bearer), arguments)).await;
        assert!(!answer.status.is_success());
        answer.app_error();
    }
    let large = call(RENEW, Some(&bearer), vec![1; 65_537]);
    let answer = send(&stand.router, large).await;
    assert!(!answer.status.is_success());
    assert_eq!(stand.outbound(), Vec::<String>::new());
}

/// SEC-52: a browser without scripts is sent back where it came from, with a code and no secret.
#[tokio::test]
async fn sec_52_a_form_without_scripts_learns_a_code_alone() {
    let stand = Stand::start().await;
    let mut asked = call(READ, Some("a-bearer-of-nobody"), nothing());
    for (name, value) in [
        ("accept", "text/html"),
        ("referer", "https://crmap.example/"),
    ] {
        asked.headers_mut().insert(name, value.parse().unwrap());
    }
    let answer = send(&stand.router, asked).await;
    let location = answer.header("location");
    assert!(
        location.is_empty() || location.starts_with("https://crmap.example/"),
        "{location}"
    );
    assert!(!location.contains("a-bearer-of-nobody"));
    assert!(!answer.status.is_success());
}

#[tokio::test]
async fn a_page_of_the_application_never_comes_by_get() {
    let (stand, bearer) = with_session().await;
    let mut asked = request(Method::GET, "/bitrix/app", "");
    let header = format!("Bearer {bearer}").parse().unwrap();
    asked.headers_mut().insert("authorization", header);
    let answer = send(&stand.router, asked).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert!(answer.island().is_none());
    assert!(matches!(
        stand.read(&bearer).await.content(),
        Content::Read(_)
    ));
}
