//! Answers that break on their way (F08–F12).

use std::io::{ErrorKind, Read as _};
use std::time::Duration;

use flate2::read::GzDecoder;
use portal_sim::{Cloud, Effect, Fault, Options, Seed, UserRole};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::client::{Reply, ask, cloud, control, start};

const ADMIN: UserRole = UserRole::Administrator;

async fn under(cloud: &Cloud, effect: Effect) -> Reply {
    cloud.portal(1).set_fault(Fault::next(1, effect));
    ask(cloud, ADMIN, "profile", json!({})).await
}

/// What comes within that time, byte by byte, and how it ends.
async fn raw(cloud: &Cloud, effect: Effect, patience: Duration) -> (Vec<u8>, Option<ErrorKind>) {
    let portal = cloud.portal(1);
    portal.set_fault(Fault::next(1, effect));
    let mut stream = TcpStream::connect(portal.domain()).await.unwrap();
    let request = "GET /rest/1/adminhook0000000/profile HTTP/1.1\r\nHost: x\r\n\
                   Connection: close\r\n\r\n";
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut bytes = Vec::new();
    let reading = async {
        loop {
            match stream.read_buf(&mut bytes).await {
                Ok(0) => return None,
                Ok(_) => {}
                Err(problem) => return Some(problem.kind()),
            }
        }
    };
    let end = tokio::time::timeout(patience, reading).await;
    let end = end.unwrap_or(Some(ErrorKind::TimedOut));
    (bytes, end)
}

fn body(bytes: &[u8]) -> &[u8] {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n");
    &bytes[end.unwrap() + 4..]
}

#[tokio::test]
async fn f10_bytes_drip_and_bodies_never_come() {
    let cloud = cloud(Seed::Empty).await;
    let patience = Duration::from_millis(1500);
    let (bytes, end) = raw(&cloud, Effect::Drip { ms: 100 }, patience).await;
    assert_eq!(end, Some(ErrorKind::TimedOut));
    let dripped = String::from_utf8_lossy(body(&bytes)).into_owned();
    let signs: String = dripped.lines().skip(1).step_by(2).collect();
    assert!(r#"{"result":{"ADMIN""#.starts_with(&signs), "{dripped}");
    assert!((2..=16).contains(&signs.len()), "{dripped}");

    let (bytes, end) = raw(&cloud, Effect::HeadersOnly, patience).await;
    assert_eq!(end, Some(ErrorKind::TimedOut));
    assert!(bytes.starts_with(b"HTTP/1.1 200") && body(&bytes).is_empty());
    let (bytes, end) = raw(&cloud, Effect::Delay { ms: 5000 }, patience).await;
    assert_eq!((bytes.len(), end), (0, Some(ErrorKind::TimedOut)));
}

#[tokio::test]
async fn f11_bodies_end_too_early() {
    let cloud = cloud(Seed::Empty).await;
    let patience = Duration::from_secs(5);
    let (bytes, end) = raw(&cloud, Effect::WrongLength, patience).await;
    let text = String::from_utf8_lossy(&bytes).to_lowercase();
    let length = text.split("content-length: ").nth(1).unwrap();
    let length: usize = length.split('\r').next().unwrap().parse().unwrap();
    assert_eq!((body(&bytes).len() + 100, end), (length, None));
    assert!(serde_json::from_slice::<Value>(body(&bytes)).is_ok());

    let (bytes, end) = raw(&cloud, Effect::ResetHalfWay, patience).await;
    assert_eq!(end, Some(ErrorKind::ConnectionReset));
    assert!(String::from_utf8_lossy(&bytes).contains("result"));
}

#[tokio::test]
async fn f12_small_answers_become_large() {
    let cloud = cloud(Seed::Empty).await;
    let (bytes, _) = raw(&cloud, Effect::GzipBomb { mib: 8 }, Duration::from_secs(30)).await;
    assert!(bytes.len() < 100_000 && String::from_utf8_lossy(&bytes).contains("gzip"));
    let mut inflated = String::new();
    GzDecoder::new(body(&bytes))
        .read_to_string(&mut inflated)
        .unwrap();
    assert_eq!(inflated.len(), 8 * 1024 * 1024 + 13);
    assert!(serde_json::from_str::<Value>(&inflated).is_ok());

    let deep = under(&cloud, Effect::DeepJson { depth: 100_000 }).await;
    assert_eq!(deep.body.matches('[').count(), 100_000);
    let many = under(&cloud, Effect::ManyKeys { keys: 1000 }).await;
    assert_eq!(many.json()["result"].as_object().unwrap().len(), 1000);
    let (bytes, _) = raw(
        &cloud,
        Effect::HugeBody { bytes: 300_000 },
        Duration::from_secs(5),
    )
    .await;
    let huge: Value = serde_json::from_slice(body(&bytes)).unwrap();
    assert_eq!(huge["result"].as_str().unwrap().len(), 300_000);
}

#[tokio::test]
async fn f08_f09_errors_hide_in_good_answers() {
    let cloud = cloud(Seed::Empty).await;
    let hidden = under(&cloud, Effect::error(200, "100", "text")).await;
    assert_eq!((hidden.status, &hidden.json()["error"]), (200, &json!(100)));
    let empty = under(&cloud, Effect::error(400, "", "text")).await;
    empty.is_refusal(400, "");
    let captcha = under(&cloud, Effect::Captcha).await;
    assert!(captcha.status == 200 && captcha.head.contains("text/html"));
    assert!(captcha.body.contains("captcha"));
    let maintenance = under(&cloud, Effect::Html { status: 200 }).await;
    assert!(maintenance.status == 200 && maintenance.body.contains("<h1>"));
    let raw = Effect::Raw {
        status: 200,
        body: r#"{"result":"\ud800"}"#.to_owned(),
    };
    assert_eq!(under(&cloud, raw).await.body, r#"{"result":"\ud800"}"#);
}

#[tokio::test]
async fn every_fault_of_the_table_can_be_read_as_json() {
    let cloud = start(Options {
        portals: 2,
        spare_addresses: 2,
        seeds: vec![Seed::Empty],
        ..Options::default()
    })
    .await;
    let base = cloud.portal(1).base_url();
    let readme = include_str!("../../README.md");
    let mut count = 0;
    for line in readme.lines().filter(|line| line.starts_with("| F")) {
        for part in line.split('`').filter(|part| part.starts_with('{')) {
            let value: Value = serde_json::from_str(part).unwrap_or_else(|_| panic!("{part}"));
            let what = if value.get("do").is_some() {
                "do"
            } else {
                "faults"
            };
            let set = control(&base, what, &value).await;
            assert_eq!(set.status, 200, "{part}: {set:?}");
            count += 1;
        }
    }
    assert!(count >= 30, "{count}");
}
