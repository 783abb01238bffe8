//! The way of an event to its handler: one HTTP request over plain TCP, and the status of the
//! answer.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// How long a handler may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// Posts a form; the status of the answer, or what went wrong.
pub(super) async fn post(address: &str, form: &str) -> Result<u16, String> {
    let Some(rest) = address.strip_prefix("http://") else {
        return Err("the simulated queue speaks http only".to_owned());
    };
    let (host, path) = match rest.find(['/', '?']) {
        Some(end) => rest.split_at(end),
        None => (rest, ""),
    };
    let path = if path.starts_with('/') {
        path.to_owned()
    } else {
        format!("/{path}")
    };
    let exchange = exchange(host, &path, form);
    match tokio::time::timeout(PATIENCE, exchange).await {
        Ok(outcome) => outcome.map_err(|problem| problem.to_string()),
        Err(_) => Err("the handler takes too long".to_owned()),
    }
}

async fn exchange(host: &str, path: &str, form: &str) -> std::io::Result<u16> {
    let target = if host.contains(':') {
        host.to_owned()
    } else {
        format!("{host}:80")
    };
    let mut stream = TcpStream::connect(target).await?;
    let length = form.len();
    let request = format!(
        "POST {path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: Simulated event queue\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {length}\r\n\
         Connection: close\r\n\r\n{form}"
    );
    stream.write_all(request.as_bytes()).await?;
    let mut head = [0; 12];
    stream.read_exact(&mut head).await?;
    let status = String::from_utf8_lossy(&head);
    let status = status.split(' ').nth(1).and_then(|code| code.parse().ok());
    status.ok_or_else(|| std::io::Error::other("the answer is not HTTP"))
}
