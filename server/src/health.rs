//! `crmap health`: asks a running server how it is, for containers without any other program.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use anyhow::{Context as _, bail};
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use crate::cli::HealthOptions;

/// The longest that a server that is well takes: `/readyz` answers within two seconds (REL-25).
const PATIENCE: Duration = Duration::from_secs(4);
/// What it says is a line.
const LONGEST: usize = 1024;

/// Ends well where the server does well; prints what it says of itself.
pub(crate) async fn health(options: &HealthOptions) -> anyhow::Result<()> {
    let path = if options.ready { "/readyz" } else { "/healthz" };
    let address = reachable(options.listen);
    let (status, said) = tokio::time::timeout(PATIENCE, ask(address, path))
        .await
        .with_context(|| format!("{address} does not answer within {} s", PATIENCE.as_secs()))?
        .with_context(|| format!("{address} does not answer"))?;
    if status != StatusCode::OK {
        bail!("{address}{path} says {}: {}", status.as_u16(), said.trim());
    }
    print!("{said}");
    Ok(())
}

/// Whoever listens at every address is found at that of the machine itself.
fn reachable(listen: SocketAddr) -> SocketAddr {
    let ip = match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, listen.port())
}

async fn ask(address: SocketAddr, path: &str) -> anyhow::Result<(StatusCode, String)> {
    let stream = TcpStream::connect(address).await?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    let connection = tokio::spawn(connection);
    let request = Request::get(path).header(header::HOST, "localhost");
    let answer = sender.send_request(request.body(Body::empty())?).await?;
    let status = answer.status();
    let said = to_bytes(Body::new(answer.into_body()), LONGEST).await?;
    connection.abort();
    Ok((status, String::from_utf8_lossy(&said).into_owned()))
}
