//! The end of a refresh that gave a new pair: stored by comparing generation and holder, so that
//! whoever was overtaken stores nothing while another one is at work (security.md §4, step 5).

use secrecy::{ExposeSecret, SecretString};
use time::OffsetDateTime;
use tracing::instrument;

use super::{ACCESS, Lease, REFRESH};
use crate::columns::Columns;
use crate::moment::to_ms;
use crate::{Store, StoreError};

/// A new pair of tokens, checked to be the chain's own.
#[derive(Debug, Clone)]
pub struct FreshPair {
    /// The access token.
    pub access: SecretString,
    /// The refresh token.
    pub refresh: SecretString,
    /// When the access token runs out.
    pub expires_at: OffsetDateTime,
}

/// What came of storing a pair. Only a stored pair may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settled {
    /// It is on disk.
    Stored {
        /// The chain's generation from now on.
        generation: i64,
    },
    /// The chain went on, another holder is at work on it, or its user was shut out: the pair must be
    /// thrown away.
    Superseded,
    /// The chain is not there any more: the pair must be thrown away.
    Gone,
}

/// # A refresh that gave a new pair
impl Store {
    /// Stores a new pair, ends the lease, and drops the candidate where that was used. Asked again
    /// after an error, it says `Stored` of a pair that had been stored all the same.
    ///
    /// A holder whose lease ran out still stores its pair while the chain stands at the generation
    /// that it leased and nobody else is at work on it: a try that was refused meanwhile was refused
    /// because this pair replaced its token, so the chain that had nothing left is revived by it. A
    /// user who was shut out stays out.
    ///
    /// # Errors
    /// A [`StoreError`]: then it is not known whether the pair was stored; ask again.
    #[instrument(name = "db.credential.settle", skip_all,
        fields(portal.member_id = %lease.member_id, user.id = lease.user_id))]
    pub async fn settle_refresh(
        &self,
        lease: &Lease,
        pair: &FreshPair,
        now: OffsetDateTime,
    ) -> Result<Settled, StoreError> {
        let name = lease.name();
        let generation = lease.generation + 1;
        let done = sqlx::query(
            "update credential set generation = $4, intent_generation = $4, status = 'active', \
             sealed_access = $5, sealed_refresh = $6, expires_at = $7, \
             sealed_candidate = case when candidate_at = $8 then null else sealed_candidate end, \
             candidate_at = case when candidate_at = $8 then null else candidate_at end, \
             lease_owner = null, lease_until = null, ambiguous_since = null, \
             restored_at = null, last_used_at = $9, updated_at = $9 \
             where id = $1 and generation = $2 and status <> 'revoked' \
             and (lease_owner = $3 or lease_owner is null)",
        )
        .bind(name.id.as_str())
        .bind(lease.generation)
        .bind(lease.owner.as_str())
        .bind(generation)
        .bind(
            self.vault
                .seal(&name.place(ACCESS, generation), &pair.access)?,
        )
        .bind(
            self.vault
                .seal(&name.place(REFRESH, generation), &pair.refresh)?,
        )
        .bind(to_ms(pair.expires_at))
        .bind(lease.candidate_at.filter(|_| lease.from_candidate))
        .bind(to_ms(now))
        .execute(&self.writes)
        .await?;
        if done.rows_affected() == 1 {
            return Ok(Settled::Stored { generation });
        }
        self.was_stored(lease, pair).await
    }

    /// A connection may break after the database has stored and before it says so.
    async fn was_stored(&self, lease: &Lease, pair: &FreshPair) -> Result<Settled, StoreError> {
        let row = sqlx::query("select generation, sealed_refresh from credential where id = $1")
            .bind(lease.id.as_str())
            .fetch_optional(&self.writes)
            .await?;
        let Some(row) = row else {
            return Ok(Settled::Gone);
        };
        let name = lease.name();
        let columns = Columns::new(&row, "credential", name.shown());
        let generation = columns.int("generation")?;
        if generation != lease.generation + 1 {
            return Ok(Settled::Superseded);
        }
        let stored = self
            .vault
            .open_column(&columns, &name.place(REFRESH, generation))?;
        match stored {
            Some(stored) if stored.expose_secret() == pair.refresh.expose_secret() => {
                Ok(Settled::Stored { generation })
            }
            _ => Ok(Settled::Superseded),
        }
    }
}
