//! Clearing away what has ended.

use std::time::Duration;

use time::OffsetDateTime;
use tracing::instrument;

use crate::audit::Trail;
use crate::moment::{span_ms, to_ms};
use crate::{Store, StoreError};

/// How long a browser is known without logging in.
const DEVICE_KEPT: Duration = Duration::from_secs(400 * 24 * 60 * 60);
/// How many deeds of an account are kept, the newest.
const DEEDS_KEPT: i64 = 1_000;
/// How long a mail may be on its way, whatever became of it.
pub const MAIL_KEPT: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// # Clearing away what has ended
impl Store {
    /// Forgets sessions and codes that have ended, browsers that did not come back, tries that are
    /// made up for, mails that nobody could send, and all but the newest thousand deeds of an
    /// account.
    ///
    /// # Errors
    /// A [`StoreError`].
    #[instrument(name = "db.account.purge", skip_all)]
    pub async fn purge_accounts(
        &self,
        now: OffsetDateTime,
        idle: Duration,
    ) -> Result<(), StoreError> {
        let now = to_ms(now);
        for (statement, before) in [
            ("delete from web_session where ends_at <= $1", now),
            (
                "delete from web_session where seen_at <= $1",
                now - span_ms(idle),
            ),
            ("delete from password_reset where ends_at <= $1", now),
            (
                "delete from known_device where seen_at <= $1",
                now - span_ms(DEVICE_KEPT),
            ),
            (
                "delete from outbox where made_at <= $1",
                now - span_ms(MAIL_KEPT),
            ),
        ] {
            sqlx::query(statement)
                .bind(before)
                .execute(&self.writes)
                .await?;
        }
        sqlx::query(
            self.dialect
                .sql("delete from attempt where full_at <= {now}"),
        )
        .execute(&self.writes)
        .await?;
        self.forget_old_deeds().await
    }

    async fn forget_old_deeds(&self) -> Result<(), StoreError> {
        let accounts: Vec<String> = sqlx::query_scalar(
            "select account_id from audit where account_id is not null \
             group by account_id having count(*) > $1",
        )
        .bind(DEEDS_KEPT)
        .fetch_all(&self.reads)
        .await?;
        for account in accounts {
            let mut work = self.begin().await?;
            if self.keep_account_for_deed(&mut work, &account).await? {
                let trail = Trail::of_account(&account);
                self.trim_trail(&mut work, &trail, DEEDS_KEPT).await?;
                work.commit().await?;
            }
        }
        Ok(())
    }
}
