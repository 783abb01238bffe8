//! The headers of every route for every role, whatever comes of it (SEC-41, SEC-47 to SEC-49); to the
//! last value they are told in `crate::headers`.

use axum::http::header::SET_COOKIE;
use axum::http::{Method, StatusCode};
use crmap_server::Access;

use super::cast::{Cast, Role};
use super::rows::{Row, rows};
use crate::support::{Answer, send};

/// What is wrong with the headers of an answer of the route.
fn flaws(row: &Row, answer: &Answer) -> Vec<String> {
    let (_, path) = row.name();
    let is_kept = row.access() == Access::Files && answer.status.is_success();
    let checks = [
        everywhere(answer, is_kept),
        policy(answer),
        frames(answer, path),
        cookies(answer, path),
    ];
    let checks = checks.into_iter().flatten();
    checks
        .filter(|(holds, _)| !holds)
        .map(|(_, what)| what)
        .collect()
}

/// Whether something holds, and what it is called.
type Check = (bool, String);

fn must(holds: bool, what: &str) -> Check {
    (holds, what.to_owned())
}

fn everywhere(answer: &Answer, is_kept: bool) -> Vec<Check> {
    let header = |name| answer.header(name);
    let referrers = ["no-referrer", "same-origin"];
    let https = "max-age=63072000; includeSubDomains";
    vec![
        must(header("x-content-type-options") == "nosniff", "nosniff"),
        must(
            referrers.contains(&header("referrer-policy")),
            "referrer-policy",
        ),
        must(header("strict-transport-security") == https, "https"),
        must(
            header("cross-origin-resource-policy") == "same-origin",
            "resources",
        ),
        must(
            header("permissions-policy").contains("camera=()"),
            "permissions",
        ),
        must(header("x-request-id").len() == 16, "a name"),
        must(header("cache-control") == "no-store" || is_kept, "caching"),
        must(!answer.headers.contains_key("server"), "no server"),
        must(
            !answer.headers.contains_key("access-control-allow-origin"),
            "no CORS",
        ),
    ]
}

fn policy(answer: &Answer) -> Vec<Check> {
    let policy = answer.header("content-security-policy");
    let is_strict = !policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'");
    vec![
        must(policy.starts_with("default-src 'none'"), "the policy"),
        must(is_strict, "scripts"),
    ]
}

/// Portals frame what is theirs, and nobody frames anything else.
fn frames(answer: &Answer, path: &str) -> Vec<Check> {
    let header = |name| answer.header(name);
    let policy = header("content-security-policy");
    let ancestors = policy.split("frame-ancestors ").nth(1).unwrap_or_default();
    let ancestors: Vec<_> = ancestors.split(' ').collect();
    let is_one = ancestors.len() == 1 && !ancestors[0].contains('*');
    let mut checks = vec![must(is_one, "one that frames")];
    let bar = header("x-frame-options");
    if path.starts_with("/bitrix/") {
        checks.push(must(bar.is_empty(), "no bar for portals"));
    } else {
        checks.push(must(ancestors == ["'none'"] && bar == "DENY", "a bar"));
        let openers = header("cross-origin-opener-policy");
        checks.push(must(openers == "same-origin", "openers"));
    }
    checks
}

fn cookies(answer: &Answer, path: &str) -> Vec<Check> {
    let mut checks = Vec::new();
    for cookie in answer.headers.get_all(SET_COOKIE) {
        let cookie = cookie.to_str().unwrap();
        let is_ours = cookie.starts_with("__Host-crmap") || cookie.starts_with("crmap-");
        let marks = ["; HttpOnly", "; SameSite=Lax", "; Secure", "; Path=/"];
        let is_marked = marks.iter().all(|mark| cookie.contains(mark));
        checks.push(must(is_ours && is_marked, cookie));
        checks.push(must(!cookie.contains("Domain="), cookie));
        let is_outside = !path.starts_with("/bitrix/");
        checks.push(must(is_outside, "no cookie inside a portal"));
    }
    checks
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sec_41_47_48_49_every_route_is_dressed_for_every_role_and_method() {
    let cast = Cast::assemble().await;
    let mut wrong = Vec::new();
    let mut cookies = 0;
    for row in rows() {
        for role in Role::ALL {
            for method in [
                None,
                Some(Method::DELETE),
                Some(Method::OPTIONS),
                Some(Method::HEAD),
            ] {
                let mut asked = cast.request(&row, role);
                if let Some(method) = &method {
                    asked.method_mut().clone_from(method);
                }
                let answer = send(&cast.router, asked).await;
                cookies += answer.headers.get_all(SET_COOKIE).iter().count();
                assert_ne!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
                let route = row.route;
                wrong.extend(
                    flaws(&row, &answer)
                        .into_iter()
                        .map(|flaw| format!("{route} {role:?} {method:?}: {flaw}")),
                );
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(cookies > 3, "nobody was given a cookie");
}
