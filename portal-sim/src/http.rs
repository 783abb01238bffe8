//! The wire beneath the answers: connections that can be cut or served over TLS, and requests read
//! into parameters.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use axum::extract::Request;
use axum::extract::connect_info::Connected;
use axum::http::header;
use axum::serve::{IncomingStream, Listener};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_rustls::server::TlsStream;

use crate::params::Param;
use crate::tls::{Acceptors, TlsFlaw};

/// The largest request body that is read.
const BODY_LIMIT: usize = 16 * 1024 * 1024;

/// A request, read to its end.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) http_method: String,
    pub(crate) path: String,
    pub(crate) host: String,
    pub(crate) params: Param,
}

impl Call {
    /// Reads a request; body parameters win over those of the address. A broken body counts as
    /// empty, as in PHP.
    pub(crate) async fn read(request: Request) -> Self {
        let (head, body) = request.into_parts();
        let header = |name| {
            let value = head.headers.get(name).and_then(|value| value.to_str().ok());
            value.unwrap_or_default().to_owned()
        };
        let body = axum::body::to_bytes(body, BODY_LIMIT)
            .await
            .unwrap_or_default();
        let mut params = Param::from_urlencoded(head.uri.query().unwrap_or_default());
        let is_json = header(header::CONTENT_TYPE).contains("json");
        params.overlay(if is_json {
            serde_json::from_slice(&body).unwrap_or_else(|_| Param::empty())
        } else {
            Param::from_urlencoded(&String::from_utf8_lossy(&body))
        });
        Self {
            http_method: head.method.to_string(),
            path: head.uri.path().to_owned(),
            host: header(header::HOST),
            params,
        }
    }
}

/// The switch that cuts one connection.
#[derive(Clone, Debug, Default)]
pub(crate) struct Line(Arc<AtomicBool>);

impl Line {
    /// Resets the connection as soon as anything is written to it.
    pub(crate) fn cut(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    fn is_cut(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}

impl Connected<IncomingStream<'_, Door>> for Line {
    fn connect_info(stream: IncomingStream<'_, Door>) -> Self {
        stream.io().line.clone()
    }
}

/// A listener whose connections may be encrypted, and can be cut.
pub(crate) struct Door {
    connections: mpsc::Receiver<(Connection, SocketAddr)>,
    address: SocketAddr,
    acceptor: JoinHandle<()>,
}

impl Door {
    pub(crate) fn open(listener: TcpListener, tls: Option<Secured>) -> io::Result<Self> {
        let address = listener.local_addr()?;
        let (sender, connections) = mpsc::channel(64);
        let acceptor = tokio::spawn(async move {
            loop {
                if let Ok((stream, peer)) = listener.accept().await {
                    tokio::spawn(welcome(stream, peer, tls.clone(), sender.clone()));
                }
            }
        });
        Ok(Self {
            connections,
            address,
            acceptor,
        })
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        self.acceptor.abort();
    }
}

impl Listener for Door {
    type Io = Connection;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Connection, SocketAddr) {
        match self.connections.recv().await {
            Some(connection) => connection,
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.address)
    }
}

/// How an address is secured, and what is wrong with that at the moment.
#[derive(Clone)]
pub(crate) struct Secured {
    pub(crate) acceptors: Acceptors,
    pub(crate) flaw: Arc<dyn Fn() -> Option<TlsFlaw> + Send + Sync>,
}

/// Takes what the client says and never answers.
async fn silence(mut stream: TcpStream) {
    let mut nothing = tokio::io::sink();
    // However it ends, the client has had no answer.
    let _ = tokio::io::copy(&mut stream, &mut nothing).await;
}

/// Shakes hands, each connection by itself, so that a silent client holds nobody up.
async fn welcome(
    stream: TcpStream,
    peer: SocketAddr,
    tls: Option<Secured>,
    sender: mpsc::Sender<(Connection, SocketAddr)>,
) {
    let _ = stream.set_nodelay(true);
    let stream = match tls {
        None => Stream::Plain(stream),
        Some(secured) => match secured.acceptors.with((secured.flaw)()) {
            None => return silence(stream).await,
            Some(acceptor) => match acceptor.accept(stream).await {
                Ok(stream) => Stream::Tls(Box::new(stream)),
                Err(_) => return,
            },
        },
    };
    let _ = sender
        .send((
            Connection {
                stream,
                line: Line::default(),
            },
            peer,
        ))
        .await;
}

/// A connection with its switch.
pub(crate) struct Connection {
    stream: Stream,
    line: Line,
}

enum Stream {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

impl Connection {
    fn refuse_when_cut(&self) -> io::Result<()> {
        if !self.line.is_cut() {
            return Ok(());
        }
        let tcp = match &self.stream {
            Stream::Plain(tcp) => tcp,
            Stream::Tls(tls) => tls.get_ref().0,
        };
        tcp.set_zero_linger()?;
        Err(io::ErrorKind::ConnectionReset.into())
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match &mut self.get_mut().stream {
            Stream::Plain(stream) => Pin::new(stream).poll_read(cx, buffer),
            Stream::Tls(stream) => Pin::new(stream).poll_read(cx, buffer),
        }
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.refuse_when_cut()?;
        match &mut self.get_mut().stream {
            Stream::Plain(stream) => Pin::new(stream).poll_write(cx, bytes),
            Stream::Tls(stream) => Pin::new(stream).poll_write(cx, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.refuse_when_cut()?;
        match &mut self.get_mut().stream {
            Stream::Plain(stream) => Pin::new(stream).poll_flush(cx),
            Stream::Tls(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.refuse_when_cut()?;
        match &mut self.get_mut().stream {
            Stream::Plain(stream) => Pin::new(stream).poll_shutdown(cx),
            Stream::Tls(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }
}
