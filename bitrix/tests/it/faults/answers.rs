//! Answers that are none, or not quite (F08 to F12, F16 to F18).

use std::fs;
use std::time::{Duration, Instant};

use crmap_crm::CrmError;
use crmap_domain::{Refusal, Trouble, Unreachable};
use serde_json::{Value, json};

use super::told;
use crate::stub::{Reply, Stub, Told, at_once, batch, http, json_reply, plain};
use crate::support::{NOW, connector, hasty, patient, read, settings, to_stub};

#[tokio::test]
async fn f08_each_command_of_a_batch_has_its_own_outcome() {
    let stub = Stub::start(|request| {
        let alone = !request.path.ends_with("/batch");
        if alone {
            return json_reply(200, &json!({"result": []}));
        }
        let told = |method: &str, _: &str| match method {
            "user.get" => Told::Error(json!({"error": "ERROR_BATCH_LENGTH_EXCEEDED"})),
            "department.get" => Told::Error(json!("Access denied.")),
            "crm.contact.userfield.list" => {
                Told::Error(json!({"error": "", "error_description": "Access denied."}))
            }
            "crm.company.userfield.list" => {
                Told::Error(json!({"error": 100, "error_description": "Unknown"}))
            }
            other => plain(other),
        };
        json_reply(200, &batch(request, told))
    })
    .await;
    let got = read(&connector(settings()), &to_stub(&stub.url()))
        .await
        .unwrap();
    assert_eq!(got.fields.contact.refusal(), Some(&Refusal::NoRights));
    let unknown = Refusal::Other {
        code: "100".to_owned(),
        message: "Unknown".to_owned(),
    };
    assert_eq!(got.fields.company.refusal(), Some(&unknown));
    assert!(got.users.refusal().is_none());
    // Only the command that did not fit was sent again, alone.
    assert_eq!(stub.requests().len(), 2);
    for (status, code) in [(200, "ERROR_CORE"), (400, "100"), (400, ""), (400, "0")] {
        let (error, requests) = told_error(status, code).await;
        assert!(
            matches!(error, CrmError::PortalFailed { .. }),
            "{status} {code:?}: {error:?}"
        );
        assert_eq!(requests, 1, "a mistake of ours is not repeated");
    }
}

async fn told_error(status: u16, code: &'static str) -> (CrmError, usize) {
    let body = json!({"error": code, "error_description": "something"});
    told(move || json_reply(status, &body)).await
}

#[tokio::test]
async fn f09_pages_instead_of_answers_are_told_apart_and_asked_thrice_at_most() {
    let captcha = b"<!DOCTYPE html><title>Are you a robot?</title>";
    for (status, portal_s, requests) in [
        (200, false, 1),
        (403, false, 1),
        (404, false, 1),
        (500, true, 3),
        (502, true, 3),
        (503, true, 3),
    ] {
        let page = http(status, "Content-Type: text/html\r\n", captcha);
        let (error, asked) = told(move || at_once(page.clone())).await;
        let right = match &error {
            CrmError::PortalFailed { .. } => portal_s,
            CrmError::NotAPortal { .. } => !portal_s,
            _ => false,
        };
        assert!(right, "{status}: {error:?}");
        assert_eq!(asked, requests, "{status}");
    }
    // A page that calls itself JSON is a page all the same.
    let page = http(200, "Content-Type: application/json\r\n", captcha);
    let (error, _) = told(move || at_once(page.clone())).await;
    assert!(
        matches!(error, CrmError::NotAPortal { status: 200 }),
        "{error:?}"
    );
}

#[tokio::test]
async fn f10_slow_answers_are_given_up_in_time() {
    let head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n".to_vec();
    let drop = Duration::from_millis(100);
    let loris = (0..10_000).map(|_| (drop, Some(b" ".to_vec())));
    let loris: Reply = std::iter::once((Duration::ZERO, Some(head.clone())))
        .chain(loris)
        .collect();
    let slow_head: Reply = head.iter().map(|byte| (drop, Some(vec![*byte]))).collect();
    let replies: [Reply; 4] = [
        vec![(Duration::ZERO, Some(head.clone())), (Duration::ZERO, None)],
        vec![(Duration::from_secs(60), Some(head))],
        loris,
        slow_head,
    ];
    for (index, reply) in replies.into_iter().enumerate() {
        let stub = Stub::start(move |_| reply.clone()).await;
        let mut settings = hasty();
        settings.timeouts.request = Duration::from_millis(900);
        settings.pace.broken_retries = 0;
        let started = Instant::now();
        let error = read(&connector(settings), &to_stub(&stub.url()))
            .await
            .unwrap_err();
        let expected = Trouble::Unreachable(Unreachable::Timeout);
        assert_eq!(error.trouble(), expected, "case {index}");
        assert!(started.elapsed() < Duration::from_secs(5), "case {index}");
    }
}

#[tokio::test]
async fn f11_halves_are_asked_for_again_and_never_used() {
    let whole =
        |request: &crate::stub::Request| batch(request, |method, _| plain(method)).to_string();
    type Cut = fn(&str) -> Vec<u8>;
    let cuts: [Cut; 5] = [
        // Half of the JSON, honestly counted.
        |body| {
            http(
                200,
                "Content-Type: application/json\r\n",
                &body.as_bytes()[..body.len() / 2],
            )
        },
        // More announced than comes.
        |body| {
            format!(
                "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}",
                body.len() + 9
            )
            .into_bytes()
        },
        // Less announced than comes.
        |body| {
            format!(
                "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}",
                body.len() - 9
            )
            .into_bytes()
        },
        // A chunk that ends early.
        |body| {
            format!(
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{:x}\r\n{body}",
                body.len() + 50
            )
            .into_bytes()
        },
        // Chunks without their end.
        |body| {
            format!(
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{:x}\r\n{body}\r\n",
                body.len()
            )
            .into_bytes()
        },
    ];
    for (index, cut) in cuts.into_iter().enumerate() {
        let broken = Stub::start(move |request| at_once(cut(&whole(request)))).await;
        let error = read(&connector(settings()), &to_stub(&broken.url()))
            .await
            .unwrap_err();
        let right = match &error {
            CrmError::Unreachable { .. } => true,
            CrmError::Malformed { place, .. } => place == "answer",
            _ => false,
        };
        assert!(right, "case {index}: {error:?}");
        assert_eq!(broken.requests().len(), 3, "case {index}");
        let turn = std::sync::atomic::AtomicUsize::new(0);
        let once = Stub::start(move |request| {
            let body = whole(request);
            match turn.fetch_add(1, std::sync::atomic::Ordering::SeqCst) {
                0 => at_once(cut(&body)),
                _ => at_once(http(
                    200,
                    "Content-Type: application/json\r\n",
                    body.as_bytes(),
                )),
            }
        })
        .await;
        let got = read(&connector(settings()), &to_stub(&once.url())).await;
        assert!(got.is_ok(), "case {index}: {got:?}");
    }
}

/// The most memory that this process has had so far, in bytes.
fn peak() -> usize {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmHWM"))
        .unwrap();
    let kilobytes: usize = line.split_whitespace().nth(1).unwrap().parse().unwrap();
    kilobytes * 1024
}

/// Each answer that is meant to hurt ends in an error and takes little memory.
#[tokio::test]
async fn f12_bombs_are_cut_off_and_memory_stays_bounded() {
    let json_type = "Content-Type: application/json\r\n";
    let gzip_type = "Content-Type: application/json\r\nContent-Encoding: gzip\r\n";
    let keys = |count: usize| {
        let keys: Vec<String> = (0..count).map(|key| format!("\"k{key}\":1")).collect();
        format!("{{\"result\":{{\"result\":{{{}}}}}}}", keys.join(","))
    };
    let deep = format!(
        "{{\"result\":{}{}}}",
        "[".repeat(100_000),
        "]".repeat(100_000)
    );
    let endless_head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n";
    let flood = [endless_head.as_bytes(), &vec![b' '; 24 * 1024 * 1024]].concat();
    let cases = [
        (
            "gzip",
            http(
                200,
                gzip_type,
                &crate::broken::gzip_of_spaces(256 * 1024 * 1024),
            ),
            true,
        ),
        ("flood", flood, true),
        ("deep", http(200, json_type, deep.as_bytes()), false),
        (
            "keys",
            http(200, json_type, keys(1_000_000).as_bytes()),
            false,
        ),
    ];
    for (name, answer, too_large) in cases {
        let mut settings = patient();
        settings.pace.broken_retries = 0;
        let connector = connector(settings);
        let stub = Stub::start(move |_| at_once(answer.clone())).await;
        // Nothing is measured before the stub holds its answer.
        let warm = stub.url();
        let before = peak();
        let error = read(&connector, &to_stub(&warm)).await.unwrap_err();
        let grown = peak() - before;
        let right = match &error {
            CrmError::TooLarge { limit } => too_large && *limit == 16 * 1024 * 1024,
            CrmError::Malformed { .. } => !too_large,
            _ => false,
        };
        assert!(right, "{name}: {error:?}");
        // The stub, in the same process, makes a copy of its answer as well.
        let copy = if name == "flood" { 24 } else { 14 } * 1024 * 1024;
        assert!(grown <= copy + 32 * 1024 * 1024, "{name}: {grown}");
        assert_eq!(stub.requests().len(), 1, "{name}");
    }
}

fn small(
    told: impl Fn(&str) -> Option<Value> + Send + Sync + 'static,
) -> impl Future<Output = Stub> {
    Stub::start(move |request| {
        let answer = batch(request, |method, _| match told(method) {
            Some(result) => Told::Result(result),
            None => plain(method),
        });
        json_reply(200, &answer)
    })
}

#[tokio::test]
async fn f16_types_that_lie_are_understood_or_refused_by_name() {
    let stub = small(|method| match method {
        "crm.category.list" => Some(json!({"categories": {"0": {"id": "0", "name": "Общая",
            "sort": "10", "isDefault": 1}, "1": {"id": 7, "name": "x".repeat(10_000_000),
            "sort": null, "isDefault": "N"}}})),
        "user.get" => Some(
            json!([{"ID": 1, "ACTIVE": "Y", "NAME": null, "UF_DEPARTMENT": {}},
            {"ID": "1", "ACTIVE": true, "NAME": "the same", "UF_DEPARTMENT": []}]),
        ),
        "crm.contact.userfield.list" => Some(json!({})),
        _ => None,
    })
    .await;
    let got = read(&connector(settings()), &to_stub(&stub.url()))
        .await
        .unwrap();
    // What has no place in the order comes first.
    let funnels = got.funnels.rows();
    assert_eq!((funnels[0].id, funnels[0].name.len()), (7, 10_000_000));
    let usual = (funnels[1].id, funnels[1].sort, funnels[1].is_default);
    assert_eq!(usual, (0, 10, true));
    assert_eq!(got.users.rows().len(), 1, "a row that comes twice is one");
    assert!(got.fields.contact.rows().is_empty());
    for (method, result, place) in [
        (
            "user.get",
            json!([{"ID": null, "ACTIVE": true}]),
            "result[0].ID",
        ),
        ("user.get", json!([null]), "result[0]"),
        (
            "crm.category.list",
            json!({"categories": [{"id": [], "name": "a"}]}),
            "result.categories[0].id",
        ),
    ] {
        let stub = small(move |name| (name == method).then(|| result.clone())).await;
        match read(&connector(settings()), &to_stub(&stub.url())).await {
            Err(CrmError::Malformed { place: at, .. }) => assert_eq!(at, place),
            other => panic!("{method}: {other:?}"),
        }
    }
    let escapes = br#"{"result":{"result":{"c0":{"ID":"1","NAME":"\ud800","ADMIN":true}}}}"#;
    let stub = Stub::start(move |request| {
        if request.path.ends_with("/batch") && request.body.contains("profile") {
            let whole = batch(request, |method, _| plain(method)).to_string();
            let spoilt = whole.replace("Титова", "\\udc00\\ud800x");
            return at_once(http(
                200,
                "Content-Type: application/json\r\n",
                spoilt.as_bytes(),
            ));
        }
        at_once(http(200, "Content-Type: application/json\r\n", escapes))
    })
    .await;
    let got = read(&connector(settings()), &to_stub(&stub.url()))
        .await
        .unwrap();
    assert_eq!(got.reading.viewer.name, "Анна \u{fffd}\u{fffd}x");
}

#[tokio::test]
async fn f17_data_that_changes_meanwhile_is_read_once_more() {
    let turn = std::sync::atomic::AtomicUsize::new(0);
    let stub = Stub::start(move |request| {
        let first = turn.fetch_add(1, std::sync::atomic::Ordering::SeqCst) == 0;
        let told = |method: &str, query: &str| {
            if method != "user.get" {
                return plain(method);
            }
            let start: u64 = query
                .split('&')
                .find_map(|pair| pair.strip_prefix("start="))
                .map_or(0, |text| text.parse().unwrap());
            // Somebody leaves between the first page and the second.
            let people = if first { 120 } else { 119 };
            let end = (start + 50).min(people);
            let row = |id: u64| json!({"ID": id.to_string(), "ACTIVE": true});
            let offset = 120 - people;
            Told::List {
                rows: (start + offset..end + offset).map(row).collect(),
                total: people,
                next: (end < people).then_some(end),
            }
        };
        json_reply(200, &batch(request, told))
    })
    .await;
    let got = read(&connector(settings()), &to_stub(&stub.url()))
        .await
        .unwrap();
    let mut ids: Vec<i64> = got.users.rows().iter().map(|user| user.id).collect();
    ids.dedup();
    assert_eq!(
        ids.len(),
        119,
        "nobody is missing and nobody is there twice"
    );
}

#[tokio::test]
async fn f18_the_portal_s_clock_is_not_relied_on() {
    let times = [
        json!({"start": 1.0, "finish": 2.0, "date_start": "2019-01-01T03:00:00+03:00",
            "operating_reset_at": 3}),
        json!({"start": 9e9, "finish": 9e9, "date_start": "2200-01-01T03:00:00+03:00",
            "operating_reset_at": 1}),
        json!({"date_start": "nonsense", "finish": "x", "operating_reset_at": {}}),
        json!([]),
        json!(null),
    ];
    for time in times {
        let shown = time.clone();
        let stub = Stub::start(move |request| {
            let mut answer = batch(request, |method, _| plain(method));
            match &time {
                Value::Null => drop(answer.as_object_mut().unwrap().remove("time")),
                time => answer["time"] = time.clone(),
            }
            json_reply(200, &answer)
        })
        .await;
        let got = read(&connector(settings()), &to_stub(&stub.url()))
            .await
            .unwrap();
        let apart = got.reading.at - NOW;
        assert!(
            apart.abs() < time::Duration::seconds(2),
            "{shown}: {}",
            got.reading.at
        );
    }
}
