//! SEC-64: whether an address has a cabinet shows in no answer: not in status, length, headers or
//! cookies, nor in anything that the page says.

use crmap_app::api::cabinet::{AskReset, LogIn, Register};
use crmap_domain::Lang;

use super::browser::Browser;
use super::reset::house_with_mail;
use super::{OTHER, owner};
use crate::house::{Base, House, on_both};
use crate::support::Answer;

on_both! {
    sec_64_forms_answer_alike_for_known_and_unknown_addresses
    sec_64_functions_answer_alike_for_known_and_unknown_addresses
    sec_64_the_owner_alone_is_told_of_a_second_registration
    sec_64_limits_answer_alike_for_known_and_unknown_addresses
}

const KNOWN: &str = "anna@example.ru";
/// As long as the other one.
const UNKNOWN: &str = "olga@example.ru";

/// Everything that can be told apart, with what was typed and what is new in every answer taken
/// out.
fn told(answer: &Answer, email: &str) -> String {
    let mut told = format!("{}\n", answer.status);
    let nonce = answer
        .header("content-security-policy")
        .split_once("'nonce-")
        .and_then(|(_, rest)| rest.split_once('\''))
        .map(|(nonce, _)| nonce.to_owned());
    let without = |text: &str| {
        let text = text.replace(email, "EMAIL");
        nonce
            .as_ref()
            .map_or_else(|| text.clone(), |nonce| text.replace(nonce, "NONCE"))
    };
    // Each request has a name of its own.
    let headers = answer
        .headers
        .iter()
        .filter(|(name, _)| *name != "x-request-id");
    for (name, value) in headers {
        told.push_str(&without(&format!("{name}: {}\n", value.to_str().unwrap())));
    }
    told.push_str(&format!("{} bytes\n", answer.body.len()));
    let body = String::from_utf8_lossy(&answer.body);
    // The data holds a clock and what was typed; its length counts, and what is drawn of it.
    let body = match body.split_once("id=\"crmap-data\">") {
        Some((drawn, _)) => drawn.to_owned(),
        None => body.into_owned(),
    };
    told.push_str(&without(&body));
    told
}

async fn form_told(house: &House, page: &str, email: &str) -> String {
    let browser = Browser::new(&house.router);
    let fields = [("name", "Некто"), ("email", email), ("password", OTHER)];
    let answer = browser.submit(page, &fields).await;
    assert!(
        !answer.status.is_server_error(),
        "{page}: {}",
        answer.status
    );
    assert!(answer.set_cookies().is_empty(), "{page}");
    told(&answer, email)
}

async fn sec_64_forms_answer_alike_for_known_and_unknown_addresses(base: Base) {
    let (house, _sink) = house_with_mail("alike", base).await;
    owner(&house, "Анна", KNOWN).await;
    // Each before the one that makes the unknown address known.
    for page in ["/login", "/password", "/register"] {
        let known = form_told(&house, page, KNOWN).await;
        let unknown = form_told(&house, page, UNKNOWN).await;
        assert_eq!(known, unknown, "{page}");
    }
    // The measure does find a difference.
    let [wrong, right] = [OTHER, super::PASSWORD].map(|password| (KNOWN, password));
    let browser = Browser::new(&house.router);
    let wrong = told(&browser.log_in(wrong.0, wrong.1).await, KNOWN);
    let right = told(&browser.log_in(right.0, right.1).await, KNOWN);
    assert_ne!(wrong, right);
}

async fn sec_64_functions_answer_alike_for_known_and_unknown_addresses(base: Base) {
    let (house, _sink) = house_with_mail("alike-calls", base).await;
    owner(&house, "Анна", KNOWN).await;
    let asked = async |email: &str| {
        let browser = Browser::new(&house.router);
        let log_in = LogIn {
            email: email.to_owned(),
            password: OTHER.to_owned(),
        };
        let ask = AskReset {
            email: email.to_owned(),
            lang: Lang::Ru,
        };
        let register = Register {
            name: "Некто".to_owned(),
            email: email.to_owned(),
            password: OTHER.to_owned(),
            lang: Lang::Ru,
        };
        [
            told(&browser.call(&log_in).await, email),
            told(&browser.call(&ask).await, email),
            told(&browser.call(&register).await, email),
        ]
    };
    let (known, unknown) = (asked(KNOWN).await, asked(UNKNOWN).await);
    assert_eq!(known, unknown);
    assert!(known[0].starts_with("403") && known[2].starts_with("200"));
}

async fn sec_64_the_owner_alone_is_told_of_a_second_registration(base: Base) {
    let (house, sink) = house_with_mail("second", base).await;
    let anna = owner(&house, "Анна", KNOWN).await;
    let stranger = Browser::new(&house.router);
    // In whichever letters.
    stranger
        .register("Некто <b>", "ANNA@example.ru", OTHER)
        .await;
    let letter = sink.letter_to(KNOWN).await;
    assert!(letter.subject().contains("кабинет у вас уже есть"));
    assert!(
        !letter.text().contains("Некто"),
        "a stranger writes nothing"
    );
    // What was there is there still.
    assert!(anna.is_in().await);
    let refused = stranger.log_in(KNOWN, OTHER).await;
    assert_eq!(refused.status.as_u16(), 403);
    let profile = anna.get("/profile").await;
    assert!(profile.text().contains("Анна") && !profile.text().contains("Некто"));
}

/// Whoever is told to wait learns no more.
async fn sec_64_limits_answer_alike_for_known_and_unknown_addresses(base: Base) {
    let (house, _sink) = house_with_mail("alike-limits", base).await;
    // One try is spent by making and entering the account; the other address has it spent here.
    owner(&house, "Анна", KNOWN).await;
    Browser::new(&house.router).log_in(UNKNOWN, OTHER).await;
    for page in ["/login", "/password"] {
        for _ in 0..7 {
            let known = form_told(&house, page, KNOWN).await;
            let unknown = form_told(&house, page, UNKNOWN).await;
            let status = |told: &str| told.lines().next().unwrap().to_owned();
            assert_eq!(status(&known), status(&unknown), "{page}");
            if status(&known).starts_with("200") || status(&known).starts_with("403") {
                assert_eq!(known, unknown, "{page}");
            }
        }
        let told = form_told(&house, page, KNOWN).await;
        assert!(told.starts_with("429"), "{page}: {told:.40}");
    }
}
