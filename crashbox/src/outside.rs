//! The world outside: the clock, the source of randomness, and what the test says.

use std::io;

use crmap_crm::{Clock, SystemClock};
use rand::Rng as _;
use time::OffsetDateTime;

/// The machine's clock as a process sees it that has it wrong (REL-30).
#[derive(Debug, Clone, Copy)]
pub(crate) struct ShiftedClock {
    /// By how many seconds it is ahead; behind when negative.
    pub(crate) ahead: i64,
}

impl Clock for ShiftedClock {
    fn now(&self) -> OffsetDateTime {
        SystemClock.now() + time::Duration::seconds(self.ahead)
    }
}

/// The operating system's randomness.
#[derive(Debug, Clone, Copy, Default)]
pub struct OsRandom;

impl crmap_store::Entropy for OsRandom {
    fn fill(&self, bytes: &mut [u8]) {
        rand::rng().fill_bytes(bytes);
    }
}

/// The next line that the test writes, without its end; nothing when there is none to come.
pub(crate) async fn next_line() -> io::Result<Option<String>> {
    let reading = tokio::task::spawn_blocking(|| {
        let mut line = String::new();
        let length = io::stdin().read_line(&mut line)?;
        Ok((length > 0).then(|| line.trim_end().to_owned()))
    });
    reading.await.map_err(io::Error::other)?
}
