//! The real server in a process of its own.

use std::fs::{self, File};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tokio::time::sleep;

use crate::Options;
use crate::http::{Asked, Wire};

/// The server's process.
pub struct Server {
    child: Child,
    pub address: SocketAddr,
}

/// A port that is free.
pub fn free_address() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap()
}

impl Server {
    /// Starts it at an address and waits until it is ready.
    pub async fn start(
        options: &Options,
        folder: &Path,
        address: SocketAddr,
        authority: &str,
    ) -> Self {
        let database = options.database_url.clone();
        let file = format!("sqlite://{}", folder.join("crmap.db").display());
        let log = options.log.clone().unwrap_or(folder.join("log"));
        let child = Command::new(&options.crmap)
            .arg("serve")
            .env("CRMAP_DATABASE_URL", database.unwrap_or(file))
            .env("CRMAP_SECRET_KEYS", new_key(&options.crmap))
            .env("CRMAP_SPILL_DIR", folder.join("spill"))
            .env("CRMAP_SITE_DIR", &options.site)
            .env("CRMAP_LISTEN", address.to_string())
            .env("CRMAP_PUBLIC_URL", format!("http://{address}"))
            .env("CRMAP_TRUSTED_PROXIES", "127.0.0.1")
            .env("CRMAP_BITRIX_CLIENT_ID", "app.sim")
            .env("CRMAP_BITRIX_CLIENT_SECRET", "simulated-client-secret")
            .env("CRMAP_BITRIX_OAUTH_SERVERS", authority)
            .env("CRMAP_ALLOW_LOOPBACK_PORTALS", "true")
            .env("CRMAP_SYNC_INTERVAL", "30d")
            .env("RUST_LOG", "warn")
            .stdout(Stdio::null())
            .stderr(File::create(log).unwrap())
            .spawn()
            .unwrap();
        let server = Self { child, address };
        server.is_ready().await;
        server
    }

    async fn is_ready(&self) {
        let wire = Wire::to(self.address);
        for _ in 0..600 {
            let answer = wire.ask(&Asked::get("/readyz")).await;
            if answer.is_ok_and(|answer| answer.status == 200) {
                return;
            }
            sleep(Duration::from_millis(50)).await;
        }
        panic!("the server does not become ready");
    }

    /// Memory now and at the most so far, in MiB.
    pub fn memory(&self) -> (f64, f64) {
        let status = fs::read_to_string(self.proc("status")).unwrap();
        let of = |name: &str| {
            let line = status.lines().find(|line| line.starts_with(name)).unwrap();
            let kib = line.split_whitespace().nth(1).unwrap();
            kib.parse::<f64>().unwrap() / 1024.0
        };
        (of("VmRSS:"), of("VmHWM:"))
    }

    /// Seconds of processor time so far.
    pub fn cpu(&self) -> f64 {
        let stat = fs::read_to_string(self.proc("stat")).unwrap();
        let (_, fields) = stat.rsplit_once(')').unwrap();
        let fields: Vec<&str> = fields.split_whitespace().collect();
        // The kernel counts in hundredths of a second.
        let ticks = fields[11..=12].iter().map(|t| t.parse::<f64>().unwrap());
        ticks.sum::<f64>() / 100.0
    }

    fn proc(&self, file: &str) -> String {
        format!("/proc/{}/{file}", self.child.id())
    }

    /// Tells it to stop and waits.
    pub fn stop(mut self) {
        let pid = self.child.id().to_string();
        Command::new("kill").arg(pid).status().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn new_key(crmap: &Path) -> String {
    let made = Command::new(crmap).args(["keys", "new"]).output();
    let made = made.expect("the server's program is there");
    String::from_utf8(made.stdout).unwrap().trim().to_owned()
}
