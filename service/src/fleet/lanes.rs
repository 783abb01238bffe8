//! How many portals are read for cabinets at one time in this process, and how slow ones are kept
//! from holding up the others (REL-20): whatever takes longer than a moment leaves the quick ones'
//! places.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};

/// Places for quick readings. A reading has one request under way at a time; the connector has 32
/// places for those, so that some are left for whoever looks at a page.
const QUICK: usize = 24;
/// Places for slow ones; as many requests may be slow at one time.
const SLOW: usize = 16;

/// A kind of places.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lane {
    /// For portals that answer at once, as far as is known.
    Quick,
    /// For the others.
    Slow,
}

impl Lane {
    pub(crate) const BOTH: [Self; 2] = [Self::Quick, Self::Slow];
}

/// The places.
pub(crate) struct Lanes {
    quick: Arc<Semaphore>,
    slow: Arc<Semaphore>,
    freed: Arc<Notify>,
    /// Whether portals wait for a quick place.
    crowded: AtomicBool,
}

/// A place, which is free again when this is dropped.
pub(crate) struct Place {
    permit: Option<OwnedSemaphorePermit>,
    lane: Lane,
    freed: Arc<Notify>,
    is_used: bool,
}

impl Place {
    /// Something is read in it from now on.
    pub(crate) fn begin(&mut self) {
        self.is_used = true;
    }
}

impl Lanes {
    pub(crate) fn new() -> Self {
        Self {
            quick: Arc::new(Semaphore::new(QUICK)),
            slow: Arc::new(Semaphore::new(SLOW)),
            freed: Arc::default(),
            crowded: AtomicBool::new(false),
        }
    }

    fn of(&self, lane: Lane) -> &Arc<Semaphore> {
        match lane {
            Lane::Quick => &self.quick,
            Lane::Slow => &self.slow,
        }
    }

    fn place(&self, permit: OwnedSemaphorePermit, lane: Lane) -> Place {
        Place {
            permit: Some(permit),
            lane,
            freed: Arc::clone(&self.freed),
            is_used: false,
        }
    }

    /// All places of a lane that are free and that nobody waits for.
    pub(crate) fn take_free(&self, lane: Lane) -> Vec<Place> {
        let permits = std::iter::from_fn(|| Arc::clone(self.of(lane)).try_acquire_owned().ok());
        permits.map(|permit| self.place(permit, lane)).collect()
    }

    /// The next quick place, for somebody who looks on. The semaphores are never closed.
    pub(crate) async fn wait_for_one(&self) -> Option<Place> {
        let permit = Arc::clone(&self.quick).acquire_owned().await.ok()?;
        let mut place = self.place(permit, Lane::Quick);
        place.begin();
        Some(place)
    }

    /// Waits until a place becomes free.
    pub(crate) async fn freed(&self) {
        self.freed.notified().await;
    }

    /// Notes whether portals wait for quick places.
    pub(crate) fn note_crowd(&self, crowded: bool) {
        self.crowded.store(crowded, Ordering::Relaxed);
    }

    pub(crate) fn is_crowded(&self) -> bool {
        self.crowded.load(Ordering::Relaxed)
    }

    /// Waits until nothing is being read.
    pub(crate) async fn empty(&self) {
        for (lane, places) in [(Lane::Quick, QUICK), (Lane::Slow, SLOW)] {
            let places = u32::try_from(places).unwrap_or(u32::MAX);
            let _all = self.of(lane).acquire_many(places).await;
        }
    }

    /// Gives a quick place up for a slow one, where one is free. Says whether the place is a slow one
    /// now.
    pub(crate) fn make_slow(&self, place: &mut Place) -> bool {
        if place.lane == Lane::Slow {
            return true;
        }
        match Arc::clone(&self.slow).try_acquire_owned() {
            Ok(permit) => {
                let mut slow = self.place(permit, Lane::Slow);
                slow.begin();
                *place = slow;
                true
            }
            Err(_none_free) => false,
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.permit = None;
        // A place that was offered and not taken has become free for nobody: who offers would offer
        // it again at once, and for ever.
        if self.is_used {
            self.freed.notify_one();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::timeout;

    use super::*;

    #[tokio::test]
    async fn a_place_that_was_offered_and_not_taken_wakes_nobody() {
        let lanes = Lanes::new();
        let soon = || timeout(Duration::from_millis(20), lanes.freed());
        drop(lanes.take_free(Lane::Slow));
        assert!(soon().await.is_err(), "nothing became free");
        let mut places = lanes.take_free(Lane::Slow);
        places[0].begin();
        drop(places);
        assert!(soon().await.is_ok());
    }

    #[test]
    fn rel_20_no_more_than_64_portals_are_read_at_a_time() {
        let lanes = Lanes::new();
        let taken = Lane::BOTH.map(|lane| lanes.take_free(lane));
        assert_eq!(taken.each_ref().map(Vec::len), [QUICK, SLOW]);
        const { assert!(QUICK + SLOW <= 64) }
        assert_eq!(lanes.take_free(Lane::Quick).len(), 0);
        drop(taken);
        assert_eq!(lanes.take_free(Lane::Quick).len(), QUICK);
    }

    #[test]
    fn rel_20_a_slow_reading_leaves_the_quick_ones_places() {
        let lanes = Lanes::new();
        let mut quick = lanes.take_free(Lane::Quick);
        for place in quick.iter_mut().take(SLOW) {
            assert!(lanes.make_slow(place));
            assert!(lanes.make_slow(place), "it is one already");
        }
        assert!(!lanes.make_slow(&mut quick[SLOW]), "none is left");
        assert_eq!(lanes.take_free(Lane::Quick).len(), SLOW);
        quick.pop();
        drop(quick);
        assert_eq!(lanes.take_free(Lane::Slow).len(), SLOW);
    }

    #[tokio::test]
    async fn whoever_looks_on_gets_the_next_place_before_the_worker() {
        let lanes = Lanes::new();
        let mut quick = lanes.take_free(Lane::Quick);
        let waiting = lanes.wait_for_one();
        tokio::pin!(waiting);
        assert!(looked_at(&mut waiting).await.is_none());
        quick.pop();
        assert_eq!(lanes.take_free(Lane::Quick).len(), 0);
        assert!(waiting.await.is_some());
    }

    /// Looks whether it is done, once.
    async fn looked_at<F: Future + Unpin>(future: &mut F) -> Option<F::Output> {
        tokio::select! {
            biased;
            output = future => Some(output),
            () = std::future::ready(()) => None,
        }
    }
}
