//! Which portals are read next: those that somebody asked for and those whose time has come, cabinet
//! by cabinet (REL-13).

use tracing::instrument;

use super::lease::{ReadingLease, ReadingTurn, leased_columns};
use crate::moment::{span_ms, to_ms};
use crate::{Store, StoreError};

/// Each cabinet's portals queue among themselves, behind those of the cabinet that are being read
/// already; who is asked for comes so many times as early as who is merely due. A portal of several
/// cabinets goes by the best of its places. Ranking locks nothing: what another process takes in
/// between is left out when the rows are locked. A portal of which nothing but chains out of a backup
/// is left waits until one of them is proved (REL-29).
const TAKE: &str = concat!(
    "with wanted as (\
       select refresh_task.member_id, refresh_run.account_id, 1 as weight, \
         refresh_run.made_at as since from refresh_task \
       join refresh_run on refresh_run.id = refresh_task.run_id \
       join link on link.account_id = refresh_run.account_id \
         and link.member_id = refresh_task.member_id and link.void_since is null \
       where refresh_task.ended_at is null and refresh_run.stopped_at is null \
       union all \
       select portal.member_id, link.account_id, cast($8 as bigint), coalesce(portal.next_reading_at, 0) \
       from portal join link on link.member_id = portal.member_id and link.void_since is null \
       where portal.state = 'ok' and (portal.next_reading_at is null \
         or portal.next_reading_at <= $3 \
         or (portal.reading_attempts < $4 \
           and portal.state_since > portal.reading_began_at + portal.reading_ms))), \
     busy as (\
       select link.account_id, count(*) as number from portal \
       join link on link.member_id = portal.member_id and link.void_since is null \
       where portal.reading_until > {now} group by link.account_id), \
     places as (\
       select wanted.member_id, wanted.since, wanted.weight * (coalesce(busy.number, 0) \
         + row_number() over (partition by wanted.account_id, wanted.weight \
           order by wanted.since, wanted.member_id)) as place from wanted \
       join portal on portal.member_id = wanted.member_id \
         and portal.installed_at is not null and portal.uninstalled_at is null \
         and (portal.reading_until is null or portal.reading_until <= {now}) \
         and portal.reading_slow = $6 \
         and (not exists (select 1 from credential where credential.member_id = portal.member_id \
             and credential.restored_at is not null) \
           or exists (select 1 from credential where credential.member_id = portal.member_id \
             and credential.restored_at is null and credential.status in ('active', 'ambiguous'))) \
       left join busy on busy.account_id = wanted.account_id), \
     ranked as materialized (\
       select member_id, min(place) as place, min(since) as since from places group by member_id), \
     due as materialized (\
       select portal.member_id from portal join ranked on ranked.member_id = portal.member_id \
       where portal.installed_at is not null and portal.uninstalled_at is null \
       and (portal.reading_until is null or portal.reading_until <= {now}) \
       order by ranked.place, ranked.since, portal.member_id limit $7 {skip_locked}) ",
    leased_columns!("member_id in (select member_id from due)")
);

/// # Which portals are read next
impl Store {
    /// Takes up to `limit` portals that are to be read now, by turns of the cabinets that they are
    /// linked to (REL-13): those that were slow to answer last time, or the others. Each is the
    /// turn's for the time of its lease, by the database's clock.
    ///
    /// # Errors
    /// A [`StoreError`].
    #[instrument(name = "db.fleet.due", skip_all)]
    pub async fn lease_due_readings(
        &self,
        turn: &ReadingTurn<'_>,
        slow: bool,
        limit: usize,
    ) -> Result<Vec<ReadingLease>, StoreError> {
        let owner = self.reading_owner(turn);
        let rows = sqlx::query(self.dialect.sql(TAKE))
            .bind(owner.as_str())
            .bind(span_ms(turn.lease))
            .bind(to_ms(turn.now))
            .bind(i64::from(turn.give_up_after))
            .bind(to_ms(turn.next_if_broken))
            .bind(i64::from(slow))
            .bind(i64::try_from(limit).unwrap_or(i64::MAX))
            .bind(i64::from(turn.due_weight))
            .fetch_all(&self.writes)
            .await?;
        // One that cannot be understood keeps the others from nothing; its lease runs out.
        let leases = rows.iter().filter_map(|row| {
            let lease = ReadingLease::from_row(row, &owner);
            let lease = lease.inspect_err(|error| {
                tracing::error!(%error, "a portal that is due cannot be understood");
            });
            Some(lease.ok()?.of(turn))
        });
        Ok(leases.collect())
    }
}
