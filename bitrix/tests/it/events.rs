//! What portals post of their own accord (bitrix24.md §1.6 to §1.8).

use std::time::Instant;

use crmap_bitrix::{Event, EventError, EventKind};
use crmap_domain::EntityKind;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use secrecy::ExposeSecret;
use time::macros::datetime;

const MEMBER: &str = "0123456789abcdef0123456789abcdef";
const FORM: Option<&str> = Some("application/x-www-form-urlencoded");

/// A posting of `name` with more fields.
fn body(name: &str, more: &str) -> String {
    format!(
        "event={name}&{more}ts=1767225600&auth%5Bdomain%5D=demo.bitrix24.ru\
         &auth%5Bclient_endpoint%5D=https%3A%2F%2Fdemo.bitrix24.ru%2Frest%2F\
         &auth%5Bserver_endpoint%5D=https%3A%2F%2Foauth.bitrix24.tech%2Frest%2F\
         &auth%5Bmember_id%5D={MEMBER}&auth%5Bapplication_token%5D=c3c3"
    )
}

fn parsed(body: &str) -> Event {
    Event::parse(FORM, body.as_bytes()).unwrap()
}

fn error(body: &str) -> EventError {
    Event::parse(FORM, body.as_bytes()).unwrap_err()
}

#[test]
fn an_uninstallation_is_read_as_it_comes() {
    let text = body(
        "ONAPPUNINSTALL",
        "data%5BLANGUAGE_ID%5D=ru&data%5BCLEAN%5D=1&",
    );
    let event = parsed(&text);
    assert_eq!(event.kind, EventKind::Uninstalled { clean: true });
    assert_eq!(event.member_id.as_str(), MEMBER);
    assert_eq!(
        event.application_token.as_ref().unwrap().expose_secret(),
        "c3c3"
    );
    assert_eq!(event.sent_at, Some(datetime!(2026-01-01 0:00 UTC)));
    assert!(!format!("{event:?}").contains("c3c3"));
    for (clean, expected) in [
        ("data[CLEAN]=0&", false),
        ("data[CLEAN]=&", false),
        ("", false),
    ] {
        let event = parsed(&body("onAppUninstall", clean));
        assert_eq!(event.kind, EventKind::Uninstalled { clean: expected });
    }
}

#[test]
fn every_kind_is_told_by_its_name_in_any_case() {
    use EntityKind::{Company, Contact, Deal, Lead};
    let changed = |entity| EventKind::FieldsChanged { entity };
    let other = |name: &str| EventKind::Other(name.to_owned());
    for (name, kind) in [
        ("ONAPPINSTALL", EventKind::Installed),
        ("onAppUpdate", EventKind::Updated),
        ("ONAPPPAYMENT", EventKind::Payment),
        ("ONCRMDEALUSERFIELDADD", changed(Deal)),
        ("onCrmContactUserFieldUpdate", changed(Contact)),
        ("ONCRMCOMPANYUSERFIELDDELETE", changed(Company)),
        ("ONCRMLEADUSERFIELDSETENUMVALUES", changed(Lead)),
        ("ONCRMQUOTEUSERFIELDADD", other("ONCRMQUOTEUSERFIELDADD")),
        ("ONCRMDEALUSERFIELDX", other("ONCRMDEALUSERFIELDX")),
        ("onAppTest", other("ONAPPTEST")),
    ] {
        assert_eq!(parsed(&body(name, "")).kind, kind, "{name}");
    }
}

#[test]
fn access_tokens_are_not_even_kept() {
    let more =
        "auth[access_token]=aaaa-secret&auth[refresh_token]=bbbb-secret&auth[expires_in]=3600&";
    let event = parsed(&body("ONAPPINSTALL", more));
    assert!(!format!("{event:?}").contains("secret"));
    // Nor is what comes of them.
    assert_eq!(event.digest(), parsed(&body("ONAPPINSTALL", "")).digest());
}

#[test]
fn sec_18_the_digest_is_that_of_the_event_and_not_of_its_posting() {
    let one = parsed(&body(
        "ONCRMDEALUSERFIELDADD",
        "data[FIELDS][ID]=5&data[FIELDS][ENTITY_ID]=CRM_DEAL&",
    ));
    let turned = body(
        "onCrmDealUserFieldAdd",
        "data%5bFIELDS%5d%5bENTITY_ID%5d=CRM_DEAL&data[FIELDS][ID]=5&",
    );
    assert_eq!(one.digest(), parsed(&turned).digest());
    let parted = |field: &str| parsed(&body("ONAPPTEST", field)).digest();
    assert_ne!(
        parted("x=yz&"),
        parted("xy=z&"),
        "parts run into each other"
    );
    let from_other_handler = turned.clone() + "&event_handler_id=17";
    assert_eq!(one.digest(), parsed(&from_other_handler).digest());
    for changed in [
        turned.replace("=5&", "=6&"),
        turned.replace("1767225600", "1767225601"),
        turned.replace(MEMBER, "ffffffffffffffffffffffffffffffff"),
        turned.replace("Add", "Update"),
        turned.replace("CRM_DEAL", "CRM_DEAL "),
        turned.replace("demo.bitrix24.ru&", "other.bitrix24.ru&"),
        turned.clone() + "&data[FIELDS][X]=",
    ] {
        assert_ne!(
            one.digest(),
            parsed(&changed.replace(' ', "+")).digest(),
            "{changed}"
        );
    }
}

#[test]
fn sec_01_what_no_portal_sends_is_refused() {
    let good = body("ONAPPUNINSTALL", "");
    for (text, expected) in [
        (String::new(), EventError::Missing("event")),
        (
            good.replace("event=ONAPPUNINSTALL", "x=1"),
            EventError::Missing("event"),
        ),
        (
            good.replace("ONAPPUNINSTALL", "ON%20APP"),
            EventError::Invalid("event"),
        ),
        (
            good.replace("ONAPPUNINSTALL", &"A".repeat(129)),
            EventError::Invalid("event"),
        ),
        (
            good.replace(MEMBER, ""),
            EventError::Missing("auth[member_id]"),
        ),
        (
            good.replace(MEMBER, "../../etc"),
            EventError::Invalid("auth[member_id]"),
        ),
        (
            good.replace("c3c3", "c3%0Ac3"),
            EventError::Invalid("auth[application_token]"),
        ),
    ] {
        assert_eq!(error(&text), expected, "{}", &text[..text.len().min(300)]);
    }
    let json = Event::parse(Some("application/json"), good.as_bytes());
    assert_eq!(json.unwrap_err(), EventError::NotAForm);
    let charset = Some("application/x-www-form-urlencoded; charset=UTF-8");
    assert!(Event::parse(charset, good.as_bytes()).is_ok());
    assert!(Event::parse(None, good.as_bytes()).is_ok());
}

/// Bitrix24 sends an uninstallation once (§1.7): whoever refuses it never learns of it.
#[test]
fn an_uninstallation_is_not_refused_for_details_without_weight() {
    let good = body("ONAPPUNINSTALL", "data[CLEAN]=1&");
    let sent_at = parsed(&good).sent_at;
    for strange in ["maybe", "2", "true", "11", "%D0%B4%D0%B0", "-1"] {
        let event = parsed(&good.replace("[CLEAN]=1", &format!("[CLEAN]={strange}")));
        let kept = EventKind::Uninstalled { clean: false };
        assert_eq!((event.kind, event.sent_at), (kept, sent_at), "{strange}");
    }
    let digits = "9".repeat(4_000);
    for strange in [
        "",
        "0",
        "-5",
        "%2B1767225600",
        "1767225600.5",
        "2026-01-01T00:00:00Z",
        "99999999999999999999",
        "1262303999",
        "4102444800",
        &digits,
    ] {
        let event = parsed(&good.replace("1767225600", strange));
        let removed = EventKind::Uninstalled { clean: true };
        assert_eq!((event.kind, event.sent_at), (removed, None), "{strange}");
    }
    for strange in ["", "demo%2Fx", "https%3A%2F%2Fdemo", "a%20b%0A"] {
        let event = parsed(&good.replace(
            "domain%5D=demo.bitrix24.ru",
            &format!("domain%5D={strange}"),
        ));
        let removed = EventKind::Uninstalled { clean: true };
        assert_eq!((event.kind, event.sent_at), (removed, sent_at), "{strange}");
        assert!(event.application_token.is_some());
    }
}

#[test]
fn sec_01_names_and_sizes_that_php_does_not_write_are_refused() {
    let good = body("ONAPPUNINSTALL", "");
    let with = |more: &str| format!("{good}&{more}");
    for (text, expected) in [
        (with("event=ONAPPINSTALL"), EventError::Twice),
        (with("auth%5bmember_id%5d=1"), EventError::Twice),
        (with("auth=1"), EventError::Twice),
        (with("data[a]=1&data[a][b]=2"), EventError::Twice),
        (with("data[]=1"), EventError::BadName),
        (with("data[=1"), EventError::BadName),
        (with("data]=1"), EventError::BadName),
        (with("data[a]b=1"), EventError::BadName),
        (with("data[a][b=1"), EventError::BadName),
        (with("data[[a]]=1"), EventError::BadName),
        (with("=1"), EventError::BadName),
        (with("auth.member_id=1"), EventError::BadName),
        (with("auth+x=1"), EventError::BadName),
        (with("data[a][b][c][d][e][f][g]=1"), EventError::BadName),
        (with("data[x]=%ff"), EventError::NotText),
        (with("data[x]=%00"), EventError::NotText),
        (with("data[x]=%zz"), EventError::NotText),
        (
            with(&format!("data[x]={}", "y".repeat(4_097))),
            EventError::FieldTooLong,
        ),
        (with(&"z".repeat(65_536)), EventError::TooLarge),
        (
            (0..65).map(|n| format!("f{n}=1&")).collect(),
            EventError::TooManyFields,
        ),
    ] {
        assert_eq!(error(&text), expected, "{}", &text[..text.len().min(300)]);
    }
}

#[test]
fn what_older_portals_leave_out_may_be_missing() {
    let event = parsed(&format!("event=ONAPPPAYMENT&auth[member_id]={MEMBER}"));
    assert!(event.application_token.is_none() && event.sent_at.is_none());
}

/// Bits and pieces of events, well and badly put together.
fn malformed() -> impl Strategy<Value = Vec<u8>> {
    let name = prop_oneof![
        Just("event".to_owned()),
        Just("ts".to_owned()),
        Just("auth[member_id]".to_owned()),
        Just("auth[application_token]".to_owned()),
        Just("auth%5Bdomain%5D".to_owned()),
        Just("data[CLEAN]".to_owned()),
        "[a-c\\[\\]%.]{0,6}",
        "data(\\[[a-z]?\\]){0,9}",
    ];
    let value = prop_oneof![
        Just("ONAPPUNINSTALL".to_owned()),
        Just(MEMBER.to_owned()),
        Just("1767225600".to_owned()),
        Just("Анна%20%F0%9F%98%80 \u{202e}".to_owned()),
        "(%[0-9a-g]{0,2}){0,3}",
        "[0-9]{0,25}",
    ];
    let pairs = proptest::collection::vec((name, value), 0..10).prop_map(|pairs| {
        let pairs: Vec<String> = pairs
            .into_iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        pairs.join("&").into_bytes()
    });
    prop_oneof![
        4 => pairs,
        1 => proptest::collection::vec(any::<u8>(), 0..200),
        1 => (0..80_usize).prop_map(|count| "a[b]=c&".repeat(count).into_bytes()),
    ]
}

#[test]
fn sec_01_ten_thousand_malformed_bodies_are_events_or_errors() {
    let config = Config {
        cases: 10_000,
        failure_persistence: None,
        ..Config::default()
    };
    let started = Instant::now();
    let parse = |body: Vec<u8>| {
        if let Ok(event) = Event::parse(None, &body) {
            // Whatever is taken is the same event the next time.
            let again = Event::parse(None, &body).unwrap();
            prop_assert_eq!(event.digest(), again.digest());
        }
        Ok(())
    };
    TestRunner::new(config).run(&malformed(), parse).unwrap();
    assert!(started.elapsed().as_secs() < 120);
}
