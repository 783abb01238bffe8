//! The people who have a cabinet: who they are, how they are let in, and what was done.
//!
//! Whoever needs rows of a portal and of an account in one transaction takes the portal's first; of
//! an account and what belongs to it, the account's. So nobody waits for another in a circle.

mod attempt;
mod creation;
mod deed;
mod filters;
mod login;
mod operating;
mod outbox;
mod password;
mod purge;
mod reset;
mod session;
mod token;

use crmap_domain::Lang;
use crmap_domain::cabinet::{DeedKind, Email, PersonName};
use sqlx::any::AnyRow;
use sqlx::{Any, Transaction};
use time::OffsetDateTime;
use tracing::instrument;

pub use attempt::{Quota, Taken};
pub use creation::{Creation, NewAccount};
pub use filters::FilterKeeping;
pub use login::{LoginRow, StoredPassword};
pub use operating::ListedAccount;
pub use outbox::{MailId, WaitingMail};
pub use password::{EmailChange, NewEmail, NewPassword};
pub use purge::MAIL_KEPT;
pub use reset::{NewReset, NewSecrets, ResetRow};
pub use session::{NewSession, SeenSession, Visit, WebSession};
pub use token::{CabinetId, CabinetOfToken};

use crate::columns::Columns;
use crate::{Store, StoreError, Tenant};

/// By what a secret is found that only its owner has: its SHA-256.
pub type SecretDigest = [u8; 32];

/// An account as its owner knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountRow {
    /// The address by which the owner logs in.
    pub email: Email,
    /// The owner's name.
    pub name: PersonName,
    /// The language of mails.
    pub lang: Lang,
    /// When it was made.
    pub made_at: OffsetDateTime,
}

impl AccountRow {
    /// Of the columns `email, name, lang, made_at`.
    pub(crate) fn from_columns(columns: &Columns<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            email: email(columns)?,
            name: name(columns)?,
            lang: lang(columns)?,
            made_at: columns.moment("made_at")?,
        })
    }
}

fn email(columns: &Columns<'_>) -> Result<Email, StoreError> {
    Email::parse(&columns.text("email")?).map_err(|_error| columns.corrupt("email"))
}

fn name(columns: &Columns<'_>) -> Result<PersonName, StoreError> {
    PersonName::parse(&columns.text("name")?).map_err(|_error| columns.corrupt("name"))
}

fn lang(columns: &Columns<'_>) -> Result<Lang, StoreError> {
    Lang::from_code(&columns.text("lang")?).ok_or_else(|| columns.corrupt("lang"))
}

/// The columns of one account; its name in the database is no personal data.
fn of_account<'a>(row: &'a AnyRow, id: &str) -> Columns<'a> {
    Columns::new(row, "account", id)
}

/// # What is known of an account
impl Store {
    /// What is known of an account; nothing where it is not there any more.
    ///
    /// # Errors
    /// A [`StoreError`].
    #[instrument(name = "db.account.find", skip_all)]
    pub async fn account(&self, tenant: &Tenant) -> Result<Option<AccountRow>, StoreError> {
        let row = sqlx::query("select email, name, lang, made_at from account where id = $1")
            .bind(tenant.id())
            .fetch_optional(&self.reads)
            .await?;
        row.as_ref()
            .map(|row| AccountRow::from_columns(&of_account(row, tenant.id())))
            .transpose()
    }

    /// Gives the owner another name. Says whether the account is there.
    ///
    /// # Errors
    /// A [`StoreError`].
    #[instrument(name = "db.account.rename", skip_all)]
    pub async fn rename_account(
        &self,
        tenant: &Tenant,
        name: &PersonName,
        now: OffsetDateTime,
    ) -> Result<bool, StoreError> {
        let mut work = self.begin().await?;
        let done = sqlx::query("update account set name = $2 where id = $1")
            .bind(tenant.id())
            .bind(name.as_str())
            .execute(&mut *work)
            .await?;
        if done.rows_affected() == 0 {
            return Ok(false);
        }
        self.note_deed_in(&mut work, tenant.id(), &DeedKind::Renamed, now)
            .await?;
        work.commit().await?;
        Ok(true)
    }

    /// Has mails written in another language. Says whether the account is there.
    ///
    /// # Errors
    /// A [`StoreError`].
    #[instrument(name = "db.account.set_lang", skip_all)]
    pub async fn set_account_lang(&self, tenant: &Tenant, lang: Lang) -> Result<bool, StoreError> {
        let done = sqlx::query("update account set lang = $2 where id = $1")
            .bind(tenant.id())
            .bind(lang.code())
            .execute(&self.writes)
            .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Keeps an account from being deleted until the transaction ends. Says whether it is there.
    pub(crate) async fn keep_account(
        &self,
        work: &mut Transaction<'static, Any>,
        account_id: &str,
    ) -> Result<bool, StoreError> {
        let sql = "select 1 from account where id = $1 {for_share}";
        let found = sqlx::query(self.dialect.sql(sql))
            .bind(account_id)
            .fetch_optional(&mut **work)
            .await?;
        Ok(found.is_some())
    }

    /// The same for whoever will write down a deed of the account: one at a time does (SEC-71).
    pub(crate) async fn keep_account_for_deed(
        &self,
        work: &mut Transaction<'static, Any>,
        account_id: &str,
    ) -> Result<bool, StoreError> {
        let sql = "select 1 from account where id = $1 {for_change}";
        let found = sqlx::query(self.dialect.sql(sql))
            .bind(account_id)
            .fetch_optional(&mut **work)
            .await?;
        Ok(found.is_some())
    }

    /// Keeps an account as it is, for whoever will change what belongs to it. Says whether it is
    /// there.
    async fn lock_account(
        &self,
        work: &mut Transaction<'static, Any>,
        account_id: &str,
    ) -> Result<bool, StoreError> {
        let sql = "select 1 from account where id = $1 {for_update}";
        let found = sqlx::query(self.dialect.sql(sql))
            .bind(account_id)
            .fetch_optional(&mut **work)
            .await?;
        Ok(found.is_some())
    }
}
