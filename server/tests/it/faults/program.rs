//! The binary as a process, a cabinet that it finds in its database, and the way to it over the wire.

use std::fs::File;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, Response, StatusCode};
use crmap_store::KeyRing;
use portal_sim::Cloud;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::cabinet::PASSWORD;
use crate::cabinet::browser::Browser;
use crate::cabinet::portals::link;
use crate::house::{Base, CLIENT_SECRET, Furniture, House};
use crate::site;
use crate::support::CLIENT_ID;

/// What stands for an answer that never came.
pub const NO_ANSWER: StatusCode = StatusCode::BAD_GATEWAY;
/// Nothing takes this long.
const PATIENCE: Duration = Duration::from_secs(60);

/// A cabinet with portals that were read, as a server left it that is not there any more.
pub struct Left {
    pub cloud: Cloud,
    pub folder: PathBuf,
    /// Somebody who is logged in.
    pub anna: Browser,
}

impl Left {
    pub async fn by_a_server(name: &str, base: Base, portals: usize) -> Self {
        let furniture = Furniture {
            portals,
            ..Furniture::default()
        };
        let house = House::furnished(name, base, furniture).await;
        let anna = Browser::new(&house.router);
        let email = "anna@example.ru";
        anna.register("Анна Кабинетова", email, PASSWORD).await;
        assert_eq!(anna.log_in(email, PASSWORD).await.way(), "/dashboard");
        for number in 1..=portals {
            house.install(number).await;
            link(&house, number, &anna).await;
        }
        // A browser has the server whose pages it shows.
        let anna = { anna }.before(&Router::new());
        let (cloud, folder) = house.move_out().await;
        let keys = KeyRing::generate([7; 32]).to_text();
        std::fs::write(folder.join("keys"), keys.as_bytes()).unwrap();
        site::build(&folder);
        Self {
            cloud,
            folder,
            anna,
        }
    }

    /// A command of the binary over this database.
    pub fn command(&self, program: &str, database: &str) -> Command {
        let mut command = Command::new(program);
        command
            .env_clear()
            .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
            .env("CRMAP_DATABASE_URL", database)
            .env("CRMAP_SECRET_KEYS_FILE", self.folder.join("keys"))
            .env("CRMAP_BITRIX_CLIENT_ID", CLIENT_ID)
            .env("CRMAP_BITRIX_CLIENT_SECRET", CLIENT_SECRET)
            .env("CRMAP_BITRIX_OAUTH_SERVERS", self.cloud.oauth_url())
            .env("CRMAP_ALLOW_LOOPBACK_PORTALS", "true")
            .env("CRMAP_PUBLIC_URL", "https://crmap.example")
            .env("CRMAP_LISTEN", "127.0.0.1:0")
            .env("CRMAP_SITE_DIR", self.folder.join("site"))
            .env("CRMAP_SPILL_DIR", self.folder.join("spill-of-the-binary"))
            .current_dir(&self.folder);
        command
    }
}

pub const BINARY: &str = env!("CARGO_BIN_EXE_crmap");

/// A server that runs until it is dropped.
pub struct Program {
    child: Child,
    log: PathBuf,
    pub address: SocketAddr,
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Program {
    /// Starts `command`, and waits until it says where it listens.
    pub async fn start(command: &mut Command, folder: &Path) -> Self {
        let log = folder.join("log");
        let file = File::create(&log).unwrap();
        let child = command.stdout(Stdio::null()).stderr(file).spawn().unwrap();
        let mut program = Self {
            child,
            log,
            address: SocketAddr::from(([127, 0, 0, 1], 0)),
        };
        for _ in 0..2_400 {
            let said = program.said();
            if let Some((_, rest)) = said.split_once("crmap is ready listen=") {
                let address = rest.split_whitespace().next().unwrap();
                program.address = address.parse().unwrap();
                return program;
            }
            assert!(program.child.try_wait().unwrap().is_none(), "{said}");
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        panic!("not ready: {}", program.said());
    }

    /// Its log so far.
    pub fn said(&self) -> String {
        let bytes = std::fs::read(&self.log).unwrap();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// How many files and connections it has open.
    pub fn descriptors(&self) -> usize {
        let open = std::fs::read_dir(format!("/proc/{}/fd", self.id()));
        open.unwrap().count()
    }

    /// Tells it to stop, and waits until it has.
    pub async fn end(mut self) {
        let mut kill = Command::new("kill");
        assert!(kill.arg(self.id().to_string()).status().unwrap().success());
        for _ in 0..1_200 {
            if let Some(status) = self.child.try_wait().unwrap() {
                assert!(status.success(), "{}", self.said());
                return;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        panic!("it does not stop: {}", self.said());
    }

    /// The way to it: whatever is asked of the router goes over the wire.
    pub fn wire(&self) -> Router {
        let address = self.address;
        Router::new().fallback(async move |request: Request<Body>| {
            let asked = tokio::time::timeout(PATIENCE, ask(address, request)).await;
            let answer = asked.ok().flatten();
            answer.unwrap_or_else(|| {
                let mut nothing = Response::new(Body::empty());
                *nothing.status_mut() = NO_ANSWER;
                nothing
            })
        })
    }
}

/// By HTTP/1.0, so that the answer ends with the connection.
async fn ask(address: SocketAddr, request: Request<Body>) -> Option<Response<Body>> {
    let (head, body) = request.into_parts();
    let body = to_bytes(body, usize::MAX).await.ok()?;
    let mut text = format!("{} {} HTTP/1.0\r\n", head.method, head.uri);
    for (name, value) in &head.headers {
        text.push_str(&format!("{name}: {}\r\n", value.to_str().ok()?));
    }
    text.push_str(&format!("content-length: {}\r\n\r\n", body.len()));
    let mut stream = TcpStream::connect(address).await.ok()?;
    stream
        .write_all(&[text.as_bytes(), &body].concat())
        .await
        .ok()?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.ok()?;
    understood(&answer)
}

fn understood(answer: &[u8]) -> Option<Response<Body>> {
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = std::str::from_utf8(&answer[..end]).ok()?;
    let mut lines = head.split("\r\n");
    let status: u16 = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let mut response = Response::builder().status(status);
    for line in lines {
        let (name, value) = line.split_once(": ")?;
        response = response.header(name, value);
    }
    response.body(Body::from(answer[end + 4..].to_vec())).ok()
}
