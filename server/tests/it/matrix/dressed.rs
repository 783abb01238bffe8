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
    let mut flaws = Vec::new();
    let mut must = |holds: bool, what: &str| {
        if !holds {
            flaws.push(what.to_owned());
        }
    };
    let header = |name| answer.header(name);
    let (_, path) = row.name();
    must(header("x-content-type-options") == "nosniff", "nosniff");
    let referrer = header("referrer-policy");
    must(
        ["no-referrer", "same-origin"].contains(&referrer),
        "referrer-policy",
    );
    must(
        header("strict-transport-security") == "max-age=63072000; includeSubDomains",
        "https",
    );
    must(
        header("cross-origin-resource-policy") == "same-origin",
        "resources",
    );
    must(
        header("permissions-policy").contains("camera=()"),
        "permissions",
    );
    must(header("x-request-id").len() == 16, "a name");
    let caching = header("cache-control");
    let is_kept = row.access() == Access::Files && answer.status.is_success();
    must(caching == "no-store" || is_kept, "caching");
    let policy = header("content-security-policy");
    must(policy.starts_with("default-src 'none'"), "the policy");
    must(
        !policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'"),
        "scripts",
    );
    let ancestors = policy.split("frame-ancestors ").nth(1).unwrap_or_default();
    let ancestors: Vec<_> = ancestors.split(' ').collect();
    must(
        ancestors.len() == 1 && !ancestors[0].contains('*'),
        "one that frames",
    );
    if path.starts_with("/bitrix/") {
        must(header("x-frame-options").is_empty(), "no bar for portals");
    } else {
        must(
            ancestors == ["'none'"] && header("x-frame-options") == "DENY",
            "a bar",
        );
        must(
            header("cross-origin-opener-policy") == "same-origin",
            "openers",
        );
    }
    must(!answer.headers.contains_key("server"), "no server");
    must(
        !answer.headers.contains_key("access-control-allow-origin"),
        "no CORS",
    );
    for cookie in answer.headers.get_all(SET_COOKIE) {
        let cookie = cookie.to_str().unwrap();
        let is_ours = cookie.starts_with("__Host-crmap") || cookie.starts_with("crmap-");
        let marks = ["; HttpOnly", "; SameSite=Lax", "; Secure", "; Path=/"];
        must(
            is_ours && marks.iter().all(|mark| cookie.contains(mark)),
            cookie,
        );
        must(!cookie.contains("Domain="), cookie);
        must(!path.starts_with("/bitrix/"), "no cookie inside a portal");
    }
    flaws
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
