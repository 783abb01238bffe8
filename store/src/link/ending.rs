//! Ending links, from either side. With the last link of a portal that is not void its snapshot goes,
//! with its history; other cabinets lose nothing (SEC-24, 25).

use crmap_domain::MemberId;
use crmap_domain::cabinet::DeedKind;
use secrecy::SecretString;
use sqlx::{Any, Transaction};
use time::OffsetDateTime;
use tracing::instrument;

use crate::{Store, StoreError, Tenant};

/// # Links end
impl Store {
    /// Ends a cabinet's link to a portal, as its owner wishes; the owner is told by `letter` where
    /// there is one. Says whether there was such a link.
    ///
    /// # Errors
    /// A [`StoreError`].
    #[instrument(name = "db.link.end_by_owner", skip_all, fields(portal.member_id = %member_id))]
    pub async fn unlink(
        &self,
        tenant: &Tenant,
        member_id: &MemberId,
        letter: Option<&SecretString>,
        now: OffsetDateTime,
    ) -> Result<bool, StoreError> {
        let mut work = self.begin().await?;
        let Some(address) = self.keep_linkable(&mut work, member_id).await? else {
            return Ok(false);
        };
        // It may be deleted at this moment, and its links with it.
        if !self.keep_account_for_deed(&mut work, tenant.id()).await?
            || !end(&mut work, tenant.id(), member_id).await?
        {
            return Ok(false);
        }
        let deed = DeedKind::Unlinked {
            member_id: member_id.clone(),
            address,
            user_id: None,
        };
        self.tell(&mut work, tenant.id(), &deed, letter, now)
            .await?;
        work.commit().await?;
        Ok(true)
    }

    /// Ends a link of a portal, as an administrator of the portal wishes; the account is told by a
    /// deed, and by `letter` where there is one. Says whether the portal had such a link: not where
    /// another portal has it, nor where it is void.
    ///
    /// # Errors
    /// A [`StoreError`].
    #[instrument(name = "db.link.end_by_portal", skip_all, fields(portal.member_id = %member_id))]
    pub async fn end_link(
        &self,
        member_id: &MemberId,
        link_id: &str,
        user_id: i64,
        letter: Option<&SecretString>,
        now: OffsetDateTime,
    ) -> Result<bool, StoreError> {
        let mut work = self.begin().await?;
        let Some(address) = self.keep_linkable(&mut work, member_id).await? else {
            return Ok(false);
        };
        let account: Option<String> = sqlx::query_scalar(
            "select account_id from link where id = $1 and member_id = $2 \
                 and void_since is null",
        )
        .bind(link_id)
        .bind(member_id.as_str())
        .fetch_optional(&mut *work)
        .await?;
        let Some(account) = account else {
            return Ok(false);
        };
        if !self.keep_account_for_deed(&mut work, &account).await?
            || !end(&mut work, &account, member_id).await?
        {
            return Ok(false);
        }
        let deed = DeedKind::Unlinked {
            member_id: member_id.clone(),
            address,
            user_id: Some(user_id),
        };
        self.tell(&mut work, &account, &deed, letter, now).await?;
        work.commit().await?;
        Ok(true)
    }

    /// Keeps a portal and its links as they are until the transaction ends; gives its address.
    async fn keep_linkable(
        &self,
        work: &mut Transaction<'static, Any>,
        member_id: &MemberId,
    ) -> Result<Option<String>, StoreError> {
        let sql = "select address from portal where member_id = $1 {for_update}";
        Ok(sqlx::query_scalar(self.dialect.sql(sql))
            .bind(member_id.as_str())
            .fetch_optional(&mut **work)
            .await?)
    }
}

async fn end(
    work: &mut Transaction<'static, Any>,
    account_id: &str,
    member_id: &MemberId,
) -> Result<bool, StoreError> {
    let ended = sqlx::query("delete from link where account_id = $1 and member_id = $2")
        .bind(account_id)
        .bind(member_id.as_str())
        .execute(&mut **work)
        .await?;
    for statement in [
        "delete from snapshot where member_id = $1 \
         and not exists (select 1 from link where member_id = $1 and void_since is null)",
        "delete from version where member_id = $1 \
         and not exists (select 1 from link where member_id = $1 and void_since is null)",
    ] {
        sqlx::query(statement)
            .bind(member_id.as_str())
            .execute(&mut **work)
            .await?;
    }
    // What the owner said of the portal's things by hand.
    sqlx::query(
        "delete from item_match where account_id = $1 \
         and (left_member = $2 or right_member = $2)",
    )
    .bind(account_id)
    .bind(member_id.as_str())
    .execute(&mut **work)
    .await?;
    Ok(ended.rows_affected() == 1)
}
