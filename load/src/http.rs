//! Requests as a proxy passes them on: over connections that are kept for a while, and once more over
//! a new one where a request was certainly not sent.

use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{self, SendRequest};
use hyper::{HeaderMap, Method, Request};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};

/// The server closes what was idle for ten seconds.
const IDLE: Duration = Duration::from_secs(5);
/// Nobody waits longer for an answer.
const PATIENCE: Duration = Duration::from_secs(60);

/// What is asked.
#[derive(Debug, Clone)]
pub struct Asked {
    pub method: Method,
    pub target: String,
    pub headers: Vec<(&'static str, String)>,
    pub body: Vec<u8>,
}

impl Asked {
    /// A page.
    pub fn get(target: impl Into<String>) -> Self {
        Self {
            method: Method::GET,
            target: target.into(),
            headers: vec![
                ("accept-encoding", "gzip, br".to_owned()),
                ("sec-fetch-site", "same-origin".to_owned()),
            ],
            body: Vec::new(),
        }
    }

    /// Something that is posted by a page of ours.
    pub fn post(target: impl Into<String>, kind: &str, body: Vec<u8>) -> Self {
        let mut asked = Self::get(target);
        asked.method = Method::POST;
        asked.body = body;
        asked.with("content-type", kind)
    }

    /// The same, for an answer that is looked into.
    pub fn uncompressed(mut self) -> Self {
        self.headers.retain(|(name, _)| *name != "accept-encoding");
        self
    }

    /// The same with one header more.
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    fn request(&self, host: &str) -> Request<Full<Bytes>> {
        let mut request = Request::builder()
            .method(self.method.clone())
            .uri(&self.target)
            .header("host", host);
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        request.body(Full::from(self.body.clone())).unwrap()
    }
}

/// What is answered.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Bytes,
}

type Way = SendRequest<Full<Bytes>>;

/// The ways to a server.
pub struct Wire {
    address: SocketAddr,
    host: String,
    idle: Mutex<Vec<(Way, Instant)>>,
}

impl Wire {
    pub fn to(address: SocketAddr) -> Self {
        Self {
            address,
            host: address.to_string(),
            idle: Mutex::default(),
        }
    }

    /// Where it leads.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Asks, and takes the answer whole.
    pub async fn ask(&self, asked: &Asked) -> Result<Answer, String> {
        match timeout(PATIENCE, self.answered(asked)).await {
            Ok(answer) => answer,
            Err(_elapsed) => Err("no answer in a minute".to_owned()),
        }
    }

    async fn answered(&self, asked: &Asked) -> Result<Answer, String> {
        let mut request = asked.request(&self.host);
        loop {
            let (mut way, is_new) = match self.kept() {
                Some(way) => (way, false),
                None => (self.new_way().await?, true),
            };
            match way.try_send_request(request).await {
                Ok(response) => {
                    let (head, body) = response.into_parts();
                    let body = body.collect().await.map_err(|error| error.to_string())?;
                    self.keep(way);
                    return Ok(Answer {
                        status: head.status.as_u16(),
                        headers: head.headers,
                        body: body.to_bytes(),
                    });
                }
                Err(mut failed) => match failed.take_message() {
                    Some(unsent) if !is_new => request = unsent,
                    _ => return Err(failed.into_error().to_string()),
                },
            }
        }
    }

    fn kept(&self) -> Option<Way> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some((way, since)) = idle.pop() {
            if since.elapsed() < IDLE && way.is_ready() {
                return Some(way);
            }
        }
        None
    }

    fn keep(&self, way: Way) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.push((way, Instant::now()));
    }

    async fn new_way(&self) -> Result<Way, String> {
        let stream = TcpStream::connect(self.address).await;
        let stream = stream.map_err(|error| format!("not connected: {error}"))?;
        let _ = stream.set_nodelay(true);
        let (way, connection) = http1::handshake(TokioIo::new(stream))
            .await
            .map_err(|error| error.to_string())?;
        tokio::spawn(connection);
        Ok(way)
    }
}
