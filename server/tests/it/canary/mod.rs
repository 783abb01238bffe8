//! SEC-30, SEC-37: the real binary through a whole life of a portal and of a cabinet with everything
//! logged, on both databases, and afterwards no secret in anything that it wrote: log, output,
//! database with its write-ahead log, local journal of tokens, record of requests, pages, letters.

mod people;
mod secrets;
mod watched;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use crmap_server::OsEntropy;
use crmap_store::{KeyRing, Store, StoreSettings};
use portal_sim::{Cloud, Effect, Fault, Portal, UserRole};
use serde_json::json;
use tokio::net::TcpListener;

use crate::house::{Base, CLIENT_SECRET, cloud, dump_of_schema};
use crate::smtp_sink::{Letter, SmtpSink};
use crate::support::folder;
use people::Person;
use secrets::Secrets;
use watched::Watched;

const KEYS: &str = "canary:Q0FOQVJZQ0FOQVJZQ0FOQVJZQ0FOQVJZQ0FOQVJZISE=";

const MAIL_PASSWORD: &str = "password-of-the-mail-server-7c1e";

fn free_address() -> SocketAddr {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap()
}

async fn live(base: Base) {
    let address = free_address();
    // Somebody else may take the address in between; then the test says so by failing to start.
    drop(TcpListener::bind(address).await);
    let cloud = cloud(&address.to_string()).await;
    let folder = folder(&format!("canary-{base:?}"));
    let mut secrets = Secrets(vec![
        ("client secret", CLIENT_SECRET.to_owned()),
        ("password of the mail server", MAIL_PASSWORD.to_owned()),
        ("key", KEYS.split_once(':').unwrap().1.to_owned()),
    ]);
    let said = STANDARD.encode(format!("\0us\0{MAIL_PASSWORD}"));
    secrets.add("what the mail server is told", &said);
    let sink = SmtpSink::start().await;
    let mut watched = Watched::start(folder, base, address, (&cloud, sink.address())).await;
    let (own, other) = (cloud.portal(1), cloud.portal(2));
    install(&mut watched, own, &mut secrets).await;
    install(&mut watched, other, &mut secrets).await;
    let mut person = Person::new(&mut watched, &mut secrets, &sink);
    person.live(own).await;
    let letters = person.letters;
    scan_letters(&letters, &cloud, &secrets);
    for role in [UserRole::Administrator, UserRole::Employee] {
        let form = secrets.form(own, role);
        watched.post(&form.target(), "", &form.encoded_body()).await;
    }
    refreshes(&watched, &cloud).await;
    events(&mut watched, own, other).await;
    assert!(cloud.refreshes().iter().any(|count| count.rotated > 0));
    scan(&watched, &cloud, &secrets, base).await;
}

async fn install(watched: &mut Watched, portal: &Portal, secrets: &mut Secrets) {
    portal.install(portal.world().user_id(UserRole::Administrator));
    let form = secrets.form(portal, UserRole::Administrator);
    let target = form.clone().to("/bitrix/install").target();
    let offer = watched.post(&target, "", &form.encoded_body()).await;
    let (_, bearer) = offer
        .split_once("name=\"bearer\" value=\"")
        .expect("an offer");
    let bearer = secrets.add("bearer", bearer.split('"').next().unwrap());
    watched.allow(&["bearer"]);
    let same = "Sec-Fetch-Site: same-origin\r\n";
    let body = format!("bearer={bearer}&lang=ru");
    let done = watched.post("/bitrix/install/complete", same, &body).await;
    assert!(done.contains("data-finish-install"), "{done}");
    portal.finish_install();
}

/// Refreshes that succeed and fail, each set off by a hint.
async fn refreshes(watched: &Watched, cloud: &Cloud) {
    let (own, other) = (cloud.portal(1), cloud.portal(2));
    own.expire_access_tokens();
    own.fire("ONAPPPAYMENT", &json!({"STATUS": "S"}));
    own.events_settled().await;
    for _ in 0..400 {
        if cloud.refreshes().iter().any(|count| count.rotated > 0) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    other.expire_access_tokens();
    cloud.set_oauth_fault(Fault::every(Effect::Html { status: 502 }));
    other.fire("ONAPPPAYMENT", &json!({"STATUS": "S"}));
    other.events_settled().await;
    watched.wait_for("a token was not refreshed").await;
    cloud.clear_oauth_faults();
}

async fn events(watched: &mut Watched, own: &Portal, other: &Portal) {
    let guess = "a-guess-at-the-secret-of-events-0001";
    let body = format!(
        "event=ONAPPUNINSTALL&data%5BCLEAN%5D=1&ts=1767225600&auth%5Bmember_id%5D={}\
         &auth%5Bapplication_token%5D={guess}",
        own.member_id()
    );
    watched.post("/bitrix/events", "", &body).await;
    other.uninstall(true);
    other.events_settled().await;
    watched
        .wait_for("the application was removed from a portal")
        .await;
}

/// Letters but the one with the code hold no secret at all.
fn scan_letters(letters: &[Letter], cloud: &Cloud, secrets: &Secrets) {
    let subjects: Vec<_> = letters.iter().map(Letter::subject).collect();
    assert!(subjects.len() >= 3, "{subjects:?}");
    for letter in letters {
        for text in [&letter.raw, &letter.text(), &letter.subject()] {
            secrets.check("a letter", text.as_bytes(), cloud, &[]);
        }
    }
}

async fn scan(watched: &Watched, cloud: &Cloud, secrets: &Secrets, base: Base) {
    for name in ["log", "stdout"] {
        let bytes = std::fs::read(watched.folder.join(name)).unwrap();
        secrets.check(name, &bytes, cloud, &[]);
    }
    let log = std::fs::read_to_string(watched.folder.join("log")).unwrap();
    assert!(log.contains("TRACE"), "the log is as loud as it can be");
    for person in ["olga.canary", "Ольга"] {
        assert!(!log.contains(person), "{person} is in the log");
    }
    for page in &watched.pages {
        let head = String::from_utf8_lossy(&page.bytes);
        let place = format!("a page: {head:.300}");
        secrets.check_page(&place, &page.bytes, cloud, &page.allowed);
    }
    let mut database = Vec::new();
    for file in files_below(&watched.folder) {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        let bytes = std::fs::read(&file).unwrap();
        secrets.check(&name, &bytes, cloud, &[]);
        if name.starts_with("crmap.db") {
            database.extend(bytes);
        }
    }
    if base == Base::Postgres {
        database = dump_of_schema(&watched.folder);
        secrets.check("the database", &database, cloud, &[]);
    }
    let database = String::from_utf8_lossy(&database);
    assert!(
        database.contains("olga.canary@example.ru"),
        "it is the right one"
    );
    scan_journal(watched, cloud, secrets, base).await;
}

/// The record of requests, as an operator or an owner reads it.
async fn scan_journal(watched: &Watched, cloud: &Cloud, secrets: &Secrets, base: Base) {
    // SQLite's file was read as it is; it belongs to the running process.
    if base == Base::Sqlite {
        return;
    }
    let store = Store::open(StoreSettings {
        url: watched.database.clone().into(),
        keys: KeyRing::parse(KEYS).unwrap(),
        entropy: Arc::new(OsEntropy),
        spill_dir: Some(watched.folder.join("spill-of-the-test")),
        connections: 2,
    })
    .await
    .unwrap();
    let member = crmap_domain::MemberId::parse(cloud.portal(1).member_id()).unwrap();
    let page = store.journal(&member, None, 500).await.unwrap();
    assert!(page.rows.len() > 5, "{}", page.rows.len());
    for row in page.rows {
        let text = format!("{row:?}");
        secrets.check("the journal", text.as_bytes(), cloud, &[]);
        assert!(
            !text.contains("Титова"),
            "personal data in the journal: {text}"
        );
    }
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files_below(&path));
        } else {
            found.push(path);
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sec_37_a_whole_life_on_sqlite_leaves_no_secret_anywhere() {
    live(Base::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sec_37_a_whole_life_on_postgres_leaves_no_secret_anywhere() {
    live(Base::Postgres).await;
}
