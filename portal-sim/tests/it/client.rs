//! The smallest HTTP client that will do, and a cloud to talk to. No client library, so that
//! nothing is repaired, followed or decoded on the way.

use std::io;
use std::time::Duration;

use portal_sim::{Cloud, Options, Portal, Seed, UserRole};
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;

pub(crate) const FORM: &str = "application/x-www-form-urlencoded";

/// The application as the OAuth server knows it.
pub(crate) const CLIENT: &str = "client_id=app.sim&client_secret=simulated-client-secret";

/// An answer as it came over the wire.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Reply {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("not JSON: {self:?}"))
    }

    #[track_caller]
    pub(crate) fn is_refusal(&self, status: u16, code: &str) {
        assert_eq!(
            (self.status, &self.json()["error"]),
            (status, &code.into()),
            "{self:?}"
        );
    }
}

/// A cloud with one portal of that seed.
pub(crate) async fn cloud(seed: Seed) -> Cloud {
    start(Options {
        seeds: vec![seed],
        ..Options::default()
    })
    .await
}

pub(crate) async fn start(options: Options) -> Cloud {
    Cloud::start(options).await.unwrap()
}

/// Calls a method of the first portal as that user, by webhook.
pub(crate) async fn ask(cloud: &Cloud, role: UserRole, method: &str, body: Value) -> Reply {
    let url = format!("{}{method}", cloud.portal(1).webhook(role));
    post(&url, "application/json", &body.to_string()).await
}

/// The same as the administrator; only the `result`.
pub(crate) async fn result(cloud: &Cloud, method: &str, body: Value) -> Value {
    let reply = ask(cloud, UserRole::Administrator, method, body).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    reply.json()["result"].take()
}

pub(crate) async fn get(url: &str) -> Reply {
    try_send("GET", url, "text/plain", "").await.unwrap()
}

pub(crate) async fn post(url: &str, kind: &str, body: &str) -> Reply {
    try_send("POST", url, kind, body).await.unwrap()
}

/// Asks the OAuth server for new tokens.
pub(crate) async fn refresh(cloud: &Cloud, token: &str) -> Reply {
    let form = format!("{CLIENT}&grant_type=refresh_token&refresh_token={token}");
    post(&format!("{}/oauth/token/", cloud.oauth_url()), FORM, &form).await
}

/// Calls a method of a portal with an access token.
pub(crate) async fn with_token(portal: &Portal, token: &str, method: &str) -> Reply {
    let url = format!("{}{method}", portal.client_endpoint());
    post(&url, FORM, &format!("auth={token}")).await
}

/// Posts JSON to the control interface of that base address.
pub(crate) async fn control(base: &str, what: &str, body: &Value) -> Reply {
    let url = format!("{base}/__control/{what}");
    post(&url, "application/json", &body.to_string()).await
}

pub(crate) async fn try_send(http: &str, url: &str, kind: &str, body: &str) -> io::Result<Reply> {
    let (host, path) = url
        .strip_prefix("http://")
        .unwrap()
        .split_once('/')
        .unwrap();
    let stream = TcpStream::connect(host).await?;
    let exchange = exchange(stream, http, host, path, kind, body);
    tokio::time::timeout(Duration::from_secs(10), exchange).await?
}

pub(crate) async fn exchange(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    http: &str,
    host: &str,
    path: &str,
    kind: &str,
    body: &str,
) -> io::Result<Reply> {
    let length = body.len();
    let request = format!(
        "{http} /{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Type: {kind}\r\n\
         Content-Length: {length}\r\n\r\n{body}"
    );
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await?;
    let answer = String::from_utf8_lossy(&answer);
    let (head, body) = answer
        .split_once("\r\n\r\n")
        .ok_or(io::ErrorKind::UnexpectedEof)?;
    let status = head
        .split(' ')
        .nth(1)
        .and_then(|code| code.parse().ok())
        .unwrap_or(0);
    Ok(Reply {
        status,
        head: head.to_lowercase(),
        body: body.to_owned(),
    })
}
