//! What portals post, and addresses as people and portals write them.

use std::str::from_utf8;

use crmap_crm::Credential;
use secrecy::ExposeSecret as _;

use super::{kind_of, target};
use crate::opening::KNOWN;
use crate::{Event, Opening, address, form, webhook};

/// Beside the fields that are of interest.
const OF_OPENINGS: [&str; 5] = [
    "SERVER_ENDPOINT",
    "&DOMAIN=",
    "&LANG=en",
    "&AUTH_ID=x",
    "0123456789abcdef0123456789abcdef",
];
const OF_EVENTS: [&str; 16] = [
    "event",
    "ONAPPUNINSTALL",
    "ONAPPINSTALL",
    "ONAPPPAYMENT",
    "ONCRMDEALUSERFIELDADD",
    "data",
    "auth",
    "[member_id]",
    "[CLEAN]",
    "%5BCLEAN%5D",
    "&ts=",
    "[]",
    "[a]",
    "[application_token]",
    "application/x-www-form-urlencoded",
    "; charset=utf-8",
];

/// The first line and the rest.
fn in_two(input: &[u8]) -> (&[u8], &[u8]) {
    let at = input.iter().position(|byte| *byte == b'\n');
    let (line, rest) = input.split_at(at.unwrap_or(0));
    (line, rest.strip_prefix(b"\n").unwrap_or(rest))
}

#[test]
fn sec_01_openings_of_any_kind_are_read_strictly_or_not_at_all() {
    let words = [&KNOWN[..], &OF_OPENINGS].concat();
    target("opening").knowing(&words).run(|input| {
        let (query, body) = in_two(input);
        let query = String::from_utf8_lossy(query);
        match Opening::parse(&query, body) {
            Ok(opening) => {
                let is_sign = |char: char| char.is_alphanumeric() || "-._:".contains(char);
                let host = &opening.claim.address;
                assert!(!host.is_empty() && host.len() <= 255 && host.chars().all(is_sign));
                assert!(opening.lang.len() == 2 && opening.lang.is_ascii());
                let token = opening.claim.access_token.expose_secret();
                let shown = format!("{opening:?}");
                assert!(token.bytes().all(|byte| byte.is_ascii_graphic()) && !token.is_empty());
                // Whoever writes the token into a field that is no secret shows it.
                let open = [host, &opening.app_sid, &opening.placement];
                let told = open.iter().any(|field| field.contains(token));
                assert!(
                    token.len() < 40 || told || !shown.contains(token),
                    "a token is shown"
                );
                // The same fields in the other place mean the same.
                let whole = [query.as_bytes(), b"&", body].concat();
                let again = Opening::parse("", &whole);
                assert_eq!(
                    again.map(|again| again.claim.address).ok().as_ref(),
                    Some(host)
                );
                format!(
                    "{} {} {}",
                    opening.secure,
                    opening.placement.len(),
                    opening.expires_in.is_some()
                )
            }
            Err(error) => {
                let said = error.to_string();
                assert!(said.len() < 80, "{said}");
                said
            }
        }
    });
}

#[test]
fn sec_18_events_of_any_kind_mean_the_same_in_any_order_of_their_fields() {
    target("event").knowing(&OF_EVENTS).run(|input| {
        let (kind, body) = in_two(input);
        let kind = from_utf8(kind).ok().filter(|kind| !kind.is_empty());
        match Event::parse(kind, body) {
            Ok(event) => {
                let mut fields: Vec<_> = body.split(|byte| *byte == b'&').collect();
                fields.reverse();
                let turned = Event::parse(kind, &fields.join(&b'&'));
                let turned = turned.expect("the same fields").digest();
                assert_eq!(event.digest(), turned);
                let token = event
                    .application_token
                    .as_ref()
                    .map(|token| token.expose_secret());
                let shown = format!("{event:?}");
                assert!(token.is_none_or(|token| token.len() < 40 || !shown.contains(token)));
                format!("{:?} {}", event.kind, event.sent_at.is_some())
                    .chars()
                    .take(40)
                    .collect()
            }
            Err(error) => {
                let said = error.to_string();
                assert!(said.len() < 80, "{said}");
                said
            }
        }
    });
}

#[test]
fn sec_01_forms_are_read_within_their_bounds() {
    target("event").up_to(80_000).run(|input| {
        let fields = form::fields(input, form::MOST_FIELDS);
        let fields = fields.map_err(|error| format!("{error:?}"));
        for (name, value) in fields.iter().flatten() {
            assert!(name.len().max(value.len()) <= form::LARGEST_FIELD);
            assert!(!name.contains('\0') && !value.contains('\0'));
        }
        fields.map(|fields| fields.len())
    });
}

#[test]
fn sec_13_webhooks_of_any_kind_lead_to_addresses_that_may_be_called() {
    target("webhook").up_to(3_000).run(|input| {
        match webhook::parse(&String::from_utf8_lossy(input)) {
            Ok(access) => {
                let base = url::Url::parse(&access.base).expect("an address");
                address::check(&base, true).expect("one that may be called");
                assert!(base.query().is_none() && base.fragment().is_none());
                assert!(base.path().ends_with("/rest/"), "{base}");
                assert!(access.user_id.is_some_and(|id| id > 0));
                if let Credential::Webhook { code, .. } = &access.credential {
                    let is_plain = |sign: char| sign.is_ascii_alphanumeric();
                    assert!(code.expose_secret().chars().all(is_plain));
                }
                "an address".to_owned()
            }
            Err(error) => kind_of(&error.to_string()),
        }
    });
}

/// An opening counts where its address is that which the authority names: what is equal once must
/// stay so, and no two hosts may become equal.
#[test]
fn sec_08_addresses_are_compared_by_host_and_port() {
    target("address").up_to(400).run(|input| {
        let text = String::from_utf8_lossy(input);
        let compared = address::comparable(&text);
        assert!(
            !compared.contains(char::is_uppercase) || !compared.is_ascii(),
            "{compared}"
        );
        let Ok(url) = url::Url::parse(&format!("https://{}/", text.trim())) else {
            return 0;
        };
        let is_bare = url.username().is_empty() && url.path() == "/" && url.query().is_none();
        let is_bare = is_bare && url.fragment().is_none() && !text.contains(['/', '[', '@', '\\']);
        let is_bare = is_bare && !text.trim().contains(|char: char| char.is_control());
        if is_bare && url.port() != Some(80) && !text.ends_with(':') {
            assert_eq!(compared.split(':').next(), url.host_str(), "{text}");
        }
        1 + usize::from(is_bare)
    });
}
