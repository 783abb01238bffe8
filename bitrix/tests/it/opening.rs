//! What a portal posts, and ten thousand things that it never would (SEC-01).

use std::time::{Duration, Instant};

use crmap_bitrix::{Opening, OpeningError};
use portal_sim::{Seed, UserRole};
use proptest::prelude::*;
use secrecy::ExposeSecret;

use crate::support::cloud;

const QUERY: &str = "DOMAIN=demo.bitrix24.ru&PROTOCOL=1&LANG=ru&APP_SID=0a1b2c3d";
const BODY: &str = "AUTH_ID=a1b2&AUTH_EXPIRES=3600&REFRESH_ID=c3d4\
    &member_id=0123456789abcdef0123456789abcdef&status=L&PLACEMENT=DEFAULT";

fn parse(query: &str, body: &str) -> Result<Opening, OpeningError> {
    Opening::parse(query, body.as_bytes())
}

fn changed(text: &str, name: &str, value: Option<&str>) -> String {
    let pairs = text
        .split('&')
        .filter_map(|pair| match (pair.split_once('='), value) {
            (Some((key, _)), Some(value)) if key == name => Some(format!("{key}={value}")),
            (Some((key, _)), None) if key == name => None,
            _ => Some(pair.to_owned()),
        });
    pairs.collect::<Vec<_>>().join("&")
}

#[tokio::test]
async fn the_form_of_a_portal_is_read() {
    let cloud = cloud(Seed::Demo).await;
    let portal = cloud.portal(1);
    let (query, body) = portal.opening_form(UserRole::Employee, "en");
    let opening = parse(&format!("tab=users&q=%D0%90&bx24_width=900&{query}"), &body).unwrap();
    assert_eq!(opening.claim.address, portal.domain());
    assert_eq!(opening.claim.member_id.as_str(), portal.member_id());
    assert_eq!(
        (opening.lang.as_str(), opening.placement.as_str()),
        ("en", "DEFAULT")
    );
    assert_eq!((opening.expires_in, opening.secure), (Some(3600), false));
    let token = opening.application_token.unwrap();
    assert_eq!(token.expose_secret(), portal.application_token());
    let refresh = parse(QUERY, BODY).unwrap().refresh_token.unwrap();
    assert_eq!(refresh.expose_secret(), "c3d4");
}

#[test]
fn an_old_portal_sends_less() {
    let body = "AUTH_ID=a1b2&member_id=0123456789ABCDEF0123456789abcdef";
    let opening = parse("DOMAIN=box.example:8443&LANG=ua&APP_SID=x-1_Y", body).unwrap();
    assert_eq!(opening.claim.address, "box.example:8443");
    assert_eq!(opening.claim.access_token.expose_secret(), "a1b2");
    assert_eq!(
        opening.claim.member_id.as_str(),
        "0123456789abcdef0123456789abcdef"
    );
    assert!(opening.refresh_token.is_none() && opening.application_token.is_none());
    assert!(opening.secure, "https is usual");
    assert_eq!(
        (opening.expires_in, opening.placement.as_str()),
        (None, "DEFAULT")
    );
}

#[test]
fn sec_01_fields_that_are_not_right_are_named() {
    use OpeningError::{Invalid, Missing};
    let cases = [
        ("DOMAIN", None, Missing("DOMAIN")),
        ("DOMAIN", Some(""), Missing("DOMAIN")),
        ("DOMAIN", Some("demo.ru/path"), Invalid("DOMAIN")),
        ("DOMAIN", Some("u%40demo.ru"), Invalid("DOMAIN")),
        ("DOMAIN", Some("demo+.ru"), Invalid("DOMAIN")),
        ("DOMAIN", Some("demo.ru%3A99999"), Invalid("DOMAIN")),
        ("DOMAIN", Some("demo.ru%3A"), Invalid("DOMAIN")),
        ("DOMAIN", Some("https%3A%2F%2Fdemo.ru"), Invalid("DOMAIN")),
        ("DOMAIN", Some("demo.ru%3A0"), Invalid("DOMAIN")),
        ("DOMAIN", Some("%3A443"), Invalid("DOMAIN")),
        ("DOMAIN", Some(".demo.ru"), Invalid("DOMAIN")),
        ("DOMAIN", Some("-demo.ru"), Invalid("DOMAIN")),
        ("DOMAIN", Some("demo..ru"), Invalid("DOMAIN")),
        ("PROTOCOL", Some("2"), Invalid("PROTOCOL")),
        ("LANG", None, Missing("LANG")),
        ("LANG", Some("rus"), Invalid("LANG")),
        ("LANG", Some("r%22"), Invalid("LANG")),
        ("APP_SID", None, Missing("APP_SID")),
        ("APP_SID", Some("a%3Cb"), Invalid("APP_SID")),
        ("AUTH_ID", None, Missing("AUTH_ID")),
        ("AUTH_ID", Some("a%0Ab"), Invalid("AUTH_ID")),
        ("AUTH_EXPIRES", Some("soon"), Invalid("AUTH_EXPIRES")),
        ("AUTH_EXPIRES", Some("-1"), Invalid("AUTH_EXPIRES")),
        ("REFRESH_ID", Some("%D0%B0"), Invalid("REFRESH_ID")),
        ("member_id", None, Missing("member_id")),
        ("member_id", Some("0123"), Invalid("member_id")),
        ("PLACEMENT", Some("%3Cscript%3E"), Invalid("PLACEMENT")),
    ];
    for (name, value, expected) in cases {
        let got = parse(&changed(QUERY, name, value), &changed(BODY, name, value));
        assert_eq!(got.unwrap_err(), expected, "{name} {value:?}");
    }
}

#[test]
fn sec_01_sizes_counts_and_doubles_are_refused() {
    let filler = |count: usize| (0..count).map(|n| format!("&x{n}=1")).collect::<String>();
    let with = |more: &str| parse(QUERY, &format!("{BODY}{more}"));
    assert!(with(&filler(64 - 10)).is_ok());
    assert_eq!(
        with(&filler(64 - 9)).unwrap_err(),
        OpeningError::TooManyFields
    );
    assert!(with(&format!("&x={}", "y".repeat(4096))).is_ok());
    let long = with(&format!("&x={}", "y".repeat(4097)));
    assert_eq!(long.unwrap_err(), OpeningError::FieldTooLong);
    let long = with(&format!("&{}=1", "y".repeat(1_000_000)));
    assert_eq!(long.unwrap_err(), OpeningError::TooLarge);
    assert_eq!(
        with("&DOMAIN=demo.bitrix24.ru").unwrap_err(),
        OpeningError::Twice("DOMAIN")
    );
    assert_eq!(
        with("&member%5Fid=x").unwrap_err(),
        OpeningError::Twice("member_id")
    );
    assert!(matches!(
        with("&x=1&x=2").unwrap_err(),
        OpeningError::Twice(_)
    ));
    for text in ["&x=%00", "&x=%", "&x=%4", "&x=%zz", "&x=%FF", "&%C0%80=1"] {
        assert_eq!(with(text).unwrap_err(), OpeningError::NotText, "{text}");
    }
    let raw = [BODY.as_bytes(), b"&x=\xff"].concat();
    assert_eq!(
        Opening::parse(QUERY, &raw).unwrap_err(),
        OpeningError::NotText
    );
    assert!(with("&a[b][c]=1&&=&y").is_ok());
}

/// What is taken at its longest and refused one byte longer.
#[test]
fn sec_01_fields_have_a_length_at_which_they_end() {
    for (name, longest) in [("APP_SID", 128), ("PLACEMENT", 128), ("DOMAIN", 255)] {
        let with = |length: usize| {
            let value = "a".repeat(length);
            let text = |of| changed(of, name, Some(&value));
            parse(&text(QUERY), &text(BODY))
        };
        assert!(with(longest).is_ok(), "{name}");
        assert_eq!(
            with(longest + 1).unwrap_err(),
            OpeningError::Invalid(name),
            "{name}"
        );
    }
    let filled = |bytes: usize| {
        let mut body = BODY.to_owned();
        while QUERY.len() + body.len() < bytes {
            let left = bytes - QUERY.len() - body.len();
            let part = if left > 4_040 { 4_000 } else { left };
            let name = format!("&x{}=", body.len());
            body += &name;
            body += &"y".repeat(part - name.len());
        }
        body
    };
    assert!(parse(QUERY, &filled(64 * 1024)).is_ok());
    assert_eq!(
        parse(QUERY, &filled(64 * 1024 + 1)).unwrap_err(),
        OpeningError::TooLarge
    );
}

#[test]
fn sec_01_ten_thousand_malformed_openings_are_refused_quickly() {
    let whole = format!("{QUERY}&{BODY}").into_bytes();
    let started = Instant::now();
    for round in 0..10_000_usize {
        let mut bytes = whole.clone();
        let at = round * 31 % bytes.len();
        match round % 4 {
            0 => bytes[at] = (round % 256) as u8,
            1 => bytes.truncate(at),
            2 => drop(bytes.drain(at / 2..at)),
            _ => bytes.extend_from_slice(&whole[at..]),
        }
        let _ = Opening::parse("", &bytes);
    }
    assert!(started.elapsed() < Duration::from_secs(20));
}

#[test]
fn neither_an_opening_nor_its_errors_show_secrets() {
    let body = BODY
        .replace("a1b2", "topsecrettoken")
        .replace("c3d4", "topsecretrefresh");
    let opening = parse(QUERY, &format!("{body}&APPLICATION_TOKEN=topsecretapp")).unwrap();
    assert!(!format!("{opening:?}").contains("topsecret"));
    let error = parse(QUERY, &format!("{body}&AUTH_ID=topsecretagain")).unwrap_err();
    assert!(!format!("{error:?} {error}").contains("topsecret"));
}

proptest! {
    #[test]
    fn sec_01_anything_at_all_is_an_opening_or_an_error(
        query in "\\PC{0,200}",
        body in proptest::collection::vec(any::<u8>(), 0..2_000),
    ) {
        let _ = Opening::parse(&query, &body);
        let mut whole = BODY.as_bytes().to_vec();
        whole.push(b'&');
        whole.extend_from_slice(&body);
        let _ = Opening::parse(QUERY, &whole);
    }
}
