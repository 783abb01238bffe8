//! Pages over the wire: totals that lie, lists that change, portals that never end (F12, F17).

use std::sync::atomic::{AtomicUsize, Ordering};

use crmap_crm::CrmError;
use serde_json::{Value, json};

use crate::stub::{Stub, Told, batch, json_reply, plain};
use crate::support::{connector, read, settings, to_stub};

fn people(from: u64, to: u64) -> Value {
    let person = |id: u64| json!({"ID": (id + 1).to_string(), "ACTIVE": true, "NAME": "x"});
    (from..to).map(person).collect()
}

fn start(query: &str) -> u64 {
    query
        .rsplit_once("start=")
        .map_or(0, |(_, start)| start.parse().unwrap())
}

/// A portal whose list of people is what `told` says for an offset and the number of the call.
async fn portal(told: impl Fn(u64, usize) -> Told + Send + Sync + 'static) -> Stub {
    let calls = AtomicUsize::new(0);
    Stub::start(move |request| {
        let answer = batch(request, |method, query| match method {
            "user.get" => told(start(query), calls.fetch_add(1, Ordering::SeqCst)),
            other => plain(other),
        });
        json_reply(200, &answer)
    })
    .await
}

fn page(start: u64, rows: u64) -> Told {
    let end = (start + 50).min(rows);
    let next = (end < rows).then_some(end);
    Told::List {
        rows: people(start.min(end), end),
        total: rows,
        next,
    }
}

async fn people_read(stub: &Stub) -> Result<usize, (String, String)> {
    match read(&connector(settings()), &to_stub(&stub.url())).await {
        Ok(got) => Ok(got.users.rows().len()),
        Err(CrmError::Malformed { method, place }) => Err((method, place)),
        Err(other) => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn all_further_pages_come_in_one_more_request() {
    let stub = portal(|start, _| page(start, 2_549)).await;
    assert_eq!(people_read(&stub).await, Ok(2_549));
    assert_eq!(stub.requests().len(), 2);
    let stub = portal(|start, _| page(start, 5_000)).await;
    assert_eq!(people_read(&stub).await, Ok(5_000));
    assert_eq!(stub.requests().len(), 3);
}

#[tokio::test]
async fn f17_a_list_that_changes_meanwhile_is_read_once_more() {
    let stub = portal(|start, call| page(start, if call == 0 { 130 } else { 129 })).await;
    assert_eq!(people_read(&stub).await, Ok(129));
    assert_eq!(stub.requests().len(), 4);
}

#[tokio::test]
async fn f17_fewer_people_than_the_total_are_an_error_and_not_a_shorter_list() {
    let stub = portal(|start, _| match page(start, 120) {
        Told::List { rows, next, .. } => Told::List {
            rows,
            total: 125,
            next,
        },
        other => other,
    })
    .await;
    let expected = ("user.get".to_owned(), "total".to_owned());
    assert_eq!(people_read(&stub).await, Err(expected));
}

#[tokio::test]
async fn f12_an_endless_list_ends_in_an_error() {
    let stub = portal(|start, _| Told::List {
        rows: people(start, start + 1),
        total: 0,
        next: Some(start + 1),
    })
    .await;
    let expected = ("user.get".to_owned(), "next".to_owned());
    assert_eq!(people_read(&stub).await, Err(expected));
    assert!(stub.requests().len() <= 51);
}

#[tokio::test]
async fn totals_of_custom_fields_are_only_a_hint() {
    let field = json!({"ID": "1", "FIELD_NAME": "UF_CRM_A", "USER_TYPE_ID": "string"});
    let stub = Stub::start(move |request| {
        let answer = batch(request, |method, query| match (method, start(query)) {
            ("crm.deal.userfield.list", 0) => Told::List {
                rows: json!([field]),
                total: 9,
                next: None,
            },
            (other, _) => plain(other),
        });
        json_reply(200, &answer)
    })
    .await;
    let got = read(&connector(settings()), &to_stub(&stub.url()))
        .await
        .unwrap();
    assert_eq!(got.fields.deal.rows().len(), 1);
}

#[tokio::test]
async fn rel_18_a_command_without_any_outcome_is_asked_for_alone() {
    let stub = Stub::start(|request| {
        if request.path.ends_with("/user.get") {
            return json_reply(200, &json!({"result": people(0, 3), "total": 3}));
        }
        let answer = batch(request, |method, _| match method {
            "user.get" => Told::Nothing,
            other => plain(other),
        });
        json_reply(200, &answer)
    })
    .await;
    assert_eq!(people_read(&stub).await, Ok(3));
    let alone: Value = serde_json::from_str(&stub.requests()[1].body).unwrap();
    assert_eq!(
        (&alone["sort"], &alone["start"]),
        (&json!("ID"), &json!("0"))
    );
}
