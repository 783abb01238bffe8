//! How much there is of what comes and goes, for operators.

use crmap_domain::PortalState;
use sqlx::Row as _;
use tracing::instrument;

use crate::{Store, StoreError};

/// How much there is of what comes and goes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Waiting {
    /// Portals by how they stand.
    pub portals: Vec<(PortalState, u64)>,
    /// People's chains of tokens, by the lasting name of their state.
    pub chains: Vec<(String, u64)>,
    /// Events that nobody has dealt with.
    pub events: u64,
    /// Mails that were not sent yet.
    pub mails: u64,
    /// Readings of portals that somebody asked for and that have not ended.
    pub readings: u64,
}

impl Store {
    /// Counts what comes and goes.
    ///
    /// # Errors
    /// A [`StoreError`].
    #[instrument(name = "db.waiting", skip_all)]
    pub async fn waiting(&self) -> Result<Waiting, StoreError> {
        let states = self
            .counted("select state, count(*) from portal group by state order by state")
            .await?;
        let portals = states.into_iter().map(|(code, count)| {
            let state = PortalState::from_code(&code);
            let state = state.ok_or_else(|| StoreError::corrupt("portal", code, "state"))?;
            Ok((state, count))
        });
        Ok(Waiting {
            portals: portals.collect::<Result<_, StoreError>>()?,
            chains: self
                .counted("select status, count(*) from credential group by status order by status")
                .await?,
            events: self
                .count("select count(*) from inbox where finished_at is null")
                .await?,
            mails: self.count("select count(*) from outbox").await?,
            readings: self
                .count("select count(*) from refresh_task where ended_at is null")
                .await?,
        })
    }

    async fn counted(&self, sql: &'static str) -> Result<Vec<(String, u64)>, StoreError> {
        let rows = sqlx::query(sql).fetch_all(&self.reads).await?;
        rows.iter()
            .map(|row| {
                let count: i64 = row.try_get(1)?;
                Ok((row.try_get(0)?, count.unsigned_abs()))
            })
            .collect()
    }

    async fn count(&self, sql: &'static str) -> Result<u64, StoreError> {
        let count: i64 = sqlx::query_scalar(sql).fetch_one(&self.reads).await?;
        Ok(count.unsigned_abs())
    }
}
