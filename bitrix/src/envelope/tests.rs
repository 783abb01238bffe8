//! Frames of answers as portals and what stands before them send them.

use std::time::Duration;

use crmap_crm::CrmError;
use time::macros::offset;

use super::{Envelope, open};
use crate::classify::{Failure, Kind};
use crate::egress::Answer;

fn opened(status: u16, body: &str) -> Result<Envelope, Failure> {
    let body = body.as_bytes().to_vec();
    open(
        "profile",
        &Answer {
            status,
            says_json: body.is_empty(),
            body,
        },
    )
}

fn kind(status: u16, body: &str) -> Option<Kind> {
    match opened(status, body) {
        Err(Failure::Said(said)) => Some(said.kind),
        _ => None,
    }
}

fn fault(status: u16, body: &str) -> String {
    match opened(status, body) {
        Err(Failure::Fault(error)) => format!("{error:?}"),
        other => panic!("not a fault: {other:?}"),
    }
}

#[test]
fn totals_offset_and_reset_are_read_in_any_type() {
    let body = r#"{"result":[],"total":"8","next":50,"time":{"start":1767225600,
        "finish":1767225600.5,"date_start":"2026-01-01T03:00:00+03:00",
        "operating_reset_at":1767225610,"operating":0.012}}"#;
    let envelope = opened(200, body).unwrap();
    assert_eq!((envelope.total, envelope.next), (Some(8), Some(50)));
    assert_eq!(envelope.times.offset, Some(offset!(+3)));
    assert_eq!(envelope.times.reset, Some(Duration::from_millis(9_500)));
}

#[test]
fn totals_and_time_may_be_missing_or_null_and_a_null_result_is_a_result() {
    let envelope = opened(200, r#"{"result":null,"total":null,"next":null,"time":[]}"#).unwrap();
    assert_eq!(envelope.result.get(), "null");
    assert_eq!((envelope.total, envelope.next), (None, None));
    assert_eq!(envelope.times.offset, None);
}

#[test]
fn errors_are_seen_whatever_their_type_and_status() {
    let expired = r#"{"error":"expired_token","error_description":"x"}"#;
    assert_eq!(kind(401, expired), Some(Kind::Expired));
    assert_eq!(kind(200, expired), Some(Kind::Expired));
    assert_eq!(
        kind(400, r#"{"error":"","error_description":"Access denied."}"#),
        Some(Kind::NoRights)
    );
    assert_eq!(
        kind(400, r#"{"error":100,"error_description":"?"}"#),
        Some(Kind::Other)
    );
    assert_eq!(kind(400, r#"{"error":0}"#), Some(Kind::Other));
    assert_eq!(kind(401, r#"{"result":[]}"#), Some(Kind::Unknown));
    assert_eq!(kind(503, r#"{"error":{"code":"X"}}"#), Some(Kind::Broken));
}

#[test]
fn what_is_no_answer_of_a_portal_is_told_apart() {
    let moved = opened(302, "<html>");
    assert!(matches!(moved, Err(Failure::Fault(CrmError::Moved))));
    assert!(fault(200, "<html><body>shop</body>").starts_with("NotAPortal"));
    assert!(fault(404, "<html>").starts_with("NotAPortal"));
    assert!(fault(404, "{}").starts_with("NotAPortal"));
    assert!(fault(200, "[1]").starts_with("NotAPortal"));
    assert!(fault(502, "Bad gateway").starts_with("PortalFailed"));
    assert!(fault(410, "gone").starts_with("Gone"));
    assert!(fault(200, "{}").contains("place: \"result\""));
    assert!(fault(200, r#"{"result":[{"ID":"1"#).contains("place: \"answer\""));
    assert!(fault(200, "").contains("place: \"answer\""));
}

#[test]
fn sec_14_depth_is_bounded_and_brackets_in_strings_do_not_count() {
    let deep = format!(
        "{{\"result\":{}{}}}",
        "[".repeat(100_000),
        "]".repeat(100_000)
    );
    assert!(fault(200, &deep).contains("nested too deeply"));
    let text = format!(
        "{{\"result\":\"{}\\\"{}\"}}",
        "[".repeat(100),
        "{".repeat(100)
    );
    assert!(opened(200, &text).is_ok());
}

#[test]
fn broken_characters_are_replaced_rather_than_fatal() {
    let lone = opened(200, r#"{"result":"a\ud800b \ud83d\ude00 \udc00"}"#).unwrap();
    let text: String = serde_json::from_str(lone.result.get()).unwrap();
    assert_eq!(text, "a\u{fffd}b \u{1f600} \u{fffd}");
    let body = b"{\"result\":\"\xff\"}".to_vec();
    let invalid = open(
        "profile",
        &Answer {
            status: 200,
            says_json: true,
            body,
        },
    )
    .unwrap();
    assert_eq!(invalid.result.get(), "\"\u{fffd}\"");
}

#[test]
fn a_reset_that_no_portal_means_is_cut_to_an_hour() {
    let raw = r#"{"finish": 1, "operating_reset_at": 1.8e19}"#;
    let raw = serde_json::value::RawValue::from_string(raw.to_owned()).unwrap();
    assert_eq!(
        super::times_in(&raw).reset,
        Some(std::time::Duration::from_secs(3_600))
    );
}
