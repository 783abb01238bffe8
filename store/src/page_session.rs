//! Sessions of the page inside a portal, for all processes over one database (SEC-07, SEC-63). What
//! they do with a token, and where they send it, stands under one seal: nobody who can write to the
//! database has a token sent elsewhere.

use crmap_domain::{Lang, MemberId};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use sqlx::Row as _;
use sqlx::any::AnyRow;
use time::OffsetDateTime;
use tracing::instrument;

use crate::account::SecretDigest;
use crate::columns::Columns;
use crate::moment::{from_ms, to_ms};
use crate::vault::{Place, Vault};
use crate::{Store, StoreError};

pub(crate) const SESSION: &str = "sealed_session";

/// A session of the page inside a portal.
#[derive(Debug, Clone)]
pub struct PageSession {
    /// The portal.
    pub member_id: MemberId,
    /// Its user who opened the page.
    pub user_id: i64,
    /// The portal's address.
    pub address: String,
    /// The origin of the portal's pages.
    pub origin: String,
    /// The base address of the portal's interface.
    pub base: String,
    /// The authority that proved the opening.
    pub authority: String,
    /// The language of the page.
    pub lang: Lang,
    /// The user's access token.
    pub access: SecretString,
    /// What is said to renew it.
    pub refresh: Option<SecretString>,
    /// What is said to be the secret of the portal's events.
    pub application: Option<SecretString>,
    /// When the access token runs out.
    pub expires_at: OffsetDateTime,
    /// When it ends.
    pub ends_at: OffsetDateTime,
    /// The number of the portal's installation that it belongs to, where there is one.
    pub installs: Option<u32>,
}

/// What stands under the seal.
#[derive(Serialize, Deserialize)]
struct Sealed {
    address: String,
    origin: String,
    base: String,
    authority: String,
    lang: String,
    access: String,
    refresh: Option<String>,
    application: Option<String>,
    expires_at: i64,
    installs: Option<u32>,
}

/// # Sessions of the page inside a portal
impl Store {
    /// Keeps a session under the digest of its bearer, and ends the oldest of the same user beyond
    /// `at_most`; which is older, the database's clock says. It is not worth waiting for the disk:
    /// what a crash of the database loses begins anew by itself.
    ///
    /// # Errors
    /// A [`StoreError`].
    #[instrument(name = "db.page_session.start", skip_all, fields(portal.member_id = %session.member_id))]
    pub async fn start_page_session(
        &self,
        digest: &SecretDigest,
        session: &PageSession,
        at_most: u32,
    ) -> Result<(), StoreError> {
        let name = name_of(digest);
        let place = place_of(
            &name,
            &session.member_id,
            session.user_id,
            to_ms(session.ends_at),
        );
        let sealed = self.vault.seal(&place, &session.packed()?)?;
        let sql = "insert into page_session (digest, member_id, user_id, started_at, ends_at, \
                   sealed_session) select $1, $2, $3, {now}, $4, $5 from ({lightly}) as lightly";
        sqlx::query(self.dialect.sql(sql))
            .bind(name.as_str())
            .bind(session.member_id.as_str())
            .bind(session.user_id)
            .bind(to_ms(session.ends_at))
            .bind(sealed)
            .execute(&self.writes)
            .await?;
        // Whoever ends sessions of the same user just now is not waited for.
        let sql = "delete from page_session where digest in (select digest from page_session \
                   where member_id = $1 and user_id = $2 and digest <> $4 and digest not in \
                   (select digest from page_session where member_id = $1 and user_id = $2 \
                    order by started_at desc, digest limit $3) {skip_locked})";
        sqlx::query(self.dialect.sql(sql))
            .bind(session.member_id.as_str())
            .bind(session.user_id)
            .bind(i64::from(at_most))
            .bind(name.as_str())
            .execute(&self.writes)
            .await?;
        Ok(())
    }

    /// The living session of that digest.
    ///
    /// # Errors
    /// A [`StoreError`], [`StoreError::Corrupt`] where it does not open.
    #[instrument(name = "db.page_session.find", skip_all)]
    pub async fn page_session(
        &self,
        digest: &SecretDigest,
        now: OffsetDateTime,
    ) -> Result<Option<PageSession>, StoreError> {
        let row = sqlx::query(
            "select digest, member_id, user_id, ends_at, sealed_session \
             from page_session where digest = $1 and ends_at > $2",
        )
        .bind(name_of(digest))
        .bind(to_ms(now))
        .fetch_optional(&self.reads)
        .await?;
        row.map(|row| PageSession::from_row(&row, &self.vault))
            .transpose()
    }

    /// Whether the session of that digest lives, for whoever knows it already.
    ///
    /// # Errors
    /// A [`StoreError`].
    #[instrument(name = "db.page_session.lives", skip_all)]
    pub async fn page_session_lives(
        &self,
        digest: &SecretDigest,
        now: OffsetDateTime,
    ) -> Result<bool, StoreError> {
        let found = sqlx::query("select 1 from page_session where digest = $1 and ends_at > $2")
            .bind(name_of(digest))
            .bind(to_ms(now))
            .fetch_optional(&self.reads)
            .await?;
        Ok(found.is_some())
    }

    /// Forgets sessions that have ended. Says how many.
    ///
    /// # Errors
    /// A [`StoreError`].
    #[instrument(name = "db.page_session.purge", skip_all)]
    pub async fn purge_page_sessions(&self, now: OffsetDateTime) -> Result<u64, StoreError> {
        let done = sqlx::query("delete from page_session where ends_at <= $1")
            .bind(to_ms(now))
            .execute(&self.writes)
            .await?;
        Ok(done.rows_affected())
    }
}

impl PageSession {
    /// As text for the seal.
    fn packed(&self) -> Result<SecretString, StoreError> {
        let exposed = |secret: &SecretString| secret.expose_secret().to_owned();
        let sealed = Sealed {
            address: self.address.clone(),
            origin: self.origin.clone(),
            base: self.base.clone(),
            authority: self.authority.clone(),
            lang: self.lang.code().to_owned(),
            access: exposed(&self.access),
            refresh: self.refresh.as_ref().map(exposed),
            application: self.application.as_ref().map(exposed),
            expires_at: to_ms(self.expires_at),
            installs: self.installs,
        };
        let text = serde_json::to_string(&sealed);
        let text = text.map_err(|error| StoreError::Internal(error.into()))?;
        Ok(SecretString::from(text))
    }

    pub(crate) fn from_row(row: &AnyRow, vault: &Vault) -> Result<Self, StoreError> {
        let name: String = row.try_get("digest")?;
        // The digest is nobody else's to know.
        let columns = Columns::new(row, "page_session", "a session");
        let (member_id, user_id) = (columns.member_id("member_id")?, columns.int("user_id")?);
        let place = place_of(&name, &member_id, user_id, columns.int("ends_at")?);
        let opened = vault.open(&place, &columns.bytes(SESSION)?)?;
        let sealed: Sealed = serde_json::from_str(opened.expose_secret())
            .map_err(|_error| columns.corrupt(SESSION))?;
        Ok(Self {
            member_id,
            user_id,
            address: sealed.address,
            origin: sealed.origin,
            base: sealed.base,
            authority: sealed.authority,
            lang: Lang::for_portal(&sealed.lang),
            access: sealed.access.into(),
            refresh: sealed.refresh.map(Into::into),
            application: sealed.application.map(Into::into),
            expires_at: from_ms(sealed.expires_at).ok_or_else(|| columns.corrupt(SESSION))?,
            ends_at: columns.moment("ends_at")?,
            installs: sealed.installs,
        })
    }
}

/// Nobody can have a session last longer than it was to: its end is part of its place.
pub(crate) fn place_of<'a>(
    name: &'a str,
    member_id: &'a MemberId,
    user_id: i64,
    ends_at: i64,
) -> Place<'a> {
    Place {
        table: "page_session",
        row: name,
        member_id: member_id.as_str(),
        user_id,
        column: SESSION,
        generation: ends_at,
    }
}

/// A digest as its column keeps it.
fn name_of(digest: &SecretDigest) -> String {
    use std::fmt::Write as _;
    digest
        .iter()
        .fold(String::with_capacity(64), |mut name, byte| {
            // A string takes whatever it is given.
            let _ = write!(name, "{byte:02x}");
            name
        })
}
