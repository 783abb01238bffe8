//! Sweeps over every route and server function that there is: who gets what (SEC-77), from where
//! something may be posted (SEC-45), and that showing changes nothing (SEC-46).

mod cast;
mod dressed;
mod malformed;
mod rows;

use std::collections::BTreeSet;

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use crmap_app::api::Cabinets;
use crmap_app::error::Denied;
use crmap_domain::cabinet::Denial;
use crmap_server::{Access, routes};
use leptos::server_fn::axum::server_fn_paths;

use crate::support::{POSTCARD, request, send};
use cast::{Cast, Role};
use rows::{LINKING, is_as_said, is_refusal, rows};

/// What browsers may say of where a post comes from; none of it is one of our own pages.
const FOREIGN: [&[(&str, &str)]; 8] = [
    &[],
    &[("sec-fetch-site", "cross-site")],
    &[("sec-fetch-site", "same-site")],
    &[("origin", "null")],
    &[("origin", "https://evil.example")],
    &[("origin", "https://crmap.example.evil.example")],
    &[
        ("origin", "https://evil.example"),
        ("sec-fetch-site", "cross-site"),
    ],
    &[("origin", "null"), ("sec-fetch-site", "cross-site")],
];

#[test]
fn sec_77_every_route_has_a_row_in_the_matrix_and_every_row_a_route() {
    let named = |method: &Method, path: &str| format!("{method} {path}");
    let laid: Vec<_> = routes()
        .iter()
        .map(|route| named(&route.method, route.path))
        .collect();
    let rows: Vec<_> = rows().iter().map(|row| row.route.to_owned()).collect();
    let (laid_once, rows_once) = (BTreeSet::from_iter(&laid), BTreeSet::from_iter(&rows));
    assert_eq!(laid_once, rows_once);
    assert_eq!((laid.len(), rows.len()), (laid_once.len(), rows_once.len()));
    for (path, _) in server_fn_paths() {
        assert!(
            laid.contains(&named(&Method::POST, path)),
            "{path} is not laid"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sec_77_every_role_gets_what_the_matrix_says() {
    let mut wrong = Vec::new();
    let mut cast = Cast::assemble().await;
    for row in rows() {
        for role in Role::ALL {
            let answer = send(&cast.router, cast.request(&row, role)).await;
            let said = row.expected(role);
            if !is_as_said(&cast, &answer, said) {
                let got = (answer.status, answer.header("location").to_owned());
                wrong.push(format!(
                    "{} for {role:?}: {got:?} instead of {said}",
                    row.route
                ));
            }
            // Whoever is refused changes nothing, or the next one finds out.
            if row.afresh && !is_refusal(said) {
                cast = Cast::assemble().await;
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn sec_77_what_is_an_account_s_is_refused_to_whoever_has_none() {
    for row in rows().iter().filter(|row| row.access() == Access::Account) {
        for role in [Role::Nobody, Role::Employee, Role::Administrator] {
            let said = row.expected(role);
            assert!(is_refusal(said), "{} gives {role:?} {said}", row.route);
        }
    }
}

/// Whatever names something of one account names nothing to another, and it is not told that there
/// is such a thing.
#[test]
fn sec_77_what_one_account_has_is_not_found_by_another() {
    let mut named = 0;
    for row in rows() {
        let names = [
            "/portals/",
            "/api/portal/",
            "/devices/end",
            "/filter/rename",
            "/filter/delete",
            "/run/stop",
            "/run/put-away",
            "/compare",
        ];
        let is_whole = row.route.ends_with("/end-others");
        if names.iter().any(|name| row.route.contains(name)) && !is_whole {
            let said = row.expected(Role::Stranger);
            assert!(said.starts_with("404"), "{} gives {said}", row.route);
            named += 1;
        }
    }
    assert_eq!(named, 20);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sec_21_links_are_seen_and_changed_by_the_portal_s_administrators_alone() {
    for number in 0..4 {
        let cast = Cast::assemble().await;
        let mut before = cast.rows().await;
        before.retain(|row| !is_of_refusals(row));
        for role in Role::ALL {
            let ask = cast.asks()[number].clone();
            let said = LINKING[Role::ALL.iter().position(|known| *known == role).unwrap()];
            let arguments = postcard::to_allocvec(&Cabinets { ask: ask.clone() }).unwrap();
            let answer = send(&cast.router, cast.call("/api/cabinets", role, arguments)).await;
            assert_eq!(answer.status.as_str(), said, "{ask:?} for {role:?}");
            if is_refusal(said) {
                let Denied(denial) = postcard::from_bytes(&answer.body).unwrap();
                let in_portal = role == Role::Employee;
                let told = if in_portal {
                    Denial::NotAdministrator
                } else {
                    Denial::SignedOut
                };
                assert_eq!(denial, told, "{ask:?} for {role:?}");
                let mut now = cast.rows().await;
                now.retain(|row| !is_of_refusals(row));
                assert_same(&now, &before);
            }
        }
    }
}

/// What is written down when somebody is kept from links: the deed, and the trail that it lengthens.
fn is_of_refusals(row: &str) -> bool {
    row.contains("'portal.linking_refused'") || row.starts_with("audit_trail: ")
}

#[track_caller]
fn assert_same(now: &BTreeSet<String>, before: &BTreeSet<String>) {
    let changed: Vec<_> = now.symmetric_difference(before).collect();
    assert!(changed.is_empty(), "{changed:#?}");
}

/// The requests that change something, as whoever may do the most sends them.
fn posts(cast: &Cast) -> Vec<(&'static str, Request<Body>)> {
    let rows = rows();
    let posts = rows.iter().filter(|row| row.name().0 != Method::GET);
    posts
        .filter(|row| row.access() != Access::Portal)
        .flat_map(|row| {
            [Role::Owner, Role::Administrator].map(|role| (row.route, cast.request(row, role)))
        })
        .collect()
}

#[tokio::test]
async fn sec_45_nothing_is_done_for_pages_of_others() {
    let cast = Cast::assemble().await;
    cast.cloud.clear_oauth_requests();
    cast.portal().clear_requests();
    let before = cast.rows().await;
    for says in FOREIGN {
        for (route, mut post) in posts(&cast) {
            post.headers_mut().remove("sec-fetch-site");
            for (name, value) in says {
                post.headers_mut().insert(*name, value.parse().unwrap());
            }
            let answer = send(&cast.router, post).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{route} {says:?}");
            assert!(answer.body.is_empty(), "{route} {says:?}");
        }
    }
    assert_same(&cast.rows().await, &before);
    assert!(cast.portal().requests().is_empty());
    assert!(cast.cloud.oauth_requests().is_empty());
}

/// The way around the check is exactly as wide as portals need it.
#[test]
fn sec_45_portals_alone_post_from_elsewhere_and_at_three_addresses() {
    let open: Vec<_> = routes()
        .into_iter()
        .filter(|route| route.access == Access::Portal)
        .map(|route| format!("{} {}", route.method, route.path))
        .collect();
    assert_eq!(
        open,
        [
            "POST /bitrix/app",
            "POST /bitrix/install",
            "POST /bitrix/events"
        ]
    );
    for route in routes() {
        let shows = matches!(route.access, Access::Public | Access::Files);
        assert!(!shows || route.method == Method::GET, "{route:?}");
    }
}

#[test]
fn sec_46_no_server_function_means_to_answer_a_get() {
    for (path, method) in server_fn_paths() {
        assert_eq!(method, Method::POST, "{path}");
    }
}

#[tokio::test]
async fn sec_46_looking_at_anything_changes_nothing() {
    let cast = Cast::assemble().await;
    let before = cast.rows().await;
    for row in rows() {
        for role in Role::ALL {
            for method in [Method::GET, Method::HEAD] {
                let (named, mut asked) = (row.name().0, cast.request(&row, role));
                *asked.method_mut() = method.clone();
                let answer = send(&cast.router, asked).await;
                let is_function = row.route.starts_with("POST /api/");
                let refused = answer.status == StatusCode::METHOD_NOT_ALLOWED;
                assert!(refused || !is_function, "{method} {}", row.route);
                assert!(!refused || named == Method::POST, "{method} {}", row.route);
            }
        }
    }
    assert_same(&cast.rows().await, &before);

    // The same eyes see what a post does.
    let post = rows()
        .into_iter()
        .find(|row| row.route == "POST /bitrix/app");
    send(
        &cast.router,
        cast.request(&post.unwrap(), Role::Administrator),
    )
    .await;
    let complete = rows()
        .into_iter()
        .find(|row| row.route.ends_with("/complete"));
    send(
        &cast.router,
        cast.request(&complete.unwrap(), Role::Administrator),
    )
    .await;
    assert_ne!(cast.rows().await, before);
}

/// Arguments in the address, as a link of another page would bring them.
#[tokio::test]
async fn sec_46_no_server_function_can_be_called_by_a_link() {
    let cast = Cast::assemble().await;
    for (path, _) in server_fn_paths() {
        let target = format!("{path}?access_token=x&member_id=x&address=x&lang=ru");
        let mut link = request(Method::GET, &target, "");
        link.headers_mut()
            .insert("accept", POSTCARD.parse().unwrap());
        let answer = send(&cast.router, link).await;
        assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{path}");
    }
}
