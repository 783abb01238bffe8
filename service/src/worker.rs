//! The one loop behind the scenes: acts upon events, asks portals that are due, clears up. Any number
//! of processes may run it over one database; leases keep them apart.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use crmap_store::StoreError;
use time::{Duration, OffsetDateTime};
use tokio::sync::watch;

use crate::Services;
use crate::cabinet::IDLE;
use crate::contained::{contained, unless_stopped};
use crate::visiting::REMEMBERED;

/// How often old records are cleared away.
const CLEARING: Duration = Duration::hours(1);
/// How long it is remembered that an event was dealt with.
const EVENTS_KEPT: Duration = Duration::days(30);
/// How many secrets are sealed anew in one round.
const SEALED_AT_ONCE: u32 = 200;
/// How many rows are cleared in one go.
const AT_ONCE: u32 = 5_000;
/// What is nearly done when the process is told to stop may come to its end within this.
pub(crate) const GRACE: std::time::Duration = std::time::Duration::from_millis(500);
/// A mail that is broken off comes twice, so it has more time.
const GRACE_OF_MAILS: std::time::Duration = std::time::Duration::from_secs(5);
/// Longer than a mail server or portal may take, the authorization server answers within this.
const REFRESHES_END_WITHIN: std::time::Duration = std::time::Duration::from_secs(15);
/// What [`Services::care`] cares for.
const CARES: [&str; 5] = ["tokens", "keys", "doubts", "probes", "clearing"];

/// # Behind the scenes
impl Services {
    /// Works until it is told to stop. Events have a loop of their own, so that a farewell does not
    /// wait for slow portals, mails have one, so that nothing waits for a mail server, restored
    /// tokens have one, which goes its own pace, and so have readings. When they stop, each gives
    /// back at once what it has taken (REL-26).
    pub async fn work(self: Arc<Self>, stop: watch::Receiver<bool>) {
        tokio::join!(
            Arc::clone(&self).hear(stop.clone()),
            Arc::clone(&self).deliver(stop.clone()),
            Arc::clone(&self).read_on(stop.clone()),
            Arc::clone(&self).prove_restored(stop.clone()),
            Arc::clone(&self).care(stop)
        );
    }

    async fn hear(self: Arc<Self>, mut stop: watch::Receiver<bool>) {
        let mut trouble = Trouble::new("events");
        while !*stop.borrow() {
            let work = contained("events", self.process_events());
            let Some(outcome) = unless_stopped(&stop, GRACE, work).await else {
                break;
            };
            trouble.watch(outcome.map(drop));
            tokio::select! {
                _ = stop.changed() => {}
                () = self.arrived.notified() => {}
                () = tokio::time::sleep(self.settings.worker_pace) => {}
            }
        }
        told_of(self.store.release_events(&self.owner).await);
    }

    async fn deliver(self: Arc<Self>, mut stop: watch::Receiver<bool>) {
        let mut trouble = Trouble::new("mails");
        while !*stop.borrow() {
            let is_stopped = || *stop.borrow();
            let work = contained("mails", self.send_mails(is_stopped));
            let Some(outcome) = unless_stopped(&stop, GRACE_OF_MAILS, work).await else {
                break;
            };
            trouble.watch(outcome);
            tokio::select! {
                _ = stop.changed() => {}
                () = tokio::time::sleep(self.settings.worker_pace) => {}
            }
        }
        told_of(self.store.release_mails(&self.owner).await);
    }

    async fn care(self: Arc<Self>, mut stop: watch::Receiver<bool>) {
        let mut cleared_at = OffsetDateTime::UNIX_EPOCH;
        let mut troubles = CARES.map(Trouble::new);
        while !*stop.borrow() {
            let now = self.clock.now();
            let due = now - cleared_at >= CLEARING;
            // Refreshes that are cut off here go on by themselves.
            let Some(results) = unless_stopped(&stop, GRACE, self.care_once(due)).await else {
                break;
            };
            for (trouble, result) in troubles.iter_mut().zip(results) {
                trouble.watch(result);
            }
            if due {
                cleared_at = now;
            }
            tokio::select! {
                _ = stop.changed() => {}
                () = tokio::time::sleep(self.settings.worker_pace) => {}
            }
        }
        told_of(self.store.release_probes(&self.owner).await);
    }

    /// One that fails must not keep the others from their turn.
    async fn care_once(self: &Arc<Self>, clear: bool) -> [Result<(), StoreError>; 5] {
        let clearing = async {
            if clear {
                self.clear_away().await
            } else {
                Ok(())
            }
        };
        let [tokens, keys, doubts, probes, clearance] = CARES;
        [
            contained(tokens, self.store.replay_spill()).await.map(drop),
            contained(keys, self.seal_anew()).await,
            contained(doubts, self.resolve_doubts()).await.map(drop),
            contained(probes, self.probe_due()).await.map(drop),
            contained(clearance, clearing).await,
        ]
    }

    /// Ends what goes on besides the worker: readings that somebody waits for are broken off, and a
    /// refresh of a token that was sent is waited for, since its answer would be lost (REL-26). To be
    /// called when nobody is inside any more.
    pub async fn close(&self) {
        self.break_off_readings().await;
        if !self.refresher.comes_to_rest(REFRESHES_END_WITHIN).await {
            tracing::warn!(
                "a token is still being refreshed; it will be looked at as one in doubt"
            );
        }
    }

    /// One round of everything that is due but readings, for tests and tools that have no worker;
    /// [`read_due`](Self::read_due) reads.
    ///
    /// # Errors
    /// The first [`StoreError`] of any of its parts; the others had their turn.
    pub async fn round(self: &Arc<Self>, clear: bool) -> Result<(), StoreError> {
        let events = self.process_events().await.map(drop);
        let mails = self.send_mails(|| false).await;
        let others = self.care_once(clear).await;
        others.into_iter().fold(events.and(mails), Result::and)
    }

    /// Seals with the newest key what is still sealed with older ones, a few values a round.
    async fn seal_anew(&self) -> Result<(), StoreError> {
        if self.sealed_anew.load(Ordering::Relaxed) || self.store.key_ids().count() < 2 {
            return Ok(());
        }
        let progress = self.store.rotate(SEALED_AT_ONCE).await?;
        if progress.left == 0 {
            self.sealed_anew.store(true, Ordering::Relaxed);
            tracing::info!(
                "everything is sealed with the newest key; older keys can be taken away"
            );
        }
        Ok(())
    }

    async fn clear_away(&self) -> Result<(), StoreError> {
        let now = self.clock.now();
        let journal_days = Duration::days(i64::from(self.settings.journal_days.clamp(3, 14)));
        while self
            .store
            .purge_journal(now - journal_days, AT_ONCE)
            .await?
            >= u64::from(AT_ONCE)
        {}
        self.store.purge_events(now - EVENTS_KEPT).await?;
        self.store.purge_accounts(now, IDLE).await?;
        self.store.purge_sightings(now - REMEMBERED).await?;
        self.store.purge_page_sessions(now).await?;
        self.forget_runs().await?;
        self.store.wipe_if_possible().await;
        Ok(())
    }
}

/// What could not be given back runs out.
fn told_of(released: Result<u64, StoreError>) {
    match released {
        Ok(0) => {}
        Ok(count) => tracing::info!(count, "work was given back unfinished"),
        Err(error) => tracing::warn!(%error, "work could not be given back"),
    }
}

/// Says once that a part of the work fails, and once that it goes on.
pub(crate) struct Trouble {
    part: &'static str,
    is_failing: bool,
}

impl Trouble {
    pub(crate) const fn new(part: &'static str) -> Self {
        Self {
            part,
            is_failing: false,
        }
    }

    pub(crate) fn watch(&mut self, result: Result<(), StoreError>) {
        match result {
            Err(error) if !self.is_failing => {
                tracing::error!(%error, part = self.part, "a part of the worker's work fails; it tries on");
                self.is_failing = true;
            }
            Err(_) => {}
            Ok(()) => {
                if self.is_failing {
                    tracing::info!(part = self.part, "the worker's work goes on");
                }
                self.is_failing = false;
            }
        }
    }
}
