//! A process that stops gives back what it had taken, so that nobody waits for its leases to run out
//! (REL-26). Readings have their own way, [`Store::release_readings`].

use tracing::instrument;

use crate::{Store, StoreError};

/// # A process that stops
impl Store {
    /// Gives back all events that a process still has. Gives how many.
    ///
    /// # Errors
    /// A [`StoreError`]; then they run out.
    #[instrument(name = "db.event.release_all", skip_all)]
    pub async fn release_events(&self, owner: &str) -> Result<u64, StoreError> {
        self.release(
            "update inbox set lease_owner = null, lease_until = null \
             where lease_owner = $1 and finished_at is null",
            owner,
        )
        .await
    }

    /// Gives back all mails that a process still has, to be sent at once. Gives how many.
    ///
    /// # Errors
    /// A [`StoreError`]; then they run out.
    #[instrument(name = "db.mail.release_all", skip_all)]
    pub async fn release_mails(&self, owner: &str) -> Result<u64, StoreError> {
        self.release(
            "update outbox set lease_owner = null, lease_until = null, next_at = {now} \
             where lease_owner = $1",
            owner,
        )
        .await
    }

    /// Gives back all portals that a process is about to ask how they stand. Gives how many.
    ///
    /// # Errors
    /// A [`StoreError`]; then they run out.
    #[instrument(name = "db.portal.release_all", skip_all)]
    pub async fn release_probes(&self, owner: &str) -> Result<u64, StoreError> {
        self.release(
            "update portal set probe_owner = null, probe_until = null where probe_owner = $1",
            owner,
        )
        .await
    }

    async fn release(&self, sql: &'static str, owner: &str) -> Result<u64, StoreError> {
        let done = sqlx::query(self.dialect.sql(sql))
            .bind(owner)
            .execute(&self.writes)
            .await?;
        Ok(done.rows_affected())
    }
}
