//! The end of a refresh that gave nothing.

use std::time::Duration;

use sqlx::any::AnyRow;
use sqlx::{Any, Transaction};
use time::OffsetDateTime;
use tracing::instrument;

use super::{ChainStatus, Lease};
use crate::columns::Columns;
use crate::moment::{span_ms, to_ms};
use crate::{Store, StoreError};

/// How a refresh ended without a pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing was sent, or the authority took no notice of the token: it is as good as before.
    Untouched {
        /// How long nobody asks for this chain again.
        retry_after: Duration,
    },
    /// Something was sent and no sensible answer came.
    Ambiguous {
        /// How long nobody asks for this chain again.
        retry_after: Duration,
    },
    /// The authority refused the token: it is destroyed. The chain goes on with the other token
    /// where it has one.
    Rejected,
    /// The user may not use the application any more: all tokens of the chain are destroyed.
    Revoked,
}

/// What came of ending a lease.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Released {
    /// It is ended, and this is the chain's status.
    Done(ChainStatus),
    /// The chain went on under another holder; nothing was changed.
    Superseded,
    /// The chain is not there any more.
    Gone,
}

/// # A refresh that gave nothing
impl Store {
    /// Ends a lease that gave no pair.
    ///
    /// # Errors
    /// A [`StoreError`]; the lease runs out by itself then.
    #[instrument(name = "db.credential.release", skip_all,
        fields(portal.member_id = %lease.member_id, user.id = lease.user_id))]
    pub async fn release_lease(
        &self,
        lease: &Lease,
        outcome: Outcome,
        now: OffsetDateTime,
    ) -> Result<Released, StoreError> {
        let mut work = self.begin().await?;
        let sql = "select {chain} from credential where id = $1 {for_update}";
        let row = sqlx::query(self.dialect.sql(sql))
            .bind(lease.id.as_str())
            .fetch_optional(&mut *work)
            .await?;
        let Some(row) = row else {
            return Ok(Released::Gone);
        };
        let columns = Columns::new(&row, "credential", lease.name().shown());
        let held = columns.int("generation")? == lease.generation
            && columns.maybe_text("lease_owner")?.as_deref() == Some(lease.owner.as_str());
        if !held {
            return Ok(Released::Superseded);
        }
        let status = match outcome {
            Outcome::Untouched { retry_after } => {
                let status = status_before(&row, lease)?;
                self.postpone(&mut work, lease, status, retry_after, now)
                    .await?
            }
            Outcome::Ambiguous { retry_after } => {
                let status = ChainStatus::Ambiguous;
                self.postpone(&mut work, lease, status, retry_after, now)
                    .await?
            }
            Outcome::Rejected => discard(&mut work, &row, lease, now).await?,
            Outcome::Revoked => revoke(&mut work, lease, now).await?,
        };
        work.commit().await?;
        Ok(Released::Done(status))
    }

    /// Keeps the chain from being leased for a while: the lease goes on without a holder.
    async fn postpone(
        &self,
        work: &mut Transaction<'static, Any>,
        lease: &Lease,
        status: ChainStatus,
        retry_after: Duration,
        now: OffsetDateTime,
    ) -> Result<ChainStatus, StoreError> {
        let sql = "update credential set status = $2, lease_owner = null, \
                   lease_until = {now} + $3, \
                   intent_generation = case when $2 = 'ambiguous' then intent_generation \
                     else generation end, \
                   ambiguous_since = case when $2 = 'ambiguous' then coalesce(ambiguous_since, $4) \
                     end, \
                   updated_at = $4 where id = $1";
        sqlx::query(self.dialect.sql(sql))
            .bind(lease.id.as_str())
            .bind(status.code())
            .bind(span_ms(retry_after))
            .bind(to_ms(now))
            .execute(&mut **work)
            .await?;
        Ok(status)
    }
}

/// A chain that was in doubt before is still in doubt when nothing was sent.
fn status_before(row: &AnyRow, lease: &Lease) -> Result<ChainStatus, StoreError> {
    let columns = Columns::new(row, "credential", lease.name().shown());
    ChainStatus::from_code(&columns.text("status")?).ok_or_else(|| columns.corrupt("status"))
}

/// The candidate that was used may have been replaced by a newer one meanwhile, which stays.
async fn discard(
    work: &mut Transaction<'static, Any>,
    row: &AnyRow,
    lease: &Lease,
    now: OffsetDateTime,
) -> Result<ChainStatus, StoreError> {
    let columns = Columns::new(row, "credential", lease.name().shown());
    let candidate_at = columns.maybe_int("candidate_at")?;
    let status = match candidate_at {
        Some(_) if !lease.from_candidate || candidate_at != lease.candidate_at => {
            ChainStatus::Active
        }
        _ => ChainStatus::ReauthRequired,
    };
    // A candidate is used only where there is no proved token, so that one is gone in any case.
    sqlx::query(
        "update credential set sealed_refresh = null, \
         sealed_candidate = case when $2 = 'active' then sealed_candidate end, \
         candidate_at = case when $2 = 'active' then candidate_at end, \
         status = $2, intent_generation = generation, lease_owner = null, lease_until = null, \
         ambiguous_since = null, updated_at = $3 where id = $1",
    )
    .bind(lease.id.as_str())
    .bind(status.code())
    .bind(to_ms(now))
    .execute(&mut **work)
    .await?;
    Ok(status)
}

async fn revoke(
    work: &mut Transaction<'static, Any>,
    lease: &Lease,
    now: OffsetDateTime,
) -> Result<ChainStatus, StoreError> {
    sqlx::query(
        "update credential set sealed_access = null, expires_at = null, sealed_refresh = null, \
         sealed_candidate = null, candidate_at = null, status = 'revoked', \
         intent_generation = generation, lease_owner = null, lease_until = null, \
         ambiguous_since = null, updated_at = $2 where id = $1",
    )
    .bind(lease.id.as_str())
    .bind(to_ms(now))
    .execute(&mut **work)
    .await?;
    Ok(ChainStatus::Revoked)
}
