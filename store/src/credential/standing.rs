//! What is learned of a chain's user and of the chain itself without refreshing it.

use crmap_domain::MemberId;
use time::OffsetDateTime;
use tracing::instrument;

use crate::moment::to_ms;
use crate::{Store, StoreError};

/// # What is learned of a chain without refreshing it
impl Store {
    /// Notes whether a user administers the portal. Says whether that is news of a chain that is
    /// there.
    ///
    /// # Errors
    /// A [`StoreError`].
    #[instrument(name = "db.credential.note_administrator", skip_all,
        fields(portal.member_id = %member_id, user.id = user_id))]
    pub async fn note_administrator(
        &self,
        member_id: &MemberId,
        user_id: i64,
        administrator: bool,
    ) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "update credential set administrator = $3 \
             where member_id = $1 and user_id = $2 and administrator <> $3",
        )
        .bind(member_id.as_str())
        .bind(user_id)
        .bind(i64::from(administrator))
        .execute(&self.writes)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Ends a chain whose access token the portal took back: its tokens are destroyed, until its
    /// user opens the application again. Nothing changes where the chain went on meanwhile, or an
    /// opening brought another access token than the one that was refused: `seen_expires_at` is when
    /// that one runs out. Says whether it was ended.
    ///
    /// # Errors
    /// A [`StoreError`].
    #[instrument(name = "db.credential.end", skip_all,
        fields(portal.member_id = %member_id, user.id = user_id))]
    pub async fn end_chain(
        &self,
        member_id: &MemberId,
        user_id: i64,
        seen_generation: i64,
        seen_expires_at: Option<OffsetDateTime>,
        now: OffsetDateTime,
    ) -> Result<bool, StoreError> {
        let sql = "update credential set sealed_access = null, expires_at = null, \
                   sealed_refresh = null, sealed_candidate = null, candidate_at = null, \
                   status = 'revoked', intent_generation = generation, ambiguous_since = null, \
                   updated_at = $4 \
                   where member_id = $1 and user_id = $2 and generation = $3 \
                   and expires_at is not distinct from $5 \
                   and (lease_until is null or lease_until <= {now})";
        let done = sqlx::query(self.dialect.sql(sql))
            .bind(member_id.as_str())
            .bind(user_id)
            .bind(seen_generation)
            .bind(to_ms(now))
            .bind(seen_expires_at.map(to_ms))
            .execute(&self.writes)
            .await?;
        Ok(done.rows_affected() == 1)
    }
}
