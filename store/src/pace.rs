//! How fast a portal may be asked, counted for all processes together (REL-15). One process alone
//! counts in memory and needs none of this.

use std::time::Duration;

use tracing::instrument;

use crate::columns::Columns;
use crate::moment::{span, span_ms};
use crate::words::bounded;
use crate::{Store, StoreError};

const MAX_NAME: usize = 256;

/// # How fast a portal may be asked
impl Store {
    /// Takes a place for one request to `account`, named by its address, which takes `burst`
    /// requests at once after a silence and one more in each `refill`. Zero: it was taken. Else
    /// nothing was, and this is how long to wait before asking again.
    ///
    /// # Errors
    /// A [`StoreError`].
    #[instrument(name = "db.pace.take", skip_all)]
    pub async fn take_turn(
        &self,
        account: &str,
        burst: u32,
        refill: Duration,
    ) -> Result<Duration, StoreError> {
        // `full_at` is when the bucket will be full again. A place is there while that is no
        // further away than all the places but one take.
        let sql = "insert into pace (account, method, asked_at, full_at, wait_ms, blocked_until) \
                   select $1, '', clock.ms, clock.ms + $3, 0, 0 from (select {now} as ms) clock \
                   where true \
                   on conflict (account, method) do update set \
                   asked_at = excluded.asked_at, \
                   wait_ms = case when pace.full_at + $3 - excluded.asked_at <= $2 * $3 then 0 \
                     else pace.full_at + $3 - excluded.asked_at - $2 * $3 end, \
                   full_at = case when pace.full_at < excluded.asked_at \
                       then excluded.full_at \
                     when pace.full_at + $3 - excluded.asked_at <= $2 * $3 \
                       then pace.full_at + $3 \
                     else pace.full_at end \
                   returning wait_ms";
        let wait: i64 = sqlx::query_scalar(self.dialect.sql(sql))
            .bind(bounded(account, MAX_NAME))
            .bind(i64::from(burst.max(1)))
            .bind(span_ms(refill).max(1))
            .fetch_one(&self.writes)
            .await?;
        Ok(span(wait))
    }

    /// Notes that `account` refuses `method` for `time`; an empty method stands for all of them.
    /// A longer refusal stays.
    ///
    /// # Errors
    /// A [`StoreError`].
    #[instrument(name = "db.pace.block", skip_all)]
    pub async fn block(
        &self,
        account: &str,
        method: &str,
        time: Duration,
    ) -> Result<(), StoreError> {
        let sql = "insert into pace (account, method, asked_at, full_at, wait_ms, blocked_until) \
                   values ($1, $2, {now}, 0, 0, {now} + $3) \
                   on conflict (account, method) do update set blocked_until = case \
                   when pace.blocked_until > excluded.blocked_until then pace.blocked_until \
                   else excluded.blocked_until end";
        sqlx::query(self.dialect.sql(sql))
            .bind(bounded(account, MAX_NAME))
            .bind(bounded(method, MAX_NAME))
            .bind(span_ms(time))
            .execute(&self.writes)
            .await?;
        Ok(())
    }

    /// How long `account` still refuses any of `methods`; zero where it does not.
    ///
    /// # Errors
    /// A [`StoreError`].
    #[instrument(name = "db.pace.blocked", skip_all)]
    pub async fn blocked_for(
        &self,
        account: &str,
        methods: &[String],
    ) -> Result<Duration, StoreError> {
        let sql = "select method, blocked_until - {now} as wait from pace \
                   where account = $1 and blocked_until > {now}";
        let rows = sqlx::query(self.dialect.sql(sql))
            .bind(bounded(account, MAX_NAME))
            .fetch_all(&self.reads)
            .await?;
        let mut longest = Duration::ZERO;
        for row in &rows {
            let columns = Columns::new(row, "pace", account);
            let method = columns.text("method")?;
            if method.is_empty() || methods.contains(&method) {
                longest = longest.max(span(columns.int("wait")?));
            }
        }
        Ok(longest)
    }
}
