//! Bringing in the pairs that a process could put on disk but not into the database.

use std::path::{Path, PathBuf};

use tracing::instrument;

use super::files::{content_of, of_pairs, remove};
use super::record::{Content, Record};
use super::{Spill, blocking};
use crate::{Store, StoreError};

/// What was found in the journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Replayed {
    /// Pairs that are in the database now.
    pub stored: u32,
    /// Pairs whose chain had gone on or was deleted; they are thrown away.
    pub stale: u32,
    /// Lines that are no pair: torn by a crash, or damaged.
    pub torn: u32,
}

/// # Pairs that are on disk alone
impl Store {
    /// Brings in the pairs that could not be stored while the database was away. A living process
    /// may do so at any time: refreshes that are under way keep their room, and a pair that its
    /// holder is just storing is stored once, by whoever comes first; the other one finds it there.
    /// Where nothing waits, the database is not asked.
    ///
    /// # Errors
    /// A [`StoreError`]; what was not brought in stays on disk.
    #[instrument(name = "spill.replay", skip_all)]
    pub async fn replay_spill(&self) -> Result<Replayed, StoreError> {
        self.replay(false).await
    }

    /// The same at the start, when no refresh is under way: everything is cleared. An intent
    /// without a pair stays known by its row.
    pub(crate) async fn sweep_spill(&self) -> Result<Replayed, StoreError> {
        let found = self.replay(true).await?;
        if found != Replayed::default() {
            tracing::info!(
                stored = found.stored,
                stale = found.stale,
                torn = found.torn,
                "pairs of tokens from before the start were brought in"
            );
        }
        Ok(found)
    }

    async fn replay(&self, at_start: bool) -> Result<Replayed, StoreError> {
        let mut found = Replayed::default();
        for path in self.spill().paths().await? {
            let Some(content) = self.spill().look(&path).await? else {
                continue;
            };
            match &content {
                Content::Pair(record) => match self.bring_in(record).await {
                    Ok(true) => found.stored += 1,
                    Ok(false) => found.stale += 1,
                    Err(StoreError::Corrupt { .. }) => found.torn += 1,
                    Err(error) => return Err(error),
                },
                Content::Torn if at_start => found.torn += 1,
                Content::Intent if at_start => {}
                Content::Torn | Content::Intent => continue,
            }
            self.spill().remove_if_still(path, content).await?;
        }
        Ok(found)
    }

    /// By generation alone: the holder of the lease is gone. A token that was refused meanwhile was
    /// refused because this pair replaced it; a user who was shut out stays out.
    async fn bring_in(&self, record: &Record) -> Result<bool, StoreError> {
        record.check(&self.vault)?;
        let sql = "update credential set generation = $3, intent_generation = $3, \
                   status = 'active', sealed_access = $4, sealed_refresh = $5, expires_at = $6, \
                   sealed_candidate = case when candidate_at = $7 then null \
                     else sealed_candidate end, \
                   candidate_at = case when candidate_at = $7 then null else candidate_at end, \
                   lease_owner = null, lease_until = null, ambiguous_since = null, \
                   restored_at = null, updated_at = {now} \
                   where id = $1 and generation = $2 and status <> 'revoked'";
        let done = sqlx::query(self.dialect.sql(sql))
            .bind(record.name.id.as_str())
            .bind(record.generation)
            .bind(record.generation + 1)
            .bind(record.access.as_slice())
            .bind(record.refresh.as_slice())
            .bind(record.expires_at)
            .bind(record.candidate_at)
            .execute(&self.writes)
            .await?;
        Ok(done.rows_affected() == 1)
    }
}

impl Spill {
    async fn paths(&self) -> Result<Vec<PathBuf>, StoreError> {
        let Some(folder) = self.folder.clone() else {
            return Ok(Vec::new());
        };
        blocking(move || Ok(of_pairs(&folder)?)).await
    }

    /// None where the file was cleared since the folder was listed.
    async fn look(&self, path: &Path) -> Result<Option<Content>, StoreError> {
        let (path, turns) = (path.to_owned(), self.turns.clone());
        blocking(move || {
            let _turn = turns.of(&path);
            Ok(content_of(&path)?)
        })
        .await
    }

    /// Somebody may have put something else there since it was looked at, which stays.
    async fn remove_if_still(&self, path: PathBuf, content: Content) -> Result<(), StoreError> {
        let turns = self.turns.clone();
        blocking(move || {
            let _turn = turns.of(&path);
            if content_of(&path)?.is_some_and(|now| now == content) {
                remove(&path)?;
            }
            Ok(())
        })
        .await
    }
}
