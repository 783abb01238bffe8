//! Browsers that are logged in. A session is found by the digest of its cookie, and only there: what
//! ends it here ends it for all processes (SEC-60, 63).

mod ending;
mod starting;

use std::time::Duration;

use sqlx::Row;
use sqlx::any::AnyRow;
use time::OffsetDateTime;
use tracing::instrument;

pub use starting::NewSession;
pub(super) use starting::know_device;

use super::{AccountRow, SecretDigest};
use crate::columns::Columns;
use crate::moment::{span_ms, to_ms};
use crate::words::bounded;
use crate::{Store, StoreError, Tenant};

/// How exactly it is known when a session was last used.
const SEEN: Duration = Duration::from_secs(60);
const MAX_IP: usize = 64;

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

/// # Browsers that are logged in
impl Store {
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
