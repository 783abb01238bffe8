//! The real binary with everything logged, and all that comes out of it.

use std::fs::File;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use portal_sim::Cloud;

use super::{KEYS, MAIL_PASSWORD};
use crate::house::{Base, CLIENT_SECRET, new_schema};
use crate::site;
use crate::support::{CLIENT_ID, FORM, exchange, status_of};

/// An answer as it came over the wire, and the names of the secrets that have their place in it.
pub struct Page {
    pub bytes: Vec<u8>,
    pub allowed: Vec<&'static str>,
}

/// A running server with everything that it writes to.
pub struct Watched {
    process: Child,
    pub address: SocketAddr,
    pub folder: PathBuf,
    pub database: String,
    pub pages: Vec<Page>,
}

impl Drop for Watched {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Watched {
    pub async fn start(
        folder: PathBuf,
        base: Base,
        address: SocketAddr,
        (cloud, mail): (&Cloud, SocketAddr),
    ) -> Self {
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
                format!("smtp://us:{MAIL_PASSWORD}@{mail}"),
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
    pub async fn wait_for(&self, sentence: &str) {
        for _ in 0..600 {
            let log = std::fs::read(self.folder.join("log")).unwrap();
            if String::from_utf8_lossy(&log).contains(sentence) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        panic!("the log never says «{sentence}»");
    }

    /// A portal's post, or one of our own pages' where `extra` says so.
    pub async fn post(&mut self, target: &str, extra: &str, body: &str) -> String {
        let head = format!("Content-Type: {FORM}\r\n{extra}");
        let answer = self.ask("POST", target, &head, body.as_bytes()).await;
        String::from_utf8_lossy(&answer).into_owned()
    }

    /// Sends a request and keeps the answer, in which no secret has a place until somebody says so.
    pub async fn ask(&mut self, method: &str, target: &str, extra: &str, body: &[u8]) -> Vec<u8> {
        let head = format!(
            "{method} {target} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n{extra}\
             Content-Length: {}\r\n\r\n",
            self.address,
            body.len()
        );
        let answer = exchange(self.address, &[head.as_bytes(), body].concat()).await;
        // Functions call arguments that cannot be understood a failure of their own.
        let most = if target.starts_with("/api/") {
            500
        } else {
            499
        };
        let is_fine = status_of(&answer).is_some_and(|status| status <= most);
        assert!(is_fine, "{target}: {}", String::from_utf8_lossy(&answer));
        self.pages.push(Page {
            bytes: answer.clone(),
            allowed: Vec::new(),
        });
        answer
    }

    /// Secrets that have their place in the last answer.
    pub fn allow(&mut self, names: &[&'static str]) {
        let page = self.pages.last_mut().unwrap();
        page.allowed.extend(names);
    }
}
