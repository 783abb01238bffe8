//! Which addresses of machines lie on the open internet (SEC-11). Everything that is set aside for
//! another purpose may lead into the operator's network, or nowhere.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Whether an address is this machine itself, in whatever spelling.
pub(crate) fn is_loopback(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => ip.is_loopback(),
        IpAddr::V6(ip) => {
            ip.is_loopback() || ip.to_ipv4_mapped().is_some_and(|ip| ip.is_loopback())
        }
    }
}

/// Why an address may not be called; nothing where it lies on the open internet.
pub(crate) fn why_not(ip: IpAddr) -> Option<&'static str> {
    if is_loopback(ip) {
        return Some("it leads to this machine itself");
    }
    match ip {
        IpAddr::V4(ip) => why_not_v4(ip),
        IpAddr::V6(ip) => why_not_v6(ip),
    }
}

/// Networks of the IANA registry of special addresses, as network and length of its mask.
const SPECIAL_V4: [([u8; 4], u32, &str); 15] = [
    ([0, 0, 0, 0], 8, "it leads to this machine itself"),
    ([10, 0, 0, 0], 8, PRIVATE),
    (
        [100, 64, 0, 0],
        10,
        "it leads into a provider's own network",
    ),
    ([127, 0, 0, 0], 8, "it leads to this machine itself"),
    (
        [169, 254, 0, 0],
        16,
        "it leads to neighbours on the same wire",
    ),
    ([172, 16, 0, 0], 12, PRIVATE),
    ([192, 0, 0, 0], 24, SET_ASIDE),
    ([192, 0, 2, 0], 24, SET_ASIDE),
    ([192, 88, 99, 0], 24, SET_ASIDE),
    ([192, 168, 0, 0], 16, PRIVATE),
    ([198, 18, 0, 0], 15, SET_ASIDE),
    ([198, 51, 100, 0], 24, SET_ASIDE),
    ([203, 0, 113, 0], 24, SET_ASIDE),
    ([224, 0, 0, 0], 4, "it leads to many machines at once"),
    ([240, 0, 0, 0], 4, SET_ASIDE),
];

const PRIVATE: &str = "it leads into a private network";
const SET_ASIDE: &str = "it is set aside for other purposes";

fn why_not_v4(ip: Ipv4Addr) -> Option<&'static str> {
    SPECIAL_V4
        .iter()
        .find(|(network, length, _)| {
            let mask = u32::MAX << (32 - length);
            ip.to_bits() & mask == Ipv4Addr::from(*network).to_bits() & mask
        })
        .map(|(_, _, reason)| *reason)
}

/// Networks inside `2000::/3` that are not what they seem. Nothing outside of that is on the open
/// internet: neither what wraps IPv4 addresses (`::/96`, `::ffff:0:0/96`, `64:ff9b::/96`,
/// `64:ff9b:1::/48`), nor private (`fc00::/7`), link-local, site-local and multicast addresses.
const SPECIAL_V6: [([u16; 2], u32, &str); 4] = [
    // Teredo, benchmarks, ORCHID and other protocols of the IETF.
    ([0x2001, 0], 23, SET_ASIDE),
    ([0x2001, 0x0db8], 32, SET_ASIDE),
    // 6to4 leads to the IPv4 address inside.
    ([0x2002, 0], 16, "it wraps another address"),
    ([0x3fff, 0], 20, SET_ASIDE),
];

fn why_not_v6(ip: Ipv6Addr) -> Option<&'static str> {
    let head = ip.segments()[0];
    if head & 0xe000 != 0x2000 {
        let private = head & 0xfe00 == 0xfc00;
        return Some(if private { PRIVATE } else { SET_ASIDE });
    }
    let high = u32::from(head) << 16 | u32::from(ip.segments()[1]);
    SPECIAL_V6
        .iter()
        .find(|([one, two], length, _)| {
            let network = u32::from(*one) << 16 | u32::from(*two);
            let mask = u32::MAX << (32 - length);
            high & mask == network & mask
        })
        .map(|(_, _, reason)| *reason)
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use proptest::prelude::*;

    use super::{is_loopback, why_not};

    fn is_open(text: &str) -> bool {
        why_not(text.parse::<IpAddr>().unwrap()).is_none()
    }

    /// Where the networks begin and end that are set aside.
    const ASIDE: &str = "0.0.0.0 0.255.255.255 10.0.0.0 10.255.255.255 100.64.0.0 100.127.255.255
        127.0.0.1 127.255.255.255 169.254.0.0 169.254.169.254 169.254.255.255 172.16.0.0
        172.31.255.255 192.0.0.0 192.0.0.255 192.0.2.1 192.88.99.1 192.168.0.0
        192.168.255.255 198.18.0.0 198.19.255.255 198.51.100.7 203.0.113.7 224.0.0.1
        239.255.255.255 240.0.0.1 255.255.255.255 :: ::1 ::7f00:1 ::10.0.0.1
        ::ffff:10.0.0.1 ::ffff:8.8.8.8 ::ffff:127.0.0.1 64:ff9b::7f00:1 64:ff9b::808:808
        64:ff9b:1::1 100::1 2001::1 2001:0:7f00:1:: 2001:2::1 2001:10::1 2001:1ff::1
        2001:db8::1 2002:7f00:1:: 2002:808:808::1 3fff::1 5f00::1 fc00::1 fd12:3456::1
        fe80::1 febf::1 fec0::1 ff02::1 ff0e::1 4000::1 1fff::1";

    /// What lies right beside them, and other addresses of the open internet.
    const OPEN: &str =
        "1.1.1.1 8.8.8.8 9.255.255.255 11.0.0.0 100.63.255.255 100.128.0.0 126.255.255.255
        128.0.0.0 169.253.255.255 169.255.0.0 172.15.255.255 172.32.0.0 192.0.1.0
        192.0.3.0 192.167.255.255 192.169.0.0 198.17.255.255 198.20.0.0 223.255.255.255
        2001:200::1 2001:4860:4860::8888 2003::1 2606:4700::1111 2a00:1450::1 3ffe::1";

    #[test]
    fn sec_11_the_edges_of_every_network_that_is_set_aside() {
        for text in ASIDE.split_whitespace() {
            assert!(!is_open(text), "{text}");
        }
        for text in OPEN.split_whitespace() {
            assert!(is_open(text), "{text}");
        }
        assert!(ASIDE.split_whitespace().count() > 50 && OPEN.split_whitespace().count() > 20);
    }

    #[test]
    fn loopback_is_known_in_its_spellings() {
        for (text, loopback) in [
            ("127.0.0.1", true),
            ("127.9.9.9", true),
            ("::1", true),
            ("::ffff:127.0.0.1", true),
            ("::127.0.0.1", false),
            ("64:ff9b::7f00:1", false),
            ("0.0.0.0", false),
        ] {
            assert_eq!(is_loopback(text.parse().unwrap()), loopback, "{text}");
        }
    }

    proptest! {
        #[test]
        fn sec_11_no_way_of_wrapping_a_v4_address_opens_it(bits: u32) {
            let v4 = std::net::Ipv4Addr::from(bits);
            let [a, b, c, d] = v4.octets();
            let (high, low) = (u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d]));
            for segments in [
                [0, 0, 0, 0, 0, 0, high, low],
                [0, 0, 0, 0, 0, 0xffff, high, low],
                [0, 0, 0, 0, 0xffff, 0, high, low],
                [0x64, 0xff9b, 0, 0, 0, 0, high, low],
                [0x64, 0xff9b, 1, 0, 0, 0, high, low],
                [0x2002, high, low, 0, 0, 0, 0, 1],
                [0x2001, 0, high, low, 0, 0, !high, !low],
                [0xfe80, 0, 0, 0, 0, 0x5efe, high, low],
            ] {
                prop_assert!(why_not(std::net::Ipv6Addr::from(segments).into()).is_some());
            }
        }
    }
}
