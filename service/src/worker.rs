//! The one loop behind the scenes: acts upon events, asks portals that are due, clears up. Any number
//! of processes may run it over one database; leases keep them apart.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use crmap_store::StoreError;
use time::{Duration, OffsetDateTime};
use tokio::sync::watch;

use crate::Services;

/// How often old records are cleared away.
const CLEARING: Duration = Duration::hours(1);
/// How long it is remembered that an event was dealt with.
const EVENTS_KEPT: Duration = Duration::days(30);
/// How many secrets are sealed anew in one round.
const SEALED_AT_ONCE: u32 = 200;
/// How many rows are cleared in one go.
const AT_ONCE: u32 = 5_000;

impl Services {
    /// Works until it is told to stop.
    pub async fn work(self: Arc<Self>, mut stop: watch::Receiver<bool>) {
        let mut cleared_at = OffsetDateTime::UNIX_EPOCH;
        let mut healthy = true;
        while !*stop.borrow() {
            let now = self.clock.now();
            let result = self.round(now - cleared_at >= CLEARING).await;
            match result {
                Ok(cleared) => {
                    if cleared {
                        cleared_at = now;
                    }
                    healthy = true;
                }
                // Said once, not every two seconds.
                Err(error) if healthy => {
                    tracing::error!(%error, "the worker cannot reach the database; it tries on");
                    healthy = false;
                }
                Err(_) => {}
            }
            tokio::select! {
                _ = stop.changed() => {}
                () = self.arrived.notified() => {}
                () = tokio::time::sleep(self.settings.worker_pace) => {}
            }
        }
    }

    /// One round of everything that is due. Gives whether old records were cleared away.
    ///
    /// # Errors
    /// [`StoreError`] when the database is away.
    pub async fn round(self: &Arc<Self>, clear: bool) -> Result<bool, StoreError> {
        self.process_events().await?;
        self.seal_anew().await?;
        self.resolve_doubts().await?;
        self.probe_due().await?;
        if clear {
            self.clear_away().await?;
        }
        Ok(clear)
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
        self.store
            .purge_journal(now - journal_days, AT_ONCE)
            .await?;
        self.store.purge_events(now - EVENTS_KEPT).await?;
        Ok(())
    }
}
