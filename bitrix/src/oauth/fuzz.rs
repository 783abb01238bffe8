//! Hostile answers of authorization servers (SEC-02, SEC-03, REL-09): nothing counts that does not
//! say everything that has to be said.

use std::sync::Arc;

use crmap_crm::{Clock, ProvenOpening, RefreshError};
use crmap_domain::MemberId;
use secrecy::{ExposeSecret as _, SecretString};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use time::macros::datetime;
use url::Url;

use super::info::Verdict;
use super::{Expected, refresh};
use crate::fuzz::{SECRET, answer, kind_of, said, target};
use crate::{Bitrix24, Settings, address, envelope, repair};

const MEMBER: &str = "0123456789abcdef0123456789abcdef";
const DOMAIN: &str = "demo.bitrix24.ru";
const NOW: OffsetDateTime = datetime!(2027-01-01 0:00 UTC);
const WORDS: [&str; 20] = [
    "\"client_id\":\"app.sim\"",
    "\"expires\":\"2020-01-01T00:00:00+00:00\"",
    "\"user_id\":",
    "\"install\":",
    "\"domain\":\"evil.example\"",
    "\"member_id\":",
    MEMBER,
    DOMAIN,
    "evil.example",
    "https://demo.bitrix24.ru/rest/",
    "http://",
    "https://10.0.0.1/rest/",
    "\"client_endpoint\":",
    "\"access_token\":\"x\"",
    "\"refresh_token\":\"y\"",
    "\"expires_in\":",
    "\"error\":\"invalid_grant\"",
    "user@",
    "?x=1",
    "#f",
];

struct Still;

impl Clock for Still {
    fn now(&self) -> OffsetDateTime {
        NOW
    }
}

#[test]
fn sec_02_no_answer_of_an_authority_proves_more_than_it_says() {
    let connector = Bitrix24::new(Settings::new("app.sim"), Arc::new(Still)).expect("a connector");
    let authorities = connector.authorities();
    let (member_id, token) = (
        MemberId::parse(MEMBER).expect("an ID"),
        SecretString::from("t"),
    );
    let server = Url::parse("https://oauth.bitrix24.tech/").expect("an address");
    let expected = Expected {
        token: &token,
        member_id: Some(&member_id),
        address: Some(DOMAIN),
        seat: None,
    };
    target("info").knowing(&WORDS).run(|input| {
        let answer = answer(input);
        let opened = envelope::open("app.info", &answer);
        match authorities.verdict(opened, &server, &expected) {
            Verdict::Settled(Ok(proven)) => {
                assert_said(&answer.body, &proven);
                "proved".to_owned()
            }
            Verdict::Settled(Err(error)) => kind_of(&error.to_string()),
            Verdict::Stranger { .. } => "a stranger".to_owned(),
            Verdict::Silent(error) => kind_of(&format!("silent: {error}")),
        }
    });
}

/// By other code than that which believed it.
fn assert_said(body: &[u8], proven: &ProvenOpening) {
    let base = Url::parse(&proven.access.base).expect("an address");
    assert_eq!((base.scheme(), base.host_str()), ("https", Some(DOMAIN)));
    assert!(base.username().is_empty() && base.password().is_none() && base.port().is_none());
    assert_eq!(proven.origin, format!("https://{DOMAIN}"));
    assert!(proven.user_id > 0);
    let Some(said) = said(&repair::as_text(body)) else {
        return;
    };
    let said = &said["result"];
    assert_eq!(said["client_id"], "app.sim");
    assert_eq!(
        said["install"]["member_id"]
            .as_str()
            .map(str::to_lowercase)
            .as_deref(),
        Some(MEMBER)
    );
    let domain = said["install"]["domain"].as_str().expect("a domain");
    assert_eq!(address::comparable(domain), DOMAIN);
    let expires = said["expires"].as_str().expect("a time");
    assert!(OffsetDateTime::parse(expires, &Rfc3339).expect("a time") > NOW);
}

#[test]
fn rel_09_no_pair_comes_of_an_answer_that_is_none_and_no_secret_of_a_refusal() {
    target("refresh")
        .knowing(&WORDS)
        .knowing(&[SECRET])
        .run(|input| {
            let answer = answer(input);
            match refresh::understood(&answer, &[SECRET, "r-token-value-0002"]) {
                Ok(pair) => {
                    assert!(answer.status < 300);
                    if let Some(said) = said(&repair::as_text(&answer.body)) {
                        let token = pair.access_token.expose_secret();
                        assert_eq!(said["access_token"].as_str(), Some(token));
                        assert!(said["error"].as_str().is_none_or(str::is_empty));
                    }
                    assert!(pair.expires_in.is_positive());
                    format!(
                        "{} {} {}",
                        pair.member_id.is_some(),
                        pair.user_id.is_some(),
                        pair.endpoint.is_some()
                    )
                }
                Err(error) => {
                    let shown = format!("{error} {error:?}").to_lowercase();
                    assert!(
                        !shown.contains(SECRET) && !shown.contains("r-token-value-0002"),
                        "{shown}"
                    );
                    let sent = !matches!(error, RefreshError::NotSent(_));
                    assert!(sent, "what was answered was sent");
                    kind_of(&format!("{error:?}"))
                }
            }
        });
}
