//! A process that can be ended and started again.

use std::fs::File;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::Farewell;
use crate::house::CLIENT_SECRET;
use crate::support::CLIENT_ID;

const KEYS: &str = "rolling:Q0FOQVJZQ0FOQVJZQ0FOQVJZQ0FOQVJZQ0FOQVJZISE=";
/// How long a process that is told to stop still lets visitors in: time for the balancer to notice.
const STOP_DELAY: &str = "1s";
/// Draining takes 25 s at the most.
const LONGEST: Duration = Duration::from_secs(28);

/// What a process is started with.
pub struct Setting {
    pub address: SocketAddr,
    pub folder: PathBuf,
    pub database: String,
    pub authority: String,
}

/// The process.
pub struct Replica {
    setting: Setting,
    process: Child,
}

/// An address that nobody listens on.
pub fn free_address() -> SocketAddr {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap()
}

impl Replica {
    pub fn start(setting: Setting) -> Self {
        let process = started(&setting);
        Self { setting, process }
    }

    pub fn start_again(&mut self) {
        self.process = started(&self.setting);
    }

    /// Tells it to go and waits until it is gone.
    pub async fn end(&mut self, farewell: Farewell) {
        match farewell {
            Farewell::Politely => {
                let pid = self.process.id().to_string();
                assert!(Command::new("kill").arg(pid).status().unwrap().success());
                let told = Instant::now();
                while self.process.try_wait().unwrap().is_none() {
                    assert!(told.elapsed() < LONGEST, "it does not go");
                    sleep(Duration::from_millis(20)).await;
                }
                assert!(self.process.wait().unwrap().success());
            }
            Farewell::Rudely => {
                self.process.kill().unwrap();
                self.process.wait().unwrap();
            }
        }
    }
}

impl Drop for Replica {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn started(setting: &Setting) -> Child {
    let (address, folder) = (setting.address, &setting.folder);
    let log = File::options()
        .create(true)
        .append(true)
        .open(folder.join(format!("log-{}", address.port())));
    let binary = std::env::var("CRMAP_ROLLING_BINARY");
    Command::new(binary.unwrap_or_else(|_| env!("CARGO_BIN_EXE_crmap").to_owned()))
        .arg("serve")
        .current_dir(folder)
        .env("CRMAP_LISTEN", address.to_string())
        .env("CRMAP_PUBLIC_URL", "http://127.0.0.1:3000")
        .env("CRMAP_TRUSTED_PROXIES", "127.0.0.1")
        .env("CRMAP_SITE_DIR", folder.join("site"))
        .env("CRMAP_DATABASE_URL", &setting.database)
        .env("CRMAP_SECRET_KEYS", KEYS)
        .env(
            "CRMAP_SPILL_DIR",
            folder.join(format!("spill-{}", address.port())),
        )
        .env("CRMAP_BITRIX_CLIENT_ID", CLIENT_ID)
        .env("CRMAP_BITRIX_CLIENT_SECRET", CLIENT_SECRET)
        .env("CRMAP_BITRIX_OAUTH_SERVERS", &setting.authority)
        .env("CRMAP_ALLOW_LOOPBACK_PORTALS", "true")
        .env("CRMAP_STOP_DELAY", STOP_DELAY)
        .stdout(Stdio::null())
        .stderr(log.unwrap())
        .spawn()
        .unwrap()
}
