//! SEC-09 and answers to people and probes that do not come from a portal.

use axum::http::{Method, StatusCode};
use portal_sim::UserRole;

use crate::support::{Form, Stand, request, send};

#[tokio::test]
async fn sec_09_head_and_get_answer_200_without_side_effects() {
    let stand = Stand::start().await;
    let honest = Form::of(stand.cloud.portal(1), UserRole::Administrator);
    let with_everything = format!("{}&{}", honest.target(), honest.encoded_body());
    for target in ["/bitrix/app", &with_everything] {
        for method in [Method::GET, Method::HEAD] {
            let answer = send(&stand.router, request(method.clone(), target, "")).await;
            assert_eq!(answer.status, StatusCode::OK, "{method} {target}");
            assert_eq!(answer.header("cache-control"), "no-store");
            assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
            assert_eq!(answer.ancestors(), "'none'");
            assert!(!answer.headers.contains_key("set-cookie"));
            assert_eq!(answer.body.is_empty(), method == Method::HEAD);
            if method == Method::GET {
                assert!(answer.text().contains("CRMAP открывается внутри Битрикс24"));
                assert!(answer.island().is_none());
            }
        }
    }
    assert_eq!(stand.outbound(), Vec::<String>::new());
}

#[tokio::test]
async fn the_health_check_says_ok() {
    let stand = Stand::start().await;
    let answer = send(&stand.router, request(Method::GET, "/healthz", "")).await;
    assert_eq!(
        (answer.status, answer.text().as_str()),
        (StatusCode::OK, "ok\n")
    );
    assert_eq!(answer.header("cache-control"), "no-store");
}
