//! How much there is of what comes and goes, for operators.

use std::time::Duration;

use crmap_domain::PortalState;
use sqlx::Row as _;
use time::OffsetDateTime;
use tracing::instrument;

use crate::moment::{span, span_ms, to_ms};
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
    /// For how long the oldest of these events, mails and readings has been waiting, by the
    /// database's clock; nothing where none waits.
    pub oldest: [Option<Duration>; 3],
    /// Linked portals whose time to be read has come.
    pub due: u64,
    /// Those whose time came longer ago than it should have.
    pub late: u64,
}

/// Portals in good state that a cabinet may see, and whose time has come before $1.
const DUE: &str = "select count(*) from portal where state = 'ok' and installed_at is not null \
    and uninstalled_at is null and (reading_until is null or reading_until <= {now}) \
    and next_reading_at <= $1 and exists (select 1 from link \
      where link.member_id = portal.member_id and link.void_since is null)";

/// # Figures for operators
impl Store {
    /// Counts what comes and goes, at `now`; a portal is read late `late_after` its time.
    ///
    /// # Errors
    /// A [`StoreError`].
    #[instrument(name = "db.waiting", skip_all)]
    pub async fn waiting(
        &self,
        now: OffsetDateTime,
        late_after: Duration,
    ) -> Result<Waiting, StoreError> {
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
            oldest: [
                self.age("select {now} - min(arrived) from inbox where finished_at is null")
                    .await?,
                self.age("select {now} - min(made_at) from outbox").await?,
                self.age(
                    "select {now} - min(refresh_run.made_at) from refresh_task \
                     join refresh_run on refresh_run.id = refresh_task.run_id \
                     where refresh_task.ended_at is null",
                )
                .await?,
            ],
            due: self.due_at(to_ms(now)).await?,
            late: self.due_at(to_ms(now) - span_ms(late_after)).await?,
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

    async fn age(&self, sql: &'static str) -> Result<Option<Duration>, StoreError> {
        let age: Option<i64> = sqlx::query_scalar(self.dialect.sql(sql))
            .fetch_one(&self.reads)
            .await?;
        Ok(age.map(span))
    }

    async fn due_at(&self, moment: i64) -> Result<u64, StoreError> {
        let count: i64 = sqlx::query_scalar(self.dialect.sql(DUE))
            .bind(moment)
            .fetch_one(&self.reads)
            .await?;
        Ok(count.unsigned_abs())
    }

    async fn count(&self, sql: &'static str) -> Result<u64, StoreError> {
        let count: i64 = sqlx::query_scalar(sql).fetch_one(&self.reads).await?;
        Ok(count.unsigned_abs())
    }
}
