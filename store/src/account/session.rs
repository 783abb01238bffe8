//! Browsers that are logged in. A session is found by the digest of its cookie, and only there: what
//! ends it here ends it for all processes (SEC-60, 63).

use std::time::Duration;

use crmap_domain::cabinet::DeedKind;
use sqlx::any::AnyRow;
use sqlx::{Any, Row, Transaction};
use time::OffsetDateTime;
use tracing::instrument;

use super::{AccountRow, LoginRow, SecretDigest};
use crate::columns::Columns;
use crate::moment::{span_ms, to_ms};
use crate::words::bounded;
use crate::{Store, StoreError, Tenant};

/// How exactly it is known when a session was last used.
const SEEN: Duration = Duration::from_secs(60);
/// How many sessions an account has at the most; those that were not used longest go.
const MOST_SESSIONS: i64 = 50;
/// How many browsers of an account are known at the most.
const MOST_DEVICES: i64 = 20;
const MAX_AGENT: usize = 256;
const MAX_IP: usize = 64;

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

/// A request that shows a cookie.
#[derive(Debug, Clone)]
pub struct Visit<'a> {
    /// The digest of the cookie.
    pub digest: SecretDigest,
    /// From where it comes.
    pub ip: &'a str,
    /// When.
    pub now: OffsetDateTime,
    /// How long a session lives that nobody uses.
    pub idle: Duration,
}

/// A browser that is logged in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebSession {
    /// What names it among the account's sessions; no secret.
    pub id: String,
    /// What the browser says of itself.
    pub agent: String,
    /// From where it was last used.
    pub ip: String,
    /// When it logged in.
    pub made_at: OffsetDateTime,
    /// When it was last used, to the minute.
    pub seen_at: OffsetDateTime,
    /// When it ends at the latest.
    pub ends_at: OffsetDateTime,
}

impl WebSession {
    /// Of the columns `id, agent, ip, made_at, seen_at, ends_at`, each after `prefix`.
    fn from_columns(columns: &Columns<'_>, prefix: &str) -> Result<Self, StoreError> {
        let of = |name: &str| format!("{prefix}{name}");
        Ok(Self {
            id: columns.text(&of("id"))?,
            agent: columns.text(&of("agent"))?,
            ip: columns.text(&of("ip"))?,
            made_at: columns.moment(&of("made_at"))?,
            seen_at: columns.moment(&of("seen_at"))?,
            ends_at: columns.moment(&of("ends_at"))?,
        })
    }
}

/// A session that a cookie stands for.
#[derive(Debug, Clone)]
pub struct SeenSession {
    /// Whose rows it may see.
    pub tenant: Tenant,
    /// The account.
    pub account: AccountRow,
    /// The session.
    pub session: WebSession,
}

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
    pub(super) async fn insert_session(
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
        sqlx::query("insert into known_device (digest, account_id, seen_at) values ($1, $2, $3)")
            .bind(new.device.as_slice())
            .bind(account_id)
            .bind(to_ms(new.now))
            .execute(&mut **work)
            .await?;
        drop_surplus(work, account_id).await
    }

    /// The session of a cookie, unless it has ended.
    ///
    /// # Errors
    /// A [`StoreError`].
    #[instrument(name = "db.session.find", skip_all)]
    pub async fn session(&self, visit: &Visit<'_>) -> Result<Option<SeenSession>, StoreError> {
        let row = sqlx::query(
            "select account.id, account.email, account.name, account.lang, account.made_at, \
             web_session.id as session_id, web_session.agent as session_agent, \
             web_session.ip as session_ip, web_session.made_at as session_made_at, \
             web_session.seen_at as session_seen_at, web_session.ends_at as session_ends_at \
             from web_session join account on account.id = web_session.account_id \
             where web_session.digest = $1 and web_session.ends_at > $2 \
             and web_session.seen_at > $3",
        )
        .bind(visit.digest.as_slice())
        .bind(to_ms(visit.now))
        .bind(to_ms(visit.now) - span_ms(visit.idle))
        .fetch_optional(&self.reads)
        .await?;
        let Some(row) = row else {
            return Ok(None);
        };
        let seen = seen_session(&row)?;
        if visit.now - seen.session.seen_at >= SEEN {
            self.note_visit(visit).await;
        }
        Ok(Some(seen))
    }

    /// A database that cannot be written just now sends nobody away; the session ends the earlier.
    async fn note_visit(&self, visit: &Visit<'_>) {
        let noted = sqlx::query(
            "update web_session set seen_at = $2, ip = $3 where digest = $1 and seen_at <= $4",
        )
        .bind(visit.digest.as_slice())
        .bind(to_ms(visit.now))
        .bind(bounded(visit.ip, MAX_IP))
        .bind(to_ms(visit.now) - span_ms(SEEN))
        .execute(&self.writes)
        .await;
        if let Err(error) = noted {
            let error = StoreError::from(error);
            tracing::warn!(%error, "the use of a session could not be noted");
        }
    }

    /// The sessions of an account that have not ended, the last used first.
    ///
    /// # Errors
    /// A [`StoreError`].
    #[instrument(name = "db.session.list", skip_all)]
    pub async fn sessions(
        &self,
        tenant: &Tenant,
        now: OffsetDateTime,
        idle: Duration,
    ) -> Result<Vec<WebSession>, StoreError> {
        let rows = sqlx::query(
            "select id, agent, ip, made_at, seen_at, ends_at from web_session \
             where account_id = $1 and ends_at > $2 and seen_at > $3 \
             order by seen_at desc, made_at desc, id",
        )
        .bind(tenant.id())
        .bind(to_ms(now))
        .bind(to_ms(now) - span_ms(idle))
        .fetch_all(&self.reads)
        .await?;
        rows.iter()
            .map(|row| {
                let columns = Columns::new(row, "web_session", "a session");
                WebSession::from_columns(&columns, "")
            })
            .collect()
    }

    /// Logs a browser out. Says whether it was logged in.
    ///
    /// # Errors
    /// A [`StoreError`].
    #[instrument(name = "db.session.end", skip_all)]
    pub async fn log_out(
        &self,
        tenant: &Tenant,
        session_id: &str,
        now: OffsetDateTime,
    ) -> Result<bool, StoreError> {
        self.end_session_by(tenant, session_id, &DeedKind::LoggedOut, now)
            .await
    }

    /// Ends another session of the account, by the name that the list gives. Says whether there was
    /// such a one.
    ///
    /// # Errors
    /// A [`StoreError`].
    #[instrument(name = "db.session.end_one", skip_all)]
    pub async fn end_session(
        &self,
        tenant: &Tenant,
        session_id: &str,
        now: OffsetDateTime,
    ) -> Result<bool, StoreError> {
        let deed = DeedKind::DevicesEnded { count: 1 };
        self.end_session_by(tenant, session_id, &deed, now).await
    }

    async fn end_session_by(
        &self,
        tenant: &Tenant,
        session_id: &str,
        deed: &DeedKind,
        now: OffsetDateTime,
    ) -> Result<bool, StoreError> {
        let mut work = self.begin().await?;
        if !self.keep_account(&mut work, tenant.id()).await? {
            return Ok(false);
        }
        let done = sqlx::query("delete from web_session where account_id = $1 and id = $2")
            .bind(tenant.id())
            .bind(session_id)
            .execute(&mut *work)
            .await?;
        if done.rows_affected() == 0 {
            return Ok(false);
        }
        self.note_deed_in(&mut work, tenant.id(), deed, now).await?;
        work.commit().await?;
        Ok(true)
    }

    /// Ends all sessions of the account but one. Says how many.
    ///
    /// # Errors
    /// A [`StoreError`].
    #[instrument(name = "db.session.end_others", skip_all)]
    pub async fn end_other_sessions(
        &self,
        tenant: &Tenant,
        session_id: &str,
        now: OffsetDateTime,
    ) -> Result<u32, StoreError> {
        let mut work = self.begin().await?;
        if !self.keep_account(&mut work, tenant.id()).await? {
            return Ok(0);
        }
        let done = sqlx::query("delete from web_session where account_id = $1 and id <> $2")
            .bind(tenant.id())
            .bind(session_id)
            .execute(&mut *work)
            .await?;
        let count = u32::try_from(done.rows_affected()).unwrap_or(u32::MAX);
        if count > 0 {
            let deed = DeedKind::DevicesEnded { count };
            self.note_deed_in(&mut work, tenant.id(), &deed, now)
                .await?;
        }
        work.commit().await?;
        Ok(count)
    }
}

fn seen_session(row: &AnyRow) -> Result<SeenSession, StoreError> {
    let id: String = row.try_get("id")?;
    let columns = Columns::new(row, "account", id.as_str());
    Ok(SeenSession {
        account: AccountRow::from_columns(&columns)?,
        session: WebSession::from_columns(&columns, "session_")?,
        tenant: Tenant::of_row(id),
    })
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
