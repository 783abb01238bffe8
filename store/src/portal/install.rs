//! The installation of a portal, and the token that its events are known by.

use std::time::Duration;

use crmap_domain::MemberId;
use secrecy::SecretString;
use sqlx::Row;
use time::OffsetDateTime;
use tracing::instrument;

use crate::columns::Columns;
use crate::moment::to_ms;
use crate::vault::Place;
use crate::words::bounded;
use crate::{Store, StoreError};

/// More than all scopes of Bitrix24 together.
pub(super) const MAX_WORDS: usize = 4096;

/// How long after its beginning an installation is looked at.
const UNFINISHED: Duration = Duration::from_secs(24 * 60 * 60);

/// What is known of a portal when its installation is finished.
#[derive(Debug, Clone)]
pub struct InstallFacts {
    /// The application's version.
    pub version: Option<i64>,
    /// The portal's plan.
    pub plan: Option<String>,
    /// The scopes that the application was given.
    pub scopes: Vec<String>,
    /// When.
    pub now: OffsetDateTime,
}

/// # Installations
impl Store {
    /// Notes that somebody began to install the application, and has the portal looked at within a
    /// day, so that an installation that nobody finishes is noticed. Says whether the portal is
    /// there.
    ///
    /// # Errors
    /// A [`StoreError`].
    #[instrument(name = "db.portal.begin_install", skip_all, fields(portal.member_id = %member_id))]
    pub async fn begin_install(
        &self,
        member_id: &MemberId,
        now: OffsetDateTime,
    ) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "update portal set install_began_at = $2, \
             next_probe_at = coalesce(next_probe_at, $3) \
             where member_id = $1 and uninstalled_at is null",
        )
        .bind(member_id.as_str())
        .bind(to_ms(now))
        .bind(to_ms(now + UNFINISHED))
        .execute(&self.writes)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Notes a finished installation: one more of them, and the portal is `ok`. Says whether the
    /// portal is there; one that was uninstalled meanwhile is not.
    ///
    /// # Errors
    /// A [`StoreError`].
    #[instrument(name = "db.portal.finish_install", skip_all, fields(portal.member_id = %member_id))]
    pub async fn finish_install(
        &self,
        member_id: &MemberId,
        facts: &InstallFacts,
    ) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "update portal set installs = installs + 1, installed_at = $2, \
             version = coalesce($3, version), plan = coalesce($4, plan), scopes = $5, \
             state_since = case when state = 'ok' then state_since else $2 end, \
             reason_since = case when state = 'ok' and reason = '' then reason_since \
               else $2 end, \
             state = 'ok', reason = '', probes = 0, last_contact_at = $2 \
             where member_id = $1 and uninstalled_at is null",
        )
        .bind(member_id.as_str())
        .bind(to_ms(facts.now))
        .bind(facts.version)
        .bind(facts.plan.as_deref().map(|plan| bounded(plan, MAX_WORDS)))
        .bind(bounded(&facts.scopes.join(","), MAX_WORDS))
        .execute(&self.writes)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Keeps the token that the portal's events carry from now on. Says whether the portal is
    /// there; nothing is kept of one that was uninstalled.
    ///
    /// # Errors
    /// A [`StoreError`].
    #[instrument(name = "db.portal.keep_token", skip_all, fields(portal.member_id = %member_id))]
    pub async fn keep_application_token(
        &self,
        member_id: &MemberId,
        token: &SecretString,
        now: OffsetDateTime,
    ) -> Result<bool, StoreError> {
        let mut work = self.begin().await?;
        let version: Option<i64> = sqlx::query_scalar(
            "update portal set application_token_version = application_token_version + 1, \
             last_contact_at = $2 where member_id = $1 and uninstalled_at is null \
             returning application_token_version",
        )
        .bind(member_id.as_str())
        .bind(to_ms(now))
        .fetch_optional(&mut *work)
        .await?;
        let Some(version) = version else {
            return Ok(false);
        };
        let place = Place::of_application_token(member_id, version);
        sqlx::query("update portal set sealed_application_token = $2 where member_id = $1")
            .bind(member_id.as_str())
            .bind(self.vault.seal(&place, token)?)
            .execute(&mut *work)
            .await?;
        work.commit().await?;
        Ok(true)
    }

    /// The token that the portal's events carry.
    ///
    /// # Errors
    /// A [`StoreError`], [`StoreError::Corrupt`] where it does not open.
    #[instrument(name = "db.portal.token", skip_all, fields(portal.member_id = %member_id))]
    pub async fn application_token(
        &self,
        member_id: &MemberId,
    ) -> Result<Option<SecretString>, StoreError> {
        let row = sqlx::query(
            "select sealed_application_token, application_token_version from portal \
             where member_id = $1 and uninstalled_at is null",
        )
        .bind(member_id.as_str())
        .fetch_optional(&self.reads)
        .await?;
        let Some(row) = row else {
            return Ok(None);
        };
        let place =
            Place::of_application_token(member_id, row.try_get("application_token_version")?);
        let columns = Columns::new(&row, "portal", member_id.as_str());
        self.vault.open_column(&columns, &place)
    }
}
