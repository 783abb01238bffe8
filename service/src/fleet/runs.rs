//! Reading several portals of a cabinet because its owner asks for it. A run stands in the database:
//! it goes on when the page is closed, and when the process that began it is no more.

use std::sync::Arc;

use crmap_domain::cabinet::{Denial, RunOf, RunProgress};
use crmap_domain::{PortalState, Trouble};
use crmap_store::{RunSummary, StoreError, TaskEnd, TaskLink, WaitingTask};
use time::{Duration, OffsetDateTime};

use super::schedule::GIVE_UP_AFTER;
use crate::Services;
use crate::cabinet::{Entered, denial_of};
use crate::standing::OVERLOADED;

/// What was read this recently need not be read by a run: whoever has hundreds of portals read does not
/// look at one that was changed just now.
const GOOD_FOR: Duration = Duration::seconds(30);
/// The same of one that failed: somebody may be at work to mend it.
const FAILED_FOR: Duration = Duration::seconds(10);
/// How long a run is kept.
const KEPT: Duration = Duration::days(7);
/// How many portals can be named at once.
const MOST: usize = 10_000;

/// # Runs: reading several portals
impl Services {
    /// Begins to read portals of the cabinet: all of them, or those named that are linked to it.
    /// Where a run is under way, they are added to it. What was read within the last half minute is
    /// not read again, and a portal that is known to refuse is not asked.
    ///
    /// # Errors
    /// [`Denial::StoreUnavailable`].
    pub async fn start_run(
        self: &Arc<Self>,
        entered: &Entered,
        which: RunOf,
    ) -> Result<RunProgress, Denial> {
        let now = self.clock.now();
        let named = match which {
            RunOf::All => None,
            RunOf::These(mut members) => {
                members.truncate(MOST);
                Some(members)
            }
        };
        let (id, finished) = self
            .store
            .begin_run(
                entered.tenant(),
                named.as_deref(),
                now - GOOD_FOR,
                now - FAILED_FOR,
                now,
                |task| verdict(task, true, now),
            )
            .await
            .map_err(denial_of)?;
        Self::tell_of(&finished);
        self.fleet.asked.notify_one();
        let progress = self.progress_of(entered, &id).await?;
        tracing::info!(run.id = %progress.id, total = progress.total,
            "somebody has several portals read");
        Ok(progress)
    }

    /// How far the run has come that is under way, or the last one, until it is put away.
    ///
    /// # Errors
    /// [`Denial::StoreUnavailable`].
    pub async fn run_progress(&self, entered: &Entered) -> Result<Option<RunProgress>, Denial> {
        let found = self.store.run_progress(entered.tenant(), None).await;
        found.map_err(denial_of)
    }

    /// Stops a run: what is being read comes to its end, what waits is left out.
    ///
    /// # Errors
    /// [`Denial::NotFound`], [`Denial::StoreUnavailable`].
    pub async fn stop_run(&self, entered: &Entered, id: &str) -> Result<RunProgress, Denial> {
        let now = self.clock.now();
        let stopped = self.store.stop_run(entered.tenant(), id, now).await;
        if !stopped.map_err(denial_of)? {
            return Err(Denial::NotFound);
        }
        self.settle(Some(id)).await.map_err(denial_of)?;
        self.progress_of(entered, id).await
    }

    /// Shows a run no more; it goes on where it is not finished.
    ///
    /// # Errors
    /// [`Denial::NotFound`], [`Denial::StoreUnavailable`].
    pub async fn put_run_away(&self, entered: &Entered, id: &str) -> Result<(), Denial> {
        let now = self.clock.now();
        let put_away = self.store.put_run_away(entered.tenant(), id, now).await;
        if put_away.map_err(denial_of)? {
            Ok(())
        } else {
            Err(Denial::NotFound)
        }
    }

    async fn progress_of(&self, entered: &Entered, id: &str) -> Result<RunProgress, Denial> {
        let found = self.store.run_progress(entered.tenant(), Some(id)).await;
        found.map_err(denial_of)?.ok_or(Denial::NotFound)
    }

    /// Settles what no reading will settle: in all runs, whoever began them.
    pub(super) async fn look_after_runs(&self) -> Result<(), StoreError> {
        self.settle(None).await?;
        let finished = self.store.finish_empty_runs(self.clock.now()).await?;
        Self::tell_of(&finished);
        Ok(())
    }

    async fn settle(&self, run: Option<&str>) -> Result<(), StoreError> {
        let now = self.clock.now();
        let waiting = self.store.waiting_tasks(run).await?;
        let settled: Vec<(WaitingTask, TaskEnd)> = waiting
            .into_iter()
            .filter_map(|task| verdict(&task, false, now).map(|end| (task, end)))
            .collect();
        let finished = self.store.end_tasks(&settled, run, now).await?;
        Self::tell_of(&finished);
        Ok(())
    }

    pub(super) fn tell_of(finished: &[RunSummary]) {
        for run in finished {
            tracing::info!(run.id = %run.id, total = run.total, read = run.read, failed = run.failed,
                duration_ms = run.took.as_millis(), "several portals were read");
        }
    }

    /// Forgets runs of long ago.
    pub(crate) async fn forget_runs(&self) -> Result<(), StoreError> {
        self.store.purge_runs(self.clock.now() - KEPT).await?;
        Ok(())
    }
}

/// How a task ends that needs no reading; nothing where the portal is to be read for it. What was
/// read a moment ago counts when the task is made.
fn verdict(task: &WaitingTask, begins: bool, now: OffsetDateTime) -> Option<TaskEnd> {
    match task.link {
        TaskLink::Unlinked => return Some(TaskEnd::Skipped),
        TaskLink::Void => return Some(TaskEnd::Failed(Trouble::Revoked)),
        TaskLink::Linked if !task.is_installed => {
            return Some(TaskEnd::Failed(Trouble::Revoked));
        }
        TaskLink::Linked => {}
    }
    if task.last.is_under_way {
        return None;
    }
    if task.is_stopped {
        return Some(TaskEnd::Skipped);
    }
    if task.broken_off >= Some(GIVE_UP_AFTER) {
        return Some(TaskEnd::Failed(Trouble::Internal));
    }
    if let Some(trouble) = refusal(task.state, &task.reason) {
        return Some(TaskEnd::Failed(trouble));
    }
    let age = now - task.last.ended_at.filter(|_| begins)?;
    match &task.last.failure {
        Some(trouble) if age < FAILED_FOR => Some(TaskEnd::Failed(trouble.clone())),
        None if age < GOOD_FOR && task.has_snapshot => Some(TaskEnd::Read),
        _ => None,
    }
}

/// Why a portal that stands so need not be asked. The others may answer by now, which is what whoever
/// asks wants to know.
fn refusal(state: PortalState, reason: &str) -> Option<Trouble> {
    match state {
        PortalState::NeedsPayment => Some(Trouble::NotPaid),
        PortalState::Revoked | PortalState::Uninstalled => Some(Trouble::Revoked),
        PortalState::Unreachable if reason == OVERLOADED => Some(Trouble::Blocked),
        PortalState::Ok
        | PortalState::Restricted
        | PortalState::Unreachable
        | PortalState::Moved => None,
    }
}

#[cfg(test)]
mod tests;
