//! Letting somebody in by address and password. The store compares no passwords: it says what they
//! are to be compared with.

use crmap_domain::Lang;
use crmap_domain::cabinet::{Email, PersonName};
use secrecy::{ExposeSecret, SecretString};
use sqlx::Row;
use tracing::instrument;

use super::{AccountRow, SecretDigest};
use crate::columns::Columns;
use crate::{Store, StoreError, Tenant};

/// What a password is compared with.
#[derive(Debug, Clone)]
pub struct StoredPassword {
    /// Its hash with the parameters.
    pub hash: SecretString,
    /// Its number: whoever acts upon a comparison says which password was compared.
    pub version: i64,
}

impl StoredPassword {
    fn from_columns(columns: &Columns<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            hash: columns.text("password_hash")?.into(),
            version: columns.int("password_version")?,
        })
    }
}

/// An account as somebody who is not let in yet names it. No questions are answered with it but
/// those that lead to being let in.
#[derive(Debug, Clone)]
pub struct LoginRow {
    pub(super) id: String,
    /// The address.
    pub email: Email,
    /// The owner's name.
    pub name: PersonName,
    /// The language of mails.
    pub lang: Lang,
    /// What the password is compared with.
    pub password: StoredPassword,
}

/// # What a password is compared with
impl Store {
    /// The account of an address, by its [`key`](Email::key).
    ///
    /// # Errors
    /// A [`StoreError`].
    #[instrument(name = "db.account.login", skip_all)]
    pub async fn login(&self, email_key: &str) -> Result<Option<LoginRow>, StoreError> {
        let row = sqlx::query(
            "select id, email, name, lang, made_at, password_hash, password_version \
             from account where email_key = $1",
        )
        .bind(email_key)
        .fetch_optional(&self.reads)
        .await?;
        let Some(row) = row else {
            return Ok(None);
        };
        let id: String = row.try_get("id")?;
        let columns = Columns::new(&row, "account", id.as_str());
        let account = AccountRow::from_columns(&columns)?;
        Ok(Some(LoginRow {
            email: account.email,
            name: account.name,
            lang: account.lang,
            password: StoredPassword::from_columns(&columns)?,
            id,
        }))
    }

    /// What the password of somebody who is logged in is compared with.
    ///
    /// # Errors
    /// A [`StoreError`].
    #[instrument(name = "db.account.password", skip_all)]
    pub async fn password(&self, tenant: &Tenant) -> Result<Option<StoredPassword>, StoreError> {
        let row = sqlx::query("select password_hash, password_version from account where id = $1")
            .bind(tenant.id())
            .fetch_optional(&self.reads)
            .await?;
        row.as_ref()
            .map(|row| StoredPassword::from_columns(&Columns::new(row, "account", tenant.id())))
            .transpose()
    }

    /// Replaces the hash of a password that was just compared by a better one of the same password.
    /// Says whether it was still that one.
    ///
    /// # Errors
    /// A [`StoreError`].
    #[instrument(name = "db.account.upgrade_hash", skip_all)]
    pub async fn upgrade_hash(
        &self,
        login: &LoginRow,
        hash: &SecretString,
    ) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "update account set password_hash = $3 where id = $1 and password_hash = $2",
        )
        .bind(login.id.as_str())
        .bind(login.password.hash.expose_secret())
        .bind(hash.expose_secret())
        .execute(&self.writes)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Whether a browser with this secret was logged in to the account before.
    ///
    /// # Errors
    /// A [`StoreError`].
    #[instrument(name = "db.device.is_known", skip_all)]
    pub async fn is_known_device(
        &self,
        email_key: &str,
        device: &SecretDigest,
    ) -> Result<bool, StoreError> {
        let found = sqlx::query(
            "select 1 from known_device join account on account.id = known_device.account_id \
             where known_device.digest = $1 and account.email_key = $2",
        )
        .bind(device.as_slice())
        .bind(email_key)
        .fetch_optional(&self.reads)
        .await?;
        Ok(found.is_some())
    }
}
