//! The way of a file from the thread that writes it to the browser that takes it, a piece at a time:
//! neither is kept whole, and the writer waits for the browser (SEC-57), but not for ever.

use std::io::{self, Write};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use axum::body::{Body, Bytes};
use crmap_export::ExportError;
use futures::stream;
use tokio::runtime::Handle;
use tokio::sync::mpsc;
use tokio::task::spawn_blocking;
use tokio::time::timeout;

/// How much is sent at a time.
const PIECE: usize = 64 * 1024;
/// How many pieces wait for the browser.
const WAITING: usize = 2;
/// How long a browser may take for a piece; whoever takes nothing keeps others from their turn.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long a whole file may take.
const LONGEST: Duration = Duration::from_secs(15 * 60);
/// How often it is asked whether the file may still go out.
const ASKING: Duration = Duration::from_secs(2);

/// Whether what is written may still go to whoever takes it.
pub(super) type StillMay = Box<dyn Fn() -> Pin<Box<dyn Future<Output = bool> + Send>> + Send>;

/// How long is waited, for what, and whether it may go on.
struct Times {
    patience: Duration,
    longest: Duration,
    asking: Duration,
}

const TIMES: Times = Times {
    patience: PATIENCE,
    longest: LONGEST,
    asking: ASKING,
};

/// What comes through.
enum Piece {
    Bytes(Bytes),
    /// The file is complete.
    End,
}

/// The writer's end.
pub(super) struct Pipe {
    to: mpsc::Sender<Piece>,
    runtime: Handle,
    times: Times,
    began: Instant,
    asked: Instant,
    still_may: Option<StillMay>,
    pending: Vec<u8>,
}

impl Pipe {
    fn send(&mut self, piece: Piece) -> io::Result<()> {
        if self.began.elapsed() > self.times.longest {
            return Err(io::ErrorKind::TimedOut.into());
        }
        if let Some(still_may) = &self.still_may
            && self.asked.elapsed() >= self.times.asking
        {
            self.asked = Instant::now();
            if !self.runtime.block_on(still_may()) {
                return Err(io::ErrorKind::BrokenPipe.into());
            }
        }
        let (to, patience) = (&self.to, self.times.patience);
        let sent = self
            .runtime
            .block_on(async { timeout(patience, to.send(piece)).await });
        match sent {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_nobody)) => Err(io::ErrorKind::BrokenPipe.into()),
            Err(_elapsed) => Err(io::ErrorKind::TimedOut.into()),
        }
    }
}

impl Write for Pipe {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.pending.extend_from_slice(bytes);
        if self.pending.len() >= PIECE {
            self.flush()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.pending.is_empty() {
            return Ok(());
        }
        let piece = std::mem::take(&mut self.pending);
        self.send(Piece::Bytes(piece.into()))
    }
}

/// A body that a thread of its own writes. It is cut off, rather than ended, where the writer fails,
/// so that no browser takes a part for the whole; and the writer ends where the browser goes away, or
/// it `still_may` no more.
pub(super) fn written_by(
    still_may: Option<StillMay>,
    write: impl FnOnce(&mut Pipe) -> Result<(), ExportError> + Send + 'static,
) -> Body {
    body_within(TIMES, still_may, write)
}

fn body_within(
    times: Times,
    still_may: Option<StillMay>,
    write: impl FnOnce(&mut Pipe) -> Result<(), ExportError> + Send + 'static,
) -> Body {
    let (to, mut from) = mpsc::channel(WAITING);
    let mut pipe = Pipe {
        to,
        runtime: Handle::current(),
        times,
        began: Instant::now(),
        asked: Instant::now(),
        still_may,
        pending: Vec::new(),
    };
    spawn_blocking(move || {
        let written = write(&mut pipe)
            .and_then(|()| Ok(pipe.flush()?))
            .and_then(|()| Ok(pipe.send(Piece::End)?));
        match written {
            Ok(()) => {}
            Err(ExportError::Write(error)) if is_over(&error) => {
                tracing::debug!(%error, "nobody takes a file any more");
            }
            Err(error) => tracing::error!(%error, "a file could not be written"),
        }
    });
    let mut is_whole = false;
    Body::from_stream(stream::poll_fn(move |context| {
        next(&mut from, &mut is_whole, context)
    }))
}

fn next(
    from: &mut mpsc::Receiver<Piece>,
    is_whole: &mut bool,
    context: &mut Context<'_>,
) -> Poll<Option<io::Result<Bytes>>> {
    if *is_whole {
        return Poll::Ready(None);
    }
    from.poll_recv(context).map(|piece| match piece {
        Some(Piece::Bytes(bytes)) => Some(Ok(bytes)),
        Some(Piece::End) => {
            *is_whole = true;
            None
        }
        None => {
            *is_whole = true;
            Some(Err(io::ErrorKind::UnexpectedEof.into()))
        }
    })
}

/// Whether a browser has gone away, or takes nothing.
fn is_over(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::BrokenPipe | io::ErrorKind::TimedOut
    )
}

#[cfg(test)]
mod tests;
