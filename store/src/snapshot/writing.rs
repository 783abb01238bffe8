//! Writing versions: each with its changes, and which of them is the snapshot.

use crmap_domain::MemberId;
use crmap_domain::change::Change;
use sqlx::{Any, AssertSqlSafe, Transaction};

use super::form::{self, Packed};
use super::keeping::{NewReading, Standing};
use crate::StoreError;
use crate::moment::to_ms;
use crate::words::bounded;

/// How many versions of a portal are kept; the oldest go first.
const MOST_VERSIONS: i64 = 1_000;
/// How many bytes the versions of a portal take at the most; the oldest go first.
const MOST_BYTES: i64 = 64 * 1024 * 1024;
/// How many changes are kept of one version: more are no history that anybody reads.
const MOST_CHANGES: usize = 10_000;
/// How many changes are written by one statement.
const CHANGES_AT_ONCE: usize = 50;
/// As much of an ID as is looked for: longer ones than portals have.
const LONGEST_ID: usize = 200;

/// From now on the version's last moment is its own; so far it was the snapshot's.
pub(super) async fn close_version(
    work: &mut Transaction<'static, Any>,
    member_id: &MemberId,
    standing: &Standing,
) -> Result<(), StoreError> {
    if let Some(current) = standing.current {
        let sql = "update version set last_read_at = $3 where member_id = $1 and number = $2";
        sqlx::query(sql)
            .bind(member_id.as_str())
            .bind(current.number)
            .bind(standing.taken_at)
            .execute(&mut **work)
            .await?;
    }
    Ok(())
}

pub(super) async fn put_version(
    work: &mut Transaction<'static, Any>,
    member_id: &MemberId,
    reading: &NewReading,
    packed: &Packed,
) -> Result<i64, StoreError> {
    Ok(sqlx::query_scalar(
        "insert into version (member_id, number, first_read_at, last_read_at, viewer_id, \
         by_administrator, digest, content, people) \
         values ($1, 1 + coalesce((select max(number) from version where member_id = $1), 0), \
           $2, $2, $3, $4, $5, $6, $7) returning number",
    )
    .bind(member_id.as_str())
    .bind(to_ms(reading.taken_at))
    .bind(reading.specification.reading.viewer.id)
    .bind(i64::from(reading.by_administrator()))
    .bind(reading.digest.as_slice())
    .bind(packed.content.as_slice())
    .bind(packed.people.as_deref())
    .fetch_one(&mut **work)
    .await?)
}

pub(super) async fn put_changes(
    work: &mut Transaction<'static, Any>,
    member_id: &MemberId,
    number: i64,
    changes: &[Change],
) -> Result<(), StoreError> {
    if changes.len() > MOST_CHANGES {
        tracing::warn!(portal.member_id = %member_id, changes = changes.len(), kept = MOST_CHANGES,
            "a portal changed in more places than are kept");
    }
    let changes = &changes[..changes.len().min(MOST_CHANGES)];
    for (part, changes) in changes.chunks(CHANGES_AT_ONCE).enumerate() {
        let rows: Vec<_> = (0..changes.len())
            .map(|row| {
                let at = |place: usize| 3 + row * 7 + place;
                format!(
                    "($1, $2, ${}, ${}, ${}, ${}, ${}, ${}, ${})",
                    at(0),
                    at(1),
                    at(2),
                    at(3),
                    at(4),
                    at(5),
                    at(6)
                )
            })
            .collect();
        // Made of numbers alone.
        let sql = AssertSqlSafe(format!(
            "insert into change (member_id, number, place, kind, item, item_id, within, label, \
             detail) values {}",
            rows.join(", ")
        ));
        let mut query = sqlx::query(sql).bind(member_id.as_str()).bind(number);
        for (row, change) in changes.iter().enumerate() {
            let place = part * CHANGES_AT_ONCE + row;
            let item = &change.item;
            let detail = serde_json::to_string(&change.difference)
                .map_err(|error| StoreError::Internal(error.into()))?;
            query = query
                .bind(i64::try_from(place).unwrap_or(i64::MAX))
                .bind(change.difference.kind().code())
                .bind(item.kind.code())
                .bind(bounded(&item.id, LONGEST_ID))
                .bind(
                    item.within
                        .as_deref()
                        .map(|within| bounded(within, LONGEST_ID)),
                )
                .bind(bounded(&item.label, usize::MAX))
                .bind(detail);
        }
        query.execute(&mut **work).await?;
    }
    Ok(())
}

/// Columns of the release before this one stay empty.
pub(super) async fn point(
    work: &mut Transaction<'static, Any>,
    member_id: &MemberId,
    number: i64,
    reading: &NewReading,
    packed: &Packed,
    known: Option<Vec<u8>>,
) -> Result<(), StoreError> {
    sqlx::query(
        "insert into snapshot (member_id, number, taken_at, by_administrator, totals, reading, \
         known, content, people) values ($1, $2, $3, $4, $5, $6, $7, $8, null) \
         on conflict (member_id) do update set number = excluded.number, \
         taken_at = excluded.taken_at, by_administrator = excluded.by_administrator, \
         totals = excluded.totals, reading = excluded.reading, known = excluded.known, \
         content = excluded.content, people = null",
    )
    .bind(member_id.as_str())
    .bind(number)
    .bind(to_ms(reading.taken_at))
    .bind(i64::from(reading.by_administrator()))
    .bind(packed.totals.as_str())
    .bind(form::pack_circumstances(&reading.specification.reading))
    .bind(known)
    .bind([].as_slice())
    .execute(&mut **work)
    .await?;
    Ok(())
}

/// Lets the oldest versions go that are too many or take too much; the one that is the snapshot
/// stays.
pub(super) async fn make_room(
    work: &mut Transaction<'static, Any>,
    member_id: &MemberId,
    number: i64,
) -> Result<(), StoreError> {
    sqlx::query(
        "delete from version where member_id = $1 and number < $2 and (number <= $3 or number in \
         (select number from (select number, sum(length(content) + coalesce(length(people), 0)) \
            over (order by number desc) as taken from version where member_id = $1) sizes \
          where taken > $4))",
    )
    .bind(member_id.as_str())
    .bind(number)
    .bind(number - MOST_VERSIONS)
    .bind(MOST_BYTES)
    .execute(&mut **work)
    .await?;
    Ok(())
}
