//! The loop that reads portals by itself: it takes as many as it has places for, at any moment one
//! becomes free, and never waits for the slowest.

use std::sync::Arc;
use std::time::Duration;

use crmap_store::StoreError;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};

use super::Stopping;
use super::lanes::Lane;
use super::reading::{For, Held};
use crate::Services;
use crate::contained::contained;
use crate::worker::Trouble;

/// How long the database is waited for when leases are given back.
const GIVING_BACK: Duration = Duration::from_secs(3);

/// # Reading portals by itself
impl Services {
    /// Reads whatever is due until it is told to stop; then what is being read has a short while
    /// left, and all leases are given back.
    pub(crate) async fn read_on(self: Arc<Self>, mut stop: watch::Receiver<bool>) {
        let mut trouble = Trouble::new("readings");
        let mut settled_at = None::<Instant>;
        let mut readings = JoinSet::new();
        while !*stop.borrow() {
            let pace = self.settings.worker_pace;
            let mut outcome = Ok(());
            if settled_at.is_none_or(|at| at.elapsed() >= pace) {
                outcome = contained("runs", self.look_after_runs()).await;
                settled_at = Some(Instant::now());
            }
            let started = contained("readings", self.begin_due(&mut readings)).await;
            let more = *started.as_ref().unwrap_or(&false);
            trouble.watch(outcome.and(started.map(drop)));
            while readings.try_join_next().is_some() {}
            tokio::select! {
                _ = stop.changed() => {}
                () = self.fleet.lanes.freed(), if more => {}
                () = self.fleet.asked.notified() => {}
                () = sleep(pace) => {}
            }
        }
        self.wind_up(readings).await;
    }

    /// Begins to read what is due, as far as there are places. Says whether more may be due.
    async fn begin_due(self: &Arc<Self>, readings: &mut JoinSet<()>) -> Result<bool, StoreError> {
        let mut more = false;
        for lane in Lane::BOTH {
            let places = self.fleet.lanes.take_free(lane);
            let wanted = places.len();
            if wanted == 0 {
                more = true;
                continue;
            }
            let until = Instant::now() + self.settings.reading.lease;
            let turn = self.turn(self.clock.now());
            let leases = self
                .store
                .lease_due_readings(&turn, lane == Lane::Slow, wanted)
                .await?;
            let is_full = leases.len() == wanted;
            more |= is_full;
            if lane == Lane::Quick {
                self.fleet.lanes.note_crowd(is_full);
            }
            for (lease, mut place) in leases.into_iter().zip(places) {
                place.begin();
                let (this, lang) = (Arc::clone(self), lease.lang);
                let held = Held { lease, until };
                readings.spawn(async move {
                    this.read_held(held, place, lang, For::TheWorker).await;
                });
            }
        }
        Ok(more)
    }

    /// Reads everything that is due now, for tests and tools that have no worker. Gives how many
    /// readings there were.
    ///
    /// # Errors
    /// [`StoreError`] when the database is away.
    pub async fn read_due(self: &Arc<Self>) -> Result<usize, StoreError> {
        let mut readings = JoinSet::new();
        let mut count = 0;
        self.look_after_runs().await?;
        loop {
            let more = self.begin_due(&mut readings).await?;
            if readings.join_next().await.is_some() {
                count += 1;
            } else if !more {
                return Ok(count);
            } else {
                self.fleet.lanes.freed().await;
            }
        }
    }

    /// Lets the worker's readings come to their end for a while, and breaks the others off, each of
    /// which gives its lease back: another process reads on within 2 s (REL-26).
    async fn wind_up(&self, mut readings: JoinSet<()>) {
        let grace = self.settings.reading.grace;
        let count = readings.len();
        let ended = timeout(grace, async {
            while readings.join_next().await.is_some() {}
        });
        if ended.await.is_err() {
            tracing::info!(count, left = readings.len(), "readings are broken off");
            self.fleet.stopping.send_replace(Stopping::Worker);
            let given_back = async { while readings.join_next().await.is_some() {} };
            if timeout(GIVING_BACK, given_back).await.is_err() {
                tracing::warn!(
                    left = readings.len(),
                    "the rights to read portals were not given back"
                );
            }
        }
    }

    /// Breaks off whatever is being read, and gives back what is left.
    pub(crate) async fn break_off_readings(&self) {
        self.fleet.stopping.send_replace(Stopping::Everybody);
        let _ = timeout(GIVING_BACK, self.fleet.lanes.empty()).await;
        if let Err(error) = self.store.release_readings(&self.owner).await {
            tracing::warn!(%error, "the rights to read portals were not given back");
        }
    }
}
