//! The door of the server: takes connections in, each for as long as it behaves (REL-31), and when
//! it is told to close, lets those who are inside finish (REL-26).
//!
//! HTTP/1.1 alone: encryption, and with it HTTP/2, is the proxy's in front.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::response::Response;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tower::ServiceExt as _;

/// How long the door waits when the system has no connection to give.
const BREATH: Duration = Duration::from_millis(100);

/// How connections are treated.
#[derive(Debug, Clone, Copy)]
pub struct Manners {
    /// Within what time the head of a request must have come, counted from the connection's
    /// beginning or from the last answer: an idle connection is closed then as well.
    pub head: Duration,
    /// How many connections there are at the most; others wait outside.
    pub most: usize,
    /// How long those who are inside may take to finish.
    pub drain: Duration,
}

impl Default for Manners {
    fn default() -> Self {
        Self {
            head: Duration::from_secs(10),
            most: 8_192,
            drain: Duration::from_secs(25),
        }
    }
}

/// Serves until `stop` ends; then takes nobody in any more, and waits for those who are inside.
/// Gives whether all of them finished in time.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    manners: Manners,
    stop: impl Future<Output = ()>,
) -> bool {
    let inside = GracefulShutdown::new();
    let seats = Arc::new(Semaphore::new(manners.most));
    tokio::pin!(stop);
    loop {
        let came = tokio::select! {
            () = &mut stop => break,
            came = take_in(&listener, &seats) => came,
        };
        if let Some((stream, peer, seat)) = came {
            attend(
                stream,
                peer,
                seat,
                router.clone(),
                manners,
                inside.watcher(),
            );
        }
    }
    drop(listener);
    tokio::time::timeout(manners.drain, inside.shutdown())
        .await
        .is_ok()
}

/// The next connection, once there is a seat for it.
async fn take_in(
    listener: &TcpListener,
    seats: &Arc<Semaphore>,
) -> Option<(TcpStream, SocketAddr, OwnedSemaphorePermit)> {
    // The semaphore is never closed.
    let seat = Arc::clone(seats).acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, peer)) => Some((stream, peer, seat)),
        Err(error) => {
            // One that went away again is nobody's fault; a system without descriptors is.
            tracing::warn!(%error, "a connection could not be taken in");
            tokio::time::sleep(BREATH).await;
            None
        }
    }
}

/// Answers what comes over a connection until it ends.
fn attend(
    stream: TcpStream,
    peer: SocketAddr,
    seat: OwnedSemaphorePermit,
    router: Router,
    manners: Manners,
    watcher: Watcher,
) {
    // Without it small answers wait for the other side's acknowledgement; it works without, too.
    let _ = stream.set_nodelay(true);
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(manners.head)
        .serve_connection(
            TokioIo::new(stream),
            service_fn(move |request| answer(router.clone(), peer, request)),
        );
    let connection = watcher.watch(connection);
    tokio::spawn(async move {
        let _seat = seat;
        if let Err(error) = connection.await {
            tracing::debug!(%error, "a connection ended early");
        }
    });
}

async fn answer(
    router: Router,
    peer: SocketAddr,
    request: hyper::Request<Incoming>,
) -> Result<Response, Infallible> {
    let mut request = request.map(Body::new);
    request.extensions_mut().insert(ConnectInfo(peer));
    router.oneshot(request).await
}
