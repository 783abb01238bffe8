//! Whether the database is one that this process can work with, as it is now (REL-25).

use std::sync::{Mutex, PoisonError};

use sqlx::{AnyConnection, Connection as _, Row as _};
use time::OffsetDateTime;
use tracing::instrument;

use crate::connect::{MIGRATIONS, look_at};
use crate::moment::from_ms;
use crate::vault::accepts_check;
use crate::{Store, StoreError};

/// What the database says of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Readiness {
    /// What time it is by its clock, to a second in which it was asked.
    pub clock: OffsetDateTime,
    /// Whether its structure is that of this release, or of a later one (REL-27).
    pub is_up_to_date: bool,
    /// Whether its secrets are sealed with our newest key among others, and ours are the keys that
    /// bear these names there.
    pub has_our_keys: bool,
}

/// Connections of one kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PoolUse {
    /// What they are for: `reads`, `writes`, or `all` where there is one kind.
    pub name: &'static str,
    /// How many are in use.
    pub used: u32,
    /// How many wait to be used.
    pub idle: u32,
    /// How many there may be.
    pub most: u32,
}

/// # Whether this process can work
impl Store {
    /// Asks the database how it stands, over a connection that is for this alone: where all others
    /// are in use, the database is busy, not away.
    ///
    /// # Errors
    /// A [`StoreError`] where it does not answer, or has no structure of ours at all.
    #[instrument(name = "db.readiness", skip_all)]
    pub async fn readiness(&self) -> Result<Readiness, StoreError> {
        if self.is_in_memory() {
            // It is there for one connection alone.
            return self.ask(&mut *self.reads.acquire().await?).await;
        }
        // A connection that failed, or that nobody waits for any more, is not kept.
        if let Some(mut kept) = self.looking.take()
            && let Ok(told) = self.ask(&mut kept).await
        {
            self.looking.keep(kept);
            return Ok(told);
        }
        // It may have been ended since, as by a server that was started anew.
        let mut fresh = look_at(self.address()).await?;
        let told = self.ask(&mut fresh).await?;
        self.looking.keep(fresh);
        Ok(told)
    }

    async fn ask(&self, connection: &mut AnyConnection) -> Result<Readiness, StoreError> {
        let now: i64 = sqlx::query_scalar(self.dialect.sql("select {now}"))
            .fetch_one(&mut *connection)
            .await?;
        let applied =
            sqlx::query("select version, checksum from _sqlx_migrations where success = true")
                .fetch_all(&mut *connection)
                .await?;
        let checks = sqlx::query("select key_id, sealed_check from key_check")
            .fetch_all(&mut *connection)
            .await?;
        let applied: Vec<(i64, Vec<u8>)> = applied
            .iter()
            .map(|row| Ok((row.try_get(0)?, row.try_get(1)?)))
            .collect::<Result<_, sqlx::Error>>()?;
        let is_up_to_date = MIGRATIONS.iter().all(|ours| {
            applied.iter().any(|(version, checksum)| {
                (*version, &**checksum) == (ours.version, &*ours.checksum)
            })
        });
        let mut has_our_keys = false;
        for row in &checks {
            let id: String = row.try_get("key_id")?;
            if self.vault.keys().find(&id).is_none() {
                continue;
            }
            if !accepts_check(self.vault.keys(), &id, row.try_get("sealed_check")?) {
                has_our_keys = false;
                break;
            }
            has_our_keys |= id == self.vault.keys().newest().0;
        }
        Ok(Readiness {
            clock: from_ms(now).ok_or_else(|| StoreError::corrupt("database", "clock", "now"))?,
            is_up_to_date,
            has_our_keys,
        })
    }

    /// How the connections are used just now.
    #[must_use]
    pub fn pools(&self) -> Vec<PoolUse> {
        let used = |name, pool: &sqlx::AnyPool| {
            let idle = u32::try_from(pool.num_idle()).unwrap_or(u32::MAX);
            PoolUse {
                name,
                used: pool.size().saturating_sub(idle),
                idle,
                most: pool.options().get_max_connections(),
            }
        };
        if self.is_shared() {
            return vec![used("all", &self.writes)];
        }
        vec![used("reads", &self.reads), used("writes", &self.writes)]
    }
}

/// The connection that [`Store::readiness`] has for itself, while nobody uses it.
#[derive(Default)]
pub(crate) struct Looking(Mutex<Option<AnyConnection>>);

impl Looking {
    fn take(&self) -> Option<AnyConnection> {
        // The value is replaced whole.
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn keep(&self, connection: AnyConnection) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(connection);
    }

    /// Ends it.
    pub(crate) async fn close(&self) {
        if let Some(connection) = self.take() {
            // Nothing is lost with it.
            let _ = connection.close().await;
        }
    }
}
