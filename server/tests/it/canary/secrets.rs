//! What must not be found, by what it is.

use std::collections::HashSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use portal_sim::{Cloud, Portal, UserRole, fingerprint};

use crate::support::Form;

#[derive(Default)]
pub struct Secrets(pub Vec<(&'static str, String)>);

impl Secrets {
    pub fn form(&mut self, portal: &Portal, role: UserRole) -> Form {
        let form = Form::of(portal, role);
        for name in ["AUTH_ID", "REFRESH_ID", "APPLICATION_TOKEN"] {
            self.0.push((name, form.get(name).to_owned()));
        }
        form
    }

    pub fn add(&mut self, name: &'static str, secret: &str) -> String {
        assert!(secret.len() >= 14, "{name} may be found by accident");
        self.0.push((name, secret.to_owned()));
        secret.to_owned()
    }

    /// `allowed` names the secrets that have their place here.
    pub fn check(&self, place: &str, bytes: &[u8], cloud: &Cloud, allowed: &[&str]) {
        // What is no text is replaced sign by sign, and what is stays findable.
        let text = String::from_utf8_lossy(bytes);
        for (name, secret) in &self.0 {
            for written in ways_to_write(secret) {
                let found = text.contains(&written);
                assert!(!found || allowed.contains(name), "{name} is in {place}");
            }
        }
        // Pairs of refreshes are known by their fingerprints alone.
        let issued: HashSet<String> = cloud
            .chains()
            .into_iter()
            .flat_map(|chain| [chain.access, chain.refresh])
            .collect();
        let word = |byte: &u8| !byte.is_ascii_alphanumeric();
        for word in bytes.split(word).filter(|word| word.len() >= 20) {
            let text = std::str::from_utf8(word).unwrap();
            assert!(
                !issued.contains(&fingerprint(text)),
                "a token is in {place}"
            );
        }
    }

    /// As [`check`](Self::check), with the data that the page holds for its scripts.
    pub fn check_page(&self, place: &str, bytes: &[u8], cloud: &Cloud, allowed: &[&str]) {
        self.check(place, bytes, cloud, allowed);
        if let Some(data) = island(bytes) {
            self.check(&format!("the data of {place}"), &data, cloud, allowed);
        }
    }
}

/// As it is, as forms and addresses have it, as PostgreSQL writes bytes, and as logs of debugging
/// do.
fn ways_to_write(secret: &str) -> Vec<String> {
    let form = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
    let hex = secret.bytes().map(|byte| format!("{byte:02x}")).collect();
    let base64 = STANDARD.encode(secret);
    let base64 = base64.trim_end_matches('=').to_owned();
    let debug = format!("{secret:?}").trim_matches('"').to_owned();
    let mut ways = vec![secret.to_owned(), form, hex, base64, debug];
    ways.dedup();
    ways
}

/// The data of a page, where it has any.
pub fn island(page: &[u8]) -> Option<Vec<u8>> {
    let text = String::from_utf8_lossy(page);
    let (_, island) = text.split_once("id=\"crmap-data\">")?;
    Some(STANDARD.decode(island.split_once('<')?.0).unwrap())
}

#[test]
fn a_secret_is_found_however_it_is_written() {
    let secret = "correct \"horse\" пароль";
    for written in [
        secret.to_owned(),
        format!("password={secret:?}"),
        "x=correct+%22horse%22+%D0%BF%D0%B0%D1%80%D0%BE%D0%BB%D1%8C&y".to_owned(),
        format!("log: {}", STANDARD.encode(secret)),
    ] {
        let found = ways_to_write(secret)
            .iter()
            .any(|way| written.contains(way));
        assert!(found, "{written}");
    }
}
