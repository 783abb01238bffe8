//! The door of the server: takes connections in, each for as long as it behaves (REL-31), and when
//! it is told to close, lets those who are inside finish (REL-26).
//!
//! HTTP/1.1 alone: encryption, and with it HTTP/2, is the proxy's in front.

mod patient;

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderValue, header};
use axum::middleware::map_response_with_state;
use axum::response::Response;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{sleep, timeout};
use tower::ServiceExt as _;

use crate::router::Leaving;
use patient::Patient;

/// How long nobody has to knock until the door is closed: who was on the threshold is let in.
const SILENCE: Duration = Duration::from_millis(20);
/// When it is closed all the same.
const LAST_CALL: Duration = Duration::from_millis(500);
/// How long the door waits when the system has no connection to give.
const BREATH: Duration = Duration::from_millis(100);

/// How connections are treated.
#[derive(Debug, Clone, Copy)]
pub struct Manners {
    /// Within what time the head of a request must have come, counted from the connection's
    /// beginning or from the last answer: an idle connection is closed then as well.
    pub head: Duration,
    /// How long whoever asked may take for a piece of the answer.
    pub taking: Duration,
    /// How many connections there are at the most; others wait outside.
    pub most: usize,
    /// How long those who are inside may take to finish.
    pub drain: Duration,
}

impl Default for Manners {
    fn default() -> Self {
        Self {
            head: Duration::from_secs(10),
            taking: Duration::from_secs(30),
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
    let attend = |came| {
        if let Some(guest) = came {
            attend(guest, router.clone(), manners, inside.watcher());
        }
    };
    tokio::pin!(stop);
    loop {
        tokio::select! {
            () = &mut stop => break,
            came = take_in(&listener, &seats) => attend(came),
        }
    }
    // Whom the system let in already would be thrown out with what they said.
    let late = async {
        while let Ok(came) = timeout(SILENCE, take_in(&listener, &seats)).await {
            attend(came);
        }
    };
    // However many come on.
    let _ = timeout(LAST_CALL, late).await;
    drop(listener);
    timeout(manners.drain, inside.shutdown()).await.is_ok()
}

/// A connection that was taken in.
struct Guest {
    stream: TcpStream,
    peer: SocketAddr,
    seat: OwnedSemaphorePermit,
}

/// The next connection, once there is a seat for it.
async fn take_in(listener: &TcpListener, seats: &Arc<Semaphore>) -> Option<Guest> {
    // The semaphore is never closed.
    let seat = Arc::clone(seats).acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, peer)) => Some(Guest { stream, peer, seat }),
        Err(error) => {
            // One that went away again is nobody's fault; a system without descriptors is.
            tracing::warn!(%error, "a connection could not be taken in");
            sleep(BREATH).await;
            None
        }
    }
}

/// Answers what comes over a connection until it ends.
fn attend(guest: Guest, router: Router, manners: Manners, watcher: Watcher) {
    let Guest { stream, peer, seat } = guest;
    // Without it small answers wait for the other side's acknowledgement; it works without, too.
    let _ = stream.set_nodelay(true);
    let stream = Patient::new(stream, manners.taking);
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

/// Makes each answer the last of its connection once the process is `leaving`, so that proxies do not
/// keep connections that are about to be closed.
pub fn parting(router: Router, leaving: Leaving) -> Router {
    router.layer(map_response_with_state(leaving, part))
}

async fn part(State(leaving): State<Leaving>, mut response: Response) -> Response {
    if leaving.has_begun() {
        let close = HeaderValue::from_static("close");
        response.headers_mut().insert(header::CONNECTION, close);
    }
    response
}
