//! Changing what somebody is let in by. Each change says which password was compared before, so that
//! of two at the same time one fails.

use crmap_domain::cabinet::{DeedKind, Email};
use secrecy::{ExposeSecret, SecretString};
use sqlx::{Any, Row, Transaction};
use time::OffsetDateTime;
use tracing::instrument;

use super::NewSession;
use crate::{Store, StoreError, Tenant};

/// A password that somebody who knew the old one sets.
#[derive(Debug)]
pub struct NewPassword<'a> {
    /// Its hash with the parameters.
    pub hash: &'a SecretString,
    /// The number of the password that was compared.
    pub seen_version: i64,
    /// The session that takes the place of all that the account had.
    pub session: &'a NewSession<'a>,
    /// What is mailed about it.
    pub mail: Option<&'a SecretString>,
}

/// An address that somebody who knew the password sets.
#[derive(Debug)]
pub struct NewEmail<'a> {
    /// The address.
    pub email: &'a Email,
    /// The number of the password that was compared.
    pub seen_version: i64,
    /// What is mailed to the old address. It is sent even if the account is deleted next.
    pub mail: Option<&'a SecretString>,
    /// When.
    pub now: OffsetDateTime,
}

/// What came of changing an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EmailChange {
    /// It is the account's from now on.
    Changed,
    /// Another account has it.
    Taken,
    /// The password was changed meanwhile, or the account is not there any more.
    Superseded,
}

/// # Another password, another address
impl Store {
    /// Sets a password: all sessions of the account end, all browsers are strangers and all mailed
    /// codes are void (SEC-61). Says whether the password was still the one that was compared.
    ///
    /// # Errors
    /// A [`StoreError`].
    #[instrument(name = "db.account.set_password", skip_all)]
    pub async fn set_password(
        &self,
        tenant: &Tenant,
        new: &NewPassword<'_>,
    ) -> Result<bool, StoreError> {
        let now = new.session.now;
        let mut work = self.begin().await?;
        let done = replace_hash(&mut work, tenant.id(), new.hash, new.seen_version).await?;
        if !done {
            return Ok(false);
        }
        shut_out(&mut work, tenant.id()).await?;
        self.insert_session(&mut work, tenant.id(), new.session)
            .await?;
        self.note_deed_in(&mut work, tenant.id(), &DeedKind::PasswordChanged, now)
            .await?;
        if let Some(mail) = new.mail {
            self.post_mail_in(&mut work, Some(tenant.id()), mail, now)
                .await?;
        }
        work.commit().await?;
        Ok(true)
    }

    /// Sets the address by which the owner logs in; mailed codes are void with the old one.
    ///
    /// # Errors
    /// A [`StoreError`].
    #[instrument(name = "db.account.change_email", skip_all)]
    pub async fn change_email(
        &self,
        tenant: &Tenant,
        new: &NewEmail<'_>,
    ) -> Result<EmailChange, StoreError> {
        let mut work = self.begin().await?;
        let sql = "select email from account where id = $1 and password_version = $2 {for_update}";
        let old = sqlx::query(self.dialect.sql(sql))
            .bind(tenant.id())
            .bind(new.seen_version)
            .fetch_optional(&mut *work)
            .await?;
        let Some(old) = old else {
            return Ok(EmailChange::Superseded);
        };
        let old: String = old.try_get("email")?;
        match replace_email(&mut work, tenant.id(), new.email).await {
            Ok(true) => {}
            Ok(false) | Err(StoreError::Conflict(_)) => return Ok(EmailChange::Taken),
            Err(error) => return Err(error),
        }
        let deed = DeedKind::EmailChanged {
            from: Email::parse(&old).map_or_else(|_error| String::new(), |old| old.masked()),
            to: new.email.masked(),
        };
        self.note_deed_in(&mut work, tenant.id(), &deed, new.now)
            .await?;
        if let Some(mail) = new.mail {
            self.post_mail_in(&mut work, None, mail, new.now).await?;
        }
        work.commit().await?;
        Ok(EmailChange::Changed)
    }
}

/// Two who want the same address at the same time are told apart by the column being unique.
async fn replace_email(
    work: &mut Transaction<'static, Any>,
    account_id: &str,
    email: &Email,
) -> Result<bool, StoreError> {
    let done = sqlx::query(
        "update account set email = $2, email_key = $3 where id = $1 \
         and not exists (select 1 from account other where other.email_key = $3 and other.id <> $1)",
    )
    .bind(account_id)
    .bind(email.as_str())
    .bind(email.key())
    .execute(&mut **work)
    .await?;
    Ok(done.rows_affected() == 1)
}

pub(super) async fn replace_hash(
    work: &mut Transaction<'static, Any>,
    account_id: &str,
    hash: &SecretString,
    seen_version: i64,
) -> Result<bool, StoreError> {
    let done = sqlx::query(
        "update account set password_hash = $3, password_version = password_version + 1 \
         where id = $1 and password_version = $2",
    )
    .bind(account_id)
    .bind(seen_version)
    .bind(hash.expose_secret())
    .execute(&mut **work)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Of an account that is locked: nobody is logged in any more, and nothing of before lets in.
pub(super) async fn shut_out(
    work: &mut Transaction<'static, Any>,
    account_id: &str,
) -> Result<(), StoreError> {
    for statement in [
        "delete from web_session where account_id = $1",
        "delete from known_device where account_id = $1",
        "delete from password_reset where account_id = $1",
    ] {
        sqlx::query(statement)
            .bind(account_id)
            .execute(&mut **work)
            .await?;
    }
    Ok(())
}
