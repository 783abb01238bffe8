//! What is kept of requests and answers, and what is not.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{LARGEST, form, json as masked};

const TOKEN: &str = "8F3a1c6600e5bd60006e2b8a";

fn of(body: &Value) -> String {
    masked(body.to_string().as_bytes(), &[TOKEN])
}

#[test]
fn sec_37_secrets_and_people_are_masked_by_name() {
    let body = json!({"auth": TOKEN, "halt": 0, "result": [{"ID": "1", "NAME": "Анна",
        "LAST_NAME": "Титова", "SECOND_NAME": null, "EMAIL": "a@b.c", "WORK_PHONE": "+7",
        "PERSONAL_BIRTHDAY": "x", "PERSONAL_MOBILE": 5, "UF_PHONE_INNER": ["1", {"a": "}"}],
        "WORK_POSITION": "x", "ACTIVE": true}], "access_token": {"a": [1, "\"]}"]}, "z": "ok"});
    let text = of(&body);
    for hidden in ["Анна", "Титова", "a@b.c", "+7", "\"x\"", "}\"", TOKEN] {
        assert!(!text.contains(hidden), "{hidden} in {text}");
    }
    // What is left is JSON still.
    let read: Value = serde_json::from_str(&text).unwrap();
    assert_eq!((&read["z"], &read["auth"]), (&json!("ok"), &json!("***")));
    let person = &read["result"][0];
    assert_eq!(
        (&person["ID"], &person["ACTIVE"]),
        (&json!("1"), &json!(true))
    );
    assert_eq!(person["UF_PHONE_INNER"], json!("***"));
    // Names of funnels stay.
    assert_eq!(of(&json!({"name": "Продажи"})), r#"{"name":"Продажи"}"#);
}

#[test]
fn sec_37_the_token_itself_is_nowhere() {
    let escaped = TOKEN.replace('3', "\\u0033");
    let upper = TOKEN.to_uppercase();
    let percent = TOKEN.replace('a', "%61");
    for text in [
        format!("{{\"error_description\":\"bad {TOKEN}!\"}}"),
        format!("{{\"x\":\"{escaped}\"}}"),
        format!("{{\"x\":\"{upper}\"}}"),
        format!("{{\"x\":\"{percent}\"}}"),
        format!("{{\"{TOKEN}\":1}}"),
        format!("{{{TOKEN}: 5}}"),
        format!("<html>{TOKEN}</html>"),
        format!("{{\"cmd\":{{\"c0\":\"profile?auth={TOKEN}&x=1\"}}}}"),
    ] {
        let text = masked(text.as_bytes(), &[TOKEN]).to_lowercase();
        assert!(!text.contains("1c6600e5"), "{text}");
    }
}

#[test]
fn queries_of_commands_and_forms_are_masked_by_name() {
    let line = "user.get?FILTER%5BNAME%5D=Anna&filter[LAST_NAME]=T&start=50";
    let text = of(&json!({"cmd": {"c0": line}}));
    assert!(text.contains("FILTER%5BNAME%5D=***&filter[LAST_NAME]=***&start=50"));
    let body = b"grant_type=refresh_token&client_id=app.1&client_secret=s&refresh_token=t";
    assert_eq!(
        form(body, &["s3cret"]),
        "grant_type=refresh_token&client_id=app.1&client_secret=***&refresh_token=***"
    );
}

#[test]
fn long_bodies_are_cut_and_halves_of_secrets_with_them() {
    let long = of(&json!({"a": "я".repeat(100_000)}));
    assert!(
        long.len() <= LARGEST && long.ends_with('…'),
        "{}",
        long.len()
    );
    for pad in LARGEST - 60..LARGEST + 5 {
        let text = format!("[{}{TOKEN}", "1".repeat(pad));
        let text = masked(text.as_bytes(), &[TOKEN]);
        assert!(
            text.len() <= LARGEST && !text.contains("8F3a1"),
            "{pad}: {text}"
        );
    }
    let behind = format!("{{\"auth\":\"{}\",\"b\":1}}", "x".repeat(1_000_000));
    assert_eq!(masked(behind.as_bytes(), &[]), "{\"auth\":\"***\"…");
    let page = masked("<b>страница</b>".repeat(100).as_bytes(), &[]);
    assert_eq!(page.chars().count(), 201);
}

#[test]
fn control_characters_are_shown() {
    let text = of(&json!({"a": "x\n\u{1b}[31m\u{202e}\u{7f}\u{85}"}));
    assert_eq!(text, "{\"a\":\"x\\n\\u001b[31m\\u202e\\u007f\\u0085\"}");
}

proptest! {
    #[test]
    fn sec_37_any_beginning_of_a_body_keeps_its_secrets(
        cut in 0_usize..400,
        words in proptest::collection::vec("[a-zA-Z_\"\\\\{}\\[\\]:, ]{0,9}", 0..12),
    ) {
        let body = json!({"a": words, "auth": "secret-value", "b": {"access_token":
            ["secret-value", words], "EMAIL": "secret-value"}, "c": TOKEN}).to_string();
        let cut = (0..=cut.min(body.len())).rev().find(|at| body.is_char_boundary(*at));
        let text = masked(&body.as_bytes()[..cut.unwrap_or(0)], &[TOKEN]);
        prop_assert!(!text.contains("secret-v"), "{}", text);
        prop_assert!(!text.contains("1c6600"), "{}", text);
    }

    #[test]
    fn anything_becomes_a_bounded_text_without_control_characters(
        bytes in proptest::collection::vec(any::<u8>(), 0..6_000),
        json: bool,
    ) {
        let mut body = bytes;
        if json {
            body.insert(0, b'{');
        }
        let text = masked(&body, &[TOKEN]);
        prop_assert!(text.len() <= LARGEST);
        prop_assert!(!text.chars().any(char::is_control));
    }
}
