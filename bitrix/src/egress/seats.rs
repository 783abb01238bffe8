//! How much may be under way at one time (REL-20, T24), at most 64 requests in all. Openings have
//! seats of their own: anybody on the internet can cause as many of them as they like, which must
//! not keep the readings waiting, and portals that are slow to answer must not keep people out. Nor
//! must they keep other portals waiting: a request that takes long moves to a seat for slow ones.

use std::convert::Infallible;
use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::{Instant, sleep, timeout_at};

/// Seats for everything but openings; with the others there are 64.
const ORDINARY: usize = 32;
/// Seats for what takes long.
const SLOW: usize = 16;
/// A request that takes longer is slow.
const SLOW_AFTER: Duration = Duration::from_secs(2);
/// Seats for proofs of openings.
const OPENINGS: usize = 16;
/// How long an opening waits for a seat; a person is looking at an empty frame meanwhile.
const PATIENCE: Duration = Duration::from_secs(1);

/// The seats of one client.
pub(super) struct Seats {
    ordinary: Semaphore,
    slow: Semaphore,
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
            slow: Semaphore::new(SLOW),
            openings: Semaphore::new(OPENINGS),
        }
    }

    /// A seat for a request; nothing when there is none until `latest`.
    pub(super) async fn ordinary(&self, latest: Instant) -> Option<Seat<'_>> {
        taken(&self.ordinary, latest).await
    }

    /// Exchanges an ordinary seat for a slow one, when its request has taken long and as soon as
    /// there is one. It comes to no end by itself.
    pub(super) async fn make_slow<'a>(&'a self, seat: &mut Seat<'a>) -> Infallible {
        sleep(SLOW_AFTER).await;
        // Nobody ever closes the semaphores.
        if let Ok(permit) = self.slow.acquire().await {
            seat._permit = permit;
        }
        std::future::pending().await
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

#[cfg(test)]
mod tests {
    use super::*;

    const SOON: Duration = Duration::from_millis(100);

    async fn ordinary(seats: &Seats) -> Option<Seat<'_>> {
        seats.ordinary(Instant::now() + SOON).await
    }

    #[tokio::test(start_paused = true)]
    async fn rel_20_what_takes_long_takes_no_seat_from_the_others() {
        const { assert!(ORDINARY + SLOW + OPENINGS <= 64) }
        let seats = Seats::new();
        let hang = async || {
            let mut seat = ordinary(&seats).await.unwrap();
            seats.make_slow(&mut seat).await
        };
        let hanging = futures_of(SLOW, hang);
        tokio::select! {
            _ = hanging => {}
            () = async {
                sleep(SOON).await;
                assert_eq!(seats.ordinary.available_permits(), ORDINARY - SLOW);
                sleep(SLOW_AFTER).await;
                assert_eq!(seats.ordinary.available_permits(), ORDINARY);
                assert_eq!(seats.slow.available_permits(), 0);
                // There are no more of those: one more keeps its own seat.
                let mut seat = ordinary(&seats).await.unwrap();
                let more = seats.make_slow(&mut seat);
                assert!(tokio::time::timeout(2 * SLOW_AFTER, more).await.is_err());
                assert_eq!(seats.ordinary.available_permits(), ORDINARY - 1);
            } => {}
        }
        assert_eq!(seats.slow.available_permits(), SLOW, "and they come back");
        assert_eq!(seats.ordinary.available_permits(), ORDINARY);
    }

    /// Many of one kind at once; comes to no end.
    async fn futures_of<F: Future>(count: usize, make: impl Fn() -> F) {
        let mut all: Vec<_> = (0..count).map(|_| Box::pin(make())).collect();
        std::future::poll_fn(|context| {
            for one in &mut all {
                let _ = one.as_mut().poll(context);
            }
            std::task::Poll::<()>::Pending
        })
        .await;
    }
}
