//! Which addresses may be called, and how two addresses are told to be the same. It looks at the
//! text alone and resolves no names.

use std::net::IpAddr;

use crmap_crm::CrmError;
use url::{Host, Url};

use crate::egress::{is_loopback, why_not};

/// Refuses what must never be called: anything but https, save for plain http to a loopback
/// address where that is allowed; addresses that are not on the open internet; and anything that
/// hides credentials in the address.
pub(crate) fn check(address: &Url, allow_loopback: bool) -> Result<(), CrmError> {
    let refuse = |reason| Err(CrmError::WrongAddress { reason });
    if address.host().is_none() {
        return refuse("it names no host");
    }
    let loopback = ip(address).is_some_and(is_loopback);
    match ip(address).and_then(why_not) {
        Some(_) if loopback && allow_loopback => {}
        Some(reason) => return refuse(reason),
        None => {}
    }
    match address.scheme() {
        "https" => {}
        "http" if loopback => {}
        "http" => return refuse("it is not https"),
        _ => return refuse("it is neither https nor http"),
    }
    if !address.username().is_empty() || address.password().is_some() {
        return refuse("it carries a name or a password");
    }
    Ok(())
}

/// The address of a machine, where it is written instead of a name.
pub(crate) fn ip(address: &Url) -> Option<IpAddr> {
    match address.host()? {
        Host::Domain(_) => None,
        Host::Ipv4(ip) => Some(ip.into()),
        Host::Ipv6(ip) => Some(ip.into()),
    }
}

/// Host, with the port where it is not the usual one of the scheme.
pub(crate) fn host_and_port(address: &Url) -> String {
    let host = address.host_str().unwrap_or_default();
    address
        .port()
        .map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// `https://demo.bitrix24.ru`, with the port where it is not the usual one.
pub(crate) fn origin(address: &Url) -> String {
    format!("{}://{}", address.scheme(), host_and_port(address))
}

/// An address as it is compared: in lower case and without the ports that browsers leave out
/// (bitrix24.md §6.2).
pub(crate) fn comparable(address: &str) -> String {
    // A host in its own script and the same host in punycode are one.
    let lower = address.trim().to_lowercase();
    let lower = match lower.split_once(':') {
        Some((host, port)) => format!("{}:{port}", in_ascii(host)),
        None => in_ascii(&lower),
    };
    let bare = lower
        .strip_suffix(":443")
        .or_else(|| lower.strip_suffix(":80"));
    bare.unwrap_or(&lower).to_owned()
}

fn in_ascii(host: &str) -> String {
    url::Host::parse(host).map_or_else(|_| host.to_owned(), |host| host.to_string())
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::{check, comparable, host_and_port, origin};

    #[test]
    fn only_https_and_allowed_loopback_may_be_called() {
        let cases = [
            ("https://demo.bitrix24.ru/rest/", true, true),
            ("http://demo.bitrix24.ru/rest/", false, false),
            ("http://127.0.0.2:8600/rest/", false, true),
            ("http://[::1]:8600/rest/", false, true),
            ("https://127.0.0.1/rest/", false, true),
            ("https://[::ffff:127.0.0.1]/rest/", false, true),
            ("http://2130706433/rest/", false, true),
            ("http://10.0.0.1/rest/", false, false),
            ("http://localhost/rest/", false, false),
            ("https://admin:secret@demo.bitrix24.ru/rest/", false, false),
            ("ftp://demo.bitrix24.ru/", false, false),
        ];
        for (text, without, with) in cases {
            let address = Url::parse(text).unwrap();
            assert_eq!(check(&address, false).is_ok(), without, "{text}");
            assert_eq!(check(&address, true).is_ok(), with, "{text} with loopback");
        }
    }

    #[test]
    fn usual_ports_and_case_do_not_tell_addresses_apart() {
        assert_eq!(comparable("Demo.Bitrix24.RU:443"), "demo.bitrix24.ru");
        assert_eq!(comparable("Портал.рф:443"), "xn--80awhdgm.xn--p1ai");
        assert_eq!(comparable("127.0.0.2:80"), "127.0.0.2");
        assert_eq!(comparable("127.0.0.2:8600"), "127.0.0.2:8600");
        let address = Url::parse("https://demo.bitrix24.ru:443/rest/").unwrap();
        assert_eq!(host_and_port(&address), "demo.bitrix24.ru");
        assert_eq!(
            origin(&Url::parse("http://127.0.0.2:86/rest/").unwrap()),
            "http://127.0.0.2:86"
        );
    }
}
