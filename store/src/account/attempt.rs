//! How often something may be tried, counted for all processes together, by the database's clock
//! (SEC-65).

use std::time::Duration;

use tracing::instrument;

use super::SecretDigest;
use crate::moment::{span, span_ms};
use crate::{Store, StoreError};

/// How often: `burst` at once after a silence, and one more in each `per`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    /// How many at once; at least one.
    pub burst: u32,
    /// How long until one more is allowed.
    pub per: Duration,
}

/// What came of asking for a try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// It was counted and may be made.
    Allowed,
    /// It was not counted; ask again after this time.
    Wait(Duration),
}

/// # How often something may be tried
impl Store {
    /// Counts a try of `kind` by or upon `subject`, where its quota allows one more. A refusal is
    /// not written down, so that it costs little.
    ///
    /// # Errors
    /// A [`StoreError`]; then it must not be made.
    #[instrument(name = "db.attempt.take", skip_all, fields(attempt.kind = kind))]
    pub async fn take_attempt(
        &self,
        kind: &'static str,
        subject: &SecretDigest,
        quota: Quota,
    ) -> Result<Taken, StoreError> {
        // `full_at` is when all tries will be there again. One is there while that is no further
        // away than all of them but one take.
        let sql = "insert into attempt (kind, subject, full_at) \
                   select $1, $2, clock.ms + $4 from (select {now} as ms) clock where true \
                   on conflict (kind, subject) do update set full_at = case \
                   when attempt.full_at < excluded.full_at - $4 then excluded.full_at \
                   else attempt.full_at + $4 end \
                   where attempt.full_at <= excluded.full_at - 2 * $4 + $3 * $4 \
                   returning full_at";
        let (burst, per) = (i64::from(quota.burst.max(1)), span_ms(quota.per).max(1));
        let taken = sqlx::query(self.dialect.sql(sql))
            .bind(kind)
            .bind(subject.as_slice())
            .bind(burst)
            .bind(per)
            .fetch_optional(&self.writes)
            .await?;
        if taken.is_some() {
            return Ok(Taken::Allowed);
        }
        let sql = "select full_at + $4 - $3 * $4 - {now} from attempt \
                   where kind = $1 and subject = $2";
        let wait: Option<i64> = sqlx::query_scalar(self.dialect.sql(sql))
            .bind(kind)
            .bind(subject.as_slice())
            .bind(burst)
            .bind(per)
            .fetch_optional(&self.writes)
            .await?;
        // Somebody may have cleared it away meanwhile: then the next one finds it empty.
        Ok(Taken::Wait(span(wait.unwrap_or(1).max(1))))
    }
}
