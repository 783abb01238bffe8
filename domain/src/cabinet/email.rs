//! Addresses of electronic mail, checked for their form.

use serde::{Deserialize, Serialize};

/// The longest address that SMTP takes (RFC 5321 §4.5.3.1.3, without the brackets).
const LONGEST: usize = 254;
/// The longest part before the sign (RFC 5321 §4.5.3.1.1).
const LONGEST_LOCAL: usize = 64;

/// Said of a text that cannot be an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is not an email address")]
pub struct InvalidEmail;

/// An address as its owner typed it. Shows itself masked in debug output: it is personal.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Email(String);

impl Email {
    /// Checks the form of an address; white space around it is forgiven. Addresses in quotes and
    /// addresses of machines by number are not taken.
    ///
    /// # Errors
    /// [`InvalidEmail`], also for anything that could forge a line of a mail (SEC-70).
    pub fn parse(typed: &str) -> Result<Self, InvalidEmail> {
        let address = typed.trim();
        let (local, host) = address.rsplit_once('@').ok_or(InvalidEmail)?;
        let fits = address.len() <= LONGEST && (1..=LONGEST_LOCAL).contains(&local.len());
        if fits && is_local(local) && is_host(host) {
            Ok(Self(address.to_owned()))
        } else {
            Err(InvalidEmail)
        }
    }

    /// The address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// By which two addresses are the same: no mail system in use tells letters by their case.
    #[must_use]
    pub fn key(&self) -> String {
        self.0.to_lowercase()
    }

    /// Enough to know one's own address by, and not enough to write to it: `iv•••@example.ru`.
    #[must_use]
    pub fn masked(&self) -> String {
        let (local, host) = self.0.rsplit_once('@').unwrap_or((&self.0, ""));
        let shown: String = local
            .chars()
            .take(2.min(local.chars().count() - 1))
            .collect();
        format!("{shown}•••@{host}")
    }
}

impl std::fmt::Debug for Email {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_tuple("Email")
            .field(&self.masked())
            .finish()
    }
}

impl TryFrom<String> for Email {
    type Error = InvalidEmail;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<Email> for String {
    fn from(email: Email) -> Self {
        email.0
    }
}

/// Atoms of RFC 5322 with dots between them; letters of other scripts are letters (RFC 6531).
fn is_local(local: &str) -> bool {
    let is_sign = |sign: char| sign.is_alphanumeric() || "!#$%&'*+/=?^_`{|}~-".contains(sign);
    local
        .split('.')
        .all(|atom| !atom.is_empty() && atom.chars().all(is_sign))
}

/// Labels of a domain name, two at the least.
fn is_host(host: &str) -> bool {
    let is_label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label
                .chars()
                .all(|sign| sign.is_alphanumeric() || sign == '-')
    };
    host.contains('.')
        && host.split('.').all(is_label)
        && !host.ends_with(|sign: char| sign.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usual_addresses_are_taken_as_they_are() {
        for address in [
            "ivan@example.ru",
            "Ivan.Petrov+crm@mail.example.com",
            "иван@почта.рф",
            "o'neil@example.org",
        ] {
            assert_eq!(Email::parse(address).unwrap().as_str(), address);
        }
        assert_eq!(Email::parse("  a@b.ru\n").unwrap().as_str(), "a@b.ru");
        assert!(Email::parse(&format!("a@{}.ru", "b".repeat(63))).is_ok());
    }

    #[test]
    fn sec_70_what_could_forge_a_line_is_refused() {
        let long = format!("{}@example.ru", "a".repeat(65));
        for address in [
            "",
            "ivan",
            "@example.ru",
            "ivan@",
            "ivan@localhost",
            "ivan@127.0.0.1",
            "ivan petrov@example.ru",
            "ivan@example.ru\r\nBcc: all@example.ru",
            "ivan@exam\nple.ru",
            "a..b@example.ru",
            "<ivan@example.ru>",
            "ivan@-example.ru",
            "ivan@example-.ru",
            &long,
            &format!("a@{}.ru", "b".repeat(64)),
        ] {
            assert_eq!(Email::parse(address), Err(InvalidEmail), "{address:?}");
        }
    }

    #[test]
    fn a_masked_address_hides_its_owner_and_debug_output_masks() {
        let masked = |address: &str| Email::parse(address).unwrap().masked();
        assert_eq!(masked("ivan@example.ru"), "iv•••@example.ru");
        assert_eq!(masked("я@почта.рф"), "•••@почта.рф");
        let shown = format!("{:?}", Email::parse("ivan@example.ru").unwrap());
        assert!(!shown.contains("ivan"), "{shown}");
    }

    #[test]
    fn case_makes_no_other_address() {
        let key = |address: &str| Email::parse(address).unwrap().key();
        assert_eq!(key("Ivan@Example.RU"), key("ivan@example.ru"));
    }
}
