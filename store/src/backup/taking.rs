//! Taking a backup.

use std::path::Path;

use secrecy::SecretString;
use sqlx::{AnyConnection, Connection as _, Executor as _};
use tracing::instrument;

use super::copying::copy;
use super::tables::tables;
use super::{BackupError, Holding, damage, holding, sync};
use crate::blocking::blocking;
use crate::connect::{Address, MIGRATIONS, connect_to, look_at};
use crate::dialect::Dialect;
use crate::files;
use crate::inspect::{Structure, structure};
use crate::{Store, StoreError};

/// # Taking a backup
impl Store {
    /// Takes a backup of the database at `url` into the new file `file`, as of one moment, beside
    /// whoever works with it. The file is its owner's alone, and bears its name only when it is
    /// whole. No keys are needed, and none are in it.
    ///
    /// # Errors
    /// A [`BackupError`]; nothing is left of the file then.
    #[instrument(name = "db.backup", skip_all)]
    pub async fn back_up(url: &SecretString, file: &Path) -> Result<Holding, BackupError> {
        let address = Address::parse(url)?;
        let file = std::path::absolute(file)?;
        if file.try_exists()? {
            return Err(BackupError::Exists(file));
        }
        let part = files::beside(&file, ".part");
        match files::new_private(&part) {
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
                return Err(BackupError::Exists(part));
            }
            made => drop(made?),
        }
        let taken = take(&address, &part).await;
        let kept = match taken {
            Ok(holding) => keep(&part, &file).await.map(|()| holding),
            Err(error) => Err(error),
        };
        if kept.is_err() {
            // What went wrong with the file matters more than that it stays.
            let _ = std::fs::remove_file(&part);
        }
        kept
    }
}

async fn take(address: &Address, part: &Path) -> Result<Holding, BackupError> {
    match address.dialect() {
        Dialect::Sqlite => {
            if let Address::File(path) = address
                && !path.try_exists()?
            {
                return Err(BackupError::Nothing);
            }
            vacuum_into(address, part).await?;
        }
        Dialect::Postgres => copy_into(address, part).await?,
    }
    let mut copied = connect_to(&Address::File(part.to_owned())).await?;
    if let Some(said) = damage(&mut copied).await? {
        let path = part.to_owned();
        return Err(BackupError::Damaged { path, said });
    }
    let holding = holding(&mut copied).await?;
    copied.close().await?;
    Ok(holding)
}

/// SQLite copies what is there at one moment; who writes meanwhile is not kept waiting.
async fn vacuum_into(address: &Address, part: &Path) -> Result<(), BackupError> {
    let mut source = connect_to(address).await?;
    if structure(&mut source, Dialect::Sqlite).await? == Structure::Missing {
        return Err(BackupError::Nothing);
    }
    let name = part.to_str().ok_or_else(|| {
        StoreError::Settings("the name of the backup's file must be of letters".to_owned())
    })?;
    sqlx::query("vacuum into $1")
        .bind(name)
        .execute(&mut source)
        .await?;
    Ok(source.close().await?)
}

/// All tables as one transaction sees them, into a file with the same structure.
async fn copy_into(address: &Address, part: &Path) -> Result<(), BackupError> {
    let mut source = look_at(address).await?;
    let mut seen = source
        .begin_with("begin isolation level repeatable read read only")
        .await?;
    match structure(&mut seen, Dialect::Postgres).await? {
        Structure::Missing => return Err(BackupError::Nothing),
        Structure::Current => {}
        Structure::Behind(_) | Structure::Ahead => return Err(BackupError::OtherStructure),
    }
    let mut target = connect_to(&Address::File(part.to_owned())).await?;
    // Until it has its name, nobody minds what a loss of power does to the file.
    for statement in ["pragma journal_mode = memory", "pragma synchronous = off"] {
        target.execute(statement).await?;
    }
    MIGRATIONS
        .run(&mut target)
        .await
        .map_err(StoreError::from)?;
    fill(&mut seen, &mut target).await?;
    seen.rollback().await?;
    target.close().await?;
    Ok(source.close().await?)
}

async fn fill(seen: &mut AnyConnection, target: &mut AnyConnection) -> Result<(), StoreError> {
    let tables = tables(target).await?;
    let mut work = target.begin().await?;
    for table in &tables {
        copy(seen, &mut work, table).await?;
    }
    Ok(work.commit().await?)
}

async fn keep(part: &Path, file: &Path) -> Result<(), BackupError> {
    let (part, file) = (part.to_owned(), file.to_owned());
    blocking(move || {
        sync(&part)?;
        // Unlike renaming, this writes over nothing that came meanwhile; not all disks can do it.
        match std::fs::hard_link(&part, &file) {
            Ok(()) => std::fs::remove_file(&part)?,
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
                return Err(error.into());
            }
            Err(_) => std::fs::rename(&part, &file)?,
        }
        Ok(crate::keys::sync_folder_of(&file)?)
    })
    .await?;
    Ok(())
}
