//! Chains that came out of a backup (REL-29): each is proved by its authority before anything is done by
//! it, since its refresh token may have been used up, and its portal left, after the backup was taken.

use tracing::instrument;

use super::Chain;
use crate::{Store, StoreError};

impl Store {
    /// The chain that is to be proved next, and may be asked about now: of a portal for which nothing
    /// else serves first, an administrator's first, the last used first.
    ///
    /// # Errors
    /// A [`StoreError`], [`StoreError::Corrupt`] where a token does not open.
    #[instrument(name = "db.credential.restored", skip_all)]
    pub async fn next_restored(&self) -> Result<Option<Chain>, StoreError> {
        let sql = "select {chain} from credential where restored_at is not null \
                   and status in ('active', 'ambiguous') \
                   and (lease_until is null or lease_until <= {now}) \
                   order by case when exists (select 1 from credential other \
                       where other.member_id = credential.member_id and other.restored_at is null \
                       and other.status in ('active', 'ambiguous')) then 1 else 0 end, \
                     administrator desc, last_used_at desc, id limit 1";
        let row = sqlx::query(self.dialect.sql(sql))
            .fetch_optional(&self.reads)
            .await?;
        row.as_ref()
            .map(|row| Chain::from_row(row, &self.vault))
            .transpose()
    }

    /// How many chains are still to be proved.
    ///
    /// # Errors
    /// A [`StoreError`].
    #[instrument(name = "db.credential.restored_left", skip_all)]
    pub async fn restored_left(&self) -> Result<u64, StoreError> {
        let count: i64 = sqlx::query_scalar(
            "select count(*) from credential where restored_at is not null \
             and status in ('active', 'ambiguous')",
        )
        .fetch_one(&self.reads)
        .await?;
        Ok(count.unsigned_abs())
    }

    /// Notes that the authority was asked about a chain and said something of it: from now on it is
    /// like any other.
    ///
    /// # Errors
    /// A [`StoreError`].
    #[instrument(name = "db.credential.proved", skip_all,
        fields(portal.member_id = %chain.member_id, user.id = chain.user_id))]
    pub async fn note_proved(&self, chain: &Chain) -> Result<(), StoreError> {
        sqlx::query(
            "update credential set restored_at = null where member_id = $1 and user_id = $2",
        )
        .bind(chain.member_id.as_str())
        .bind(chain.user_id)
        .execute(&self.writes)
        .await?;
        Ok(())
    }
}
