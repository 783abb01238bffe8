//! The connection token of an account: sealed, so that its owner can read it again, and found by a
//! keyed digest, so that a copy of the database finds and forges nothing.

use crmap_domain::cabinet::{DeedKind, Email, PersonName};
use crmap_domain::{ConnectionToken, Lang};
use hmac::{Hmac, KeyInit, Mac};
use secrecy::SecretString;
use sha2::Sha256;
use sqlx::{Any, Row, Transaction};
use time::OffsetDateTime;
use tracing::instrument;

use super::{email, lang, name};
use crate::columns::Columns;
use crate::moment::to_ms;
use crate::own_key::OwnKey;
use crate::vault::Place;
use crate::{Store, StoreError, Tenant};

/// The name of the key that finds connection tokens.
const INDEX: &str = "connection_token";

/// An account that a portal may be linked to, and nothing else: not a [`Tenant`], since whoever
/// shows a connection token is not its owner. It lets nobody link by a token that was replaced since.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct CabinetId {
    account: String,
    /// Of the token that was shown.
    index: [u8; 32],
}

impl CabinetId {
    pub(crate) fn as_str(&self) -> &str {
        &self.account
    }
}

impl std::fmt::Debug for CabinetId {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_tuple("CabinetId")
            .field(&self.account)
            .finish()
    }
}

/// The account that a connection token belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CabinetOfToken {
    /// What names it when a portal is linked.
    pub id: CabinetId,
    /// Its owner's name.
    pub name: PersonName,
    /// Its owner's address.
    pub email: Email,
    /// The language of its mails.
    pub lang: Lang,
}

/// # Connection tokens
impl Store {
    /// The present connection token; nothing where the account is not there any more.
    ///
    /// # Errors
    /// A [`StoreError`], [`StoreError::Corrupt`] where it does not open.
    #[instrument(name = "db.account.token", skip_all)]
    pub async fn connection_token(
        &self,
        tenant: &Tenant,
    ) -> Result<Option<SecretString>, StoreError> {
        let row = sqlx::query(
            "select sealed_connection_token, connection_token_version from account where id = $1",
        )
        .bind(tenant.id())
        .fetch_optional(&self.reads)
        .await?;
        let Some(row) = row else {
            return Ok(None);
        };
        let columns = Columns::new(&row, "account", tenant.id());
        let version = columns.int("connection_token_version")?;
        let place = Place::of_connection_token(tenant.id(), version);
        self.vault.open_column(&columns, &place)
    }

    /// Replaces the connection token; the old one is worth nothing from now on. Says whether the
    /// account is there.
    ///
    /// # Errors
    /// A [`StoreError`].
    #[instrument(name = "db.account.renew_token", skip_all)]
    pub async fn renew_connection_token(
        &self,
        tenant: &Tenant,
        token: &ConnectionToken,
        now: OffsetDateTime,
    ) -> Result<bool, StoreError> {
        let index = self.index_of(token).await?;
        let mut work = self.begin().await?;
        if !self
            .put_token(&mut work, tenant.id(), (token, index), now)
            .await?
        {
            return Ok(false);
        }
        self.note_deed_in(&mut work, tenant.id(), &DeedKind::TokenRenewed, now)
            .await?;
        work.commit().await?;
        Ok(true)
    }

    /// Puts a token with its index in the place of an account's; says whether the account is there.
    pub(super) async fn put_token(
        &self,
        work: &mut Transaction<'static, Any>,
        account_id: &str,
        (token, index): (&ConnectionToken, [u8; 32]),
        now: OffsetDateTime,
    ) -> Result<bool, StoreError> {
        let version: Option<i64> = sqlx::query_scalar(
            "update account set connection_token_version = connection_token_version + 1, \
             connection_token_index = $2, connection_token_made_at = $3 \
             where id = $1 returning connection_token_version",
        )
        .bind(account_id)
        .bind(index.as_slice())
        .bind(to_ms(now))
        .fetch_optional(&mut **work)
        .await?;
        let Some(version) = version else {
            return Ok(false);
        };
        let place = Place::of_connection_token(account_id, version);
        let sealed = self
            .vault
            .seal(&place, &SecretString::from(token.expose()))?;
        sqlx::query("update account set sealed_connection_token = $2 where id = $1")
            .bind(account_id)
            .bind(sealed)
            .execute(&mut **work)
            .await?;
        Ok(true)
    }

    /// Whose a connection token is.
    ///
    /// # Errors
    /// A [`StoreError`].
    #[instrument(name = "db.account.of_token", skip_all)]
    pub async fn cabinet_of_token(
        &self,
        token: &ConnectionToken,
    ) -> Result<Option<CabinetOfToken>, StoreError> {
        let index = self.index_of(token).await?;
        let row = sqlx::query(
            "select id, name, email, lang from account where connection_token_index = $1",
        )
        .bind(index.as_slice())
        .fetch_optional(&self.reads)
        .await?;
        let Some(row) = row else {
            return Ok(None);
        };
        let id: String = row.try_get("id")?;
        let columns = Columns::new(&row, "account", id.as_str());
        Ok(Some(CabinetOfToken {
            name: name(&columns)?,
            email: email(&columns)?,
            lang: lang(&columns)?,
            id: CabinetId { account: id, index },
        }))
    }

    /// Keeps the account of a connection token as [`keep_account_for_deed`](Self::keep_account_for_deed)
    /// does. Says whether it is there and the token still the present one.
    pub(crate) async fn keep_cabinet_for_deed(
        &self,
        work: &mut Transaction<'static, Any>,
        cabinet: &CabinetId,
    ) -> Result<bool, StoreError> {
        let sql =
            "select 1 from account where id = $1 and connection_token_index = $2 {for_change}";
        let found = sqlx::query(self.dialect.sql(sql))
            .bind(cabinet.as_str())
            .bind(cabinet.index.as_slice())
            .fetch_optional(&mut **work)
            .await?;
        Ok(found.is_some())
    }

    /// By what a connection token is found.
    pub(crate) async fn index_of(&self, token: &ConnectionToken) -> Result<[u8; 32], StoreError> {
        let key = self
            .index_key
            .get_or_try_init(|| self.load_index_key())
            .await?;
        let mut mac = Hmac::<Sha256>::new_from_slice(key.as_slice())
            .map_err(|error| StoreError::Internal(error.into()))?;
        mac.update(token.expose().as_bytes());
        Ok(mac.finalize().into_bytes().into())
    }

    async fn load_index_key(&self) -> Result<OwnKey, StoreError> {
        let mut connection = self.writes.acquire().await?;
        Ok(self.own_key(&mut connection, INDEX).await?.0)
    }
}
