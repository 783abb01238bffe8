//! SEC-37 in the small: the binary with everything logged, through an opening and every way in
//! which one can fail, and no secret in what it wrote.

use std::fs::File;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crmap_app::api::RenewSession;
use crmap_domain::Lang;
use portal_sim::{Cloud, Effect, Fault, Portal, UserRole};

use crate::site;
use crate::support::{
    Answer, CLIENT_ID, FORM, Form, POSTCARD, READ, RENEW, cloud, exchange, folder, nothing,
    status_of,
};

/// What a browser says of the calls of our own pages.
const SAME_ORIGIN: &str = "Sec-Fetch-Site: same-origin\r\n";

/// A running `crmap serve` with the loudest log.
struct Served {
    process: Child,
    log: PathBuf,
    address: SocketAddr,
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Served {
    async fn start(folder: &Path, cloud: &Cloud, format: &str) -> Self {
        let site = site::build(folder);
        let log = folder.join("log");
        let process = Command::new(env!("CARGO_BIN_EXE_crmap"))
            .arg("serve")
            .env("RUST_LOG", "trace")
            .env("CRMAP_LISTEN", "127.0.0.1:0")
            .env("CRMAP_SITE_DIR", &site)
            .env(
                "CRMAP_DATABASE_URL",
                format!("sqlite://{}/crmap.db", folder.display()),
            )
            .env("CRMAP_BITRIX_CLIENT_ID", CLIENT_ID)
            .env("CRMAP_BITRIX_OAUTH_SERVERS", cloud.oauth_url())
            .env("CRMAP_ALLOW_LOOPBACK_PORTALS", "true")
            .env("CRMAP_LOG_FORMAT", format)
            .stdout(Stdio::null())
            .stderr(File::create(&log).unwrap())
            .spawn()
            .unwrap();
        let address = ready(&log).await;
        Self {
            process,
            log,
            address,
        }
    }

    fn log(&self) -> String {
        String::from_utf8(std::fs::read(&self.log).unwrap()).unwrap()
    }

    async fn post(&self, target: &str, kind: &str, extra: &str, body: &[u8]) -> Vec<u8> {
        let head = format!(
            "POST {target} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nContent-Type: {kind}\r\n\
             {extra}Content-Length: {}\r\n\r\n",
            self.address,
            body.len()
        );
        exchange(self.address, &[head.as_bytes(), body].concat()).await
    }

    async fn open(&self, form: &Form) -> Vec<u8> {
        let body = form.encoded_body();
        self.post(&form.target(), FORM, "", body.as_bytes()).await
    }

    async fn read(&self, bearer: &str) -> Option<u16> {
        let shown = format!("{SAME_ORIGIN}Authorization: Bearer {bearer}\r\n");
        status_of(&self.post(READ, POSTCARD, &shown, &nothing()).await)
    }

    async fn renew(&self, portal: &Portal, token: &str) -> Vec<u8> {
        let arguments = RenewSession {
            access_token: token.to_owned(),
            member_id: portal.member_id().to_owned(),
            address: portal.domain(),
            lang: Lang::Ru,
        };
        let arguments = postcard::to_allocvec(&arguments).unwrap();
        self.post(RENEW, POSTCARD, SAME_ORIGIN, &arguments).await
    }
}

/// Waits until the log says where the server listens.
async fn ready(log: &Path) -> SocketAddr {
    for _ in 0..400 {
        let text = std::fs::read_to_string(log).unwrap_or_default();
        let address = text.split("127.0.0.1:").skip(1).find_map(|rest| {
            let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
            digits.parse().ok().filter(|port: &u16| *port != 0)
        });
        if let Some(port) = address.filter(|_| text.contains("crmap is ready")) {
            return SocketAddr::from(([127, 0, 0, 1], port));
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!(
        "not ready: {}",
        std::fs::read_to_string(log).unwrap_or_default()
    );
}

fn bearer_of(answer: &[u8]) -> String {
    let text = String::from_utf8(answer.to_vec()).unwrap();
    let (_, body) = text.split_once("\r\n\r\n").unwrap();
    Answer {
        status: axum::http::StatusCode::OK,
        headers: axum::http::HeaderMap::new(),
        body: body.as_bytes().to_vec(),
    }
    .bearer()
}

/// Everything that must stay secret, by what it is.
#[derive(Default)]
struct Secrets(Vec<(&'static str, String)>);

impl Secrets {
    fn form(&mut self, portal: &Portal) -> Form {
        let form = Form::of(portal, UserRole::Administrator);
        for name in ["AUTH_ID", "REFRESH_ID", "APPLICATION_TOKEN"] {
            self.0.push((name, form.get(name).to_owned()));
        }
        form
    }

    fn token(&mut self, portal: &Portal) -> String {
        let token = portal.access_token(UserRole::Administrator);
        self.0.push(("fresh token", token.clone()));
        token
    }

    fn check(&self, log: &str) {
        for (name, secret) in &self.0 {
            assert!(secret.len() > 20);
            if let Some(line) = log.lines().find(|line| line.contains(secret.as_str())) {
                panic!("{name} is in the log: {line}");
            }
        }
    }
}

/// Openings that fail, one for each way in which the authority can.
async fn fail_at_the_authority(served: &Served, cloud: &Cloud, secrets: &mut Secrets) {
    let (own, other) = (cloud.portal(1), cloud.portal(2));
    for effect in [
        Effect::internal_error(),
        Effect::Html { status: 502 },
        Effect::TruncatedJson,
        Effect::EmptyBody,
        Effect::Reset,
        Effect::invalid_credentials(),
        Effect::expired_token(),
        Effect::Redirect {
            location: other.base_url(),
        },
    ] {
        cloud.set_oauth_fault(Fault::every(effect.clone()));
        let answer = served.open(&secrets.form(own)).await;
        assert_ne!(status_of(&answer), Some(200), "{effect:?}");
        let token = secrets.token(own);
        assert_ne!(
            status_of(&served.renew(own, &token).await),
            Some(200),
            "{effect:?}"
        );
        cloud.clear_oauth_faults();
    }
    let foreign = secrets.form(own).set("member_id", other.member_id());
    assert_eq!(status_of(&served.open(&foreign).await), Some(403));
    for (name, value) in [
        ("APP_SID", "<>"),
        ("member_id", ""),
        ("DOMAIN", "a;b"),
        ("LANG", "\0"),
    ] {
        let malformed = secrets.form(own).set(name, value);
        assert_eq!(
            status_of(&served.open(&malformed).await),
            Some(400),
            "{name}"
        );
    }
    let form = secrets.form(own);
    let (target, body) = (form.target(), form.encoded_body());
    let answer = served
        .post(&target, "text/plain", "", body.as_bytes())
        .await;
    assert_eq!(status_of(&answer), Some(415));
}

/// Readings that fail, one for each way in which a portal can.
async fn fail_at_the_portal(served: &Served, portal: &Portal, secrets: &mut Secrets) {
    for effect in [
        Effect::unpaid(),
        Effect::portal_deleted(),
        Effect::Html { status: 404 },
        Effect::TruncatedJson,
        Effect::Reset,
        Effect::Redirect {
            location: "http://127.0.0.99:1/".to_owned(),
        },
    ] {
        portal.set_fault(Fault::every(effect.clone()));
        let answer = served.open(&secrets.form(portal)).await;
        assert_eq!(status_of(&answer), Some(200), "{effect:?}");
        let bearer = bearer_of(&answer);
        secrets.0.push(("bearer", bearer.clone()));
        assert_eq!(served.read(&bearer).await, Some(200), "{effect:?}");
        portal.clear_faults();
    }
}

async fn check_log(format: &str) {
    let cloud = cloud(2).await;
    let portal = cloud.portal(1);
    let served = Served::start(&folder(&format!("logs-{format}")), &cloud, format).await;
    let mut secrets = Secrets::default();
    let answer = served.open(&secrets.form(portal)).await;
    assert_eq!(status_of(&answer), Some(200));
    let bearer = bearer_of(&answer);
    secrets.0.push(("bearer", bearer.clone()));
    assert_eq!(served.read(&bearer).await, Some(200));
    let unknown = "a-bearer-that-nobody-was-ever-given-0000000".to_owned();
    assert_eq!(served.read(&unknown).await, Some(401));
    secrets.0.push(("unknown bearer", unknown));
    let token = secrets.token(portal);
    let renewed = served.renew(portal, &token).await;
    assert_eq!(status_of(&renewed), Some(200));
    let renewed = String::from_utf8(renewed[renewed.len() - 43..].to_vec()).unwrap();
    assert_eq!(served.read(&renewed).await, Some(200));
    secrets.0.push(("renewed bearer", renewed));
    fail_at_the_authority(&served, &cloud, &mut secrets).await;
    fail_at_the_portal(&served, portal, &mut secrets).await;
    let log = served.log();
    secrets.check(&log);
    // The log is as loud as it can be, and says what an operator needs.
    assert!(log.contains("TRACE") && log.contains(portal.member_id()));
    for sentence in [
        "the application was opened",
        "an opening was not let in",
        "an opening could not be understood",
        "a portal could not be read",
        "a session was not renewed",
    ] {
        assert!(log.contains(sentence), "{sentence}");
    }
    if format == "json" {
        assert!(
            log.lines()
                .all(|line| line.starts_with('{') && line.ends_with('}'))
        );
    }
}

#[tokio::test]
async fn sec_37_the_loudest_log_for_people_holds_no_secret() {
    check_log("human").await;
}

#[tokio::test]
async fn sec_37_the_loudest_log_for_programs_holds_no_secret() {
    check_log("json").await;
}

#[tokio::test]
async fn a_refused_log_in_is_logged_and_the_address_that_was_typed_is_not() {
    let cloud = cloud(1).await;
    let folder = folder("refused-log-in");
    let server = Served::start(&folder, &cloud, "json").await;
    let body = "email=anna%40example.ru&password=nobody-has-this-one";
    let answer = server
        .post("/login", FORM, SAME_ORIGIN, body.as_bytes())
        .await;
    assert!(status_of(&answer).is_some());
    let log = server.log();
    let line = log
        .lines()
        .find(|line| line.contains("a log-in was refused"));
    let line = line.unwrap();
    assert!(line.contains("client.ip") && line.contains("127.0.0.1"));
    // Nobody has to look at each: they are counted.
    assert!(line.contains("\"INFO\""), "{line}");
    assert!(!log.contains("anna") && !log.contains("nobody-has-this-one"));
}
