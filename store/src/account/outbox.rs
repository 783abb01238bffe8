//! Mails on their way out: written together with what they tell of, sent later by whichever process
//! gets to it, gone when the mail server has them (SEC-70). What they say is sealed until then.

use std::time::Duration;

use secrecy::SecretString;
use sqlx::{Any, Row, Transaction};
use time::OffsetDateTime;
use tracing::instrument;

use crate::columns::Columns;
use crate::moment::{span_ms, to_ms};
use crate::vault::Place;
use crate::{Store, StoreError, Tenant};

/// What names a mail on its way.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct MailId(String);

/// A mail to be sent now.
#[derive(Debug, Clone)]
pub struct WaitingMail {
    /// What names it.
    pub id: MailId,
    /// What was posted.
    pub mail: SecretString,
    /// When it was posted.
    pub made_at: OffsetDateTime,
    /// Which try this is, from 1.
    pub attempts: u32,
}

/// # Mails on their way out
impl Store {
    /// Posts a mail; one of an account goes with it.
    ///
    /// # Errors
    /// A [`StoreError`]; then it is not posted.
    #[instrument(name = "db.mail.post", skip_all)]
    pub async fn post_mail(
        &self,
        tenant: Option<&Tenant>,
        mail: &SecretString,
        now: OffsetDateTime,
    ) -> Result<(), StoreError> {
        let mut work = self.begin().await?;
        self.post_mail_in(&mut work, tenant.map(Tenant::id), mail, now)
            .await?;
        work.commit().await?;
        Ok(())
    }

    /// Posts a mail together with what it tells of.
    pub(crate) async fn post_mail_in(
        &self,
        work: &mut Transaction<'static, Any>,
        account_id: Option<&str>,
        mail: &SecretString,
        now: OffsetDateTime,
    ) -> Result<(), StoreError> {
        let id = self.vault.new_id();
        let sql = "insert into outbox (id, account_id, sealed_mail, made_at, next_at) \
                   values ($1, $2, $3, $4, {now})";
        sqlx::query(self.dialect.sql(sql))
            .bind(id.as_str())
            .bind(account_id)
            .bind(self.vault.seal(&Place::of_mail(&id), mail)?)
            .bind(to_ms(now))
            .execute(&mut **work)
            .await?;
        Ok(())
    }

    /// Takes the mail that is due longest. It is `owner`'s for the time of `lease`, by the
    /// database's clock, and then somebody else's.
    ///
    /// # Errors
    /// A [`StoreError`]; [`StoreError::Corrupt`] for one that does not open, which comes again after
    /// the others.
    #[instrument(name = "db.mail.next", skip_all)]
    pub async fn next_mail(
        &self,
        owner: &str,
        lease: Duration,
    ) -> Result<Option<WaitingMail>, StoreError> {
        let sql = "with next as materialized (\
                     select id from outbox where next_at <= {now} \
                     order by next_at, id limit 1 {skip_locked}) \
                   update outbox set lease_owner = $1, lease_until = {now} + $2, \
                   next_at = {now} + $2, attempts = attempts + 1 \
                   where id in (select id from next) returning id, sealed_mail, attempts, made_at";
        let row = sqlx::query(self.dialect.sql(sql))
            .bind(owner)
            .bind(span_ms(lease))
            .fetch_optional(&self.writes)
            .await?;
        let Some(row) = row else {
            return Ok(None);
        };
        let id: String = row.try_get("id")?;
        let columns = Columns::new(&row, "outbox", id.as_str());
        Ok(Some(WaitingMail {
            mail: self
                .vault
                .open(&Place::of_mail(&id), &columns.bytes("sealed_mail")?)?,
            made_at: columns.moment("made_at")?,
            attempts: columns.count("attempts")?,
            id: MailId(id),
        }))
    }

    /// Forgets a mail that was sent, or never will be. Says whether it was still `owner`'s.
    ///
    /// # Errors
    /// A [`StoreError`]; then it may be sent again.
    #[instrument(name = "db.mail.finish", skip_all)]
    pub async fn finish_mail(&self, id: &MailId, owner: &str) -> Result<bool, StoreError> {
        let done = sqlx::query("delete from outbox where id = $1 and lease_owner = $2")
            .bind(id.0.as_str())
            .bind(owner)
            .execute(&self.writes)
            .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Gives a mail back, to be tried again `after` a while. Says whether it was still `owner`'s.
    ///
    /// # Errors
    /// A [`StoreError`]; then it is tried again when the lease has run out.
    #[instrument(name = "db.mail.retry", skip_all)]
    pub async fn retry_mail(
        &self,
        id: &MailId,
        owner: &str,
        after: Duration,
    ) -> Result<bool, StoreError> {
        let sql = "update outbox set lease_owner = null, lease_until = null, \
                   next_at = {now} + $3 where id = $1 and lease_owner = $2";
        let done = sqlx::query(self.dialect.sql(sql))
            .bind(id.0.as_str())
            .bind(owner)
            .bind(span_ms(after))
            .execute(&self.writes)
            .await?;
        Ok(done.rows_affected() == 1)
    }
}
