//! A connection whose other side has to take what it asked for: whoever takes too little of an answer
//! in too long a time loses it, and with it the seat (REL-31).

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

/// How much has to be taken within the time that is given. Less than the slowest telephone takes, and
/// enough that no answer keeps a seat for hours.
const PACE: usize = 16 * 1024;

/// A stream that is written to with patience, but not without end.
pub(super) struct Patient<S> {
    stream: S,
    patience: Duration,
    wait: Option<Wait>,
}

/// A wait for the other side.
struct Wait {
    end: Pin<Box<Sleep>>,
    /// What it has taken since the wait began.
    taken: usize,
}

impl<S> Patient<S> {
    /// Waits at most this long for the other side to take [`PACE`] bytes.
    pub(super) const fn new(stream: S, patience: Duration) -> Self {
        Self {
            stream,
            patience,
            wait: None,
        }
    }

    /// Judges what came of a try to write.
    fn judge(
        &mut self,
        written: Poll<io::Result<usize>>,
        context: &mut Context<'_>,
    ) -> Poll<io::Result<usize>> {
        match written {
            Poll::Ready(Ok(count)) => {
                if let Some(wait) = &mut self.wait {
                    wait.taken += count;
                }
                if self.wait.as_ref().is_some_and(|wait| wait.taken >= PACE) {
                    self.wait = None;
                }
                Poll::Ready(Ok(count))
            }
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Pending => {
                let patience = self.patience;
                let wait = self.wait.get_or_insert_with(|| Wait {
                    end: Box::pin(sleep(patience)),
                    taken: 0,
                });
                ready!(wait.end.as_mut().poll(context));
                Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
            }
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Patient<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Patient<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.judge(written, context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        self.judge(written, context)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    /// All that there was to write has been taken: the next answer begins anew.
    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.stream).poll_flush(context);
        if flushed.is_ready() {
            self.wait = None;
        }
        flushed
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, duplex};
    use tokio::time::{Instant, timeout};

    use super::*;

    const PATIENCE: Duration = Duration::from_millis(400);
    /// Busy machines are late.
    const LATE: Duration = Duration::from_secs(5);

    /// A stream whose other side holds 1 KiB that it has not taken yet.
    fn pair() -> (Patient<DuplexStream>, DuplexStream) {
        let (ours, theirs) = duplex(1024);
        (Patient::new(ours, PATIENCE), theirs)
    }

    /// Takes `bytes` every `every`, for as long as there is anything.
    async fn take(mut from: DuplexStream, bytes: usize, every: Duration) {
        let mut taken = vec![0; bytes];
        while from.read_exact(&mut taken).await.is_ok() {
            sleep(every).await;
        }
    }

    async fn given_up(mut ours: Patient<DuplexStream>) -> Duration {
        let began = Instant::now();
        let written = timeout(LATE, ours.write_all(&[0; 64 * 1024])).await;
        assert_eq!(
            written.unwrap().unwrap_err().kind(),
            io::ErrorKind::TimedOut
        );
        began.elapsed()
    }

    #[tokio::test]
    async fn rel_31_who_takes_nothing_is_not_waited_for() {
        let (ours, _theirs) = pair();
        assert!(given_up(ours).await >= PATIENCE);
    }

    #[tokio::test]
    async fn rel_31_who_takes_a_little_now_and_then_is_not_waited_for_either() {
        let (ours, theirs) = pair();
        tokio::spawn(take(theirs, 1, PATIENCE / 10));
        assert!(given_up(ours).await >= PATIENCE);
    }

    #[tokio::test]
    async fn who_is_slow_gets_everything() {
        let (mut ours, theirs) = pair();
        tokio::spawn(take(theirs, 1024, PATIENCE / 100));
        let began = Instant::now();
        ours.write_all(&vec![0; 256 * 1024]).await.unwrap();
        assert!(began.elapsed() > PATIENCE * 2, "it was not slow");
    }

    #[tokio::test]
    async fn an_answer_that_was_taken_is_not_held_against_the_next_one() {
        let (mut ours, mut theirs) = pair();
        let mut taken = [0; 2048];
        for _ in 0..3 {
            let (written, read) = tokio::join!(ours.write_all(&[0; 2048]), async {
                sleep(PATIENCE * 2 / 3).await;
                theirs.read_exact(&mut taken).await
            });
            written.unwrap();
            read.unwrap();
            ours.flush().await.unwrap();
        }
    }
}
