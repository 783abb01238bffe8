//! How far a run has come, for the cabinet that asked for it alone (SEC-75).

use crmap_domain::cabinet::{RunFailure, RunProgress};
use sqlx::Row;
use tracing::instrument;

use super::lease::trouble_from;
use crate::columns::Columns;
use crate::{Store, StoreError, Tenant};

/// The run of that name; without one, the newest that goes on or was not put away.
const RUN: &str = "select id, made_at, finished_at from refresh_run where account_id = $1 \
     and (id = $2 or ($2 = '' and (put_away_at is null or finished_at is null))) \
     order by case when finished_at is null and stopped_at is null then 0 else 1 end, \
     made_at desc, id limit 1";

/// Portals that are not linked any more are counted and not named.
const TASKS: &str = "select refresh_task.member_id, refresh_task.state, refresh_task.failure, \
     case when link.member_id is null then 0 else 1 end as linked, \
     case when portal.reading_until > {now} and link.void_since is null then 1 else 0 end \
       as under_way from refresh_task \
     join portal on portal.member_id = refresh_task.member_id \
     left join link on link.account_id = $1 and link.member_id = refresh_task.member_id \
     where refresh_task.run_id = $2 order by refresh_task.ended_at, refresh_task.member_id";

/// # How far a run has come
impl Store {
    /// How far a run of a cabinet has come: the one of that name, or the newest that goes on or was
    /// not put away. Nothing where there is none.
    ///
    /// # Errors
    /// A [`StoreError`].
    #[instrument(name = "db.run.progress", skip_all)]
    pub async fn run_progress(
        &self,
        tenant: &Tenant,
        id: Option<&str>,
    ) -> Result<Option<RunProgress>, StoreError> {
        let row = sqlx::query(RUN)
            .bind(tenant.id())
            .bind(id.unwrap_or_default())
            .fetch_optional(&self.reads)
            .await?;
        let Some(row) = row else {
            return Ok(None);
        };
        let id: String = row.try_get("id")?;
        let columns = Columns::new(&row, "refresh_run", id.as_str());
        let mut progress = RunProgress {
            made_at: columns.moment("made_at")?,
            total: 0,
            read: 0,
            failed: Vec::new(),
            reading: Vec::new(),
            skipped: 0,
            finished_at: columns.maybe_moment("finished_at")?,
            id: id.clone(),
        };
        let rows = sqlx::query(self.dialect.sql(TASKS))
            .bind(tenant.id())
            .bind(id.as_str())
            .fetch_all(&self.reads)
            .await?;
        for row in &rows {
            count(
                &mut progress,
                &Columns::new(row, "refresh_task", id.as_str()),
            )?;
        }
        Ok(Some(progress))
    }
}

fn count(progress: &mut RunProgress, columns: &Columns<'_>) -> Result<(), StoreError> {
    let is_linked = columns.flag("linked")?;
    progress.total += 1;
    match columns.text("state")?.as_str() {
        "read" => progress.read += 1,
        "failed" if is_linked => progress.failed.push(RunFailure {
            member_id: columns.member_id("member_id")?,
            trouble: trouble_from(columns, "failure")?.ok_or_else(|| columns.corrupt("failure"))?,
        }),
        "failed" | "skipped" => progress.skipped += 1,
        "waiting" if is_linked && columns.flag("under_way")? => {
            progress.reading.push(columns.member_id("member_id")?);
        }
        "waiting" => {}
        _ => return Err(columns.corrupt("state")),
    }
    Ok(())
}
