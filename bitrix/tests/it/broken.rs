//! Answers that are none: silence, resets, web pages, halves, floods (SEC-14; F09 to F12, F16).

use std::time::{Duration, Instant};

use crmap_bitrix::webhook;
use crmap_crm::CrmError;
use crmap_domain::Unreachable;
use portal_sim::{Cloud, Effect, Fault, Options, Seed, UserRole};
use serde_json::json;

use crate::stub::{Stub, Told, at_once, batch, http, json_reply, plain};
use crate::support::{by_token, cloud, connector, hasty, patient, read, settings, to_stub};

async fn with_effect(effect: Effect) -> (CrmError, usize) {
    let cloud = cloud(Seed::Empty).await;
    let portal = cloud.portal(1);
    let silent = effect == Effect::Hang;
    portal.set_fault(Fault::every(effect));
    let access = by_token(portal, UserRole::Administrator);
    let settings = if silent { hasty() } else { settings() };
    let error = read(&connector(settings), &access).await.unwrap_err();
    (error, portal.requests().len())
}

fn why(error: &CrmError) -> Option<Unreachable> {
    match error {
        CrmError::Unreachable { why, .. } => Some(*why),
        _ => None,
    }
}

#[tokio::test]
async fn silence_and_resets_are_retried_twice_and_then_unreachable() {
    let (error, requests) = with_effect(Effect::Hang).await;
    assert_eq!(
        (why(&error), requests),
        (Some(Unreachable::Timeout), 3),
        "{error:?}"
    );
    let (error, requests) = with_effect(Effect::Reset).await;
    assert_eq!(
        (why(&error), requests),
        (Some(Unreachable::Connection), 3),
        "{error:?}"
    );
}

#[tokio::test]
async fn web_pages_tell_a_wrong_address_from_a_portal_out_of_order() {
    for status in [200, 403, 404] {
        let (error, requests) = with_effect(Effect::Html { status }).await;
        assert!(
            matches!(error, CrmError::NotAPortal { status: s } if s == status),
            "{error:?}"
        );
        assert_eq!(requests, 1);
    }
    for status in [500, 502, 503] {
        let (error, requests) = with_effect(Effect::Html { status }).await;
        assert!(matches!(error, CrmError::PortalFailed { status: s, .. } if s == status));
        assert_eq!(requests, 3);
    }
}

#[tokio::test]
async fn half_answers_and_empty_ones_are_retried_and_never_half_used() {
    for effect in [Effect::TruncatedJson, Effect::EmptyBody] {
        let (error, requests) = with_effect(effect).await;
        assert!(matches!(&error, CrmError::Malformed { place, .. } if place == "answer"));
        assert_eq!(requests, 3);
    }
    let cloud = cloud(Seed::Empty).await;
    let portal = cloud.portal(1);
    portal.set_fault(Fault::next(2, Effect::TruncatedJson));
    let access = by_token(portal, UserRole::Administrator);
    assert!(read(&connector(settings()), &access).await.is_ok());
}

#[tokio::test]
async fn sec_12_a_redirect_is_not_followed() {
    let evil = Stub::start(|_| json_reply(200, &json!({"result": []}))).await;
    let location = format!("{}/rest/batch", evil.url());
    let (error, requests) = with_effect(Effect::Redirect { location }).await;
    assert!(matches!(error, CrmError::Moved), "{error:?}");
    assert_eq!((requests, evil.connections()), (1, 0));
}

#[tokio::test]
async fn sec_14_a_flood_is_cut_off_plain_or_compressed() {
    let (error, requests) = with_effect(Effect::HugeBody {
        bytes: 17 * 1024 * 1024,
    })
    .await;
    assert!(
        matches!(error, CrmError::TooLarge { limit: 16_777_216 }),
        "{error:?}"
    );
    assert_eq!(requests, 1);
    let bomb = gzip_of_spaces(64 * 1024 * 1024);
    assert!(bomb.len() < 1024 * 1024);
    let headers = "Content-Type: application/json\r\nContent-Encoding: gzip\r\n";
    let answer = http(200, headers, &bomb);
    let stub = Stub::start(move |_| at_once(answer.clone())).await;
    let error = read(&connector(patient()), &to_stub(&stub.url()))
        .await
        .unwrap_err();
    assert!(matches!(error, CrmError::TooLarge { .. }), "{error:?}");
}

#[tokio::test]
async fn sec_14_an_answer_that_drips_is_given_up() {
    let head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{".to_vec();
    let silent =
        Stub::start(move |_| vec![(Duration::ZERO, Some(head.clone())), (Duration::ZERO, None)]);
    let silent = silent.await;
    let started = Instant::now();
    let error = read(&connector(hasty()), &to_stub(&silent.url()))
        .await
        .unwrap_err();
    assert_eq!(why(&error), Some(Unreachable::Timeout), "{error:?}");
    assert!(started.elapsed() < Duration::from_secs(8));
    let head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n".to_vec();
    let dripping = Stub::start(move |_| {
        let drops = (0..10_000).map(|_| (Duration::from_millis(50), Some(b" ".to_vec())));
        std::iter::once((Duration::ZERO, Some(head.clone())))
            .chain(drops)
            .collect()
    });
    let dripping = dripping.await;
    let mut short = hasty();
    short.timeouts.reading = Duration::from_millis(800);
    let started = Instant::now();
    let error = read(&connector(short), &to_stub(&dripping.url()))
        .await
        .unwrap_err();
    assert_eq!(why(&error), Some(Unreachable::Timeout), "{error:?}");
    assert!(started.elapsed() < Duration::from_secs(8));
}

#[tokio::test]
async fn a_body_that_is_cut_off_is_a_broken_connection() {
    let cut = b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n{\"result\":".to_vec();
    let stub = Stub::start(move |_| at_once(cut.clone())).await;
    let error = read(&connector(settings()), &to_stub(&stub.url()))
        .await
        .unwrap_err();
    assert_eq!(why(&error), Some(Unreachable::Connection), "{error:?}");
    assert_eq!(stub.connections(), 3);
}

#[tokio::test]
async fn nobody_home_an_unknown_name_and_a_wrong_certificate_are_told_apart() {
    let mut single = settings();
    single.pace.broken_retries = 0;
    let connector = connector(single);
    let closed = read(&connector, &to_stub("http://127.0.0.1:1"))
        .await
        .unwrap_err();
    assert_eq!(why(&closed), Some(Unreachable::Connection), "{closed:?}");
    let nowhere = read(&connector, &to_stub("https://no-such-host.invalid"))
        .await
        .unwrap_err();
    assert_eq!(why(&nowhere), Some(Unreachable::Dns), "{nowhere:?}");
    let options = Options {
        tls: true,
        seeds: vec![Seed::Empty],
        ..Options::default()
    };
    let cloud = Cloud::start(options).await.unwrap();
    let access = by_token(cloud.portal(1), UserRole::Administrator);
    let untrusted = read(&connector, &access).await.unwrap_err();
    assert_eq!(why(&untrusted), Some(Unreachable::Tls), "{untrusted:?}");
    let mut trusting = settings();
    trusting.authorities = vec![cloud.ca_pem().unwrap().to_owned()];
    let trusted = read(&crate::support::connector(trusting), &access).await;
    assert!(trusted.is_ok(), "{trusted:?}");
}

#[tokio::test]
async fn rows_that_cannot_be_understood_name_the_method_and_the_place() {
    let cloud = cloud(Seed::Empty).await;
    let portal = cloud.portal(1);
    let access = by_token(portal, UserRole::Administrator);
    let cases = [
        (
            "crm.category.list",
            json!({"categories": [{"id": "x", "name": "a"}]}),
            "result.categories[0].id",
        ),
        ("crm.category.list", json!(null), "result.categories"),
        (
            "crm.status.list",
            json!([{"ID": "1"}]),
            "result[0].ENTITY_ID",
        ),
        (
            "crm.deal.userfield.list",
            json!([{"ID": [], "USER_TYPE_ID": "string"}]),
            "result[0].ID",
        ),
        ("crm.contact.userfield.list", json!({"error": 1}), "result"),
        (
            "user.get",
            json!([{"ID": "1", "ACTIVE": true}, {"ID": null, "ACTIVE": true}]),
            "result[1].ID",
        ),
        ("department.get", json!(7), "result"),
        ("profile", json!({"NAME": "x"}), "result.ID"),
        ("crm.settings.mode.get", json!("classic"), "result"),
    ];
    for (name, result, expected) in cases {
        portal.set_fault(Fault::replace_result(name, result));
        match read(&connector(settings()), &access).await {
            Err(CrmError::Malformed { method, place }) => {
                assert_eq!((method.as_str(), place.as_str()), (name, expected));
            }
            other => panic!("{name}: {other:?}"),
        }
        portal.clear_faults();
    }
}

#[tokio::test]
async fn quirks_of_php_are_taken_in_stride() {
    let stub = Stub::start(|request| {
        let told = |method: &str, _: &str| match method {
            "crm.deal.userfield.list" => {
                Told::Result(json!({"4": {"ID": 7, "FIELD_NAME": "UF_CRM_A",
                "USER_TYPE_ID": "crm", "SETTINGS": [], "SORT": null, "MULTIPLE": false,
                "MANDATORY": 1, "XML_ID": "", "LIST": []}}))
            }
            "user.get" => Told::Result(json!([{"ID": 1, "ACTIVE": "Y", "NAME": "\u{1f600}",
                "TIMESTAMP_X": {}, "UF_DEPARTMENT": {"0": "1", "1": 9}}])),
            other => plain(other),
        };
        json_reply(200, &batch(request, told))
    })
    .await;
    let got = read(&connector(settings()), &to_stub(&stub.url()))
        .await
        .unwrap();
    let field = &got.fields.deal.rows()[0];
    assert!(field.required && !field.multiple && field.xml_id.is_none());
    assert_eq!((field.title(), field.sort), ("UF_CRM_A", 0));
    assert_eq!(got.users.rows()[0].departments, ["#9", "Компания"]);
}

#[tokio::test]
async fn http_without_encryption_is_for_loopback_alone() {
    let parse = webhook::parse("http://127.0.0.1:1/rest/1/abc/").unwrap();
    let mut strict = settings();
    strict.allow_loopback = false;
    let error = read(&connector(strict), &parse).await.unwrap_err();
    assert!(matches!(error, CrmError::WrongAddress { .. }), "{error:?}");
}

/// A gzip stream of that many spaces: one literal, then matches of 258 bytes at distance 1.
pub fn gzip_of_spaces(count: usize) -> Vec<u8> {
    let mut bytes = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    let (mut bit, mut current) = (0_u32, 0_u8);
    let mut push = |code: u32, length: u32, bytes: &mut Vec<u8>| {
        for index in (0..length).rev() {
            current |= u8::from(code >> index & 1 == 1) << bit;
            bit += 1;
            if bit == 8 {
                bytes.push(current);
                (bit, current) = (0, 0);
            }
        }
    };
    // The last block, with the fixed codes.
    push(0b110, 3, &mut bytes);
    push(0x50, 8, &mut bytes);
    for _ in 0..count / 258 {
        push(0xc5, 8, &mut bytes);
        push(0, 5, &mut bytes);
    }
    push(0, 7, &mut bytes);
    push(0, 7, &mut bytes);
    bytes.extend([0; 8]);
    bytes
}
