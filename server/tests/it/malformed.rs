//! SEC-01: whatever no portal sends is turned away before anybody is asked about it.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use axum::http::StatusCode;
use portal_sim::UserRole;
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};

use crate::house::{Base, House};
use crate::support::{FORM, Form, Stand, exchange, listen, status_of};

/// How many malformed openings are sent.
const OPENINGS: usize = 10_000;
/// How many connections send at a time.
const SENDERS: usize = 8;

/// Spoils an honest form, so that what comes out is certainly malformed.
type Flaw = fn(&mut StdRng, Form) -> Vec<u8>;

const FLAWS: [(&str, Flaw); 24] = [
    ("random bytes", |dice, form| {
        post(&form.target(), FORM, &noise(dice, 2_000))
    }),
    ("random bytes after an honest form", |dice, form| {
        let mut body = form.encoded_body().into_bytes();
        body.extend(b"&x=\xff");
        body.extend(noise(dice, 300));
        post(&form.target(), FORM, &body)
    }),
    ("an empty body", |_, form| post(&form.target(), FORM, b"")),
    ("a field is missing", |dice, form| {
        let form = form.without(pick(dice, &NEEDED));
        send_form(&form)
    }),
    ("a field is empty", |dice, form| {
        send_form(&form.set(pick(dice, &NEEDED), ""))
    }),
    ("a field twice in the body", |dice, form| {
        let name = pick(dice, &["AUTH_ID", "member_id", "REFRESH_ID", "status"]);
        let body = format!("{}&{name}={}", form.encoded_body(), form.get(name));
        post(&form.target(), FORM, body.as_bytes())
    }),
    ("a field in the query and in the body", |dice, form| {
        let name = pick(dice, &["DOMAIN", "LANG", "PROTOCOL", "APP_SID"]);
        let body = format!("{}&{name}=other", form.encoded_body());
        post(&form.target(), FORM, body.as_bytes())
    }),
    ("an unknown field twice", |dice, form| {
        let number: u32 = dice.random();
        let body = format!("{}&x{number}=1&x{number}=2", form.encoded_body());
        post(&form.target(), FORM, body.as_bytes())
    }),
    ("a zero byte", |dice, form| {
        let name = pick(dice, &ANY);
        let value = format!("{}\0", form.get(name));
        send_form(&form.set(name, &value))
    }),
    ("percent signs without digits", |dice, form| {
        let bad = pick(dice, &["%", "%4", "%zz", "%-1", "%%30"]);
        let body = format!("{}&x={bad}", form.encoded_body());
        post(&form.target(), FORM, body.as_bytes())
    }),
    ("bad UTF-8 in percent codes", |dice, form| {
        let bad = pick(
            dice,
            &["%ff", "%c3%28", "%ed%a0%80", "%f8%88%80%80%80", "%c0%af"],
        );
        let body = format!("{}&x{bad}=1", form.encoded_body());
        post(&form.target(), FORM, body.as_bytes())
    }),
    ("bad UTF-8 in the query", |dice, form| {
        let bad = pick(dice, &["%ff", "%c0%af", "%"]);
        post(
            &format!("{}&x={bad}", form.target()),
            FORM,
            form.encoded_body().as_bytes(),
        )
    }),
    ("a field too long", |dice, form| {
        let name = pick(dice, &["AUTH_ID", "PLACEMENT_OPTIONS", "REFRESH_ID", "x"]);
        let value = "a".repeat(dice.random_range(4_097..20_000));
        send_form(&form.set(name, &value))
    }),
    ("a name too long", |dice, form| {
        let name = "n".repeat(dice.random_range(4_097..20_000));
        send_form(&form.set(&name, "1"))
    }),
    ("too many fields", |dice, form| {
        let many = (0..dice.random_range(65..500)).map(|number| format!("&f{number}=1"));
        let body = form.encoded_body() + &many.collect::<String>();
        post(&form.target(), FORM, body.as_bytes())
    }),
    ("nested brackets for a field", |dice, form| {
        let name = pick(dice, &["AUTH_ID", "member_id"]);
        let value = form.get(name).to_owned();
        let nested = format!("{name}{}", "[a]".repeat(dice.random_range(1..500)));
        send_form(&form.without(name).set(&nested, &value))
    }),
    ("an address that is none", |dice, form| {
        let address = pick(dice, &ADDRESSES);
        send_form(&form.set("DOMAIN", address))
    }),
    ("a member_id that is none", |dice, form| {
        let id = pick(
            dice,
            &["1", "0123456789abcdef0123456789abcdeg", "' or 1=1 --", "0x"],
        );
        send_form(&form.set("member_id", id))
    }),
    ("a token that is none", |dice, form| {
        let token = pick(
            dice,
            &["a b", "a\r\nHost: evil", "токен", "\u{7f}", "a\tb", " "],
        );
        send_form(&form.set("AUTH_ID", token))
    }),
    ("other fields that are none", |dice, form| {
        let (name, value) = ODD[dice.random_range(0..ODD.len())];
        send_form(&form.set(name, value))
    }),
    ("another kind of body", |dice, form| {
        let kind = pick(dice, &KINDS);
        post(&form.target(), kind, form.encoded_body().as_bytes())
    }),
    ("a body too large", |dice, form| {
        let length = dice.random_range(65_537..1_500_000);
        let mut body = form.encoded_body().into_bytes();
        body.push(b'&');
        body.resize(length, b'x');
        post(&form.target(), FORM, &body)
    }),
    ("a chunked body too large", |dice, form| {
        let length = dice.random_range(65_537..100_000);
        chunked(&form.target(), &vec![b'x'; length])
    }),
    ("not HTTP", |dice, form| {
        let mut bytes = post(&form.target(), FORM, form.encoded_body().as_bytes());
        for _ in 0..3 {
            // The request line and the names of the headers; the end of the head stays in place.
            let at = dice.random_range(0..20);
            bytes[at] = dice.random_range(0..32);
        }
        bytes
    }),
];

const NEEDED: [&str; 5] = ["AUTH_ID", "member_id", "DOMAIN", "LANG", "APP_SID"];
const ANY: [&str; 9] = [
    "DOMAIN",
    "PROTOCOL",
    "LANG",
    "APP_SID",
    "AUTH_ID",
    "REFRESH_ID",
    "member_id",
    "status",
    "PLACEMENT",
];
const ADDRESSES: [&str; 12] = [
    "a;script-src *",
    "a\r\nX-Evil: 1",
    "a b",
    "*",
    "https://demo.bitrix24.ru",
    "demo.bitrix24.ru/rest",
    "user@demo.bitrix24.ru",
    "demo.bitrix24.ru:99999",
    "demo..bitrix24.ru",
    "demo.bitrix24.ru:",
    "[::1]",
    "'none'",
];
const ODD: [(&str, &str); 10] = [
    ("PROTOCOL", "2"),
    ("PROTOCOL", "https"),
    ("LANG", "русский"),
    ("LANG", "../../etc"),
    ("APP_SID", "a:b"),
    ("APP_SID", "<script>"),
    ("AUTH_EXPIRES", "soon"),
    ("AUTH_EXPIRES", "-1"),
    ("PLACEMENT", "a b"),
    ("APPLICATION_TOKEN", "a\nb"),
];
const KINDS: [&str; 6] = [
    "application/json",
    "multipart/form-data; boundary=x",
    "text/plain",
    "application/x-www-form-urlencodedx",
    "",
    "\u{1}",
];

fn pick(dice: &mut StdRng, of: &[&'static str]) -> &'static str {
    of[dice.random_range(0..of.len())]
}

fn noise(dice: &mut StdRng, longest: usize) -> Vec<u8> {
    (0..dice.random_range(1..longest))
        .map(|_| dice.random())
        .collect()
}

fn send_form(form: &Form) -> Vec<u8> {
    post(&form.target(), FORM, form.encoded_body().as_bytes())
}

fn post(target: &str, kind: &str, body: &[u8]) -> Vec<u8> {
    let head = format!(
        "POST {target} HTTP/1.1\r\nHost: crmap.example\r\nConnection: close\r\n\
         Content-Type: {kind}\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}

fn chunked(target: &str, body: &[u8]) -> Vec<u8> {
    let head = format!(
        "POST {target} HTTP/1.1\r\nHost: crmap.example\r\nConnection: close\r\n\
         Content-Type: {FORM}\r\nTransfer-Encoding: chunked\r\n\r\n{:x}\r\n",
        body.len()
    );
    [head.as_bytes(), body, b"\r\n0\r\n\r\n"].concat()
}

/// Sends every `SENDERS`th opening from `first` on and gives back what was wrong with the answers.
async fn attack(server: SocketAddr, form: Form, first: usize) -> Vec<String> {
    let mut wrong = Vec::new();
    for number in (first..OPENINGS).step_by(SENDERS) {
        let mut dice = StdRng::seed_from_u64(number as u64);
        let (name, flaw) = FLAWS[number % FLAWS.len()];
        let mut form = form.clone();
        // The application's door and the installer's in turn.
        if number / FLAWS.len() % 2 == 1 {
            form = form.to("/bitrix/install");
        }
        let answer = exchange(server, &flaw(&mut dice, form)).await;
        let refused = match status_of(&answer) {
            Some(status) => (400..500).contains(&status),
            // Closing without a word is for bodies that nobody reads to their end, and for noise.
            None => name.ends_with("too large") || name == "not HTTP",
        };
        if !refused {
            wrong.push(format!("{number}, {name}: {:?}", status_of(&answer)));
        }
    }
    wrong
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sec_01_ten_thousand_malformed_openings_cause_no_failure_no_row_and_no_call() {
    let house = House::new("malformed", Base::Sqlite).await;
    let portal = house.portal();
    portal.install(portal.world().user_id(UserRole::Administrator));
    let form = Form::of(portal, UserRole::Administrator);
    let server = listen(house.router.clone()).await;
    let senders = (0..SENDERS).map(|first| tokio::spawn(attack(server, form.clone(), first)));
    let senders: Vec<_> = senders.collect();
    let mut wrong = Vec::new();
    for sender in senders {
        wrong.extend(sender.await.unwrap());
    }
    assert!(
        wrong.is_empty(),
        "{} of {OPENINGS}: {:#?}",
        wrong.len(),
        &wrong[..wrong.len().min(20)]
    );
    house.has_asked_nobody();
    assert_eq!(house.store.portals_count().await.unwrap(), 0);
    let still = house.post_form("/bitrix/install", &form).await;
    assert_eq!(still.status, StatusCode::OK, "still at work");
}

#[tokio::test]
async fn sec_01_bodies_that_are_too_large_are_refused_before_they_are_read() {
    let stand = Stand::start().await;
    let form = Form::of(stand.cloud.portal(1), UserRole::Administrator);
    let server = listen(stand.router.clone()).await;
    // The head announces more than is taken; the body never comes.
    let head = format!(
        "POST {} HTTP/1.1\r\nHost: crmap.example\r\nConnection: close\r\n\
         Content-Type: {FORM}\r\nContent-Length: 65537\r\n\r\n",
        form.target()
    );
    let started = Instant::now();
    let answer = exchange(server, head.as_bytes()).await;
    assert_eq!(status_of(&answer), Some(413));
    assert!(started.elapsed() < Duration::from_secs(2));
    // Nothing is announced, and one byte more than is taken comes.
    let mut sent = chunked(&form.target(), &vec![b'x'; 65_537]);
    sent.truncate(sent.len() - 7);
    let answer = exchange(server, &sent).await;
    assert_eq!(status_of(&answer), Some(413));
    assert_eq!(stand.outbound(), Vec::<String>::new());
}

/// SEC-01 does not turn away what portals may come to send: unknown fields are left alone.
#[tokio::test]
async fn unknown_fields_and_missing_newer_ones_do_not_matter() {
    let stand = Stand::start().await;
    let form = Form::of(stand.cloud.portal(1), UserRole::Administrator)
        .set("NEW_FIELD[a][b]", "любое\r\nзначение")
        .without("SERVER_ENDPOINT")
        .without("APPLICATION_TOKEN")
        .without("APPLICATION_SCOPE")
        .without("PLACEMENT")
        .without("status");
    assert_eq!(stand.open(&form).await.status, StatusCode::OK);
}
