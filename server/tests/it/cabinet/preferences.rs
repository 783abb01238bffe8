//! Language, theme and single keys, as they are chosen and kept in cookies.

use axum::http::StatusCode;
use crmap_app::data::Theme;
use crmap_domain::Lang;

use super::browser::Browser;
use super::{PASSWORD, owner};
use crate::house::{Base, House, on_both};
use crate::support::request;

on_both! {
    a_language_is_chosen_by_a_form_and_kept
    a_theme_is_chosen_by_a_form_and_kept
    single_keys_stay_turned_off_until_they_are_turned_on
    the_language_of_an_account_comes_along_to_another_browser
    sec_45_a_choice_leads_to_pages_of_ours_alone
}

async fn a_language_is_chosen_by_a_form_and_kept(base: Base) {
    let house = House::new("language", base).await;
    let browser = Browser::new(&house.router);
    assert_eq!(browser.get("/login").await.cabinet().lang, Lang::Ru);
    let chosen = browser
        .submit("/preferences", &[("lang", "en"), ("back", "/register")])
        .await;
    assert_eq!(chosen.way(), "/register");
    let cookies = chosen.set_cookies();
    assert_eq!(cookies.len(), 1);
    let marks = &cookies["crmap-lang"];
    assert!(marks.starts_with("en; "), "{marks}");
    for mark in [
        "HttpOnly",
        "SameSite=Lax",
        "Secure",
        "Path=/",
        "Max-Age=31536000",
    ] {
        assert!(marks.contains(mark), "{marks}");
    }
    let page = browser.get("/register").await;
    assert!(page.text().contains("<html lang=\"en\""));
    assert!(page.text().contains("Name") && !page.text().contains("Зарегистрироваться"));
    // What is wrong is told in it, too.
    let denied = browser.register("Anna", "anna@example.ru", "short").await;
    assert_eq!(denied.cabinet().lang, Lang::En);
    // Nobody's cookie can bring another one about.
    for made_up in ["xx", "", "\"en\"", "<script>"] {
        browser.put_cookie("crmap-lang", made_up);
        assert_eq!(browser.get("/login").await.cabinet().lang, Lang::Ru);
    }
    let unknown = browser
        .submit("/preferences", &[("lang", "<xx>"), ("back", "/login")])
        .await;
    assert!(unknown.set_cookies().is_empty());
    assert!(!unknown.status.is_server_error() && !unknown.text().contains("<xx>"));
}

async fn a_theme_is_chosen_by_a_form_and_kept(base: Base) {
    let house = House::new("theme", base).await;
    let browser = Browser::new(&house.router);
    for (code, theme, mark) in [
        ("dark", Theme::Dark, " data-theme=\"dark\""),
        ("light", Theme::Light, " data-theme=\"light\""),
        ("auto", Theme::Auto, ""),
    ] {
        let fields = [("theme", code), ("back", "/login")];
        let chosen = browser.submit("/preferences", &fields).await;
        assert_eq!(chosen.way(), "/login");
        let page = browser.get("/login").await;
        assert_eq!(page.cabinet().theme, theme);
        assert!(page.text().contains(&format!("<html lang=\"ru\"{mark}>")));
    }
    let unknown = browser
        .submit("/preferences", &[("theme", "\"><b>"), ("back", "/login")])
        .await;
    assert_eq!(unknown.way(), "/login");
    assert!(unknown.set_cookies().is_empty());
}

async fn single_keys_stay_turned_off_until_they_are_turned_on(base: Base) {
    let house = House::new("keys", base).await;
    let anna = owner(&house, "Анна", "anna@example.ru").await;
    let is_off = async |address: &str| {
        let page = anna.get(address).await;
        let page = page.text();
        let (_, sheet) = page.split_once("id=\"keys-silent\"").unwrap();
        sheet.split('>').next().unwrap().contains("checked")
    };
    assert!(!is_off("/profile").await);
    for (code, off) in [("off", true), ("on", false), ("off", true)] {
        let kept = anna.submit("/preferences", &[("keys", code)]).await;
        // Whoever ticks a box stays where the box is.
        assert_eq!(kept.status, StatusCode::NO_CONTENT);
        for address in ["/profile", "/dashboard", "/search?q=a"] {
            assert_eq!(is_off(address).await, off, "{code} {address}");
        }
    }
    let unknown = anna.submit("/preferences", &[("keys", "\"><b>")]).await;
    assert!(unknown.set_cookies().is_empty());
    for made_up in ["", "OFF", "\"off\"", "<script>"] {
        anna.put_cookie("crmap-keys", made_up);
        assert!(!is_off("/profile").await, "{made_up}");
    }
}

async fn the_language_of_an_account_comes_along_to_another_browser(base: Base) {
    let house = House::new("along", base).await;
    let anna = owner(&house, "Анна", "anna@example.ru").await;
    let fields = [("lang", "en"), ("back", "/profile")];
    assert_eq!(anna.submit("/preferences", &fields).await.way(), "/profile");
    let other = Browser::new(&house.router);
    assert_eq!(other.get("/login").await.cabinet().lang, Lang::Ru);
    other.log_in("anna@example.ru", PASSWORD).await;
    assert_eq!(other.get("/profile").await.cabinet().lang, Lang::En);
    assert_eq!(other.profile().await.account.lang, Lang::En);
    // What this browser chooses goes before.
    let fields = [("lang", "ru"), ("back", "/profile")];
    other.submit("/preferences", &fields).await;
    assert_eq!(other.get("/profile").await.cabinet().lang, Lang::Ru);
}

async fn sec_45_a_choice_leads_to_pages_of_ours_alone(base: Base) {
    let house = House::new("back", base).await;
    let browser = Browser::new(&house.router);
    let long = format!("/{}", "a".repeat(2_000));
    for hostile in [
        "",
        "dashboard",
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "\\\\evil.example",
        "/\tx",
        "/a\r\nSet-Cookie: x=y",
        "/\u{2028}",
        "javascript:alert(1)",
        &long,
    ] {
        let fields = [("theme", "dark"), ("back", hostile)];
        let answer = browser.submit("/preferences", &fields).await;
        assert_eq!(answer.way(), "/dashboard", "{hostile:?}");
        assert_eq!(answer.set_cookies().len(), 1, "{hostile:?}");
    }
    // A page says of itself where it is, and where that may not be gone to, it leads home.
    let page = browser.get("/login?done=%22%3E%3Cb%3E").await.cabinet();
    let fields = [("theme", "dark"), ("back", page.address.as_str())];
    let answer = browser.submit("/preferences", &fields).await;
    assert_eq!(answer.way(), "/login?done=%22%3E%3Cb%3E");
    let silent = request(axum::http::Method::POST, "/preferences", "theme=dark");
    assert_eq!(browser.send(silent).await.status, StatusCode::FORBIDDEN);
}
