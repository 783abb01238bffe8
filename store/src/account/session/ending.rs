//! A browser is signed out.

use crmap_domain::cabinet::DeedKind;
use time::OffsetDateTime;
use tracing::instrument;

use crate::{Store, StoreError, Tenant};

/// # Browsers are signed out
impl Store {
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
        if !self.lock_account(&mut work, tenant.id()).await? {
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
        if !self.lock_account(&mut work, tenant.id()).await? {
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
