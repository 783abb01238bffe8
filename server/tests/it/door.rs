//! The door: connections that do not behave, and closing time.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::ConnectInfo;
use axum::http::StatusCode;
use axum::routing::{get, post};
use crmap_server::door::{Manners, parting, serve};
use crmap_server::router::Leaving;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout};
use tower_http::timeout::TimeoutLayer;

pub const MANNERS: Manners = Manners {
    head: Duration::from_millis(400),
    taking: Duration::from_millis(600),
    most: 64,
    drain: Duration::from_secs(2),
};
/// How long a body may be on its way.
const BODY: Duration = Duration::from_millis(500);
/// More than all buffers between the door and a visitor hold.
const LARGE: usize = 32 * 1024 * 1024;
const ASK_LARGE: &[u8] = b"GET /large HTTP/1.1\r\nhost: door\r\n\r\n";
const ASK: &[u8] = b"GET /fast HTTP/1.1\r\nhost: door\r\n\r\n";
const ASK_SLOW: &[u8] = b"GET /slow HTTP/1.1\r\nhost: door\r\n\r\n";

pub struct Door {
    address: SocketAddr,
    close: oneshot::Sender<()>,
    closed: JoinHandle<bool>,
}

pub async fn door(manners: Manners, slowness: Duration) -> Door {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let slow = move || async move {
        sleep(slowness).await;
        "done"
    };
    let peer = |ConnectInfo(peer): ConnectInfo<SocketAddr>| async move { peer.ip().to_string() };
    let swallow = async |body: Bytes| body.len().to_string();
    let patience = TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, BODY);
    let router = Router::new()
        .route("/fast", get(peer))
        .route("/slow", get(slow))
        .route("/large", get(async || vec![b'x'; LARGE]))
        .route("/body", post(swallow).layer(patience));
    let (close, told) = oneshot::channel();
    let closed = tokio::spawn(serve(listener, router, manners, async move {
        let _ = told.await;
    }));
    Door {
        address,
        close,
        closed,
    }
}

impl Door {
    pub async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }
}

/// All that comes until the other side closes the connection.
pub async fn rest(stream: &mut TcpStream) -> String {
    let mut text = Vec::new();
    // A connection that is torn down has said all it had to say.
    let _ = stream.read_to_end(&mut text).await;
    String::from_utf8_lossy(&text).into_owned()
}

/// One answer of a connection that stays open.
async fn answer(stream: &mut TcpStream) -> String {
    let mut bytes = [0; 4096];
    let count = timeout(Duration::from_secs(5), stream.read(&mut bytes)).await;
    String::from_utf8_lossy(&bytes[..count.unwrap().unwrap()]).into_owned()
}

#[tokio::test]
async fn rel_31_who_says_nothing_or_half_a_head_is_shown_out_and_others_are_served() {
    let door = door(MANNERS, Duration::ZERO).await;
    let mut half_open = Vec::new();
    for beginning in [&b""[..], b"G", b"GET /fast HTTP/1.1\r\nhost: do"] {
        let mut stream = door.connect().await;
        stream.write_all(beginning).await.unwrap();
        half_open.push(stream);
    }
    let began = Instant::now();
    for mut stream in half_open {
        let told = timeout(Duration::from_secs(5), rest(&mut stream)).await;
        assert!(told.is_ok(), "a half-open connection stays");
    }
    assert!(began.elapsed() >= MANNERS.head / 2, "nobody had any time");

    let mut stream = door.connect().await;
    for _ in 0..2 {
        stream.write_all(ASK).await.unwrap();
        let told = answer(&mut stream).await;
        assert!(told.starts_with("HTTP/1.1 200"), "{told}");
        assert!(told.ends_with("127.0.0.1"), "{told}");
    }
}

#[tokio::test]
async fn rel_31_a_head_that_drips_is_not_waited_for() {
    let door = door(MANNERS, Duration::ZERO).await;
    let mut stream = door.connect().await;
    let began = Instant::now();
    for byte in ASK.iter().cycle().filter(|byte| **byte != b'\r') {
        if stream.write_all(&[*byte]).await.is_err() || began.elapsed() > Duration::from_secs(6) {
            break;
        }
        sleep(Duration::from_millis(20)).await;
    }
    assert!(
        began.elapsed() < Duration::from_secs(5),
        "it was waited for"
    );
}

#[tokio::test]
async fn rel_31_more_connections_than_seats_wait_outside_and_come_in_later() {
    let manners = Manners { most: 2, ..MANNERS };
    let door = door(manners, Duration::ZERO).await;
    let _silent = [door.connect().await, door.connect().await];
    let mut third = door.connect().await;
    third.write_all(ASK).await.unwrap();
    let told = answer(&mut third).await;
    assert!(told.starts_with("HTTP/1.1 200"), "{told}");
}

#[tokio::test]
async fn rel_26_who_is_inside_at_closing_time_gets_the_answer_and_nobody_else_comes_in() {
    let door = door(MANNERS, Duration::from_millis(600)).await;
    let mut asking = door.connect().await;
    asking.write_all(ASK_SLOW).await.unwrap();
    let mut idle = door.connect().await;
    idle.write_all(ASK).await.unwrap();
    answer(&mut idle).await;
    sleep(Duration::from_millis(100)).await;
    door.close.send(()).unwrap();
    assert_eq!(
        rest(&mut idle).await,
        "",
        "an idle connection is closed at once"
    );
    let told = rest(&mut asking).await;
    assert!(
        told.starts_with("HTTP/1.1 200") && told.ends_with("done"),
        "{told}"
    );
    assert!(door.closed.await.unwrap(), "all finished");
    assert!(TcpStream::connect(door.address).await.is_err());
}

#[tokio::test]
async fn rel_26_who_does_not_finish_is_not_waited_for_any_longer() {
    let manners = Manners {
        drain: Duration::from_millis(300),
        ..MANNERS
    };
    let door = door(manners, Duration::from_secs(60)).await;
    let mut asking = door.connect().await;
    asking.write_all(ASK_SLOW).await.unwrap();
    sleep(Duration::from_millis(100)).await;
    door.close.send(()).unwrap();
    let closed = timeout(Duration::from_secs(5), door.closed).await;
    assert!(!closed.unwrap().unwrap(), "somebody was still inside");
}

#[tokio::test]
async fn rel_31_an_answer_that_nobody_takes_keeps_no_seat() {
    let manners = Manners { most: 1, ..MANNERS };
    let door = door(manners, Duration::ZERO).await;
    let mut asking = door.connect().await;
    asking.write_all(ASK_LARGE).await.unwrap();
    sleep(Duration::from_millis(50)).await;
    let mut second = door.connect().await;
    second.write_all(ASK).await.unwrap();
    let told = answer(&mut second).await;
    assert!(told.starts_with("HTTP/1.1 200"), "{told}");
}

#[tokio::test]
async fn rel_31_a_large_answer_is_taken_whole_by_whoever_takes_it() {
    let door = door(MANNERS, Duration::ZERO).await;
    let mut asking = door.connect().await;
    asking.write_all(ASK_LARGE).await.unwrap();
    // Longer than nothing may be taken, with pauses that are shorter.
    for _ in 0..4 {
        sleep(MANNERS.taking / 3).await;
        let mut piece = vec![0; 1024 * 1024];
        asking.read_exact(&mut piece).await.unwrap();
    }
    assert!(rest(&mut asking).await.len() > LARGE - 5 * 1024 * 1024);
}

#[tokio::test]
async fn rel_31_a_body_that_drips_is_refused_and_its_connection_closed() {
    let door = door(MANNERS, Duration::ZERO).await;
    let mut stream = door.connect().await;
    let head = b"POST /body HTTP/1.1\r\nhost: door\r\ncontent-length: 100000\r\n\r\n";
    stream.write_all(head).await.unwrap();
    let (mut from, mut to) = stream.into_split();
    let dripping = tokio::spawn(async move {
        while to.write_all(b"x").await.is_ok() {
            sleep(Duration::from_millis(20)).await;
        }
    });
    let mut told = Vec::new();
    let ended = timeout(Duration::from_secs(5), from.read_to_end(&mut told)).await;
    assert!(ended.is_ok(), "the connection stays");
    let told = String::from_utf8_lossy(&told);
    assert!(
        told.is_empty() || told.starts_with("HTTP/1.1 503"),
        "{told}"
    );
    timeout(Duration::from_secs(5), dripping)
        .await
        .unwrap()
        .unwrap();
}

#[tokio::test]
async fn rel_26_while_it_is_leaving_each_answer_is_the_last_of_its_connection() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let leaving = Leaving::default();
    let rooms = Router::new().route("/fast", get(async || "done"));
    let rooms = parting(rooms, leaving.clone());
    tokio::spawn(serve(listener, rooms, MANNERS, std::future::pending()));
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(ASK).await.unwrap();
    let told = answer(&mut stream).await;
    assert!(!told.contains("connection: close"), "{told}");
    leaving.begin();
    stream.write_all(ASK).await.unwrap();
    let told = rest(&mut stream).await;
    assert!(
        told.contains("connection: close") && told.ends_with("done"),
        "{told}"
    );
}

#[tokio::test]
async fn rel_26_who_is_on_the_threshold_at_closing_time_is_let_in() {
    use std::io::{Read as _, Write as _};

    let door = door(MANNERS, Duration::ZERO).await;
    sleep(Duration::from_millis(50)).await;
    // All of this before the door, which shares this thread, comes to know of it.
    let mut asking: Vec<_> = (0..40)
        .map(|_| {
            let mut stream = std::net::TcpStream::connect(door.address).unwrap();
            stream.write_all(ASK).unwrap();
            stream
        })
        .collect();
    door.close.send(()).unwrap();
    assert!(door.closed.await.unwrap(), "all finished");
    for stream in &mut asking {
        let mut told = String::new();
        let _ = stream.read_to_string(&mut told);
        assert!(told.starts_with("HTTP/1.1 200"), "thrown out: {told:?}");
    }
}

/// How many descriptors this process may have.
fn descriptors() -> usize {
    let limits = std::fs::read_to_string("/proc/self/limits").unwrap();
    let line = limits
        .lines()
        .find(|line| line.starts_with("Max open files"));
    let soft = line.and_then(|line| line.split_whitespace().nth(3));
    soft.and_then(|soft| soft.parse().ok()).unwrap_or(1024)
}

/// The slowest of 100 requests but one, each on a connection of its own.
async fn slowness(door: &Door) -> Duration {
    let mut times = Vec::new();
    for _ in 0..200 {
        let began = Instant::now();
        let mut stream = door.connect().await;
        stream.write_all(ASK).await.unwrap();
        assert!(answer(&mut stream).await.starts_with("HTTP/1.1 200"));
        times.push(began.elapsed());
        sleep(Duration::from_millis(2)).await;
    }
    times.sort();
    times[times.len() * 99 / 100 - 1]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rel_31_2000_half_open_connections_are_closed_in_12_s_and_slow_nobody_down() {
    let door = door(Manners::default(), Duration::ZERO).await;
    let usual = slowness(&door).await;
    // Both ends are here.
    let count = 2_000.min(descriptors().saturating_sub(200) / 2);
    let began = Instant::now();
    let mut half_open = Vec::new();
    for number in 0..count {
        let mut stream = door.connect().await;
        let said: &[u8] = [&b""[..], b"GET /fa", b"GET /fast HTTP/1.1\r\nho"][number % 3];
        stream.write_all(said).await.unwrap();
        half_open.push(stream);
    }
    // What a busy machine adds is no matter of ours, nor is a moment in which it was busier than before.
    let bearable = (usual * 2).max(Duration::from_millis(50));
    let mut beside = slowness(&door).await;
    // Measured again only while all of them are there.
    while beside > bearable && began.elapsed() < Duration::from_secs(6) {
        beside = slowness(&door).await;
    }
    eprintln!("{count} half-open: {usual:?} alone, {beside:?} beside them");
    assert!(beside <= bearable, "{beside:?} instead of {usual:?}");
    for stream in &mut half_open {
        let left = Duration::from_secs(12 + 2).saturating_sub(began.elapsed());
        let closed = timeout(left, rest(stream)).await;
        assert!(closed.is_ok(), "still there after {:?}", began.elapsed());
    }
}
