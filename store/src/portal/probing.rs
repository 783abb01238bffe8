//! Which portals are to be looked at, one process at a time each.

use std::time::Duration;

use crmap_domain::MemberId;
use time::OffsetDateTime;
use tracing::instrument;

use super::Portal;
use crate::moment::{span_ms, to_ms};
use crate::{Store, StoreError};

/// # Which portals are to be looked at
impl Store {
    /// Takes portals whose time has come, the longest overdue first. Each is `owner`'s for the
    /// time of `lease`, by the database's clock, or until it is released.
    ///
    /// # Errors
    /// A [`StoreError`].
    #[instrument(name = "db.portal.due", skip_all)]
    pub async fn due_portals(
        &self,
        owner: &str,
        lease: Duration,
        limit: u32,
        now: OffsetDateTime,
    ) -> Result<Vec<Portal>, StoreError> {
        let sql = "with due as materialized (\
                     select member_id from portal \
                     where next_probe_at <= $3 and uninstalled_at is null \
                     and (probe_until is null or probe_until <= {now}) \
                     order by next_probe_at limit $4 {skip_locked}) \
                   update portal set probe_owner = $1, probe_until = {now} + $2 \
                   where member_id in (select member_id from due) returning {portal}";
        let rows = sqlx::query(self.dialect.sql(sql))
            .bind(owner)
            .bind(span_ms(lease))
            .bind(to_ms(now))
            .bind(i64::from(limit))
            .fetch_all(&self.writes)
            .await?;
        let mut portals = rows
            .iter()
            .map(Portal::from_row)
            .collect::<Result<Vec<_>, _>>()?;
        portals.sort_by_key(|portal| portal.next_probe_at);
        Ok(portals)
    }

    /// Gives a portal back. Says whether it was still `owner`'s.
    ///
    /// # Errors
    /// A [`StoreError`].
    #[instrument(name = "db.portal.release", skip_all, fields(portal.member_id = %member_id))]
    pub async fn release_probe(
        &self,
        member_id: &MemberId,
        owner: &str,
    ) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "update portal set probe_owner = null, probe_until = null \
             where member_id = $1 and probe_owner = $2",
        )
        .bind(member_id.as_str())
        .bind(owner)
        .execute(&self.writes)
        .await?;
        Ok(done.rows_affected() == 1)
    }
}
