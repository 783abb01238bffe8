//! Bringing a backup back.

use std::path::Path;

use secrecy::SecretString;
use sqlx::{AnyConnection, AssertSqlSafe, Connection as _};
use time::OffsetDateTime;
use tracing::instrument;

use super::copying::copy;
use super::marking::mark;
use super::tables::{Table, forget_the_start, is_unused, tables};
use super::work_file::{WorkFile, places};
use super::{BackupError, Holding, damage, holding, sync};
use crate::blocking::blocking;
use crate::connect::{Address, MIGRATIONS, connect_to};
use crate::dialect::Dialect;
use crate::files::{self, ProcessLock};
use crate::inspect::{Structure, compare_keys, structure};
use crate::keys::KeyRing;
use crate::presence::take_alone;
use crate::{Store, StoreError};

/// # Bringing a backup back
impl Store {
    /// Brings the backup `file` back into the database at `url`, which must be new or unused, of
    /// whichever kind it is and the backup was taken from. `keys` must open what the backup holds.
    /// Either all of it is there afterwards or nothing. On its way into PostgreSQL it is made ready
    /// in a copy beside `file`, or in the folder `spare` where that cannot be.
    ///
    /// What the backup says of tokens may be outdated: each is proved by its authority before
    /// anything is done by it (REL-29). Nobody is logged in, and no mail that was waiting is sent.
    ///
    /// # Errors
    /// A [`BackupError`].
    #[instrument(name = "db.restore", skip_all)]
    pub async fn restore(
        url: &SecretString,
        file: &Path,
        keys: &KeyRing,
        spare: Option<&Path>,
        now: OffsetDateTime,
    ) -> Result<Holding, BackupError> {
        let address = Address::parse(url)?;
        let _lock = match &address {
            Address::File(path) => {
                files::make_folder_of(path)?;
                Some(ProcessLock::take(&files::beside(path, ".lock"))?)
            }
            _ => None,
        };
        refuse_used(&address).await?;
        let places = places(&address, file, spare, now);
        let work = WorkFile::make(file, places).await?;
        make(&address, file, work.path(), keys, now).await
    }
}

async fn make(
    address: &Address,
    file: &Path,
    work: &Path,
    keys: &KeyRing,
    now: OffsetDateTime,
) -> Result<Holding, BackupError> {
    let mut copied = connect_to(&Address::File(work.to_owned())).await?;
    make_ready(&mut copied, file, keys, now).await?;
    let holding = holding(&mut copied).await?;
    match address {
        Address::File(path) => {
            copied.close().await?;
            put_in_place(work, path).await?;
        }
        _ => {
            fill(address, &mut copied).await?;
            copied.close().await?;
        }
    }
    Ok(holding)
}

async fn make_ready(
    copied: &mut AnyConnection,
    file: &Path,
    keys: &KeyRing,
    now: OffsetDateTime,
) -> Result<(), BackupError> {
    let damaged = |said: String| BackupError::Damaged {
        path: file.to_owned(),
        said,
    };
    match damage(copied).await {
        Ok(None) => {}
        Ok(Some(said)) => return Err(damaged(said)),
        Err(StoreError::Corrupt { .. }) => return Err(damaged("it cannot be read".to_owned())),
        Err(error) => return Err(error.into()),
    }
    match structure(copied, Dialect::Sqlite).await? {
        Structure::Missing => return Err(BackupError::NotABackup(file.to_owned())),
        Structure::Ahead => return Err(BackupError::Newer(file.to_owned())),
        Structure::Current => {}
        Structure::Behind(_) => MIGRATIONS
            .run(&mut *copied)
            .await
            .map_err(StoreError::from)?,
    }
    compare_keys(copied, Dialect::Sqlite, keys).await?;
    let mut work = copied.begin().await?;
    mark(&mut work, now).await?;
    work.commit().await?;
    Ok(())
}

/// The file becomes the database by its name alone.
async fn put_in_place(work: &Path, path: &Path) -> Result<(), BackupError> {
    let (work, path) = (work.to_owned(), path.to_owned());
    blocking(move || {
        sync(&work)?;
        // Of the unused database that was there, if one was.
        for ending in ["-wal", "-shm"] {
            match std::fs::remove_file(files::beside(&path, ending)) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(error.into());
                }
                _ => {}
            }
        }
        std::fs::rename(&work, &path)?;
        Ok(crate::keys::sync_folder_of(&path)?)
    })
    .await?;
    Ok(())
}

/// Before anything is copied: most refusals are of this kind.
async fn refuse_used(address: &Address) -> Result<(), BackupError> {
    if let Address::File(path) = address
        && !path.try_exists()?
    {
        return Ok(());
    }
    let mut target = connect_to(address).await?;
    let found = structure(&mut target, address.dialect()).await?;
    if address.dialect() == Dialect::Sqlite && found != Structure::Missing {
        let tables = tables(&mut target).await?;
        if !is_unused(&mut target, &tables).await? {
            return Err(BackupError::NotEmpty);
        }
    }
    if address.dialect() == Dialect::Postgres && !take_alone(&mut target).await? {
        return Err(BackupError::InUse);
    }
    Ok(target.close().await?)
}

/// All rows in one transaction, in which nobody else gets at the tables.
async fn fill(address: &Address, copied: &mut AnyConnection) -> Result<(), BackupError> {
    let mut target = connect_to(address).await?;
    if !take_alone(&mut target).await? {
        return Err(BackupError::InUse);
    }
    MIGRATIONS
        .run(&mut target)
        .await
        .map_err(StoreError::from)?;
    let tables = tables(copied).await?;
    let mut work = target.begin().await?;
    lock(&mut work, &tables).await?;
    if !is_unused(&mut work, &tables).await? {
        return Err(BackupError::NotEmpty);
    }
    forget_the_start(&mut work).await?;
    for table in &tables {
        copy(copied, &mut work, table).await?;
    }
    work.commit().await?;
    Ok(target.close().await?)
}

async fn lock(work: &mut AnyConnection, tables: &[Table]) -> Result<(), StoreError> {
    let names: Vec<_> = tables
        .iter()
        .map(|table| format!("\"{}\"", table.name))
        .collect();
    let sql = format!("lock table {} in access exclusive mode", names.join(", "));
    sqlx::query(AssertSqlSafe(sql)).execute(work).await?;
    Ok(())
}
