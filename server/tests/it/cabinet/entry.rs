//! Getting a cabinet, entering and leaving it, by forms alone.

use axum::http::StatusCode;
use crmap_app::cabinet::data::{Done, Outside, Room};
use crmap_domain::cabinet::{DeedKind, Denial, PasswordFlaw};

use super::browser::{Browser, DEVICE, SESSION};
use super::{OTHER, PASSWORD, markup, owner};
use crate::house::{Base, House, on_both};
use crate::support::Answer;

on_both! {
    a_cabinet_is_got_entered_and_left_without_any_script
    sec_60_each_log_in_has_a_session_of_its_own_and_the_old_one_ends
    sec_60_a_cookie_that_somebody_planted_never_becomes_a_session
    what_was_typed_comes_back_and_no_password_does
    sec_61_a_session_ends_after_a_day_without_use_and_after_a_month_with_it
    sec_65_who_tries_too_often_is_told_to_wait_in_words
}

/// Whether the page has a form for these fields that needs no script.
fn has_form(page: &Answer, action: &str, fields: &[&str]) -> bool {
    let found = markup::fields(&page.text(), action).unwrap_or_default();
    let has = |field: &&str| found.iter().any(|found| found == field);
    page.status == StatusCode::OK && !found.is_empty() && fields.iter().all(has)
}

async fn a_cabinet_is_got_entered_and_left_without_any_script(base: Base) {
    let house = House::new("entry", base).await;
    let browser = Browser::new(&house.router);
    assert_eq!(browser.get("/").await.way(), "/login");
    assert_eq!(browser.get("/dashboard").await.way(), "/login");

    let form = browser.get("/register").await;
    assert!(has_form(&form, "/register", &["name", "email", "password"]));
    let registered = browser
        .register("Анна Титова", "anna@example.ru", PASSWORD)
        .await;
    assert_eq!(registered.way(), "/login?done=registered");
    assert!(registered.set_cookies().is_empty());
    let told = browser.get(registered.way()).await;
    assert!(has_form(&told, "/login", &["email", "password"]));
    assert!(told.text().contains("Регистрация завершена"));
    let Outside::Login(form) = told.outside() else {
        panic!("another page");
    };
    assert_eq!(form.done, Some(Done::Registered));

    let let_in = browser.log_in("anna@example.ru", PASSWORD).await;
    assert_eq!(let_in.way(), "/dashboard");
    assert_marks(&let_in);
    assert_eq!(browser.get("/").await.way(), "/dashboard");
    for page in ["/login", "/register"] {
        assert_eq!(browser.get(page).await.way(), "/dashboard", "{page}");
    }
    let inside = browser.inside("/dashboard").await;
    let Room::Dashboard(dashboard) = inside.room else {
        panic!("another room");
    };
    assert_eq!(dashboard.portals, []);
    assert!(inside.token.starts_with("crmap_"), "{}", inside.token);
    leave(&browser).await;
}

/// What the two cookies of a log-in look like (SEC-41).
#[track_caller]
fn assert_marks(let_in: &Answer) {
    let cookies = let_in.set_cookies();
    let names: Vec<_> = cookies.keys().map(String::as_str).collect();
    assert_eq!(names, [SESSION, DEVICE]);
    for (name, lives) in [(SESSION, 30), (DEVICE, 365)] {
        let (value, marks) = cookies[name].split_once("; ").unwrap();
        assert_eq!(value.len(), 43, "256 bits");
        let marks: std::collections::BTreeSet<_> = marks.split("; ").collect();
        let lives = format!("Max-Age={}", lives * 24 * 60 * 60);
        let wanted = ["HttpOnly", "SameSite=Lax", "Secure", "Path=/", &lives];
        assert_eq!(marks, wanted.into(), "{name}");
    }
}

/// The question first, which changes nothing; then the answer to it.
async fn leave(browser: &Browser) {
    let asked = browser.get("/logout").await;
    assert!(matches!(asked.inside().room, Room::Leave));
    assert!(has_form(&asked, "/logout", &[]));
    assert!(browser.is_in().await);
    let (session, device) = (browser.cookie(SESSION), browser.cookie(DEVICE));

    let left = browser.submit("/logout", &[]).await;
    assert_eq!(left.way(), "/login?done=left");
    assert_eq!(left.header("clear-site-data"), r#""cache", "storage""#);
    let cleared = left.set_cookies();
    assert_eq!(cleared.len(), 1);
    let marks = &cleared[SESSION];
    assert!(
        marks.starts_with("; ") && marks.contains("Max-Age=0"),
        "{marks}"
    );
    assert!(
        marks.contains("Secure") && marks.contains("Path=/"),
        "{marks}"
    );
    assert_eq!(browser.cookie(SESSION), None);
    assert_eq!(browser.cookie(DEVICE), device, "it stays known");

    // The session is over on the server, too.
    browser.put_cookie(SESSION, &session.unwrap());
    assert_eq!(browser.get("/dashboard").await.way(), "/login");
    assert_eq!(
        browser.submit("/logout", &[]).await.way(),
        "/login?done=left"
    );
}

async fn sec_60_each_log_in_has_a_session_of_its_own_and_the_old_one_ends(base: Base) {
    let house = House::new("rotation", base).await;
    let browser = owner(&house, "Анна", "anna@example.ru").await;
    let old = browser.before(&house.router);
    assert_eq!(
        browser.log_in("anna@example.ru", PASSWORD).await.way(),
        "/dashboard"
    );
    assert_ne!(browser.cookie(SESSION), old.cookie(SESSION));
    assert!(browser.is_in().await);
    assert!(!old.is_in().await);

    // A log-in that fails ends nothing.
    let refused = browser.log_in("anna@example.ru", OTHER).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(refused.set_cookies().is_empty());
    assert!(browser.is_in().await);
}

async fn sec_60_a_cookie_that_somebody_planted_never_becomes_a_session(base: Base) {
    let house = House::new("fixation", base).await;
    let attacker = owner(&house, "Мэлори", "mallory@example.ru").await;
    owner(&house, "Анна", "anna@example.ru").await;
    let made_up = "A".repeat(43);
    for planted in [attacker.cookie(SESSION).unwrap(), made_up] {
        let victim = Browser::new(&house.router);
        victim.put_cookie(SESSION, &planted);
        victim.log_in("anna@example.ru", PASSWORD).await;
        let profile = victim.get("/profile").await;
        assert!(profile.text().contains("anna@example.ru"));
        assert_ne!(victim.cookie(SESSION).unwrap(), planted);
        victim.put_cookie(SESSION, &planted);
        let shown = victim.get("/profile").await;
        assert!(!shown.text().contains("anna@example.ru"));
    }
}

/// Whether the page holds a text anywhere: as it is, or in its data.
fn holds(answer: &Answer, text: &str) -> bool {
    let in_bytes = |bytes: &[u8]| {
        bytes
            .windows(text.len())
            .any(|window| window == text.as_bytes())
    };
    let in_headers = answer
        .headers
        .values()
        .any(|value| in_bytes(value.as_bytes()));
    let data = answer.island_bytes();
    in_headers || in_bytes(&answer.body) || data.is_some_and(|data| in_bytes(&data))
}

/// A page, what is typed as name, as address or code, and as password, and what comes of it.
type Wrong = (&'static str, [&'static str; 3], u16, Denial);

#[rustfmt::skip]
fn wrong_input() -> [Wrong; 9] {
    use Denial::{Credentials, Email, MailOff, Name, Password, ResetOver};
    use PasswordFlaw::{Short, Weak};
    [
        ("/register", ["", "new@example.ru", OTHER], 422, Name),
        ("/register", ["Пётр Ильич", "new.example.ru", OTHER], 422, Email),
        ("/register", ["Пётр Ильич", "new@example.ru", "short"], 422, Password(Short)),
        ("/register", ["anna", "anna@example.ru", "anna-anna-anna"], 422, Password(Weak)),
        ("/login", ["", "anna@example.ru", OTHER], 403, Credentials),
        ("/login", ["", "nobody@example.ru", OTHER], 403, Credentials),
        ("/login", ["", "no address", OTHER], 422, Email),
        ("/password", ["", "anna@example.ru", OTHER], 503, MailOff),
        ("/password/new", ["", "a-code-that-nobody-has", OTHER], 422, ResetOver),
    ]
}

async fn what_was_typed_comes_back_and_no_password_does(base: Base) {
    let house = House::new("typed", base).await;
    owner(&house, "Анна", "anna@example.ru").await;
    for (page, fields, status, denial) in wrong_input() {
        let [name, typed, password] = fields;
        let browser = Browser::new(&house.router);
        let named = if page == "/password/new" {
            "code"
        } else {
            "email"
        };
        let fields = [("name", name), (named, typed), ("password", password)];
        let answer = browser.submit(page, &fields).await;
        assert_eq!(answer.status.as_u16(), status, "{page} {denial:?}");
        assert!(answer.set_cookies().is_empty(), "{page} {denial:?}");
        assert!(!holds(&answer, password), "{page} {denial:?}");
        let (again, told) = match answer.outside() {
            Outside::Login(form) => (vec![form.email], form.denial),
            Outside::Register(form) => (vec![form.email, form.name], form.denial),
            Outside::Password(form) => (vec![form.email], form.denial),
            // A code is as good as a password.
            Outside::NewPassword(form) => (vec![], form.denial),
            Outside::Trouble(denial) => (vec![], Some(denial)),
        };
        assert_eq!(told, Some(denial));
        for value in again.iter().filter(|value| !value.is_empty()) {
            assert!(value == name || value == typed, "{page}: {value}");
            assert!(page == "/password" || answer.text().contains(&format!("value=\"{value}\"")));
        }
        assert_eq!(holds(&answer, typed), page != "/password/new", "{page}");
    }
}

async fn sec_61_a_session_ends_after_a_day_without_use_and_after_a_month_with_it(base: Base) {
    let house = House::new("ages", base).await;
    let browser = owner(&house, "Анна", "anna@example.ru").await;
    let idle = browser.before(&house.router);
    for _ in 0..29 {
        house.clock.pass(time::Duration::hours(23));
        assert!(browser.is_in().await);
    }
    // 667 hours of 720.
    house.clock.pass(time::Duration::hours(23));
    assert!(browser.is_in().await);
    house.clock.pass(time::Duration::hours(23));
    assert!(browser.is_in().await);
    house.clock.pass(time::Duration::hours(7));
    assert!(!browser.is_in().await, "a month is over");

    assert_eq!(
        idle.log_in("anna@example.ru", PASSWORD).await.way(),
        "/dashboard"
    );
    house.clock.pass(time::Duration::hours(25));
    assert!(!idle.is_in().await, "nobody came for a day");
}

async fn sec_65_who_tries_too_often_is_told_to_wait_in_words(base: Base) {
    let house = House::new("often", base).await;
    let anna = owner(&house, "Анна", "anna@example.ru").await;
    let stranger = Browser::new(&house.router);
    // One of the five tries was the owner's.
    for _ in 0..4 {
        let answer = stranger.log_in("anna@example.ru", OTHER).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN);
    }
    let answer = stranger.log_in("anna@example.ru", PASSWORD).await;
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(answer.text().contains("Слишком много попыток."));
    assert!(answer.set_cookies().is_empty());
    // The owner's own browser has tries of its own, even from the same network.
    anna.submit("/logout", &[]).await;
    let mut known = anna.before(&house.router);
    known.machine = stranger.machine;
    assert_eq!(
        known.log_in("anna@example.ru", PASSWORD).await.way(),
        "/dashboard"
    );
    let log = known.profile().await.log;
    let log_ins = log.iter();
    let log_ins = log_ins.filter(|deed| matches!(deed.kind, DeedKind::LoggedIn { .. }));
    assert_eq!(log_ins.count(), 2);
}
