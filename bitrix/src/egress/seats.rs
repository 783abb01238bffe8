//! How much may be under way at one time (REL-20, T24), at most 64 requests in all. Openings have
//! seats of their own: anybody on the internet can cause as many of them as they like, which must
//! not keep the readings waiting, and portals that are slow to answer must not keep people out.

use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::{Instant, timeout_at};

/// Seats for everything but openings; together with theirs there are 64.
const ORDINARY: usize = 48;
/// Seats for proofs of openings.
const OPENINGS: usize = 16;
/// How long an opening waits for a seat; a person is looking at an empty frame meanwhile.
const PATIENCE: Duration = Duration::from_secs(1);

/// The seats of one client.
pub(super) struct Seats {
    ordinary: Semaphore,
    openings: Semaphore,
}

/// A seat for one request or, of an opening, for one after the other. It is free again when this
/// is dropped.
pub(crate) struct Seat<'a> {
    _permit: SemaphorePermit<'a>,
}

impl Seats {
    pub(super) fn new() -> Self {
        Self {
            ordinary: Semaphore::new(ORDINARY),
            openings: Semaphore::new(OPENINGS),
        }
    }

    /// A seat for a request; nothing when there is none until `latest`.
    pub(super) async fn ordinary(&self, latest: Instant) -> Option<Seat<'_>> {
        taken(&self.ordinary, latest).await
    }

    /// A seat for the proof of an opening; nothing when there is none within a second.
    pub(super) async fn opening(&self) -> Option<Seat<'_>> {
        taken(&self.openings, Instant::now() + PATIENCE).await
    }
}

/// Whoever came first gets the next seat; one that becomes free too late is left to the others.
/// Nobody ever closes the semaphores.
async fn taken(seats: &Semaphore, latest: Instant) -> Option<Seat<'_>> {
    let permit = timeout_at(latest, seats.acquire()).await.ok()?.ok()?;
    (Instant::now() < latest).then_some(Seat { _permit: permit })
}
