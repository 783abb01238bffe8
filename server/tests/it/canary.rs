//! SEC-30, SEC-37: the real binary through a whole life of a portal with everything logged, on both
//! databases, and afterwards no secret in anything that it wrote: log, output, database with its
//! write-ahead log, local journal of tokens, record of requests, pages.

use std::collections::HashSet;
use std::fs::File;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use crmap_server::OsEntropy;
use crmap_store::{KeyRing, Store, StoreSettings};
use portal_sim::{Cloud, Effect, Fault, Portal, UserRole, fingerprint};
use serde_json::json;
use tokio::net::TcpListener;

use crate::house::{Base, CLIENT_SECRET, cloud, new_schema};
use crate::site;
use crate::support::{CLIENT_ID, FORM, Form, exchange, folder, status_of};

const KEYS: &str = "canary:Q0FOQVJZQ0FOQVJZQ0FOQVJZQ0FOQVJZQ0FOQVJZISE=";

const MAIL_PASSWORD: &str = "password-of-the-mail-server-7c1e";

/// A running server with everything that it writes to.
struct Watched {
    process: Child,
    address: SocketAddr,
    folder: PathBuf,
    database: String,
    pages: Vec<Vec<u8>>,
}

impl Drop for Watched {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Watched {
    async fn start(folder: PathBuf, base: Base, address: SocketAddr, cloud: &Cloud) -> Self {
        let site = site::build(&folder);
        let database = match base {
            Base::Sqlite => format!("sqlite://{}/crmap.db", folder.display()),
            Base::Postgres => new_schema(&folder),
        };
        let file = |name| File::create(folder.join(name)).unwrap();
        let process = Command::new(env!("CARGO_BIN_EXE_crmap"))
            .arg("serve")
            .env("RUST_LOG", "trace")
            .env("CRMAP_LISTEN", address.to_string())
            .env("CRMAP_PUBLIC_URL", format!("http://{address}"))
            .env("CRMAP_SITE_DIR", &site)
            .env("CRMAP_DATABASE_URL", &database)
            .env("CRMAP_SECRET_KEYS", KEYS)
            .env("CRMAP_SPILL_DIR", folder.join("spill"))
            .env("CRMAP_BITRIX_CLIENT_ID", CLIENT_ID)
            .env("CRMAP_BITRIX_CLIENT_SECRET", CLIENT_SECRET)
            .env("CRMAP_BITRIX_OAUTH_SERVERS", cloud.oauth_url())
            .env("CRMAP_ALLOW_LOOPBACK_PORTALS", "true")
            .env(
                "CRMAP_SMTP_URL",
                format!("smtp://us:{MAIL_PASSWORD}@127.0.0.1:9"),
            )
            .env("CRMAP_MAIL_FROM", "crmap@example.ru")
            .stdout(Stdio::from(file("stdout")))
            .stderr(Stdio::from(file("log")))
            .spawn()
            .unwrap();
        let watched = Self {
            process,
            address,
            folder,
            database,
            pages: Vec::new(),
        };
        watched.wait_for("crmap is ready").await;
        watched
    }

    /// Waits until the log says something.
    async fn wait_for(&self, sentence: &str) {
        for _ in 0..600 {
            let log = std::fs::read(self.folder.join("log")).unwrap();
            if String::from_utf8_lossy(&log).contains(sentence) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        panic!("the log never says «{sentence}»");
    }

    async fn post(&mut self, target: &str, extra: &str, body: &str) -> String {
        let head = format!(
            "POST {target} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nContent-Type: {FORM}\r\n\
             {extra}Content-Length: {}\r\n\r\n",
            self.address,
            body.len()
        );
        let answer = exchange(self.address, &[head.as_bytes(), body.as_bytes()].concat()).await;
        assert!(status_of(&answer).is_some_and(|status| status < 500));
        self.pages.push(answer.clone());
        String::from_utf8_lossy(&answer).into_owned()
    }

    async fn install(&mut self, portal: &Portal, secrets: &mut Secrets) {
        portal.install(portal.world().user_id(UserRole::Administrator));
        let form = secrets.form(portal, UserRole::Administrator);
        let target = form.clone().to("/bitrix/install").target();
        let offer = self.post(&target, "", &form.encoded_body()).await;
        let bearer = offer
            .split_once("name=\"bearer\" value=\"")
            .expect("an offer")
            .1;
        let bearer = bearer.split('"').next().unwrap().to_owned();
        secrets.0.push(("bearer", bearer.clone()));
        let same = "Sec-Fetch-Site: same-origin\r\n";
        let body = format!("bearer={bearer}&lang=ru");
        let done = self.post("/bitrix/install/complete", same, &body).await;
        assert!(done.contains("data-finish-install"), "{done}");
        portal.finish_install();
    }
}

/// What must not be found, by what it is.
#[derive(Default)]
struct Secrets(Vec<(&'static str, String)>);

impl Secrets {
    fn form(&mut self, portal: &Portal, role: UserRole) -> Form {
        let form = Form::of(portal, role);
        for name in ["AUTH_ID", "REFRESH_ID", "APPLICATION_TOKEN"] {
            self.0.push((name, form.get(name).to_owned()));
        }
        form
    }

    /// `allowed` names a secret that has its place here.
    fn check(&self, place: &str, bytes: &[u8], cloud: &Cloud, allowed: Option<&str>) {
        for (name, secret) in &self.0 {
            let found = bytes
                .windows(secret.len())
                .any(|window| window == secret.as_bytes());
            assert!(!found || allowed == Some(name), "{name} is in {place}");
        }
        // Pairs of refreshes are known by their fingerprints alone.
        let issued: HashSet<String> = cloud
            .chains()
            .into_iter()
            .flat_map(|chain| [chain.access, chain.refresh])
            .collect();
        let word = |byte: &u8| !byte.is_ascii_alphanumeric();
        for word in bytes.split(word).filter(|word| word.len() >= 20) {
            let text = std::str::from_utf8(word).unwrap();
            assert!(
                !issued.contains(&fingerprint(text)),
                "a token is in {place}"
            );
        }
    }
}

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
    let mut watched = Watched::start(folder, base, address, &cloud).await;
    let (own, other) = (cloud.portal(1), cloud.portal(2));
    watched.install(own, &mut secrets).await;
    watched.install(other, &mut secrets).await;
    for role in [UserRole::Administrator, UserRole::Employee] {
        let form = secrets.form(own, role);
        watched.post(&form.target(), "", &form.encoded_body()).await;
    }
    refreshes(&watched, &cloud).await;
    events(&mut watched, own, other).await;
    assert!(cloud.refreshes().iter().any(|count| count.rotated > 0));
    scan(&watched, &cloud, &secrets, base).await;
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

async fn scan(watched: &Watched, cloud: &Cloud, secrets: &Secrets, base: Base) {
    for name in ["log", "stdout"] {
        let bytes = std::fs::read(watched.folder.join(name)).unwrap();
        secrets.check(name, &bytes, cloud, None);
    }
    let log = std::fs::read_to_string(watched.folder.join("log")).unwrap();
    assert!(log.contains("TRACE"), "the log is as loud as it can be");
    // The offer's page carries its own bearer, and no other page carries anything.
    for page in &watched.pages {
        let is_offer = String::from_utf8_lossy(page).contains("name=\"bearer\"");
        secrets.check("a page", page, cloud, is_offer.then_some("bearer"));
    }
    for file in files_below(&watched.folder) {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        let bytes = std::fs::read(&file).unwrap();
        secrets.check(&name, &bytes, cloud, None);
    }
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
        secrets.check("the journal", text.as_bytes(), cloud, None);
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
