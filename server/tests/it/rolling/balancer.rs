//! A balancer as operators have one: it asks each process whether it is ready, keeps connections, and
//! asks another process only where a request was certainly not sent.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::http::{Method, Request};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep, timeout};

use crate::support::Answer;

/// How often it asks.
const ASKING: Duration = Duration::from_millis(200);
/// How long a connection may be idle: less than the server allows.
const IDLE: Duration = Duration::from_secs(5);
const PATIENCE: Duration = Duration::from_secs(30);

/// What a visitor asks.
#[derive(Clone)]
pub struct Asked {
    pub method: Method,
    pub target: String,
    pub headers: Vec<(&'static str, String)>,
    pub body: Vec<u8>,
}

type Way = SendRequest<Body>;

struct Backend {
    address: SocketAddr,
    ready: AtomicBool,
    idle: Mutex<Vec<(Way, Instant)>>,
}

pub struct Balancer {
    backends: [Backend; 2],
    turn: AtomicUsize,
}

impl Balancer {
    pub fn new(addresses: [SocketAddr; 2]) -> Self {
        Self {
            backends: addresses.map(|address| Backend {
                address,
                ready: AtomicBool::new(false),
                idle: Mutex::default(),
            }),
            turn: AtomicUsize::new(0),
        }
    }

    /// Asks the processes from now on, for as long as anybody has the balancer.
    pub fn watch(self: &Arc<Self>) {
        for number in 0..self.backends.len() {
            let balancer = Arc::downgrade(self);
            tokio::spawn(async move {
                while let Some(balancer) = balancer.upgrade() {
                    let backend = &balancer.backends[number];
                    let ready = backend.is_ready().await;
                    backend.ready.store(ready, Ordering::SeqCst);
                    drop(balancer);
                    sleep(ASKING).await;
                }
            });
        }
    }

    /// Waits until all of them are ready.
    pub async fn all_ready(&self) {
        for _ in 0..600 {
            let mut backends = self.backends.iter();
            if backends.all(|backend| backend.ready.load(Ordering::SeqCst)) {
                return;
            }
            sleep(Duration::from_millis(50)).await;
        }
        panic!("a process does not become ready");
    }

    /// Passes a request on.
    pub async fn ask(&self, asked: &Asked) -> Result<Answer, String> {
        match timeout(PATIENCE, self.passed_on(asked)).await {
            Ok(answer) => answer,
            Err(_elapsed) => Err("no answer".to_owned()),
        }
    }

    async fn passed_on(&self, asked: &Asked) -> Result<Answer, String> {
        let mut request = asked.request();
        // There are two of them, and connections that turn out to be closed.
        for _ in 0..100 {
            let backend = self.next();
            let Some(mut way) = backend.way().await else {
                continue;
            };
            match way.try_send_request(request).await {
                Ok(response) => {
                    let (head, body) = response.into_parts();
                    let body = to_bytes(Body::new(body), usize::MAX).await;
                    let body = body.map_err(|error| format!("cut off: {error}"))?;
                    backend.idle.lock().unwrap().push((way, Instant::now()));
                    return Ok(answer(head, &body));
                }
                Err(mut failed) => match failed.take_message() {
                    Some(unsent) => request = unsent,
                    None => return Err(failed.into_error().to_string()),
                },
            }
        }
        Err("nobody is there".to_owned())
    }

    /// In turn, those that are ready first.
    fn next(&self) -> &Backend {
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        let both = [turn, turn + 1].map(|turn| &self.backends[turn % 2]);
        let ready = both
            .iter()
            .find(|backend| backend.ready.load(Ordering::SeqCst));
        ready.copied().unwrap_or(both[0])
    }
}

fn answer(head: axum::http::response::Parts, body: &Bytes) -> Answer {
    Answer {
        status: head.status,
        headers: head.headers,
        body: body.to_vec(),
    }
}

impl Backend {
    /// A connection that was kept, or a new one; none where nobody listens.
    async fn way(&self) -> Option<Way> {
        if let Some(kept) = self.kept() {
            return Some(kept);
        }
        let Ok(stream) = TcpStream::connect(self.address).await else {
            self.ready.store(false, Ordering::SeqCst);
            sleep(Duration::from_millis(10)).await;
            return None;
        };
        let (way, connection) = handshake(TokioIo::new(stream)).await.ok()?;
        tokio::spawn(connection);
        Some(way)
    }

    fn kept(&self) -> Option<Way> {
        let mut idle = self.idle.lock().unwrap();
        while let Some((way, since)) = idle.pop() {
            if since.elapsed() < IDLE && way.is_ready() {
                return Some(way);
            }
        }
        None
    }

    async fn is_ready(&self) -> bool {
        let asked = Asked {
            method: Method::GET,
            target: "/readyz".to_owned(),
            headers: Vec::new(),
            body: Vec::new(),
        };
        let answer = async {
            let stream = TcpStream::connect(self.address).await.ok()?;
            let (mut way, connection) = handshake(TokioIo::new(stream)).await.ok()?;
            tokio::spawn(connection);
            way.send_request(asked.request()).await.ok()
        };
        let answer = timeout(Duration::from_secs(2), answer).await;
        answer.is_ok_and(|answer| answer.is_some_and(|answer| answer.status() == 200))
    }
}

impl Asked {
    fn request(&self) -> Request<Body> {
        let mut request = Request::builder()
            .method(self.method.clone())
            .uri(&self.target)
            .header("host", "127.0.0.1:3000");
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        request.body(Body::from(self.body.clone())).unwrap()
    }
}
