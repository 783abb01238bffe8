//! The right to read a portal for its cabinets: one holder at a time over all processes, by the
//! database's clock (REL-11). Whoever holds it has it prolonged while it reads, and gives it back.

use std::time::Duration;

use crmap_domain::{Lang, MemberId, Trouble};
use sqlx::any::AnyRow;
use sqlx::{Any, Transaction};
use time::OffsetDateTime;
use tracing::instrument;

use super::run::{RunSummary, TaskEnd};
use crate::columns::Columns;
use crate::moment::{span, span_ms, to_ms};
use crate::portal::Portal;
use crate::{Store, StoreError};

/// Takes the portals that the words after `where` name: `$1` holder, `$2` lease, `$4` attempts after
/// which a portal waits until `$5`, should this one be broken off too.
macro_rules! leased_columns {
    ($which:literal) => {
        concat!(
            "update portal set reading_owner = $1, reading_until = {now} + $2, \
             reading_attempts = reading_attempts + 1, \
             next_reading_at = case when reading_attempts + 1 >= $4 then $5 \
               else next_reading_at end where ",
            $which,
            " returning {portal}, reading_attempts, next_reading_at, \
             (select account.lang from link join account on account.id = link.account_id \
               where link.member_id = portal.member_id and link.void_since is null \
               order by link.linked_at, link.account_id limit 1) as lang"
        )
    };
}
pub(super) use leased_columns;

/// Who wants to read, and by which rules.
#[derive(Debug, Clone, Copy)]
pub struct ReadingTurn<'a> {
    /// The process.
    pub process: &'a str,
    /// How long a lease lasts that is not prolonged.
    pub lease: Duration,
    /// When.
    pub now: OffsetDateTime,
    /// After so many readings in a row that failed or were broken off, a portal waits for its time.
    pub give_up_after: u32,
    /// When that is.
    pub next_if_broken: OffsetDateTime,
    /// So many times as early as a portal that is merely due comes one that somebody asked for.
    pub due_weight: u32,
}

/// The right to read a portal. Whoever holds it ends it by [`Store::end_reading`] or
/// [`Store::release_reading`].
#[derive(Debug, Clone)]
pub struct ReadingLease {
    /// The portal as it was when the lease began.
    pub portal: Portal,
    /// The language of the cabinet that it was linked to first.
    pub lang: Lang,
    /// How many readings in a row have failed or were broken off, should this one do so too.
    pub attempts: u32,
    owner: String,
    next_ms: Option<i64>,
}

/// What came of asking for a lease.
#[derive(Debug)]
pub enum ReadingAsked {
    /// It is yours.
    Granted(Box<ReadingLease>),
    /// Somebody else reads the portal.
    Held,
    /// It is linked to no cabinet, or not installed.
    Gone,
}

/// How a reading ended.
#[derive(Debug, Clone, Copy)]
pub struct ReadingEnd<'a> {
    /// When it began.
    pub began_at: OffsetDateTime,
    /// How long it took.
    pub took: Duration,
    /// Whether the portal was slow to answer.
    pub is_slow: bool,
    /// Why it failed; nothing for one that did not.
    pub failure: Option<&'a Trouble>,
    /// When the portal is due again.
    pub next_at: OffsetDateTime,
    /// How long after a mark that was made meanwhile it is due at the latest, where it did not fail.
    pub debounce: Duration,
}

/// What is known of a portal's last reading for its cabinets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastReading {
    /// When it ended; nothing where there was none.
    pub ended_at: Option<OffsetDateTime>,
    /// Why it failed, if it did.
    pub failure: Option<Trouble>,
    /// Whether another one is under way.
    pub is_under_way: bool,
}

impl ReadingLease {
    pub(super) fn from_row(row: &AnyRow, owner: &str) -> Result<Self, StoreError> {
        let portal = Portal::from_row(row)?;
        let columns = Columns::new(row, "portal", portal.member_id.as_str());
        let lang = columns.maybe_text("lang")?;
        Ok(Self {
            lang: lang.map_or_else(Lang::default, |code| Lang::for_portal(&code)),
            attempts: columns.count("reading_attempts")?,
            owner: owner.to_owned(),
            next_ms: columns.maybe_int("next_reading_at")?,
            portal,
        })
    }

    /// As it was taken in a turn: should it be given back unused, a portal that was to wait as one
    /// that fails again and again does not wait for that.
    pub(super) fn of(mut self, turn: &ReadingTurn<'_>) -> Self {
        if self.attempts >= turn.give_up_after {
            self.next_ms = Some(to_ms(turn.now));
        }
        self
    }
}

/// # The right to read a portal
impl Store {
    /// The holder of one lease: not even the same process may mistake one for another.
    pub(super) fn reading_owner(&self, turn: &ReadingTurn<'_>) -> String {
        format!("{}/{}", turn.process, self.vault.new_id())
    }

    /// Asks for the right to read a portal, however it stands and whether it is due or not.
    ///
    /// # Errors
    /// A [`StoreError`].
    #[instrument(name = "db.fleet.lease", skip_all, fields(portal.member_id = %member_id))]
    pub async fn lease_reading(
        &self,
        turn: &ReadingTurn<'_>,
        member_id: &MemberId,
    ) -> Result<ReadingAsked, StoreError> {
        let sql = leased_columns!(
            "member_id = $3 and installed_at is not null and uninstalled_at is null \
             and (reading_until is null or reading_until <= {now}) \
             and exists (select 1 from link where link.member_id = portal.member_id \
               and link.void_since is null)"
        );
        let owner = self.reading_owner(turn);
        let row = sqlx::query(self.dialect.sql(sql))
            .bind(owner.as_str())
            .bind(span_ms(turn.lease))
            .bind(member_id.as_str())
            .bind(i64::from(turn.give_up_after))
            .bind(to_ms(turn.next_if_broken))
            .fetch_optional(&self.writes)
            .await?;
        if let Some(row) = row {
            let lease = ReadingLease::from_row(&row, &owner)?.of(turn);
            return Ok(ReadingAsked::Granted(Box::new(lease)));
        }
        // Whoever held it may have come to an end since.
        let sql = "select 1 from portal where member_id = $1 and installed_at is not null \
                   and uninstalled_at is null and exists (select 1 from link \
                     where link.member_id = portal.member_id and link.void_since is null)";
        let readable = sqlx::query(sql)
            .bind(member_id.as_str())
            .fetch_optional(&self.reads)
            .await?;
        Ok(match readable {
            Some(_) => ReadingAsked::Held,
            None => ReadingAsked::Gone,
        })
    }

    /// Prolongs a lease. Says whether it is still there: one that has run out is not, even where
    /// nobody has taken the portal over yet.
    ///
    /// # Errors
    /// A [`StoreError`].
    #[instrument(name = "db.fleet.prolong", skip_all, fields(portal.member_id = %lease.portal.member_id))]
    pub async fn prolong_reading(
        &self,
        lease: &ReadingLease,
        time: Duration,
    ) -> Result<bool, StoreError> {
        let sql = "update portal set reading_until = {now} + $3 \
                   where member_id = $1 and reading_owner = $2 and reading_until > {now}";
        let done = sqlx::query(self.dialect.sql(sql))
            .bind(lease.portal.member_id.as_str())
            .bind(lease.owner.as_str())
            .bind(span_ms(time))
            .execute(&self.writes)
            .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Notes how a reading ended, gives its lease back, and settles with it whatever run waits for
    /// the portal. Gives the runs that are finished by that; nothing where the lease was lost, and
    /// then nothing is noted.
    ///
    /// # Errors
    /// A [`StoreError`].
    #[instrument(name = "db.fleet.end", skip_all, fields(portal.member_id = %lease.portal.member_id))]
    pub async fn end_reading(
        &self,
        lease: &ReadingLease,
        end: &ReadingEnd<'_>,
    ) -> Result<Option<Vec<RunSummary>>, StoreError> {
        let member_id = &lease.portal.member_id;
        let ended_at = end.began_at + end.took;
        let mut work = self.begin().await?;
        if !note_end(&mut work, lease, end).await? {
            return Ok(None);
        }
        let task = match end.failure {
            Some(trouble) => TaskEnd::Failed(trouble.clone()),
            None => TaskEnd::Read,
        };
        let runs = self
            .end_tasks_of(&mut work, member_id, &task, ended_at)
            .await?;
        work.commit().await?;
        Ok(Some(self.finish_runs(&runs, ended_at).await?))
    }

    /// Gives a lease back without having read the portal, which is due as it was before; `is_slow`
    /// notes that it was slow to answer.
    ///
    /// # Errors
    /// A [`StoreError`].
    #[instrument(name = "db.fleet.release", skip_all, fields(portal.member_id = %lease.portal.member_id))]
    pub async fn release_reading(
        &self,
        lease: &ReadingLease,
        is_slow: bool,
    ) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "update portal set reading_owner = null, reading_until = null, \
             reading_attempts = reading_attempts - 1, \
             reading_slow = case when $3 = 1 then 1 else reading_slow end, \
             next_reading_at = case when next_reading_at < $4 then next_reading_at else $4 end \
             where member_id = $1 and reading_owner = $2",
        )
        .bind(lease.portal.member_id.as_str())
        .bind(lease.owner.as_str())
        .bind(i64::from(is_slow))
        .bind(lease.next_ms)
        .execute(&self.writes)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Gives back whatever leases a process still has, when it ends. Gives how many.
    ///
    /// # Errors
    /// A [`StoreError`].
    #[instrument(name = "db.fleet.release_all", skip_all)]
    pub async fn release_readings(&self, process: &str) -> Result<u64, StoreError> {
        let done = sqlx::query(
            "update portal set reading_owner = null, reading_until = null, \
             reading_attempts = reading_attempts - 1 \
             where reading_until is not null and reading_owner like $1",
        )
        .bind(format!("{process}/%"))
        .execute(&self.writes)
        .await?;
        Ok(done.rows_affected())
    }

    /// Notes that a portal was read by somebody within it from `began_at` on and that this was kept: it
    /// is due later, unless something new was marked since, and an earlier failure is over.
    ///
    /// # Errors
    /// A [`StoreError`].
    #[instrument(name = "db.fleet.postpone", skip_all, fields(portal.member_id = %member_id))]
    pub async fn postpone_reading(
        &self,
        member_id: &MemberId,
        began_at: OffsetDateTime,
        until: OffsetDateTime,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "update portal set failed_at = null, failure = null, \
             reading_attempts = case when reading_until is null then 0 else reading_attempts end, \
             next_reading_at = case when needs_reading_since > $2 then next_reading_at else $3 end, \
             needs_reading_since = case when needs_reading_since > $2 then needs_reading_since end \
             where member_id = $1",
        )
        .bind(member_id.as_str())
        .bind(to_ms(began_at))
        .bind(to_ms(until))
        .execute(&self.writes)
        .await?;
        Ok(())
    }

    /// What is known of a portal's last reading; nothing for a portal that is not there.
    ///
    /// # Errors
    /// A [`StoreError`].
    #[instrument(name = "db.fleet.last", skip_all, fields(portal.member_id = %member_id))]
    pub async fn last_reading(
        &self,
        member_id: &MemberId,
    ) -> Result<Option<LastReading>, StoreError> {
        let sql = "select reading_began_at, reading_ms, failure, \
                   case when reading_until > {now} then 1 else 0 end as under_way \
                   from portal where member_id = $1";
        let row = sqlx::query(self.dialect.sql(sql))
            .bind(member_id.as_str())
            .fetch_optional(&self.reads)
            .await?;
        row.map(|row| LastReading::from_columns(&Columns::new(&row, "portal", member_id.as_str())))
            .transpose()
    }
}

impl LastReading {
    pub(super) fn from_columns(columns: &Columns<'_>) -> Result<Self, StoreError> {
        let began_at = columns.maybe_moment("reading_began_at")?;
        let took = columns.maybe_int("reading_ms")?.unwrap_or_default();
        Ok(Self {
            ended_at: began_at.map(|began_at| began_at + span(took)),
            failure: trouble_from(columns, "failure")?,
            is_under_way: columns.flag("under_way")?,
        })
    }
}

/// A failure as it is stored.
pub(super) fn trouble_from(
    columns: &Columns<'_>,
    column: &str,
) -> Result<Option<Trouble>, StoreError> {
    let text = columns.maybe_text(column)?;
    let trouble = text.map(|text| serde_json::from_str(&text));
    trouble
        .transpose()
        .map_err(|_error| columns.corrupt(column))
}

/// The same on its way into the database. Every failure can be written.
pub(super) fn trouble_text(trouble: &Trouble) -> String {
    serde_json::to_string(trouble).unwrap_or_default()
}

async fn note_end(
    work: &mut Transaction<'static, Any>,
    lease: &ReadingLease,
    end: &ReadingEnd<'_>,
) -> Result<bool, StoreError> {
    let seen = lease.portal.needs_reading_since.map_or(0, to_ms);
    let failed_at = end.failure.map(|_| to_ms(end.began_at + end.took));
    let done = sqlx::query(
        "update portal set reading_owner = null, reading_until = null, reading_began_at = $3, \
         reading_ms = $4, reading_slow = $11, failed_at = $5, failure = $6, \
         reading_attempts = case when $7 = 1 then 0 else reading_attempts end, \
         next_reading_at = case when $7 = 1 and needs_reading_since > $8 \
           and needs_reading_since + $9 < $10 then needs_reading_since + $9 else $10 end \
         where member_id = $1 and reading_owner = $2",
    )
    .bind(lease.portal.member_id.as_str())
    .bind(lease.owner.as_str())
    .bind(to_ms(end.began_at))
    .bind(span_ms(end.took))
    .bind(failed_at)
    .bind(end.failure.map(trouble_text))
    .bind(i64::from(end.failure.is_none()))
    .bind(seen)
    .bind(span_ms(end.debounce))
    .bind(to_ms(end.next_at))
    .bind(i64::from(end.is_slow))
    .execute(&mut **work)
    .await?;
    Ok(done.rows_affected() == 1)
}
