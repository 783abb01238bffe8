//! The copy in which a backup is made ready. Its owner's alone, and gone whatever comes of it.

use std::path::{Path, PathBuf};

use time::OffsetDateTime;

use super::BackupError;
use crate::StoreError;
use crate::blocking::blocking;
use crate::connect::Address;
use crate::files;
use crate::moment::to_ms;

/// Takes itself off the disk.
pub(super) struct WorkFile(PathBuf);

impl WorkFile {
    /// Copies the backup `file`, which is not written to itself, to the first place that takes it.
    ///
    /// # Errors
    /// A [`BackupError`].
    pub(super) async fn make(file: &Path, places: Vec<PathBuf>) -> Result<Self, BackupError> {
        refuse_others(file).await?;
        let mut why = None;
        for place in &places {
            // Dropped, it takes away what was written of it.
            let work = Self(place.clone());
            match copy(file, place).await {
                Ok(()) => return Ok(work),
                Err(error) => why = Some(error),
            }
        }
        let tried: Vec<_> = places
            .iter()
            .map(|place| place.display().to_string())
            .collect();
        Err(BackupError::NoPlace {
            tried: tried.join(", "),
            source: why.map(Box::new),
        })
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for WorkFile {
    fn drop(&mut self) {
        let companions = ["-journal", "-wal", "-shm"].map(|ending| files::beside(&self.0, ending));
        for file in [&self.0].into_iter().chain(&companions) {
            if let Err(error) = std::fs::remove_file(file)
                && file.exists()
            {
                tracing::warn!(%error, file = %file.display(), "a copy of the backup stays behind");
            }
        }
    }
}

/// Where the copy may lie: for SQLite, where only its name has to change afterwards; otherwise beside
/// the backup, in the `spare` folder, or where temporary files are, which may be memory alone.
pub(super) fn places(
    address: &Address,
    file: &Path,
    spare: Option<&Path>,
    now: OffsetDateTime,
) -> Vec<PathBuf> {
    if let Address::File(path) = address {
        return vec![files::beside(path, ".restoring")];
    }
    let name = format!("crmap-restoring-{}-{}.db", std::process::id(), to_ms(now));
    let beside = file.parent().map(Path::to_owned);
    let folders = [
        beside,
        spare.map(Path::to_owned),
        Some(std::env::temp_dir()),
    ];
    let folders = folders.into_iter().flatten();
    folders.map(|folder| folder.join(&name)).collect()
}

async fn refuse_others(file: &Path) -> Result<(), BackupError> {
    let from = file.to_owned();
    let head = blocking(move || {
        use std::io::Read as _;

        let mut head = Vec::new();
        std::fs::File::open(from)?.take(16).read_to_end(&mut head)?;
        Ok(head)
    })
    .await?;
    if head == b"SQLite format 3\0" {
        Ok(())
    } else {
        Err(BackupError::NotABackup(file.to_owned()))
    }
}

async fn copy(file: &Path, place: &Path) -> Result<(), StoreError> {
    let (from, to) = (file.to_owned(), place.to_owned());
    blocking(move || {
        let mut source = std::fs::File::open(from)?;
        // Of an attempt that was broken off.
        if let Err(error) = std::fs::remove_file(&to)
            && error.kind() != std::io::ErrorKind::NotFound
        {
            return Err(error.into());
        }
        std::io::copy(&mut source, &mut files::new_private(&to)?)?;
        Ok(())
    })
    .await
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use secrecy::SecretString;
    use time::macros::datetime;

    use super::*;

    const NOW: OffsetDateTime = datetime!(2026-03-01 12:00 UTC);

    fn backup(folder: &Path) -> PathBuf {
        let file = folder.join("one.backup");
        std::fs::write(&file, b"SQLite format 3\0 and so on").unwrap();
        file
    }

    fn names(folder: &Path) -> Vec<String> {
        let entries = std::fs::read_dir(folder).unwrap().flatten();
        entries
            .map(|entry| entry.file_name().to_string_lossy().into_owned())
            .collect()
    }

    #[test]
    fn the_copy_for_a_server_lies_beside_the_backup_where_that_can_be() {
        let server = Address::Server(SecretString::from("postgres://host/name"));
        let (backup, spare) = (Path::new("/backups/one"), Path::new("/data/spill"));
        let places = places(&server, backup, Some(spare), NOW);
        let folders: Vec<_> = places.iter().map(|place| place.parent().unwrap()).collect();
        let temporary = std::env::temp_dir();
        assert_eq!(folders, [Path::new("/backups"), spare, &temporary]);
    }

    #[tokio::test]
    async fn sec_36_the_copy_is_its_owner_s_alone_and_goes_with_all_that_belongs_to_it() {
        let folder = tempfile::tempdir().unwrap();
        let file = backup(folder.path());
        let places = vec![
            PathBuf::from("/proc/self/fd/copy"),
            folder.path().join("copy"),
        ];
        let work = WorkFile::make(&file, places).await.unwrap();
        assert_eq!(work.path(), folder.path().join("copy"));
        let mode = std::fs::metadata(work.path()).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        std::fs::write(folder.path().join("copy-journal"), "half").unwrap();
        drop(work);
        assert_eq!(names(folder.path()), ["one.backup"]);
    }

    #[tokio::test]
    async fn where_no_place_takes_the_copy_all_of_them_are_named() {
        let folder = tempfile::tempdir().unwrap();
        let file = backup(folder.path());
        let places = ["/proc/self/fd/one", "/nowhere/two"].map(PathBuf::from);
        let Err(refused) = WorkFile::make(&file, places.to_vec()).await else {
            panic!("it was made");
        };
        let said = refused.to_string();
        assert!(said.contains("/proc/self/fd/one, /nowhere/two"), "{said}");
        assert!(said.contains("can be written"), "{said}");
        assert_eq!(names(folder.path()), ["one.backup"]);
    }
}
