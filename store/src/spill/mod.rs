//! The journal of pairs that are on their way into the database (security.md §4, step 5): a folder
//! with one small file for each refresh under way. The file is made, with room for the pair, before
//! the authority is asked, so that a full disk is found while nothing is lost (REL-24); the pair is
//! put into it, sealed for its row, before the database is asked to store it.

mod record;
mod replay;

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use crmap_domain::MemberId;
use tracing::instrument;

pub use replay::Replayed;

use crate::StoreError;
use crate::credential::{FreshPair, Lease};
use crate::files::{self, ProcessLock};
use crate::keys::sync_folder_of;
use crate::vault::Vault;

use record::{ROOM, Record};

const ENDING: &str = "pair";

/// The journal; without a folder it keeps nothing, and the row's intent alone tells of a refresh.
pub struct Spill {
    folder: Option<PathBuf>,
    vault: Vault,
    _lock: Option<ProcessLock>,
}

impl Spill {
    /// The folder belongs to one process.
    pub(crate) fn open(folder: Option<PathBuf>, vault: Vault) -> Result<Self, StoreError> {
        let lock = match &folder {
            Some(folder) => {
                files::make_private_folder(folder)?;
                Some(ProcessLock::take(&folder.join("lock"))?)
            }
            None => None,
        };
        Ok(Self {
            folder,
            vault,
            _lock: lock,
        })
    }

    /// Makes room for the pair that a lease may give. To be called before the authority is asked.
    ///
    /// # Errors
    /// [`StoreError::Full`] and [`StoreError::ReadOnly`], or another one of the file system: then
    /// the authority must not be asked.
    #[instrument(name = "spill.reserve", skip_all,
        fields(portal.member_id = %lease.member_id, user.id = lease.user_id))]
    pub async fn reserve(&self, lease: &Lease) -> Result<(), StoreError> {
        self.put(lease, format!("{:ROOM$}\n", record::INTENT)).await
    }

    /// Puts the pair, sealed, on disk. To be called before the pair is stored.
    ///
    /// # Errors
    /// A [`StoreError`]; the pair may still be stored in the database.
    #[instrument(name = "spill.append", skip_all,
        fields(portal.member_id = %lease.member_id, user.id = lease.user_id))]
    pub async fn append(&self, lease: &Lease, pair: &FreshPair) -> Result<(), StoreError> {
        let line = Record::sealed(&self.vault, lease, pair)?.to_line();
        self.put(lease, line).await
    }

    /// Forgets what was put there for a lease: its pair is stored, thrown away, or never came.
    ///
    /// # Errors
    /// A [`StoreError`]; what stays is cleared at the next start.
    #[instrument(name = "spill.clear", skip_all,
        fields(portal.member_id = %lease.member_id, user.id = lease.user_id))]
    pub async fn clear(&self, lease: &Lease) -> Result<(), StoreError> {
        let Some(path) = self.path_of(lease) else {
            return Ok(());
        };
        blocking(move || Ok(remove(&path)?)).await
    }

    /// Forgets everything of a portal.
    pub(crate) async fn forget(&self, member_id: &MemberId) -> Result<(), StoreError> {
        let Some(folder) = self.folder.clone() else {
            return Ok(());
        };
        let beginning = format!("{member_id}-");
        blocking(move || {
            for path in pair_files(&folder)? {
                let name = path.file_name().unwrap_or_default().to_string_lossy();
                if name.starts_with(&beginning) {
                    remove(&path)?;
                }
            }
            // What left must not be found again.
            Ok(File::open(&folder)?.sync_all()?)
        })
        .await
    }

    async fn put(&self, lease: &Lease, content: String) -> Result<(), StoreError> {
        let Some(path) = self.path_of(lease) else {
            return Ok(());
        };
        blocking(move || Ok(write_through(&path, &content)?)).await
    }

    /// Names are made of 32 hexadecimal digits, our own row's name and a number.
    fn path_of(&self, lease: &Lease) -> Option<PathBuf> {
        let (portal, chain, generation) = (&lease.member_id, &lease.id, lease.generation);
        let name = format!("{portal}-{chain}-{generation}.{ENDING}");
        Some(self.folder.as_ref()?.join(name))
    }
}

/// Files may take their time, which other tasks must not have to wait for.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| StoreError::Internal(error.into()))?
}

/// Over what is there, without making the file shorter: the room was kept for this. A new file must
/// also be found again after a crash.
fn write_through(path: &Path, content: &str) -> std::io::Result<()> {
    let is_new = !path.try_exists()?;
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file: File = options.open(path)?;
    file.write_all(content.as_bytes())?;
    file.sync_all()?;
    if is_new { sync_folder_of(path) } else { Ok(()) }
}

/// Should a crash bring the file back, the generation tells that its pair is an old one.
fn remove(path: &Path) -> std::io::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn pair_files(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|ending| ending == ENDING) {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

impl std::fmt::Debug for Spill {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Spill")
            .field("folder", &self.folder)
            .finish_non_exhaustive()
    }
}
