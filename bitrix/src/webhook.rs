//! Reads the address of an incoming webhook as people paste it. It calls nothing.

use crmap_crm::{Access, Credential, CrmError};
use secrecy::SecretString;
use url::Url;

use crate::address;

const LONGEST_ADDRESS: usize = 2_048;
const LONGEST_CODE: usize = 128;

/// The access that `https://host/rest/USER/CODE/` gives. The slash at the end may be missing, and a
/// method may still stand there (`…/CODE/profile.json`). Plain http is for loopback addresses;
/// whether those may be called is for the connector to say.
///
/// # Errors
/// [`CrmError::WrongAddress`] says what is wrong with it.
pub fn parse(text: &str) -> Result<Access, CrmError> {
    let text = text.trim();
    if text.len() > LONGEST_ADDRESS {
        return wrong("it is too long");
    }
    let Ok(mut url) = Url::parse(text) else {
        return wrong("it is not an address");
    };
    address::check(&url, true)?;
    let Some(path) = url.path_segments() else {
        return wrong("it is not an address");
    };
    let segments: Vec<String> = path.map(ToOwned::to_owned).collect();
    let Some(at) = segments.iter().position(|segment| segment == "rest") else {
        return wrong("it has no /rest/ in it");
    };
    let (before, rest) = segments.split_at(at + 1);
    let (user, code, method) = match rest {
        [user, code] => (user, code, ""),
        [user, code, method] => (user, code, method.as_str()),
        _ => return wrong("it is not like https://host/rest/USER/CODE/"),
    };
    let Some(user_id) = user_id(user) else {
        return wrong("the user in it is not a number");
    };
    if !is_code(code) {
        return wrong("the code in it is not one");
    }
    if !is_method(method) {
        return wrong("what follows the code is not a method");
    }
    let code = SecretString::from(code.as_str());
    url.set_path(&format!("/{}/", before.join("/")));
    url.set_query(None);
    url.set_fragment(None);
    let credential = Credential::Webhook { user_id, code };
    Ok(Access {
        base: url.into(),
        credential,
        member_id: None,
        user_id: Some(user_id),
    })
}

/// Whether a text can be the secret part of a webhook's address and stand in a path as it is.
pub(crate) fn is_code(text: &str) -> bool {
    (1..=LONGEST_CODE).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

fn user_id(text: &str) -> Option<i64> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|id: &i64| digits && *id > 0)
}

fn is_method(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'.' || byte == b'_';
    text.bytes().all(allowed)
}

fn wrong<T>(reason: &'static str) -> Result<T, CrmError> {
    Err(CrmError::WrongAddress { reason })
}

#[cfg(test)]
mod tests {
    use crmap_crm::{Credential, CrmError};
    use proptest::prelude::*;
    use secrecy::ExposeSecret;

    use super::parse;

    fn read(text: &str) -> Result<(String, i64, String), &'static str> {
        match parse(text) {
            Ok(access) => match access.credential {
                Credential::Webhook { user_id, code } => {
                    Ok((access.base, user_id, code.expose_secret().to_owned()))
                }
                Credential::Token(_) => panic!("not a webhook"),
            },
            Err(CrmError::WrongAddress { reason }) => Err(reason),
            Err(other) => panic!("{other}"),
        }
    }

    #[test]
    fn the_address_is_taken_as_people_paste_it() {
        let base = "https://demo.bitrix24.ru/rest/";
        for text in [
            "https://demo.bitrix24.ru/rest/1/a1b2c3d4e5/",
            "https://demo.bitrix24.ru/rest/1/a1b2c3d4e5",
            "  https://Demo.Bitrix24.ru:443/rest/1/a1b2c3d4e5/\n",
            "https://demo.bitrix24.ru/rest/1/a1b2c3d4e5/profile.json",
            "https://demo.bitrix24.ru/rest/1/a1b2c3d4e5/crm.deal.list.json?start=50#x",
        ] {
            let expected = (base.to_owned(), 1, "a1b2c3d4e5".to_owned());
            assert_eq!(read(text), Ok(expected), "{text}");
        }
        let local = read("http://127.0.0.2:8600/rest/12/AbC/").unwrap();
        assert_eq!(
            local,
            (
                "http://127.0.0.2:8600/rest/".to_owned(),
                12,
                "AbC".to_owned()
            )
        );
        let deep = read("https://box.example/b24/rest/1/abc/").unwrap();
        assert_eq!(deep.0, "https://box.example/b24/rest/");
    }

    #[test]
    fn sec_13_an_address_has_a_length_at_which_it_ends() {
        let tail = "/rest/1/abc/";
        let of = |length: usize| {
            let host = "https://box.example/";
            format!(
                "{host}{}{tail}",
                "a".repeat(length - host.len() - tail.len())
            )
        };
        assert!(read(&of(2_048)).is_ok());
        assert_eq!(read(&of(2_049)), Err("it is too long"));
    }

    #[test]
    fn what_is_wrong_with_an_address_is_said() {
        for (text, reason) in [
            ("", "it is not an address"),
            ("demo.bitrix24.ru/rest/1/abc/", "it is not an address"),
            ("http://demo.bitrix24.ru/rest/1/abc/", "it is not https"),
            (
                "ftp://demo.bitrix24.ru/rest/1/abc/",
                "it is neither https nor http",
            ),
            ("https://demo.bitrix24.ru/", "it has no /rest/ in it"),
            (
                "https://demo.bitrix24.ru/rest/",
                "it is not like https://host/rest/USER/CODE/",
            ),
            (
                "https://demo.bitrix24.ru/rest/1",
                "it is not like https://host/rest/USER/CODE/",
            ),
            (
                "https://demo.bitrix24.ru/rest/one/abc/",
                "the user in it is not a number",
            ),
            (
                "https://demo.bitrix24.ru/rest/+1/abc/",
                "the user in it is not a number",
            ),
            (
                "https://demo.bitrix24.ru/rest/0/abc/",
                "the user in it is not a number",
            ),
            (
                "https://demo.bitrix24.ru/rest/1//",
                "the code in it is not one",
            ),
            (
                "https://demo.bitrix24.ru/rest/1/a%2Fb/",
                "the code in it is not one",
            ),
            (
                "https://demo.bitrix24.ru/rest/1/abc/a%20b",
                "what follows the code is not a method",
            ),
            (
                "https://a:b@demo.bitrix24.ru/rest/1/abc/",
                "it carries a name or a password",
            ),
        ] {
            assert_eq!(read(text), Err(reason), "{text}");
        }
    }

    #[test]
    fn the_code_is_never_shown() {
        let access = parse("https://demo.bitrix24.ru/rest/1/verysecretcode/").unwrap();
        assert!(!format!("{access:?}").contains("verysecretcode"));
        let error = parse("https://demo.bitrix24.ru/rest/x/verysecretcode/").unwrap_err();
        assert!(!format!("{error:?} {error}").contains("verysecretcode"));
    }

    proptest! {
        #[test]
        fn anything_is_an_access_or_an_error(text in ".*") {
            let _ = parse(&text);
            let _ = parse(&format!("https://h/rest/{text}"));
        }
    }
}
