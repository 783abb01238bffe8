//! What an operator does with accounts, whose deeds stand among those of the owners as the
//! operator's.

use crmap_domain::cabinet::DeedKind;
use time::OffsetDateTime;
use tracing::instrument;

use super::deed::Author;
use super::{AccountRow, Creation, NewAccount, SecretDigest};
use crate::columns::Columns;
use crate::moment::to_ms;
use crate::{Store, StoreError};

/// An account as an operator sees it: nothing of its portals but their number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedAccount {
    /// Who has it.
    pub account: AccountRow,
    /// How many portals are linked to it.
    pub portals: u64,
    /// When it was last used by a browser that is still logged in.
    pub seen_at: Option<OffsetDateTime>,
}

/// # What an operator does with accounts
impl Store {
    /// As [`create_account`](Self::create_account), by an operator.
    ///
    /// # Errors
    /// A [`StoreError`].
    #[instrument(name = "db.operator.create", skip_all)]
    pub async fn create_account_by_operator(
        &self,
        new: &NewAccount<'_>,
    ) -> Result<Creation, StoreError> {
        self.create_account_as(new, Author::Operator).await
    }

    /// Keeps a code to set a new password with, which the operator hands to the owner; codes that
    /// were mailed stay good beside it. Says whether there is an account of this
    /// [key](crmap_domain::cabinet::Email::key).
    ///
    /// # Errors
    /// A [`StoreError`].
    #[instrument(name = "db.operator.reset", skip_all)]
    pub async fn keep_operator_code(
        &self,
        email_key: &str,
        digest: &SecretDigest,
        ends_at: OffsetDateTime,
        now: OffsetDateTime,
    ) -> Result<bool, StoreError> {
        let mut work = self.begin().await?;
        let sql = "select id from account where email_key = $1 {for_update}";
        let found: Option<String> = sqlx::query_scalar(self.dialect.sql(sql))
            .bind(email_key)
            .fetch_optional(&mut *work)
            .await?;
        let Some(id) = found else {
            return Ok(false);
        };
        sqlx::query(
            "insert into password_reset (digest, account_id, password_version, email_key, ends_at) \
             select $2, id, password_version, email_key, $3 from account where id = $1",
        )
        .bind(id.as_str())
        .bind(digest.as_slice())
        .bind(to_ms(ends_at))
        .execute(&mut *work)
        .await?;
        self.note_deed_as(&mut work, &id, &DeedKind::ResetAsked, Author::Operator, now)
            .await?;
        work.commit().await?;
        Ok(true)
    }

    /// All accounts, by their addresses: for an operator, never for a cabinet.
    ///
    /// # Errors
    /// A [`StoreError`].
    #[instrument(name = "db.operator.list", skip_all)]
    pub async fn accounts(&self) -> Result<Vec<ListedAccount>, StoreError> {
        let rows = sqlx::query(
            "select id, email, name, lang, made_at, \
             (select count(*) from link where link.account_id = account.id \
               and void_since is null) as portals, \
             (select max(seen_at) from web_session where web_session.account_id = account.id) \
               as seen_at \
             from account order by email_key",
        )
        .fetch_all(&self.reads)
        .await?;
        rows.iter()
            .map(|row| {
                let columns = Columns::new(row, "account", "one of all");
                Ok(ListedAccount {
                    account: AccountRow::from_columns(&columns)?,
                    portals: columns.int("portals")?.unsigned_abs(),
                    seen_at: columns.maybe_moment("seen_at")?,
                })
            })
            .collect()
    }
}
