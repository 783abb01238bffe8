//! Hostile headers: cookies, and what proxies say of where a request comes from (SEC-41, SEC-66,
//! REL-33).

use std::net::IpAddr;

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use crmap_fuzz::Target;
use crmap_server::{Cookies, TrustedProxies};
use secrecy::ExposeSecret as _;

fn target(name: &'static str) -> Target {
    Target::new(env!("CARGO_MANIFEST_DIR"), name)
}

/// Each line of the input as a header of that name, as far as it can be one.
fn headers(name: &HeaderName, input: &[u8]) -> HeaderMap {
    let lines = input.split(|byte| *byte == b'\n');
    let values = lines.filter_map(|line| HeaderValue::from_bytes(line).ok());
    values.map(|value| (name.clone(), value)).collect()
}

#[test]
fn sec_41_cookies_of_any_kind_are_ours_or_none() {
    let words = [
        "__Host-crmap=",
        "__Host-crmap-device=",
        "crmap=",
        "crmap-lang=en",
        "crmap-theme=light",
        "; ",
    ];
    target("cookie").knowing(&words).run(|input| {
        let headers = headers(&header::COOKIE, input);
        let whole = String::from_utf8_lossy(input);
        let secure = Cookies::new(true).shown(&headers);
        for secret in [&secure.session, &secure.device].into_iter().flatten() {
            let secret = secret.expose_secret();
            let is_sign = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~+/=".contains(&byte);
            assert!((1..=200).contains(&secret.len()) && secret.bytes().all(is_sign));
            assert!(whole.contains(secret), "{secret} was never sent");
        }
        // Without the prefix a cookie may be anybody's.
        if !whole.contains("__Host-crmap") {
            assert!(secure.session.is_none() && secure.device.is_none());
        }
        let plain = Cookies::new(false).shown(&headers);
        (
            secure.session.is_some(),
            secure.device.is_some(),
            plain.session.is_some(),
            secure.lang.is_some(),
            secure.theme.is_some(),
        )
    });
}

#[test]
fn sec_66_no_visitor_of_any_kind_chooses_an_address_that_no_proxy_named() {
    let name = HeaderName::from_static("x-forwarded-for");
    let proxies = TrustedProxies::new(vec!["10.0.0.0/8".parse().unwrap()]);
    let (proxy, stranger): (IpAddr, IpAddr) = ([10, 0, 0, 1].into(), [198, 51, 100, 9].into());
    let words = ["10.0.0.2", "203.0.113.7", "::1", "[::1]:80", ", "];
    target("forwarded").knowing(&words).run(|input| {
        let headers = headers(&name, input);
        assert_eq!(proxies.client(stranger, &headers), stranger);
        let client = proxies.client(proxy, &headers);
        // The proxy itself appended the last name: what stands before it counts only where that is a
        // proxy again.
        let last = headers.get_all(&name).iter().next_back();
        let last = last.and_then(|line| line.as_bytes().rsplit(|byte| *byte == b',').next());
        let last = last.and_then(|name| str::from_utf8(name).ok()?.trim().parse::<IpAddr>().ok());
        let last = last.map(|address| address.to_canonical());
        if let Some(last) = last.filter(|last| !last.to_string().starts_with("10.")) {
            assert_eq!(client, last);
        }
        (client == proxy, client.is_ipv6(), last.is_some())
    });
}
