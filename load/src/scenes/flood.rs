//! REL-31: connections that only begin to speak, while others use their cabinets.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};

use crate::drive::{Task, at_rate, found};
use crate::figures::{Sample, figure, percentile, report};
use crate::http::Asked;
use crate::town::Town;

const SCENE: &str = "flood";
const HALF_OPEN: usize = 2_000;
/// Requests of the others, a second, and for how long.
const RATE: u32 = 200;
const TIME: Duration = Duration::from_secs(8);
/// Connections begin one after another: more at once than the system keeps waiting would be lost to
/// it.
const STEP: Duration = Duration::from_micros(500);
/// Nobody waits longer for a connection to be closed.
const PATIENCE: Duration = Duration::from_secs(30);

/// The same requests with and without the flood.
pub async fn flood(town: &Town) -> usize {
    let alone = pages(town).await;
    let flood: JoinSet<Option<Duration>> = (0..HALF_OPEN)
        .map(|number| half_open(town.wire.address(), number))
        .collect();
    let cpu = town.server.cpu();
    let beside = pages(town).await;
    let closed = flood.join_all().await;
    let slowest = closed.iter().flatten().max().copied().unwrap_or_default();
    let left = closed.iter().filter(|closed| closed.is_none()).count();
    figure(
        SCENE,
        "closed_after_seconds",
        format!("{:.1}", slowest.as_secs_f64()),
    );
    figure(SCENE, "not_closed", left);
    for (name, samples) in [("alone_p99_ms", &alone), ("beside_p99_ms", &beside)] {
        figure(SCENE, name, format!("{:.1}", percentile(samples, 99.0)));
    }
    let failed = report(SCENE, &beside);
    town.tell_of_server(SCENE, cpu);
    failed + left
}

async fn pages(town: &Town) -> Vec<Sample> {
    at_rate(&town.wire, RATE, TIME, |number| {
        let session = &town.sessions[number % town.sessions.len()];
        Task {
            kind: "profile",
            asked: session.asks(Asked::get("/profile")),
            good: found,
        }
    })
    .await
}

/// Begins to speak and waits to be shown out; how long that took.
async fn half_open(server: SocketAddr, number: usize) -> Option<Duration> {
    sleep(STEP * u32::try_from(number).ok()?).await;
    let mut stream = TcpStream::connect(server).await.ok()?;
    let said: &[u8] = [&b""[..], b"GET /log", b"GET / HTTP/1.1\r\nho"][number % 3];
    stream.write_all(said).await.ok()?;
    let began = Instant::now();
    let mut rest = Vec::new();
    let _ = timeout(PATIENCE, stream.read_to_end(&mut rest))
        .await
        .ok()?;
    Some(began.elapsed())
}
