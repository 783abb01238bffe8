//! The headers of every kind of answer of the cabinet, to the last one (SEC-41, SEC-47 to SEC-49).

use axum::http::StatusCode;
use crmap_app::api::cabinet::{Rename, RenewToken};

use super::browser::{Browser, SESSION};
use super::portals::linked;
use super::{OTHER, owner};
use crate::headers::{Set, assert_headers, page, plain, unframed, with};
use crate::house::{Base, House};

/// A page of the cabinet: framed by nobody, kept by nobody, and its forms say where they come from.
fn of_cabinet() -> Set {
    with(
        page(unframed(), "'none'"),
        &[("referrer-policy", "same-origin")],
    )
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sec_49_pages_of_the_cabinet() {
    let (house, anna, portal) = linked("headers", Base::Sqlite).await;
    let nobody = Browser::new(&house.router);
    for target in [
        "/login",
        "/login?done=left",
        "/register",
        "/password",
        "/password/new",
    ] {
        let answer = nobody.get(target).await;
        assert_headers(target, &answer, StatusCode::OK, &of_cabinet());
    }
    let connection = format!("{portal}?view=connection");
    for target in ["/dashboard", "/profile", "/logout", &portal, &connection] {
        let answer = anna.get(target).await;
        assert_headers(target, &answer, StatusCode::OK, &of_cabinet());
        let sent_away = with(unframed(), &[("location", "/login")]);
        let answer = nobody.get(target).await;
        assert_headers(target, &answer, StatusCode::SEE_OTHER, &sent_away);
    }
    for target in ["/portals/nothing", "/portals/nothing/specification.txt"] {
        let answer = anna.get(target).await;
        assert_headers(target, &answer, StatusCode::NOT_FOUND, &of_cabinet());
    }
    let fields = [("email", "anna@example.ru"), ("password", OTHER)];
    for (target, status) in [
        ("/login", StatusCode::FORBIDDEN),
        ("/register", StatusCode::UNPROCESSABLE_ENTITY),
        ("/password/new", StatusCode::UNPROCESSABLE_ENTITY),
    ] {
        let answer = nobody.submit(target, &fields).await;
        assert_headers(target, &answer, status, &of_cabinet());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sec_49_files_of_the_cabinet() {
    let (house, anna, portal) = linked("header-files", Base::Sqlite).await;
    let host = house.portal().domain().replace(':', "_");
    for (file, kind) in [
        ("specification.txt", "text/plain; charset=utf-8"),
        ("specification.json", "application/json"),
    ] {
        let answer = anna.get(&format!("{portal}/{file}")).await;
        let named = answer.header("content-disposition").to_owned();
        assert!(named.contains(&host), "{named}");
        let wanted = with(
            unframed(),
            &[("content-type", kind), ("content-disposition", &named)],
        );
        assert_headers(file, &answer, StatusCode::OK, &wanted);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sec_49_what_is_sent_to_the_cabinet() {
    let house = House::new("header-posts", Base::Sqlite).await;
    let anna = owner(&house, "Анна", "anna@example.ru").await;
    let called = with(unframed(), &[("content-type", "application/x-postcard")]);
    let answer = anna.call(&RenewToken {}).await;
    assert_headers("a call", &answer, StatusCode::OK, &called);
    let name = String::new();
    let answer = anna.call(&Rename { name }).await;
    let denied = with(called, &[("serverfnerror", "/api/account/rename")]);
    let status = StatusCode::UNPROCESSABLE_ENTITY;
    assert_headers("a call that is denied", &answer, status, &denied);

    let marks = "Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax; Secure";
    let fields = [("theme", "dark"), ("back", "/login")];
    let answer = anna.submit("/preferences", &fields).await;
    let theme = marked(
        "crmap-theme=dark",
        &answer.set_cookies()["crmap-theme"],
        marks,
    );
    let wanted = with(
        unframed(),
        &[("location", "/login"), ("set-cookie", &theme)],
    );
    assert_headers("a choice", &answer, StatusCode::SEE_OTHER, &wanted);

    let answer = anna.submit("/logout", &[]).await;
    let marks = "Path=/; Max-Age=0; HttpOnly; SameSite=Lax; Secure";
    let ended = marked(
        &format!("{SESSION}="),
        &answer.set_cookies()[SESSION],
        marks,
    );
    let wanted = with(
        unframed(),
        &[
            ("clear-site-data", r#""cache", "storage""#),
            ("location", "/login?done=left"),
            ("set-cookie", &ended),
        ],
    );
    assert_headers("leaving", &answer, StatusCode::SEE_OTHER, &wanted);
    let robots = anna.get("/no/such/page").await;
    assert_headers(
        "no page",
        &robots,
        StatusCode::NOT_FOUND,
        &plain(unframed()),
    );
}

/// The cookie as it was set, which has these marks in whichever order.
#[track_caller]
fn marked(cookie: &str, set: &str, marks: &str) -> String {
    let (name, value) = cookie.split_once('=').unwrap();
    let mut found: Vec<_> = set.split("; ").skip(1).collect();
    let mut wanted: Vec<_> = marks.split("; ").collect();
    found.sort_unstable();
    wanted.sort_unstable();
    assert_eq!(found, wanted);
    assert!(set.starts_with(&format!("{value};")), "{set}");
    format!("{name}={set}")
}
