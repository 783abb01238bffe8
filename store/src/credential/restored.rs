//! Chains that came out of a backup (REL-29): each is proved by its authority before anything is
//! done by it, since its refresh token may have been used up, and its portal left, after the backup
//! was taken.

use crmap_domain::MemberId;
use sqlx::Row as _;
use tracing::instrument;

use super::Chain;
use crate::{Store, StoreError};

/// # Chains out of a backup
impl Store {
    /// The chains that may be proved next, one of each authority, the most urgent first: those that
    /// nobody tried yet, of a portal for which nothing else serves, an administrator's, the last
    /// used. With each comes its authority, so that one that is not to be had holds up no other.
    ///
    /// # Errors
    /// A [`StoreError`], [`StoreError::Corrupt`] where a token does not open.
    #[instrument(name = "db.credential.restored", skip_all)]
    pub async fn next_restored(&self) -> Result<Vec<(String, Chain)>, StoreError> {
        let sql = "with waiting as (\
                     select credential.*, portal.authority, \
                       case when lease_until is null then 0 else 1 end as tried, \
                       case when exists (select 1 from credential other \
                         where other.member_id = credential.member_id \
                         and other.restored_at is null \
                         and other.status in ('active', 'ambiguous')) then 1 else 0 end as served \
                     from credential join portal on portal.member_id = credential.member_id \
                     where credential.restored_at is not null \
                     and status in ('active', 'ambiguous') \
                     and (lease_until is null or lease_until <= {now})), \
                   placed as (\
                     select waiting.*, row_number() over (partition by authority \
                       order by tried, served, lease_until, administrator desc, \
                         last_used_at desc, id) as place \
                     from waiting) \
                   select {chain}, authority from placed where place = 1 \
                   order by tried, served, lease_until, administrator desc, last_used_at desc, id";
        let rows = sqlx::query(self.dialect.sql(sql))
            .fetch_all(&self.reads)
            .await?;
        rows.iter()
            .map(|row| {
                let chain = Chain::from_row(row, &self.vault)?;
                Ok((row.try_get("authority")?, chain))
            })
            .collect()
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

    /// Notes that the authority knows the application in a portal that came out of a backup.
    ///
    /// # Errors
    /// A [`StoreError`].
    #[instrument(name = "db.portal.still_installed", skip_all, fields(portal.member_id = %member_id))]
    pub async fn note_still_installed(&self, member_id: &MemberId) -> Result<(), StoreError> {
        sqlx::query("update portal set restored_at = null where member_id = $1")
            .bind(member_id.as_str())
            .execute(&self.writes)
            .await?;
        Ok(())
    }
}
