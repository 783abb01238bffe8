//! What somebody saw of a portal from within it: digests of rows, nothing that could be read. They go
//! with the application, and after a while.

use std::time::Duration;

use crmap_domain::MemberId;
use time::OffsetDateTime;
use tracing::instrument;

use crate::columns::Columns;
use crate::moment::{span_ms, to_ms};
use crate::{Store, StoreError};

/// Somebody sees a portal.
#[derive(Debug, Clone, Copy)]
pub struct Sighting<'a> {
    /// The portal.
    pub member_id: &'a MemberId,
    /// Its installation.
    pub installs: u32,
    /// Who: the user's number in the portal.
    pub user_id: i64,
    /// What is seen.
    pub seen: &'a [u8],
    /// When.
    pub now: OffsetDateTime,
    /// What comes sooner after the last sighting is of the same visit.
    pub apart: Duration,
}

/// What was seen at the end of the visit before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// When.
    pub at: OffsetDateTime,
    /// What.
    pub seen: Vec<u8>,
}

/// # What somebody saw of a portal
impl Store {
    /// Notes what somebody sees, and gives what was seen at the end of the visit before; nothing at
    /// the first one, nor of a portal that is not installed.
    ///
    /// # Errors
    /// A [`StoreError`].
    #[instrument(name = "db.visit.note", skip_all, fields(portal.member_id = %sighting.member_id))]
    pub async fn note_sighting(&self, sighting: &Sighting<'_>) -> Result<Option<Seen>, StoreError> {
        let mut work = self.begin().await?;
        let sql = "select 1 from portal where member_id = $1 and installs = $2 \
                   and uninstalled_at is null and installed_at is not null {for_share}";
        let there = sqlx::query(self.dialect.sql(sql))
            .bind(sighting.member_id.as_str())
            .bind(i64::from(sighting.installs))
            .fetch_optional(&mut *work)
            .await?;
        if there.is_none() {
            return Ok(None);
        }
        let row = sqlx::query(
            "insert into visit (member_id, user_id, seen_at, seen) values ($1, $2, $3, $4) \
             on conflict (member_id, user_id) do update set \
             before_at = case when visit.seen_at < $5 then visit.seen_at else visit.before_at end, \
             before = case when visit.seen_at < $5 then visit.seen else visit.before end, \
             seen_at = excluded.seen_at, seen = excluded.seen \
             returning before_at, before",
        )
        .bind(sighting.member_id.as_str())
        .bind(sighting.user_id)
        .bind(to_ms(sighting.now))
        .bind(sighting.seen)
        .bind(to_ms(sighting.now) - span_ms(sighting.apart))
        .fetch_one(&mut *work)
        .await?;
        let before = seen_of(&Columns::new(&row, "visit", sighting.member_id.as_str()))?;
        work.commit().await?;
        Ok(before)
    }

    /// What was seen at the end of the visit before, as [`note_sighting`](Self::note_sighting) gives
    /// it, where nothing new is to be noted.
    ///
    /// # Errors
    /// A [`StoreError`].
    #[instrument(name = "db.visit.before", skip_all, fields(portal.member_id = %member_id))]
    pub async fn seen_before(
        &self,
        member_id: &MemberId,
        installs: u32,
        user_id: i64,
    ) -> Result<Option<Seen>, StoreError> {
        let sql = "select visit.before_at, visit.before from visit \
                   join portal on portal.member_id = visit.member_id \
                   where visit.member_id = $1 and visit.user_id = $2 and portal.installs = $3 \
                   and portal.uninstalled_at is null and portal.installed_at is not null";
        let row = sqlx::query(sql)
            .bind(member_id.as_str())
            .bind(user_id)
            .bind(i64::from(installs))
            .fetch_optional(&self.reads)
            .await?;
        let Some(row) = row else { return Ok(None) };
        seen_of(&Columns::new(&row, "visit", member_id.as_str()))
    }

    /// Forgets what was last seen before a moment.
    ///
    /// # Errors
    /// A [`StoreError`].
    #[instrument(name = "db.visit.purge", skip_all)]
    pub async fn purge_sightings(&self, before: OffsetDateTime) -> Result<u64, StoreError> {
        let done = sqlx::query("delete from visit where seen_at < $1")
            .bind(to_ms(before))
            .execute(&self.writes)
            .await?;
        Ok(done.rows_affected())
    }
}

fn seen_of(columns: &Columns<'_>) -> Result<Option<Seen>, StoreError> {
    let at = columns.maybe_moment("before_at")?;
    let before = at.zip(columns.maybe_bytes("before")?);
    Ok(before.map(|(at, seen)| Seen { at, seen }))
}
