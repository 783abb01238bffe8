//! What no page of ours sends, to every route: nothing fails inside over it, and no answer shows
//! words of a library or of the inside (SEC-52, REL-33).

use axum::body::Body;
use axum::http::{Method, Request};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};

use super::cast::{Cast, Role};
use super::rows::{Row, rows};
use crate::support::{Answer, FORM, POSTCARD, send};

/// Bent bodies of each post.
const BENT: usize = 12;
/// What the inside would say.
const INSIDE: [&str; 16] = [
    "Failed to",
    "deserialize",
    "panicked",
    ".rs:",
    "src/",
    "invalid digit",
    "invalid utf",
    "Invalid URL",
    "missing field",
    "duplicate field",
    "Could not find",
    "Content-Type:",
    "postcard",
    "sqlite",
    "SELECT ",
    "stack backtrace",
];
const NAMES: [&str; 8] = [
    "%FF",
    "%00",
    "%",
    "..%2f..%2fetc",
    "%c0%af",
    "a%0d%0aX:1",
    "%F0%9F%92%A3",
    "null",
];
const QUERIES: [&str; 16] = [
    "%FF=%FF",
    "&&&=&==",
    "left=%FF&right=%00",
    "left=x@999999999999999999999&right=%",
    "done=1&done=2",
    "lang=ru&lang=en",
    "version=99999999999999999999",
    "version=-1",
    "after=1.1.1&after=",
    "on=9999-99-99",
    "from=-1--1--1&to=0",
    "show=%FF&open=9.9.9.9.9",
    "portal=%00",
    "q=%ED%A0%80",
    "funnel=1e309&unfold=NaN",
    "id=%E2%80%AE&kind=&kind=%FF&what=\u{0}",
];

fn assert_proper(what: &str, answer: &Answer) {
    assert!(answer.status.as_u16() < 500, "{what}: {}", answer.status);
    let body = String::from_utf8_lossy(&answer.body);
    // The legal texts and the rooms have words of their own; these are no pages.
    if answer.header("content-type").starts_with("text/html") {
        return;
    }
    for word in INSIDE {
        let is_shown = body.contains(word) || answer.header("location").contains(word);
        assert!(!is_shown, "{what} says {word:?}: {body}");
    }
}

/// The addresses of a route with hostile names and parameters.
fn targets(row: &Row) -> Vec<String> {
    let (_, path) = row.name();
    let mut targets = Vec::new();
    if path.contains('{') {
        for name in NAMES {
            let filled = path.replace("{*file}", name).replace("{file}", name);
            targets.push(filled.replace("{id}", name).replace("{name}", name));
        }
        let long = "a".repeat(8_000);
        targets.push(
            path.replace("{*file}", &long)
                .replace("{file}", "x")
                .replace("{id}", &long)
                .replace("{name}", &long),
        );
    }
    targets
}

/// Asks as whoever may do the most: the owner of the cabinet, or the administrator of the portal.
async fn ask(cast: &Cast, method: &Method, target: &str, kind: &str, body: Vec<u8>) {
    for role in [Role::Owner, Role::Administrator] {
        let body = Body::from(body.clone());
        let asked = Request::builder().method(method.clone()).uri(target);
        let asked = asked
            .header("content-type", kind)
            .header("sec-fetch-site", "same-origin");
        // What is no address never gets as far as a router.
        let Ok(asked) = asked.body(body) else { return };
        let answer = send(&cast.router, cast.carried(asked, role)).await;
        assert_proper(&format!("{method} {target} for {role:?}"), &answer);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sec_52_addresses_of_any_kind_get_proper_answers() {
    let cast = Cast::assemble().await;
    for row in rows() {
        let (method, _) = row.name();
        for target in targets(&row) {
            ask(&cast, &method, &target, FORM, Vec::new()).await;
        }
        if method != Method::GET {
            continue;
        }
        let target = (row.target)(&cast, Role::Owner);
        let (path, _) = target.split_once('?').unwrap_or((&target, ""));
        for query in QUERIES {
            ask(&cast, &method, &format!("{path}?{query}"), FORM, Vec::new()).await;
        }
        let long = format!("{path}?q={}", "%D1%8F".repeat(4_000));
        ask(&cast, &method, &long, FORM, Vec::new()).await;
    }
}

/// The honest body, bent.
fn bent(honest: &[u8], dice: &mut StdRng) -> Vec<u8> {
    let mut body = honest.to_vec();
    for _ in 0..dice.random_range(1..4) {
        let at = dice.random_range(0..body.len() + 1);
        match dice.random_range(0..5) {
            0 => body.truncate(at),
            1 => body.insert(at, dice.random()),
            2 => drop(body.splice(at..at, [0xff; 12])),
            3 => drop(body.splice(at..at, *b"&email=%FF%00&=\"")),
            _ => {
                if let Some(byte) = body.get_mut(at) {
                    *byte ^= 1 << dice.random_range(0..8);
                }
            }
        }
    }
    body
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sec_52_bodies_of_any_kind_get_proper_answers() {
    let cast = Cast::assemble().await;
    let mut dice = StdRng::seed_from_u64(52);
    for row in rows() {
        let (method, path) = row.name();
        if method != Method::POST {
            continue;
        }
        let target = (row.target)(&cast, Role::Owner);
        let kind = if path.starts_with("/api/") {
            POSTCARD
        } else {
            FORM
        };
        let honest = (row.body)(&cast, Role::Owner);
        let mut bodies = vec![
            Vec::new(),
            vec![0xff; 300],
            b"{\"email\":[{}]}".to_vec(),
            b"email=1&email=2&password=1&password=2&format=csv&format=x&lang=1&lang=2".to_vec(),
            vec![b'['; 60_000],
        ];
        bodies.extend((0..BENT).map(|_| bent(&honest, &mut dice)));
        for body in bodies {
            ask(&cast, &method, &target, kind, body).await;
        }
        for kind in [
            "application/json",
            "multipart/form-data; boundary=x",
            "text/html",
            "",
        ] {
            ask(&cast, &method, &target, kind, honest.clone()).await;
        }
    }
    // After all of that it still works.
    let row = rows().into_iter().find(|row| row.route == "GET /dashboard");
    let row = row.unwrap();
    let answer = send(&cast.router, cast.request(&row, Role::Nobody)).await;
    assert!(answer.status.is_redirection());
}

/// Arguments that cannot be understood are the sender's to mend, and are told so.
#[tokio::test]
async fn sec_52_arguments_that_cannot_be_understood_are_a_bad_request() {
    let cast = Cast::assemble().await;
    for row in rows() {
        let takes_some = !(row.body)(&cast, Role::Owner).is_empty();
        let (_, path) = row.name();
        if !path.starts_with("/api/") || !takes_some {
            continue;
        }
        let answer = send(&cast.router, cast.call(path, Role::Owner, vec![0xff; 40])).await;
        assert_eq!(answer.status.as_u16(), 400, "{path}");
        assert_eq!(answer.header("content-type"), POSTCARD, "{path}");
    }
}
