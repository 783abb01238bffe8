//! Content-Security-Policy of pages (SEC-47, SEC-48).

use std::fmt::Write as _;

use axum::http::HeaderValue;

/// Who may frame a page.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Framing<'a> {
    /// Nobody.
    Nobody,
    /// The pages of one origin, built from a parsed host and never from raw input.
    Origin(&'a str),
}

/// The policy of one answer: scripts by `nonce` alone, everything else from our own origin, framing
/// as said. An origin that cannot stand in a header is taken for nobody.
pub(crate) fn policy(nonce: &str, framing: Framing<'_>) -> HeaderValue {
    let ancestors = match framing {
        Framing::Origin(origin) if is_origin(origin) => origin,
        Framing::Origin(_) | Framing::Nobody => "'none'",
    };
    let mut policy = String::with_capacity(420);
    // Writing to a string cannot fail.
    let _ = write!(
        policy,
        "default-src 'none'; script-src 'nonce-{nonce}' 'strict-dynamic' 'wasm-unsafe-eval'; \
         style-src 'self' 'nonce-{nonce}'; img-src 'self' data:; font-src 'self'; \
         connect-src 'self'; base-uri 'none'; form-action 'self'; object-src 'none'; \
         frame-ancestors {ancestors}"
    );
    HeaderValue::try_from(policy).unwrap_or(HeaderValue::from_static("default-src 'none'"))
}

/// The policy of whatever is no page of ours: nothing runs, nobody frames it.
pub(crate) const OF_NO_PAGE: HeaderValue =
    HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");

/// Whether a policy lets nobody frame its page.
pub(crate) fn frames_nobody(policy: &str) -> bool {
    policy.ends_with("frame-ancestors 'none'")
}

/// Whether `text` is `http(s)://host[:port]` and nothing else.
fn is_origin(text: &str) -> bool {
    let host = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"));
    host.is_some_and(|host| {
        !host.is_empty()
            && host
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ancestors(origin: &str) -> String {
        let policy = policy("n", Framing::Origin(origin));
        let text = policy.to_str().unwrap();
        text.rsplit_once("frame-ancestors ").unwrap().1.to_owned()
    }

    #[test]
    fn sec_47_names_exactly_one_host_and_nothing_that_was_smuggled_in() {
        assert_eq!(
            ancestors("https://demo.bitrix24.ru"),
            "https://demo.bitrix24.ru"
        );
        assert_eq!(ancestors("http://127.0.0.2:8600"), "http://127.0.0.2:8600");
        for hostile in [
            "https://a;script-src *",
            "https://a\r\nX: y",
            "https://a b",
            "*",
            "https://",
            "",
        ] {
            assert_eq!(ancestors(hostile), "'none'", "{hostile:?}");
        }
    }
}
