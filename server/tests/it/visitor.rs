//! Where requests come from, whatever they say of themselves (SEC-66).

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::Router;
use axum::http::{HeaderMap, HeaderValue};
use axum::routing::get;
use crmap_server::{App, Front, Site, TrustedProxies};
use crmap_service::Visitor;

use crate::support::{TestClock, app, exchange, in_memory, listen};

/// What visitors claim to come from.
const CLAIMS: [&str; 12] = [
    "",
    "127.0.0.1",
    "10.0.0.1",
    "::1",
    "1.2.3.4",
    "1.2.3.4, 5.6.7.8",
    "garbage",
    "1.2.3.4:80",
    ",,,",
    "unknown",
    "010.0.0.1",
    "10.0.0.1, 10.0.0.2, 10.0.0.3",
];

fn trusting(networks: &[&str]) -> TrustedProxies {
    TrustedProxies::new(networks.iter().map(|text| text.parse().unwrap()).collect())
}

fn said(lines: &[&str]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for line in lines {
        headers.append("x-forwarded-for", HeaderValue::from_str(line).unwrap());
    }
    headers
}

fn client(proxies: &TrustedProxies, peer: &str, lines: &[&str]) -> IpAddr {
    proxies.client(peer.parse().unwrap(), &said(lines))
}

#[test]
fn sec_66_nobody_is_believed_who_is_no_trusted_proxy() {
    for proxies in [trusting(&[]), trusting(&["10.0.0.0/8", "fd00::/8"])] {
        for peer in [
            "203.0.113.7",
            "127.0.0.1",
            "2001:db8::1",
            "11.0.0.1",
            "9.255.255.255",
        ] {
            for claim in CLAIMS {
                let found = client(&proxies, peer, &[claim]);
                assert_eq!(
                    found,
                    peer.parse::<IpAddr>().unwrap(),
                    "{peer} claims {claim}"
                );
            }
        }
    }
}

/// The proxy writes the visitor's address behind whatever the visitor wrote.
#[test]
fn sec_66_what_a_visitor_writes_before_the_proxy_does_is_not_believed() {
    let proxies = trusting(&["10.0.0.0/8", "fd00::/8"]);
    for visitor in ["203.0.113.7", "2001:db8::1", "127.0.0.1"] {
        for peer in ["10.1.2.3", "fd00::5", "::ffff:10.1.2.3"] {
            for claim in CLAIMS {
                for lines in [
                    vec![format!("{claim}, {visitor}")],
                    vec![format!("{claim},{visitor}:4711")],
                    vec![claim.to_owned(), visitor.to_owned()],
                    vec![format!("{claim}, {visitor}, 10.9.9.9")],
                    vec![
                        claim.to_owned(),
                        visitor.to_owned(),
                        "10.9.9.9,fd00::9".to_owned(),
                    ],
                ] {
                    if lines[0].contains(":4711") && visitor.contains("::") {
                        continue;
                    }
                    let lines: Vec<_> = lines.iter().map(String::as_str).collect();
                    let found = client(&proxies, peer, &lines);
                    let wanted: IpAddr = visitor.parse().unwrap();
                    assert_eq!(found, wanted, "{peer} with {lines:?}");
                }
            }
        }
    }
}

#[test]
fn sec_66_a_proxy_that_names_nobody_stands_for_its_visitors() {
    let proxies = trusting(&["10.0.0.0/8"]);
    for (lines, nearest) in [
        (&[][..], "10.0.0.1"),
        (&["garbage"], "10.0.0.1"),
        (&["203.0.113.7, garbage"], "10.0.0.1"),
        (&["203.0.113.7, garbage, 10.0.0.2"], "10.0.0.2"),
        (&["203.0.113.7,"], "10.0.0.1"),
        (&["10.0.0.3, 10.0.0.2"], "10.0.0.3"),
    ] {
        let found = client(&proxies, "10.0.0.1", lines);
        assert_eq!(found, nearest.parse::<IpAddr>().unwrap(), "{lines:?}");
    }
}

#[test]
fn addresses_are_told_in_their_own_form() {
    let proxies = trusting(&["10.0.0.0/8"]);
    for line in [
        "203.0.113.7",
        "::ffff:203.0.113.7",
        "203.0.113.7:1",
        "[::ffff:203.0.113.7]:1",
    ] {
        let found = client(&proxies, "10.0.0.1", &[line]);
        assert_eq!(found.to_string(), "203.0.113.7", "{line}");
    }
    let found = client(&proxies, "::ffff:203.0.113.7", &[]);
    assert_eq!(found.to_string(), "203.0.113.7");
}

/// A server that answers with what it knows of whoever asks.
async fn telling(networks: &[&str]) -> SocketAddr {
    let services = in_memory(&Arc::new(TestClock::default()), time::Duration::HOUR).await;
    let site = "https://crmap.example".parse().unwrap();
    let app = App {
        front: Arc::new(Front::new(&site, trusting(networks))),
        ..app(Arc::new(services), Site::without_files())
    };
    let tell = get(async |visitor: Visitor| format!("{}\n{}", visitor.ip, visitor.agent));
    let router = Router::new().route("/", tell).with_state(app);
    listen(router).await
}

async fn told(server: SocketAddr, headers: &str) -> (String, String) {
    let request = format!("GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{headers}\r\n");
    let answer = exchange(server, request.as_bytes()).await;
    let answer = String::from_utf8(answer).unwrap();
    let (_, body) = answer.split_once("\r\n\r\n").unwrap();
    let (ip, agent) = body.split_once('\n').unwrap();
    (ip.to_owned(), agent.to_owned())
}

#[tokio::test]
async fn sec_66_a_server_on_a_port_knows_its_peer_and_believes_its_proxy() {
    let forwarded = "x-forwarded-for: 198.51.100.1, 203.0.113.7\r\nx-real-ip: 198.51.100.2\r\n\
                     forwarded: for=198.51.100.3\r\n";
    let alone = telling(&[]).await;
    assert_eq!(told(alone, forwarded).await.0, "127.0.0.1");
    let behind = telling(&["127.0.0.0/8"]).await;
    assert_eq!(told(behind, forwarded).await.0, "203.0.113.7");
}

#[tokio::test]
async fn what_a_browser_calls_itself_is_cut_and_shown() {
    let server = telling(&[]).await;
    let long = "x".repeat(5_000);
    for (header, kept) in [
        ("", String::new()),
        (
            "user-agent: Mozilla/5.0 (X11; Linux x86_64)\r\n",
            "Mozilla/5.0 (X11; Linux x86_64)".to_owned(),
        ),
        ("user-agent: Обозреватель\r\n", "Обозреватель".to_owned()),
        (
            "user-agent: a\u{202E}b\tc\r\n",
            "a\\u{202E}b\\tc".to_owned(),
        ),
        (&*format!("user-agent: {long}\r\n"), "x".repeat(200)),
        (
            &*format!("user-agent: {}\r\n", "\u{202E}".repeat(500)),
            "\\u{202E}".repeat(25),
        ),
    ] {
        assert_eq!(told(server, header).await.1, kept, "{header}");
    }
}
