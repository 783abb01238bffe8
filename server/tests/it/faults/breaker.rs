//! A line to PostgreSQL over TCP that can be cut in three ways.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio::sync::watch;
use tokio::task::AbortHandle;

/// How the line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Line {
    /// Everything is passed on.
    Whole,
    /// Connections are broken, and nobody listens: the server is down.
    Down,
    /// Connections are broken, and new ones as soon as they stand: a proxy without a server.
    Broken,
    /// Nothing is passed on any more, and nobody says so: a network that swallows.
    Silent,
}

pub struct Breaker {
    pub address: SocketAddr,
    line: Arc<watch::Sender<Line>>,
    passing: Arc<AtomicUsize>,
    serving: AbortHandle,
}

impl Breaker {
    /// A whole line to the server whose socket is in the folder.
    pub async fn before(folder: &str) -> Self {
        let socket = Path::new(folder).join(".s.PGSQL.5432");
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let line = Arc::new(watch::Sender::new(Line::Whole));
        let passing = Arc::new(AtomicUsize::new(0));
        let serving = serve(
            listener,
            address,
            socket,
            line.subscribe(),
            Arc::clone(&passing),
        );
        Self {
            address,
            line,
            passing,
            serving: tokio::spawn(serving).abort_handle(),
        }
    }

    pub fn set(&self, line: Line) {
        self.line.send_replace(line);
    }

    /// How many connections there are.
    pub fn passing(&self) -> usize {
        self.passing.load(Ordering::SeqCst)
    }
}

impl Drop for Breaker {
    fn drop(&mut self) {
        self.serving.abort();
        self.set(Line::Down);
    }
}

async fn serve(
    first: TcpListener,
    address: SocketAddr,
    socket: PathBuf,
    mut line: watch::Receiver<Line>,
    passing: Arc<AtomicUsize>,
) {
    let mut listener = Some(first);
    loop {
        let open = match listener.take() {
            Some(listener) => listener,
            None => TcpListener::bind(address).await.unwrap(),
        };
        loop {
            let came = tokio::select! {
                down = line.wait_for(|line| *line == Line::Down) => {
                    if down.is_err() {
                        return;
                    }
                    break;
                }
                came = open.accept() => came,
            };
            let (stream, _peer) = came.unwrap();
            tokio::spawn(pass(
                stream,
                socket.clone(),
                line.clone(),
                Arc::clone(&passing),
            ));
        }
        drop(open);
        if line.wait_for(|line| *line != Line::Down).await.is_err() {
            return;
        }
    }
}

/// Until one of both sides ends it, or the line is cut.
async fn pass(
    mut stream: TcpStream,
    socket: PathBuf,
    mut line: watch::Receiver<Line>,
    passing: Arc<AtomicUsize>,
) {
    if *line.borrow() == Line::Whole
        && let Ok(mut server) = UnixStream::connect(socket).await
    {
        passing.fetch_add(1, Ordering::SeqCst);
        tokio::select! {
            _ = copy_bidirectional(&mut stream, &mut server) => {}
            _ = line.wait_for(|line| *line != Line::Whole) => {}
        }
        passing.fetch_sub(1, Ordering::SeqCst);
    }
    // Whoever is there hears nothing, not even that it is over, as long as the line is silent.
    let _ = line.wait_for(|line| *line != Line::Silent).await;
}
