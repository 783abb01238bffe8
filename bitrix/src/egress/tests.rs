//! The way out against hosts in every spelling and against names that change their meaning.

use std::future::{Future, ready};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crmap_crm::CrmError;
use tokio::net::TcpListener;
use tokio::time::Instant;
use url::Url;

use super::guard::Names;
use super::{Egress, Post};
use crate::settings::Settings;

/// No such network is given out, so nothing is ever reached there.
const PUBLIC: IpAddr = IpAddr::V6(Ipv6Addr::new(0x2d00, 0, 0, 0, 0, 0, 0, 1));
const HOME: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// A resolver that gives the next of its answers each time, over and over.
struct Script {
    answers: Vec<Vec<IpAddr>>,
    asked: AtomicUsize,
    names: Mutex<Vec<String>>,
}

impl Script {
    fn new(answers: Vec<Vec<IpAddr>>) -> Arc<Self> {
        Arc::new(Self {
            answers,
            asked: AtomicUsize::new(0),
            names: Mutex::default(),
        })
    }
}

type Found = Result<Vec<IpAddr>, Box<dyn std::error::Error + Send + Sync>>;

impl Names for Script {
    fn find(&self, name: &str) -> Pin<Box<dyn Future<Output = Found> + Send>> {
        self.names.lock().unwrap().push(name.to_owned());
        let turn = self.asked.fetch_add(1, Ordering::SeqCst);
        let answer = self.answers[turn % self.answers.len()].clone();
        Box::pin(ready(Ok(answer)))
    }
}

/// Listens on this machine and counts whoever comes.
struct Canary {
    port: u16,
    seen: Arc<AtomicUsize>,
}

impl Canary {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let seen = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&seen);
        tokio::spawn(async move {
            while listener.accept().await.is_ok() {
                count.fetch_add(1, Ordering::SeqCst);
            }
        });
        Self { port, seen }
    }

    fn seen(&self) -> usize {
        self.seen.load(Ordering::SeqCst)
    }
}

fn settings(ports: &[u16]) -> Settings {
    let mut settings = Settings::new("app");
    settings.extra_ports = ports.to_vec();
    settings.timeouts.connect = Duration::from_millis(50);
    settings
}

async fn post(egress: &Egress, url: Url) -> Result<(), CrmError> {
    let deadline = Instant::now() + Duration::from_secs(5);
    egress.post(Post::form(url, &[]), deadline).await.map(drop)
}

/// Hosts that lead, or may lead, to somewhere else than the open internet.
const INSIDE: [&str; 96] = [
    "127.0.0.1",
    "127.0.0.1.",
    "127.1",
    "127.0.1",
    "127.1.",
    "127.00.00.01",
    "127.255.255.254",
    "2130706433",
    "2130706433.",
    "0x7f000001",
    "0X7F000001",
    "0x7f.0.0.1",
    "0x7f.1",
    "0x7f.0x1",
    "017700000001",
    "0177.0.0.1",
    "0177.1",
    "0177.0x0.0.01",
    "127.0x1",
    "0x7F.0.0.0x01",
    "１２７.０.０.１",
    "１２７。０。０。１",
    "127。0。0。1",
    "127．0．0．1",
    "①②⑦.0.0.1",
    "⑫7.0.0.1",
    "%31%32%37.0.0.1",
    "127%2e0%2e0%2e1",
    "%30x7f.1",
    "127.0.0.%31",
    "0",
    "0.0.0.0",
    "0x0",
    "00",
    "0.0.0.0.",
    "0.1.2.3",
    "10.0.0.1",
    "10.1",
    "0xa.1",
    "012.0.0.1",
    "167772161",
    "0x0a000001",
    "100.64.0.1",
    "100.127.255.254",
    "169.254.169.254",
    "2852039166",
    "0xa9fea9fe",
    "0251.0376.0251.0376",
    "169.254.43518",
    "169.0xfea9fe",
    "１６９.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "172.1048577",
    "192.168.0.1",
    "192.168.1",
    "0300.0250.0.1",
    "0xc0a80001",
    "3232235521",
    "192.0.0.8",
    "192.0.2.1",
    "192.88.99.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "4294967295",
    "0xffffffff",
    "[::]",
    "[::1]",
    "[0:0:0:0:0:0:0:1]",
    "[0000::0001]",
    "[::127.0.0.1]",
    "[::7f00:1]",
    "[::ffff:127.0.0.1]",
    "[::FFFF:7F00:1]",
    "[0:0:0:0:0:ffff:7f00:1]",
    "[::ffff:10.0.0.1]",
    "[::ffff:169.254.169.254]",
    "[::ffff:0:127.0.0.1]",
    "[64:ff9b::127.0.0.1]",
    "[64:ff9b::7f00:1]",
    "[64:ff9b:1::a00:1]",
    "[2002:7f00:1::]",
    "[2002:a9fe:a9fe::1]",
    "[2001:0:7f00:1::1]",
    "[2001:db8::1]",
    "[fc00::1]",
    "[fd00:ec2::254]",
    "[fe80::1]",
    "[fec0::1]",
    "[ff02::1]",
    "[3fff::1]",
];

/// Hosts that are none, and tricks to hide one.
const NONSENSE: [&str; 22] = [
    "",
    "[::1%25lo]",
    "[fe80::1%25eth0]",
    "[::1%lo]",
    "[127.0.0.1]",
    "[::1",
    "::1]",
    "1.2.3.4.5",
    "256.0.0.1",
    "127.0.0.256",
    "0x100000000",
    "127.0.0.1.5",
    "foo.127",
    "127..1",
    "127.0.0.09",
    "a b",
    "127.0.0.1%00",
    "%00",
    "demo.bitrix24.ru%2f@127.0.0.1",
    "user@127.0.0.1",
    "user:word@demo.bitrix24.ru",
    "demo.bitrix24.ru@10.0.0.1",
];

/// Names; where they lead is known only once they are resolved.
const NAMES: [&str; 14] = [
    "localhost",
    "LOCALHOST",
    "localhost.",
    "a.localhost",
    "ip6-localhost",
    "127.0.0.1.nip.io",
    "metadata.google.internal",
    "intranet",
    "router.local",
    "xn--80awhdgm.xn--p1ai",
    "портал.рф",
    "ｌｏｃａｌｈｏｓｔ",
    "127-0-0-1.example",
    "%6cocalhost",
];

/// Honest addresses of the open internet in unusual spellings.
const OPEN: [&str; 8] = [
    "8.8.8.8",
    "134744072",
    "0x08080808",
    "010.8.8.8",
    "8.8.2056",
    "8.8.8.8.",
    "[2606:4700::1111]",
    "[2a00:1450:4001:81b::200e]",
];

#[tokio::test]
async fn sec_11_no_spelling_of_a_host_leads_inside() {
    let canary = Canary::start().await;
    let names = Script::new(vec![vec![HOME]]);
    let strict = settings(&[canary.port]);
    let egress = Egress::with_names(&strict, names.clone()).unwrap();
    for host in INSIDE.iter().chain(&NONSENSE).chain(&NAMES) {
        // Some are no addresses at all: those cannot even be asked for.
        let Ok(url) = Url::parse(&format!("https://{host}:{}/rest/", canary.port)) else {
            continue;
        };
        let result = post(&egress, url).await;
        assert!(
            matches!(result, Err(CrmError::WrongAddress { .. })),
            "{host}: {result:?}"
        );
    }
    assert_eq!(canary.seen(), 0);
    // What is written as an address is refused as it is written; names had to be asked for.
    let asked = names.names.lock().unwrap();
    assert_eq!(asked.len(), NAMES.len(), "{asked:?}");
    for host in INSIDE {
        let url = Url::parse(&format!("https://{host}/rest/"));
        assert!(url.is_ok_and(|url| egress.check(&url).is_err()), "{host}");
    }
    for host in OPEN {
        let url = Url::parse(&format!("https://{host}/rest/")).unwrap();
        assert!(egress.check(&url).is_ok(), "{host}");
    }
}

#[tokio::test]
async fn sec_11_a_name_that_changes_its_meaning_reaches_nobody() {
    let canary = Canary::start().await;
    let answers = vec![
        vec![PUBLIC],
        vec![HOME],
        vec![PUBLIC, HOME],
        vec![HOME, PUBLIC],
        vec![IpAddr::V6(Ipv4Addr::LOCALHOST.to_ipv6_mapped())],
    ];
    let names = Script::new(answers);
    let strict = settings(&[canary.port]);
    let egress = Arc::new(Egress::with_names(&strict, names.clone()).unwrap());
    let url = Url::parse(&format!("https://rebind.example:{}/", canary.port)).unwrap();
    let mut refused = 0;
    for _ in 0..20 {
        let rounds = (0..100).map(|_| {
            let (egress, url) = (Arc::clone(&egress), url.clone());
            tokio::spawn(async move { post(&egress, url).await.unwrap_err() })
        });
        for round in rounds.collect::<Vec<_>>() {
            if matches!(round.await.unwrap(), CrmError::WrongAddress { .. }) {
                refused += 1;
            }
        }
    }
    assert_eq!(names.asked.load(Ordering::SeqCst), 2_000);
    assert_eq!((refused, canary.seen()), (1_600, 0));
}

/// The test above would prove nothing if the canary could not be reached this way at all.
#[tokio::test]
async fn a_name_of_this_machine_is_reached_where_that_is_allowed() {
    let canary = Canary::start().await;
    let mut open = settings(&[canary.port]);
    open.allow_loopback = true;
    // Somebody answers here, however slow the machine is.
    open.timeouts.connect = Duration::from_secs(5);
    let egress = Egress::with_names(&open, Script::new(vec![vec![HOME]])).unwrap();
    let url = Url::parse(&format!("https://rebind.example:{}/", canary.port)).unwrap();
    assert!(post(&egress, url).await.is_err(), "it speaks no TLS");
    assert_eq!(canary.seen(), 1);
    let private = Script::new(vec![vec![IpAddr::V4(Ipv4Addr::new(10, 0, 0, 1))]]);
    let egress = Egress::with_names(&open, private).unwrap();
    let url = Url::parse("https://inside.example/").unwrap();
    let result = post(&egress, url).await;
    assert!(matches!(result, Err(CrmError::WrongAddress { .. })));
}

#[test]
fn sec_13_only_the_usual_port_and_those_of_the_operator() {
    let egress = |ports: &[u16], loopback| {
        let mut settings = settings(ports);
        settings.allow_loopback = loopback;
        Egress::new(&settings).unwrap()
    };
    let usual = egress(&[], false);
    let more = egress(&[8443], false);
    let local = egress(&[], true);
    for (address, by_usual, by_more, by_local) in [
        ("https://box.example/rest/", true, true, true),
        ("https://box.example:443/rest/", true, true, true),
        ("https://box.example:8443/rest/", false, true, false),
        ("https://box.example:22/rest/", false, false, false),
        ("https://8.8.8.8:25/rest/", false, false, false),
        ("http://box.example:443/rest/", false, false, false),
        ("http://127.0.0.1:9999/rest/", false, false, true),
        ("https://[::1]:9999/rest/", false, false, true),
        ("http://10.0.0.1:8443/rest/", false, false, false),
    ] {
        let url = Url::parse(address).unwrap();
        let got = [&usual, &more, &local].map(|egress| egress.check(&url).is_ok());
        assert_eq!(got, [by_usual, by_more, by_local], "{address}");
    }
}

/// An error of the transport that shows the address would show the code of a webhook.
#[tokio::test]
async fn sec_37_errors_of_the_transport_show_no_addresses() {
    let egress = Egress::with_names(&settings(&[]), Script::new(vec![vec![PUBLIC]])).unwrap();
    let url = Url::parse("https://secret-host.example/rest/1/secretcode/").unwrap();
    let error = post(&egress, url).await.unwrap_err();
    let mut shown = format!("{error:?} {error}");
    let mut next = std::error::Error::source(&error);
    while let Some(source) = next {
        shown += &format!(" {source:?} {source}");
        next = source.source();
    }
    assert!(!shown.contains("secretcode"), "{shown}");
    assert!(!shown.contains("secret-host"), "{shown}");
}

/// A resolver that fails, hangs, or knows no address.
enum Broken {
    Fails,
    Hangs,
    Empty,
}

impl Names for Broken {
    fn find(&self, _name: &str) -> Pin<Box<dyn Future<Output = Found> + Send>> {
        match self {
            Self::Fails => Box::pin(ready(Err("SERVFAIL".into()))),
            Self::Hangs => Box::pin(std::future::pending()),
            Self::Empty => Box::pin(ready(Ok(Vec::new()))),
        }
    }
}

#[tokio::test]
async fn f14_names_that_cannot_be_resolved_are_told_apart_from_those_that_lead_inside() {
    use crmap_domain::Unreachable;

    let url = Url::parse("https://portal.example/").unwrap();
    for (names, expected) in [
        (Broken::Fails, Unreachable::Dns),
        (Broken::Hangs, Unreachable::Timeout),
        (Broken::Empty, Unreachable::Dns),
    ] {
        let egress = Egress::with_names(&settings(&[]), Arc::new(names)).unwrap();
        match post(&egress, url.clone()).await {
            Err(CrmError::Unreachable { why, .. }) => assert_eq!(why, expected),
            other => panic!("{other:?}"),
        }
    }
    // A name with nothing but an IPv6 address is as good as any, and nothing is kept of it.
    let names = Script::new(vec![vec![PUBLIC], vec![HOME]]);
    let egress = Egress::with_names(&settings(&[]), names.clone()).unwrap();
    let first = post(&egress, url.clone()).await.unwrap_err();
    assert!(matches!(first, CrmError::Unreachable { .. }), "{first:?}");
    let second = post(&egress, url).await.unwrap_err();
    assert!(
        matches!(second, CrmError::WrongAddress { .. }),
        "{second:?}"
    );
    assert_eq!(names.asked.load(Ordering::SeqCst), 2);
}
