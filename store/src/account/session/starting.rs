//! A browser is let in.

use crmap_domain::cabinet::DeedKind;
use sqlx::{Any, Transaction};
use time::OffsetDateTime;
use tracing::instrument;

use super::MAX_IP;
use crate::account::{LoginRow, SecretDigest};
use crate::moment::to_ms;
use crate::words::bounded;
use crate::{Store, StoreError, Tenant};

/// How many sessions an account has at the most; those that were not used longest go.
const MOST_SESSIONS: i64 = 50;
/// How many browsers of an account are known at the most.
const MOST_DEVICES: i64 = 20;
const MAX_AGENT: usize = 256;

/// A session to be started.
#[derive(Debug, Clone)]
pub struct NewSession<'a> {
    /// The digest of the cookie.
    pub digest: SecretDigest,
    /// The digest of the secret by which the browser will be known after the session has ended.
    pub device: SecretDigest,
    /// What the browser says of itself.
    pub agent: &'a str,
    /// From where it asks.
    pub ip: &'a str,
    /// When.
    pub now: OffsetDateTime,
    /// When it ends at the latest.
    pub ends_at: OffsetDateTime,
}

/// # Browsers are let in
impl Store {
    /// Lets in somebody whose password was compared, ends the session that the browser had before
    /// and forgets the secret that it was known by. Nobody is let in whose password was changed
    /// since it was compared.
    ///
    /// # Errors
    /// A [`StoreError`].
    #[instrument(name = "db.session.start", skip_all)]
    pub async fn start_session(
        &self,
        login: &LoginRow,
        new: &NewSession<'_>,
        old_session: Option<&SecretDigest>,
        old_device: Option<&SecretDigest>,
    ) -> Result<Option<Tenant>, StoreError> {
        let mut work = self.begin().await?;
        let sql = "select 1 from account where id = $1 and password_version = $2 {for_update}";
        let found = sqlx::query(self.dialect.sql(sql))
            .bind(login.id.as_str())
            .bind(login.password.version)
            .fetch_optional(&mut *work)
            .await?;
        if found.is_none() {
            return Ok(None);
        }
        if let Some(digest) = old_session {
            delete(
                &mut work,
                "delete from web_session where digest = $1",
                digest,
            )
            .await?;
        }
        if let Some(digest) = old_device {
            delete(
                &mut work,
                "delete from known_device where digest = $1",
                digest,
            )
            .await?;
        }
        self.insert_session(&mut work, &login.id, new).await?;
        let deed = DeedKind::LoggedIn {
            ip: bounded(new.ip, MAX_IP),
        };
        self.note_deed_in(&mut work, &login.id, &deed, new.now)
            .await?;
        work.commit().await?;
        Ok(Some(Tenant::of_row(login.id.clone())))
    }

    /// Of an account that is locked.
    pub(in crate::account) async fn insert_session(
        &self,
        work: &mut Transaction<'static, Any>,
        account_id: &str,
        new: &NewSession<'_>,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "insert into web_session (digest, id, account_id, made_at, seen_at, ends_at, agent, \
             ip) values ($1, $2, $3, $4, $4, $5, $6, $7)",
        )
        .bind(new.digest.as_slice())
        .bind(self.vault.new_id())
        .bind(account_id)
        .bind(to_ms(new.now))
        .bind(to_ms(new.ends_at))
        .bind(bounded(new.agent, MAX_AGENT))
        .bind(bounded(new.ip, MAX_IP))
        .execute(&mut **work)
        .await?;
        know_device(work, account_id, &new.device, new.now).await?;
        drop_surplus(work, account_id).await
    }
}

/// Has tries of a browser counted apart from those of strangers.
pub(in crate::account) async fn know_device(
    work: &mut Transaction<'static, Any>,
    account_id: &str,
    device: &SecretDigest,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    sqlx::query("insert into known_device (digest, account_id, seen_at) values ($1, $2, $3)")
        .bind(device.as_slice())
        .bind(account_id)
        .bind(to_ms(now))
        .execute(&mut **work)
        .await?;
    Ok(())
}

async fn delete(
    work: &mut Transaction<'static, Any>,
    statement: &'static str,
    digest: &SecretDigest,
) -> Result<(), StoreError> {
    sqlx::query(statement)
        .bind(digest.as_slice())
        .execute(&mut **work)
        .await?;
    Ok(())
}

async fn drop_surplus(
    work: &mut Transaction<'static, Any>,
    account_id: &str,
) -> Result<(), StoreError> {
    for (statement, most) in [
        (
            "delete from web_session where account_id = $1 and digest not in \
             (select digest from web_session where account_id = $1 \
             order by seen_at desc, made_at desc, digest limit $2)",
            MOST_SESSIONS,
        ),
        (
            "delete from known_device where account_id = $1 and digest not in \
             (select digest from known_device where account_id = $1 \
             order by seen_at desc, digest limit $2)",
            MOST_DEVICES,
        ),
    ] {
        sqlx::query(statement)
            .bind(account_id)
            .bind(most)
            .execute(&mut **work)
            .await?;
    }
    Ok(())
}
