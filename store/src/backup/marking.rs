//! What of a backup must not come back as if no time had passed: it holds what was true when it was
//! taken, and much of that was used up, sent or ended since (REL-29).

use sqlx::{AnyConnection, AssertSqlSafe};
use time::OffsetDateTime;

use crate::StoreError;
use crate::moment::to_ms;

/// What nobody may find again: sessions that were ended since, codes that were used, mails that were
/// sent. A table that this structure does not have has nothing of it.
const GONE: [&str; 5] = [
    "page_session",
    "web_session",
    "password_reset",
    "outbox",
    "attempt",
];

/// `$1` is the moment.
const CHANGED: [&str; 7] = [
    // An access token would be shown to its portal before the authority was asked; a refresh that was
    // under way is over.
    "update credential set sealed_access = null, expires_at = null, lease_owner = null, \
     lease_until = null, intent_generation = generation, ambiguous_since = null",
    "update credential set restored_at = $1, status = 'active' \
     where status in ('active', 'ambiguous')",
    "update portal set probe_owner = null, probe_until = null, reading_owner = null, \
     reading_until = null",
    "update portal set restored_at = $1 where uninstalled_at is null",
    // Nobody asked meanwhile how they stand, so an old trouble has not lasted: without this, one more
    // answer of the kind would end them at once. One a second is asked again.
    "update portal set state_since = $1, reason_since = $1, probes = 0, \
     next_probe_at = $1 + 1000 * turn.place \
     from (select member_id as troubled, row_number() over (order by member_id) as place \
       from portal where uninstalled_at is null and state <> 'ok') as turn \
     where member_id = turn.troubled",
    "update inbox set lease_owner = null, lease_until = null where finished_at is null",
    // Whoever asked has gone long since.
    "update refresh_run set stopped_at = $1 where finished_at is null and stopped_at is null",
];

/// Marks the copy of a backup that will become the database.
///
/// # Errors
/// A [`StoreError`].
pub(super) async fn mark(
    copied: &mut AnyConnection,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    for name in GONE {
        let there: i64 = sqlx::query_scalar(
            "select count(*) from sqlite_master where type = 'table' and name = $1",
        )
        .bind(name)
        .fetch_one(&mut *copied)
        .await?;
        if there > 0 {
            sqlx::query(AssertSqlSafe(format!("delete from \"{name}\"")))
                .execute(&mut *copied)
                .await?;
        }
    }
    for sql in CHANGED {
        let mut query = sqlx::query(sql);
        if sql.contains("$1") {
            query = query.bind(to_ms(now));
        }
        query.execute(&mut *copied).await?;
    }
    Ok(())
}
