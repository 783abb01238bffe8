//! The door: connections that do not behave, and closing time.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use axum::routing::get;
use crmap_server::door::{Manners, serve};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout};

const MANNERS: Manners = Manners {
    head: Duration::from_millis(400),
    most: 64,
    drain: Duration::from_secs(2),
};
const ASK: &[u8] = b"GET /fast HTTP/1.1\r\nhost: door\r\n\r\n";
const ASK_SLOW: &[u8] = b"GET /slow HTTP/1.1\r\nhost: door\r\n\r\n";

struct Door {
    address: SocketAddr,
    close: oneshot::Sender<()>,
    closed: JoinHandle<bool>,
}

async fn door(manners: Manners, slowness: Duration) -> Door {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let slow = move || async move {
        sleep(slowness).await;
        "done"
    };
    let peer = |ConnectInfo(peer): ConnectInfo<SocketAddr>| async move { peer.ip().to_string() };
    let router = Router::new()
        .route("/fast", get(peer))
        .route("/slow", get(slow));
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
    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }
}

/// All that comes until the other side closes the connection.
async fn rest(stream: &mut TcpStream) -> String {
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
