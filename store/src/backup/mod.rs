//! Backups: one file of one moment, the same for both databases, with everything under seal that is
//! under seal in the database, and without the keys (SEC-36). It is taken while everything goes on,
//! and brought back into a database that is empty (REL-29).

mod copying;
mod marking;
mod restoring;
mod tables;
mod taking;
mod work_file;

use std::path::{Path, PathBuf};

use sqlx::AnyConnection;

use crate::StoreError;

/// What a backup holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Holding {
    /// How many portals.
    pub portals: u64,
    /// How many cabinets.
    pub accounts: u64,
    /// How many chains of tokens that can be refreshed.
    pub chains: u64,
}

/// Why a backup was not taken or not brought back.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// A file of this name is there; no backup is written over another.
    #[error("{} is there already: choose another name", .0.display())]
    Exists(PathBuf),
    /// There is no database yet, or nothing in it.
    #[error("there is no database of CRMAP at this address")]
    Nothing,
    /// Its structure is not this release's, so this release cannot copy it.
    #[error(
        "the database's structure is another release's: take the backup with the release that works \
         with it, or run `crmap migrate` first"
    )]
    OtherStructure,
    /// The file is no backup of CRMAP.
    #[error("{} is no backup of CRMAP", .0.display())]
    NotABackup(PathBuf),
    /// A newer release made it.
    #[error("{} was made by a newer release of CRMAP: restore it with that one", .0.display())]
    Newer(PathBuf),
    /// The file is damaged.
    #[error("{} is damaged: {said}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What the check said first.
        said: String,
    },
    /// The database to restore into holds something.
    #[error("the database is not empty: restore into a new one, and nothing is written over")]
    NotEmpty,
    /// A process works with it, and would go on with what it remembers of the old content.
    #[error("somebody works with the database: stop all servers first, then restore")]
    InUse,
    /// The backup is made ready in a copy, and there is no place for that.
    #[error(
        "no copy of the backup could be made ready ({tried}): see that one of these folders can be \
         written and has room for it, or name another one by TMPDIR"
    )]
    NoPlace {
        /// The files that were to be made, with commas between.
        tried: String,
        /// What the last one failed by.
        source: Option<Box<StoreError>>,
    },
    /// The database or the file failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<sqlx::Error> for BackupError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

impl From<std::io::Error> for BackupError {
    fn from(error: std::io::Error) -> Self {
        Self::Store(error.into())
    }
}

/// Counts what a connection sees.
async fn holding(connection: &mut AnyConnection) -> Result<Holding, StoreError> {
    let mut counts = [0_u64; 3];
    for (count, sql) in counts.iter_mut().zip([
        "select count(*) from portal",
        "select count(*) from account",
        "select count(*) from credential where status in ('active', 'ambiguous')",
    ]) {
        let found: i64 = sqlx::query_scalar(sql).fetch_one(&mut *connection).await?;
        *count = found.unsigned_abs();
    }
    let [portals, accounts, chains] = counts;
    Ok(Holding {
        portals,
        accounts,
        chains,
    })
}

/// What SQLite's own check of a file says first; nothing where all is well.
async fn damage(connection: &mut AnyConnection) -> Result<Option<String>, StoreError> {
    let said: String = sqlx::query_scalar("pragma integrity_check(1)")
        .fetch_one(&mut *connection)
        .await?;
    Ok((said != "ok").then_some(said))
}

/// Makes sure that a file's content and its name survive a loss of power.
fn sync(path: &Path) -> Result<(), StoreError> {
    std::fs::File::open(path)?.sync_all()?;
    Ok(crate::keys::sync_folder_of(path)?)
}
