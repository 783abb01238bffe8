//! The beginning of an account and its end.

use crmap_domain::cabinet::{DeedKind, Email, PersonName};
use crmap_domain::{ConnectionToken, Lang};
use secrecy::{ExposeSecret, SecretString};
use sqlx::{Any, Transaction};
use time::OffsetDateTime;
use tracing::instrument;

use super::deed::Author;
use crate::audit::Trail;
use crate::moment::to_ms;
use crate::vault::Place;
use crate::{Store, StoreError, Tenant};

/// An account to be made.
#[derive(Debug)]
pub struct NewAccount<'a> {
    /// The address by which the owner logs in.
    pub email: &'a Email,
    /// The owner's name.
    pub name: &'a PersonName,
    /// The hash of the password, with its parameters.
    pub password_hash: &'a SecretString,
    /// The language of mails.
    pub lang: Lang,
    /// What portals are linked by.
    pub connection_token: &'a ConnectionToken,
    /// When.
    pub now: OffsetDateTime,
}

/// What came of making an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Creation {
    /// It is there.
    Created,
    /// Somebody has an account with this address; nothing was changed.
    EmailTaken,
}

/// # Accounts begin and end
impl Store {
    /// Makes an account, unless its address has one.
    ///
    /// # Errors
    /// A [`StoreError`].
    #[instrument(name = "db.account.create", skip_all)]
    pub async fn create_account(&self, new: &NewAccount<'_>) -> Result<Creation, StoreError> {
        self.create_account_as(new, Author::ByKind).await
    }

    pub(super) async fn create_account_as(
        &self,
        new: &NewAccount<'_>,
        author: Author,
    ) -> Result<Creation, StoreError> {
        let id = self.vault.new_id();
        let token = SecretString::from(new.connection_token.expose());
        let sealed = self
            .vault
            .seal(&Place::of_connection_token(&id, 1), &token)?;
        let index = self.index_of(new.connection_token).await?;
        let mut work = self.begin().await?;
        let done = sqlx::query(
            "insert into account (id, email, email_key, name, password_hash, lang, \
             sealed_connection_token, connection_token_index, connection_token_made_at, made_at, \
             news_seen_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9, $9) \
             on conflict (email_key) do nothing",
        )
        .bind(id.as_str())
        .bind(new.email.as_str())
        .bind(new.email.key())
        .bind(new.name.as_str())
        .bind(new.password_hash.expose_secret())
        .bind(new.lang.code())
        .bind(sealed)
        .bind(index.as_slice())
        .bind(to_ms(new.now))
        .execute(&mut *work)
        .await?;
        if done.rows_affected() == 0 {
            return Ok(Creation::EmailTaken);
        }
        self.begin_trail(&mut work, &Trail::of_account(&id)).await?;
        self.note_deed_as(&mut work, &id, &DeedKind::Registered, author, new.now)
            .await?;
        work.commit().await?;
        Ok(Creation::Created)
    }

    /// Deletes an account and everything of it: sessions, links, mails on their way, deeds, and the
    /// snapshots and histories of portals that no other cabinet is linked to (SEC-25). Only while
    /// its password is the one that was seen. Says whether it was.
    ///
    /// # Errors
    /// A [`StoreError`].
    #[instrument(name = "db.account.delete", skip_all)]
    pub async fn delete_account(
        &self,
        tenant: &Tenant,
        seen_version: i64,
    ) -> Result<bool, StoreError> {
        let mut work = self.begin().await?;
        self.lock_linked_portals(&mut work, tenant).await?;
        let sql = "select 1 from account where id = $1 and password_version = $2 {for_update}";
        let found = sqlx::query(self.dialect.sql(sql))
            .bind(tenant.id())
            .bind(seen_version)
            .fetch_optional(&mut *work)
            .await?;
        if found.is_none() {
            return Ok(false);
        }
        self.end_trail(&mut work, &Trail::of_account(tenant.id()))
            .await?;
        for statement in [
            "delete from snapshot \
             where member_id in (select member_id from link where account_id = $1) \
             and member_id not in (select member_id from link where account_id <> $1 \
               and void_since is null)",
            "delete from version \
             where member_id in (select member_id from link where account_id = $1) \
             and member_id not in (select member_id from link where account_id <> $1 \
               and void_since is null)",
            "delete from audit where account_id = $1",
            "delete from account where id = $1",
        ] {
            sqlx::query(statement)
                .bind(tenant.id())
                .execute(&mut *work)
                .await?;
        }
        work.commit().await?;
        self.wipe_if_possible().await;
        Ok(true)
    }

    /// So that of two cabinets that leave a portal at the same time one knows itself the last.
    async fn lock_linked_portals(
        &self,
        work: &mut Transaction<'static, Any>,
        tenant: &Tenant,
    ) -> Result<(), StoreError> {
        let sql = "select member_id from portal \
                   where member_id in (select member_id from link where account_id = $1) \
                   order by member_id {for_update}";
        sqlx::query(self.dialect.sql(sql))
            .bind(tenant.id())
            .fetch_all(&mut **work)
            .await?;
        Ok(())
    }
}
