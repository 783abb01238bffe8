//! The loop that reads portals by itself: it takes as many as it has places for, at any moment one
//! becomes free, and never waits for the slowest.

use std::sync::Arc;

use crmap_store::StoreError;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};

use super::lanes::Lane;
use super::reading::{For, Held};
use crate::Services;
use crate::worker::Trouble;

impl Services {
    /// Reads whatever is due until it is told to stop; then what is being read has a short while left,
    /// and all leases are given back.
    pub(crate) async fn read_on(self: Arc<Self>, mut stop: watch::Receiver<bool>) {
        let mut trouble = Trouble::new("readings");
        let mut settled_at = None::<Instant>;
        let mut readings = JoinSet::new();
        while !*stop.borrow() {
            let pace = self.settings.worker_pace;
            let mut outcome = Ok(());
            if settled_at.is_none_or(|at| at.elapsed() >= pace) {
                outcome = self.look_after_runs().await;
                settled_at = Some(Instant::now());
            }
            let started = self.begin_due(&mut readings).await;
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
        self.wind_up().await;
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

    /// Lets readings come to their end for a while, breaks the others off, and gives back what is left.
    async fn wind_up(&self) {
        let grace = self.settings.reading.grace;
        if timeout(grace, self.fleet.lanes.empty()).await.is_err() {
            self.fleet.breaking_off.send_replace(true);
            let _ = timeout(grace, self.fleet.lanes.empty()).await;
        }
        match self.store.release_readings(&self.owner).await {
            Ok(0) => {}
            Ok(count) => tracing::info!(count, "readings were broken off"),
            Err(error) => tracing::warn!(%error, "the rights to read portals were not given back"),
        }
    }
}
