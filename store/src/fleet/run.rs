//! Readings of several portals that the owner of a cabinet asked for. A run stands in the database,
//! so that it survives whoever started it; each portal in it is a task, which any reading of that
//! portal settles.

use std::time::Duration;

use crmap_domain::{MemberId, PortalState, Trouble};
use sqlx::any::AnyRow;
use sqlx::{Any, Row, Transaction};
use time::OffsetDateTime;
use tracing::instrument;

use super::lease::{LastReading, trouble_text};
use crate::columns::Columns;
use crate::moment::to_ms;
use crate::{Store, StoreError, Tenant};

/// How a task ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TaskEnd {
    /// The portal was read.
    Read,
    /// It could not be read.
    Failed(Trouble),
    /// It was not read: the run was stopped, or the portal is the cabinet's no longer.
    Skipped,
}

impl TaskEnd {
    const fn code(&self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Failed(_) => "failed",
            Self::Skipped => "skipped",
        }
    }
}

/// How the portal of a task is linked to the cabinet that asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TaskLink {
    /// By a link that serves.
    Linked,
    /// By a void one.
    Void,
    /// Not any more.
    Unlinked,
}

/// A task that is not settled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitingTask {
    /// Its run.
    pub run_id: String,
    /// Its portal.
    pub member_id: MemberId,
    /// Whether the run was stopped.
    pub is_stopped: bool,
    /// How the portal is linked to the cabinet that asked.
    pub link: TaskLink,
    /// Whether the portal has the application.
    pub is_installed: bool,
    /// How the portal stands.
    pub state: PortalState,
    /// Why.
    pub reason: String,
    /// Whether what was read last is there.
    pub has_snapshot: bool,
    /// The portal's last reading.
    pub last: LastReading,
    /// How many readings in a row were broken off, where whoever read last never came back.
    pub broken_off: Option<u32>,
}

/// A run that is finished.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunSummary {
    /// Names it.
    pub id: String,
    /// How many portals it was of.
    pub total: u32,
    /// How many of them were read.
    pub read: u32,
    /// How many could not be read.
    pub failed: u32,
    /// How long it took.
    pub took: Duration,
}

/// A run that goes on is found by this; there is one of each cabinet at the most.
const UNDER_WAY: &str = "select id from refresh_run where account_id = $1 \
                         and finished_at is null and stopped_at is null {for_update}";

/// What was settled lately is left as it is.
const ADD: &str = "insert into refresh_task (run_id, member_id, state) \
     select $1, member_id, 'waiting' from link where account_id = $2 \
     and ($3 = '' or member_id = $3) order by member_id \
     on conflict (run_id, member_id) do update set state = 'waiting', failure = null, \
     ended_at = null where refresh_task.ended_at < \
     case when refresh_task.state = 'read' then $4 else $5 end";

const WAITING: &str = "select refresh_task.run_id, refresh_task.member_id, \
     case when refresh_run.stopped_at is null then 0 else 1 end as stopped, \
     case when link.member_id is null then 2 when link.void_since is not null then 1 else 0 end \
       as link, \
     case when portal.installed_at is null or portal.uninstalled_at is not null then 0 else 1 end \
       as installed, \
     portal.state, portal.reason, \
     case when snapshot.member_id is null then 0 else 1 end as has_snapshot, \
     portal.reading_began_at, portal.reading_ms, portal.failure, portal.reading_attempts, \
     case when portal.reading_until > {now} then 1 else 0 end as under_way, \
     case when portal.reading_until <= {now} then 1 else 0 end as broken_off \
     from refresh_task join refresh_run on refresh_run.id = refresh_task.run_id \
     join portal on portal.member_id = refresh_task.member_id \
     left join link on link.account_id = refresh_run.account_id \
       and link.member_id = refresh_task.member_id \
     left join snapshot on snapshot.member_id = refresh_task.member_id \
     where refresh_task.ended_at is null and ($1 = '' or refresh_task.run_id = $1) \
     order by refresh_task.run_id, refresh_task.member_id";

/// # Runs: reading several portals
impl Store {
    /// Begins to read portals of a cabinet, all of them where `which` names none: what is not linked
    /// to it is left out. Where a run of the cabinet is under way, they are added to that one; what
    /// was read in it since `read_since`, or failed since `failed_since`, stays as it is. What needs
    /// no reading is settled by `settle` before anybody reads it. Gives the run's name, and what is
    /// finished by that.
    ///
    /// # Errors
    /// A [`StoreError`].
    #[instrument(name = "db.run.begin", skip_all)]
    pub async fn begin_run(
        &self,
        tenant: &Tenant,
        which: Option<&[MemberId]>,
        read_since: OffsetDateTime,
        failed_since: OffsetDateTime,
        now: OffsetDateTime,
        settle: impl Fn(&WaitingTask) -> Option<TaskEnd> + Send + Sync,
    ) -> Result<(String, Vec<RunSummary>), StoreError> {
        loop {
            let mut work = self.begin().await?;
            // Whoever deletes the account keeps its portals first, and its runs next.
            let sql = "select member_id from portal \
                       where member_id in (select member_id from link where account_id = $1) \
                       order by member_id {for_share}";
            sqlx::query(self.dialect.sql(sql))
                .bind(tenant.id())
                .fetch_all(&mut *work)
                .await?;
            let Some(id) = self.run_under_way(&mut work, tenant, now).await? else {
                // Somebody else's has come to its end in between.
                continue;
            };
            let all = [String::new()];
            let mut named: Vec<String> = which.map_or_else(
                || all.to_vec(),
                |which| which.iter().map(|id| id.as_str().to_owned()).collect(),
            );
            named.sort_unstable();
            for member in named {
                sqlx::query(ADD)
                    .bind(&id)
                    .bind(tenant.id())
                    .bind(member)
                    .bind(to_ms(read_since))
                    .bind(to_ms(failed_since))
                    .execute(&mut *work)
                    .await?;
            }
            let rows = sqlx::query(self.dialect.sql(WAITING))
                .bind(&id)
                .fetch_all(&mut *work)
                .await?;
            for task in understood(&rows) {
                if let Some(end) = settle(&task) {
                    end_task(&mut work, &task, &end, now).await?;
                }
            }
            work.commit().await?;
            let finished = self.finish_runs(std::slice::from_ref(&id), now).await?;
            return Ok((id, finished));
        }
    }

    /// The run of a cabinet that goes on, or a new one, kept from being finished by others until the
    /// transaction ends: nobody ever sees one without its tasks.
    async fn run_under_way(
        &self,
        work: &mut Transaction<'static, Any>,
        tenant: &Tenant,
        now: OffsetDateTime,
    ) -> Result<Option<String>, StoreError> {
        // Waits for whoever begins one at the same moment.
        sqlx::query(
            "insert into refresh_run (id, account_id, made_at) values ($1, $2, $3) \
             on conflict do nothing",
        )
        .bind(self.vault.new_id())
        .bind(tenant.id())
        .bind(to_ms(now))
        .execute(&mut **work)
        .await?;
        Ok(sqlx::query_scalar(self.dialect.sql(UNDER_WAY))
            .bind(tenant.id())
            .fetch_optional(&mut **work)
            .await?)
    }

    /// Keeps a run from being finished by others until the transaction ends; says whether it is not
    /// finished yet.
    async fn keep_run(
        &self,
        work: &mut Transaction<'static, Any>,
        id: &str,
    ) -> Result<bool, StoreError> {
        let sql = "select 1 from refresh_run where id = $1 and finished_at is null {for_update}";
        let found = sqlx::query(self.dialect.sql(sql))
            .bind(id)
            .fetch_optional(&mut **work)
            .await?;
        Ok(found.is_some())
    }

    /// The tasks of one run that are not settled, or those of all runs.
    ///
    /// # Errors
    /// A [`StoreError`].
    #[instrument(name = "db.run.waiting", skip_all)]
    pub async fn waiting_tasks(&self, run: Option<&str>) -> Result<Vec<WaitingTask>, StoreError> {
        let rows = sqlx::query(self.dialect.sql(WAITING))
            .bind(run.unwrap_or_default())
            .fetch_all(&self.reads)
            .await?;
        Ok(understood(&rows))
    }

    /// Settles tasks, and finishes runs in which nothing is left to do; with `run`, that one even
    /// where no task is settled now. Gives what was finished.
    ///
    /// # Errors
    /// A [`StoreError`].
    #[instrument(name = "db.run.settle", skip_all)]
    pub async fn end_tasks(
        &self,
        tasks: &[(WaitingTask, TaskEnd)],
        run: Option<&str>,
        now: OffsetDateTime,
    ) -> Result<Vec<RunSummary>, StoreError> {
        let mut runs: Vec<String> = run.map(str::to_owned).into_iter().collect();
        runs.extend(tasks.iter().map(|(task, _)| task.run_id.clone()));
        runs.sort();
        runs.dedup();
        if !tasks.is_empty() {
            let mut work = self.begin().await?;
            // As whoever begins one does: tasks of one run are settled by one at a time.
            for run in &runs {
                self.keep_run(&mut work, run).await?;
            }
            for (task, end) in tasks {
                end_task(&mut work, task, end, now).await?;
            }
            work.commit().await?;
        }
        self.finish_runs(&runs, now).await
    }

    /// Settles every task that waits for a portal; gives their runs.
    pub(super) async fn end_tasks_of(
        &self,
        work: &mut Transaction<'static, Any>,
        member_id: &MemberId,
        end: &TaskEnd,
        now: OffsetDateTime,
    ) -> Result<Vec<String>, StoreError> {
        Ok(sqlx::query_scalar(
            "update refresh_task set state = $2, failure = $3, ended_at = $4 \
             where member_id = $1 and ended_at is null returning run_id",
        )
        .bind(member_id.as_str())
        .bind(end.code())
        .bind(failure_of(end))
        .bind(to_ms(now))
        .fetch_all(&mut **work)
        .await?)
    }

    /// Finishes those runs in which nothing is left to do. Two who settle the last two tasks at one
    /// moment do not see each other's: the run's row is kept first, and looked at again then.
    pub(super) async fn finish_runs(
        &self,
        runs: &[String],
        now: OffsetDateTime,
    ) -> Result<Vec<RunSummary>, StoreError> {
        let mut finished = Vec::new();
        for id in runs {
            // Usually there is. Whoever settles the last task looks after that was committed.
            if self.has_waiting(id).await? {
                continue;
            }
            let mut work = self.begin().await?;
            if !self.keep_run(&mut work, id).await? {
                continue;
            }
            let row = sqlx::query(
                "update refresh_run set finished_at = $2 where id = $1 and not exists \
                 (select 1 from refresh_task where run_id = $1 and ended_at is null) \
                 returning id, made_at, \
                 (select count(*) from refresh_task where run_id = $1) as total, \
                 (select count(*) from refresh_task where run_id = $1 and state = 'read') as read, \
                 (select count(*) from refresh_task where run_id = $1 and state = 'failed') \
                   as failed",
            )
            .bind(id)
            .bind(to_ms(now))
            .fetch_optional(&mut *work)
            .await?;
            work.commit().await?;
            finished.extend(row.map(|row| RunSummary::from_row(&row, now)).transpose()?);
        }
        Ok(finished)
    }

    async fn has_waiting(&self, run: &str) -> Result<bool, StoreError> {
        let sql = "select 1 from refresh_task where run_id = $1 and ended_at is null limit 1";
        let found = sqlx::query(sql)
            .bind(run)
            .fetch_optional(&self.reads)
            .await?;
        Ok(found.is_some())
    }

    /// Runs that are not finished although nothing is left to do: their portals went with a farewell.
    ///
    /// # Errors
    /// A [`StoreError`].
    #[instrument(name = "db.run.empty", skip_all)]
    pub async fn finish_empty_runs(
        &self,
        now: OffsetDateTime,
    ) -> Result<Vec<RunSummary>, StoreError> {
        let runs: Vec<String> = sqlx::query_scalar(
            "select id from refresh_run where finished_at is null and not exists \
             (select 1 from refresh_task where run_id = refresh_run.id and ended_at is null)",
        )
        .fetch_all(&self.reads)
        .await?;
        self.finish_runs(&runs, now).await
    }

    /// Stops a run of a cabinet: what is not being read is left out. Says whether there is such a
    /// run; one that is finished stays as it is.
    ///
    /// # Errors
    /// A [`StoreError`].
    #[instrument(name = "db.run.stop", skip_all)]
    pub async fn stop_run(
        &self,
        tenant: &Tenant,
        id: &str,
        now: OffsetDateTime,
    ) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "update refresh_run set stopped_at = case when finished_at is null \
             then coalesce(stopped_at, $3) else stopped_at end where id = $1 and account_id = $2",
        )
        .bind(id)
        .bind(tenant.id())
        .bind(to_ms(now))
        .execute(&self.writes)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Shows a finished run of a cabinet no more, nor any earlier one. Says whether there is such a
    /// run.
    ///
    /// # Errors
    /// A [`StoreError`].
    #[instrument(name = "db.run.put_away", skip_all)]
    pub async fn put_run_away(
        &self,
        tenant: &Tenant,
        id: &str,
        now: OffsetDateTime,
    ) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "update refresh_run set put_away_at = coalesce(put_away_at, $3) \
             where account_id = $2 and made_at <= \
             (select made_at from refresh_run where id = $1 and account_id = $2)",
        )
        .bind(id)
        .bind(tenant.id())
        .bind(to_ms(now))
        .execute(&self.writes)
        .await?;
        Ok(done.rows_affected() > 0)
    }

    /// Forgets runs that were made before a moment.
    ///
    /// # Errors
    /// A [`StoreError`].
    #[instrument(name = "db.run.purge", skip_all)]
    pub async fn purge_runs(&self, before: OffsetDateTime) -> Result<u64, StoreError> {
        let done = sqlx::query("delete from refresh_run where made_at <= $1")
            .bind(to_ms(before))
            .execute(&self.writes)
            .await?;
        Ok(done.rows_affected())
    }
}

impl WaitingTask {
    fn from_row(row: &AnyRow) -> Result<Self, StoreError> {
        let run_id: String = row.try_get("run_id")?;
        let columns = Columns::new(row, "refresh_task", run_id.as_str());
        let broken_off = columns.flag("broken_off")?;
        let attempts = columns.count("reading_attempts")?;
        Ok(Self {
            member_id: columns.member_id("member_id")?,
            is_stopped: columns.flag("stopped")?,
            link: match columns.int("link")? {
                0 => TaskLink::Linked,
                1 => TaskLink::Void,
                _ => TaskLink::Unlinked,
            },
            is_installed: columns.flag("installed")?,
            state: PortalState::from_code(&columns.text("state")?)
                .ok_or_else(|| columns.corrupt("state"))?,
            reason: columns.text("reason")?,
            has_snapshot: columns.flag("has_snapshot")?,
            last: LastReading::from_columns(&columns)?,
            broken_off: broken_off.then_some(attempts),
            run_id,
        })
    }
}

impl RunSummary {
    fn from_row(row: &AnyRow, now: OffsetDateTime) -> Result<Self, StoreError> {
        let id: String = row.try_get("id")?;
        let columns = Columns::new(row, "refresh_run", id.as_str());
        Ok(Self {
            total: columns.count("total")?,
            read: columns.count("read")?,
            failed: columns.count("failed")?,
            took: (now - columns.moment("made_at")?)
                .try_into()
                .unwrap_or_default(),
            id,
        })
    }
}

fn failure_of(end: &TaskEnd) -> Option<String> {
    match end {
        TaskEnd::Failed(trouble) => Some(trouble_text(trouble)),
        TaskEnd::Read | TaskEnd::Skipped => None,
    }
}

/// Tasks that wait. One that cannot be understood keeps the others from nothing.
fn understood(rows: &[AnyRow]) -> Vec<WaitingTask> {
    let tasks = rows.iter().filter_map(|row| {
        let task = WaitingTask::from_row(row);
        let task = task.inspect_err(|error| {
            tracing::error!(%error, "a portal that a run waits for cannot be understood");
        });
        task.ok()
    });
    tasks.collect()
}

async fn end_task(
    work: &mut Transaction<'static, Any>,
    task: &WaitingTask,
    end: &TaskEnd,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    sqlx::query(
        "update refresh_task set state = $3, failure = $4, ended_at = $5 \
         where run_id = $1 and member_id = $2 and ended_at is null",
    )
    .bind(&task.run_id)
    .bind(task.member_id.as_str())
    .bind(end.code())
    .bind(failure_of(end))
    .bind(to_ms(now))
    .execute(&mut **work)
    .await?;
    Ok(())
}
