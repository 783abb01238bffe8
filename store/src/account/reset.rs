//! Codes that are mailed to set a new password with: each works once, and only while address and
//! password are those that it was made for (SEC-68). Strangers who ask for more void none that is
//! young: the newest few of an account are good.

use crmap_domain::cabinet::{DeedKind, Email, PersonName};
use crmap_domain::{ConnectionToken, Lang};
use secrecy::SecretString;
use sqlx::{Any, Row, Transaction};
use time::OffsetDateTime;
use tracing::instrument;

use super::password::{replace_hash, shut_out};
use super::session::know_device;
use super::{AccountRow, LoginRow, SecretDigest};
use crate::columns::Columns;
use crate::moment::to_ms;
use crate::{Store, StoreError};

/// How many codes of an account are good at a time.
const MOST_CODES: i64 = 3;

/// What a code is used for.
#[derive(Debug)]
pub struct NewSecrets<'a> {
    /// The hash of the new password, with its parameters.
    pub hash: &'a SecretString,
    /// The digest of the secret by which the browser is known from now on.
    pub device: &'a SecretDigest,
    /// What portals are linked by from now on.
    pub connection_token: &'a ConnectionToken,
    /// The mail that tells of it, if any.
    pub mail: Option<&'a SecretString>,
    /// When.
    pub now: OffsetDateTime,
}

/// A code to be mailed.
#[derive(Debug)]
pub struct NewReset<'a> {
    /// Its digest.
    pub digest: SecretDigest,
    /// When it is void.
    pub ends_at: OffsetDateTime,
    /// The mail that it stands in.
    pub mail: &'a SecretString,
    /// When.
    pub now: OffsetDateTime,
}

/// Whose password a code sets.
#[derive(Debug, Clone)]
pub struct ResetRow {
    /// The address.
    pub email: Email,
    /// The owner's name.
    pub name: PersonName,
    /// The language of mails.
    pub lang: Lang,
}

/// Columns of a code and its account while it is good: `$1` its digest, `$2` now. A change of address
/// or password makes it void.
macro_rules! of_good_code {
    ($columns:literal) => {
        concat!(
            "select ",
            $columns,
            " from password_reset join account on account.id = password_reset.account_id \
             where password_reset.digest = $1 and password_reset.ends_at > $2 \
             and password_reset.password_version = account.password_version \
             and password_reset.email_key = account.email_key"
        )
    };
}

/// # Codes for a new password
impl Store {
    /// Keeps a code and posts its mail; the account's last two codes stay good beside it. Says
    /// whether the account is there.
    ///
    /// # Errors
    /// A [`StoreError`].
    #[instrument(name = "db.reset.start", skip_all)]
    pub async fn start_reset(
        &self,
        login: &LoginRow,
        new: &NewReset<'_>,
    ) -> Result<bool, StoreError> {
        let mut work = self.begin().await?;
        if !self.lock_account(&mut work, &login.id).await? {
            return Ok(false);
        }
        sqlx::query(
            "delete from password_reset where account_id = $1 and digest not in \
             (select digest from password_reset where account_id = $1 \
             order by ends_at desc, digest limit $2)",
        )
        .bind(login.id.as_str())
        .bind(MOST_CODES - 1)
        .execute(&mut *work)
        .await?;
        // The address that the mail goes to is the one that was looked up.
        let done = sqlx::query(
            "insert into password_reset (digest, account_id, password_version, email_key, ends_at) \
             select $2, id, password_version, email_key, $3 from account \
             where id = $1 and email_key = $4",
        )
        .bind(login.id.as_str())
        .bind(new.digest.as_slice())
        .bind(to_ms(new.ends_at))
        .bind(login.email.key())
        .execute(&mut *work)
        .await?;
        if done.rows_affected() == 0 {
            return Ok(false);
        }
        self.note_deed_in(&mut work, &login.id, &DeedKind::ResetAsked, new.now)
            .await?;
        self.post_mail_in(&mut work, Some(&login.id), new.mail, new.now)
            .await?;
        work.commit().await?;
        Ok(true)
    }

    /// Whose password a code would set, if it would; it is not used up by asking.
    ///
    /// # Errors
    /// A [`StoreError`].
    #[instrument(name = "db.reset.find", skip_all)]
    pub async fn reset(
        &self,
        digest: &SecretDigest,
        now: OffsetDateTime,
    ) -> Result<Option<ResetRow>, StoreError> {
        let row = sqlx::query(of_good_code!(
            "account.id, account.email, account.name, account.lang, account.made_at"
        ))
        .bind(digest.as_slice())
        .bind(to_ms(now))
        .fetch_optional(&self.reads)
        .await?;
        let Some(row) = row else {
            return Ok(None);
        };
        let id: String = row.try_get("id")?;
        let account = AccountRow::from_columns(&Columns::new(&row, "account", id))?;
        Ok(Some(ResetRow {
            email: account.email,
            name: account.name,
            lang: account.lang,
        }))
    }

    /// Sets a password by a code, which is used up: all sessions of the account end, all browsers
    /// but the one that asks are strangers, all codes are void and so is the connection token. Says
    /// whether the code was good; of several at the same time one is.
    ///
    /// # Errors
    /// A [`StoreError`].
    #[instrument(name = "db.reset.use", skip_all)]
    pub async fn use_reset(
        &self,
        digest: &SecretDigest,
        new: &NewSecrets<'_>,
    ) -> Result<bool, StoreError> {
        let now = new.now;
        let index = self.index_of(new.connection_token).await?;
        let mut work = self.begin().await?;
        let Some((account_id, version)) = self.good_reset(&mut work, digest, now).await? else {
            return Ok(false);
        };
        if !replace_hash(&mut work, &account_id, new.hash, version).await? {
            return Ok(false);
        }
        shut_out(&mut work, &account_id).await?;
        know_device(&mut work, &account_id, new.device, now).await?;
        self.put_token(&mut work, &account_id, (new.connection_token, index), now)
            .await?;
        self.note_deed_in(&mut work, &account_id, &DeedKind::PasswordReset, now)
            .await?;
        if let Some(mail) = new.mail {
            self.post_mail_in(&mut work, Some(&account_id), mail, now)
                .await?;
        }
        work.commit().await?;
        Ok(true)
    }

    /// The account of a code and the password that it replaces; the account is locked before the
    /// code is looked at in earnest, in the order that all keep.
    async fn good_reset(
        &self,
        work: &mut Transaction<'static, Any>,
        digest: &SecretDigest,
        now: OffsetDateTime,
    ) -> Result<Option<(String, i64)>, StoreError> {
        let account_id: Option<String> =
            sqlx::query_scalar("select account_id from password_reset where digest = $1")
                .bind(digest.as_slice())
                .fetch_optional(&mut **work)
                .await?;
        let Some(account_id) = account_id else {
            return Ok(None);
        };
        if !self.lock_account(work, &account_id).await? {
            return Ok(None);
        }
        let version: Option<i64> =
            sqlx::query_scalar(of_good_code!("password_reset.password_version"))
                .bind(digest.as_slice())
                .bind(to_ms(now))
                .fetch_optional(&mut **work)
                .await?;
        Ok(version.map(|version| (account_id, version)))
    }
}
