//! The cookies of the cabinet as browsers get them and send them back (SEC-41).

use std::time::Duration;

use axum::http::{HeaderMap, HeaderValue};
use crmap_app::data::{SingleKeys, Theme};
use crmap_domain::Lang;
use crmap_server::{Cookies, Shown};
use secrecy::{ExposeSecret, SecretString};

const SECURE: Cookies = Cookies::new(true);
const PLAIN: Cookies = Cookies::new(false);

fn written(headers: impl IntoIterator<Item = HeaderValue>) -> Vec<String> {
    let text = |header: HeaderValue| {
        assert!(header.is_sensitive(), "a cookie could get into a log");
        header.to_str().unwrap().to_owned()
    };
    headers.into_iter().map(text).collect()
}

fn sent(lines: &[&str]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for line in lines {
        headers.append("cookie", HeaderValue::from_bytes(line.as_bytes()).unwrap());
    }
    headers
}

fn session(shown: &Shown) -> Option<&str> {
    shown.session.as_ref().map(ExposeSecret::expose_secret)
}

fn log_in(cookies: Cookies) -> Vec<String> {
    let session = SecretString::from("c2Vzc2lvbg_-");
    let device = SecretString::from("ZGV2aWNl");
    written(cookies.log_in(&session, Duration::from_secs(86_400), &device))
}

#[test]
fn sec_41_over_https_the_cookies_are_of_this_host_alone_and_kept_from_scripts() {
    assert_eq!(
        log_in(SECURE),
        [
            "__Host-crmap=c2Vzc2lvbg_-; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=86400",
            "__Host-crmap-device=ZGV2aWNl; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=31536000",
        ]
    );
    assert_eq!(
        written(SECURE.log_out()),
        ["__Host-crmap=; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=0"]
    );
}

#[test]
fn over_http_the_cookies_have_plain_names_for_development() {
    assert_eq!(
        log_in(PLAIN),
        [
            "crmap=c2Vzc2lvbg_-; HttpOnly; SameSite=Lax; Path=/; Max-Age=86400",
            "crmap-device=ZGV2aWNl; HttpOnly; SameSite=Lax; Path=/; Max-Age=31536000",
        ]
    );
    assert_eq!(
        written(PLAIN.log_out()),
        ["crmap=; HttpOnly; SameSite=Lax; Path=/; Max-Age=0"]
    );
}

#[test]
fn choices_are_kept_for_a_year() {
    assert_eq!(
        written(SECURE.prefer_lang(Lang::En)),
        ["crmap-lang=en; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=31536000"]
    );
    assert_eq!(
        written(PLAIN.prefer_theme(Theme::Dark)),
        ["crmap-theme=dark; HttpOnly; SameSite=Lax; Path=/; Max-Age=31536000"]
    );
    assert_eq!(
        written(SECURE.prefer_keys(SingleKeys::Off)),
        ["crmap-keys=off; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=31536000"]
    );
}

#[test]
fn what_was_set_is_read_again_among_others_and_in_several_lines() {
    let lines = [
        "a=b; __Host-crmap=abc; crmap-theme=dark",
        "crmap-lang=en; __Host-crmap-device=def; c",
    ];
    let shown = SECURE.shown(&sent(&lines));
    assert_eq!(session(&shown), Some("abc"));
    assert_eq!(shown.device.unwrap().expose_secret(), "def");
    assert_eq!(
        (shown.lang, shown.theme),
        (Some(Lang::En), Some(Theme::Dark))
    );
    for (code, theme) in [
        ("light", Theme::Light),
        ("dark", Theme::Dark),
        ("auto", Theme::Auto),
    ] {
        let shown = PLAIN.shown(&sent(&[&format!("crmap-theme={code}")]));
        assert_eq!(shown.theme, Some(theme));
    }
    let shown = PLAIN.shown(&HeaderMap::new());
    assert!(shown.session.is_none() && shown.device.is_none());
    assert_eq!((shown.lang, shown.theme, shown.keys), (None, None, None));
    for keys in [SingleKeys::On, SingleKeys::Off] {
        let line = format!("crmap-keys={}", keys.code());
        assert_eq!(PLAIN.shown(&sent(&[&line])).keys, Some(keys));
    }
}

/// A page of a neighbouring host, or of another port, can set cookies of plain names.
#[test]
fn sec_41_over_https_a_cookie_that_others_can_set_is_none_of_ours() {
    for line in [
        "crmap=abc",
        "crmap-device=abc",
        "__host-crmap=abc",
        "__Secure-crmap=abc",
        " __Host-crmap =abc2; crmap=x",
    ] {
        let shown = SECURE.shown(&sent(&[line]));
        let trimmed = line.starts_with(' ').then_some("abc2");
        assert_eq!(session(&shown), trimmed, "{line}");
        assert!(shown.device.is_none(), "{line}");
    }
}

#[test]
fn sec_60_two_sessions_in_one_request_are_none() {
    for lines in [
        &["__Host-crmap=abc; __Host-crmap=def"][..],
        &["__Host-crmap=abc", "__Host-crmap=def"],
        &["__Host-crmap=abc; __Host-crmap=abc"],
        &["__Host-crmap=; __Host-crmap=abc"],
    ] {
        assert_eq!(session(&SECURE.shown(&sent(lines))), None, "{lines:?}");
    }
}

#[test]
fn hostile_values_are_no_cookies_of_ours() {
    let long = "a".repeat(201);
    for value in [
        "",
        " ",
        "\"abc\"",
        "a b",
        "a,b",
        "é",
        "\u{202E}",
        "<script>",
        "a%00b",
        "' or 1=1 --",
        &long,
    ] {
        for name in [
            "__Host-crmap",
            "__Host-crmap-device",
            "crmap-lang",
            "crmap-theme",
            "crmap-keys",
        ] {
            let line = format!("{name}={value}");
            let shown = SECURE.shown(&sent(&[&line]));
            assert!(shown.session.is_none() && shown.device.is_none(), "{line}");
            assert!(shown.lang.is_none() && shown.theme.is_none(), "{line}");
            assert!(shown.keys.is_none(), "{line}");
        }
    }
    for choice in ["RU", "de", "ru ru", "Dark", "0", "auto;"] {
        let shown = PLAIN.shown(&sent(&[&format!(
            "crmap-lang={choice}; crmap-theme={choice}"
        )]));
        assert!(shown.lang.is_none(), "{choice}");
        assert_eq!(shown.theme.is_some(), choice == "auto;", "{choice}");
    }
}

/// Cookies of others, broken as they may be, do not sign anybody out.
#[test]
fn broken_cookies_beside_ours_do_no_harm() {
    let mut headers = sent(&[";;; =; =x; a; __Host-crmap=abc; \u{fffd}=1; b=\"", "é=é"]);
    headers.append(
        "cookie",
        HeaderValue::from_bytes(b"x=\xff\xfe; crmap-lang=ru").unwrap(),
    );
    let shown = SECURE.shown(&headers);
    assert_eq!(session(&shown), Some("abc"));
    assert_eq!(shown.lang, Some(Lang::Ru));
}

#[test]
fn sec_37_a_shown_cookie_does_not_show_itself() {
    let shown = PLAIN.shown(&sent(&["crmap=session-secret; crmap-device=device-secret"]));
    let text = format!("{shown:?}");
    assert!(!text.contains("-secret"), "{text}");
}
