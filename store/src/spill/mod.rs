//! The journal of pairs that are on their way into the database (security.md §4, step 5): a folder
//! with one small file for each refresh under way. The file is made, with room for the pair, before
//! the authority is asked, so that a full disk is found while nothing is lost (REL-24); the pair is
//! put into it, sealed for its row, before the database is asked to store it.

mod files;
mod record;
mod replay;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crmap_domain::MemberId;
use tracing::instrument;

pub use replay::Replayed;

use crate::StoreError;
use crate::blocking::blocking;
use crate::credential::{FreshPair, Lease};
use crate::files::{ProcessLock, make_private_folder};
use crate::vault::Vault;

use files::{content_of, remove, write_through};
use record::{Content, ROOM, Record};

const ENDING: &str = "pair";

/// The journal; without a folder it keeps nothing, and the row's intent alone tells of a refresh.
pub struct Spill {
    folder: Option<PathBuf>,
    vault: Vault,
    turns: Turns,
    _lock: Option<ProcessLock>,
}

impl Spill {
    /// The folder belongs to one process.
    pub(crate) fn open(folder: Option<PathBuf>, vault: Vault) -> Result<Self, StoreError> {
        let lock = match &folder {
            Some(folder) => {
                make_private_folder(folder)?;
                Some(ProcessLock::take(&folder.join("lock"))?)
            }
            None => None,
        };
        Ok(Self {
            folder,
            vault,
            turns: Turns::default(),
            _lock: lock,
        })
    }

    /// Makes room for the pair that a lease may give. To be called before the authority is asked.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] where an earlier holder's pair waits there for
    /// [`Store::replay_spill`](crate::Store::replay_spill): it may be the only good one.
    /// [`StoreError::Full`] and [`StoreError::ReadOnly`], or another one of the file system. In any
    /// case the authority must not be asked.
    #[instrument(name = "spill.reserve", skip_all,
        fields(portal.member_id = %lease.member_id, user.id = lease.user_id))]
    pub async fn reserve(&self, lease: &Lease) -> Result<(), StoreError> {
        let Some(path) = self.path_of(lease) else {
            return Ok(());
        };
        let turns = self.turns.clone();
        blocking(move || {
            let _turn = turns.of(&path);
            if let Some(Content::Pair(_)) = content_of(&path)? {
                return Err(StoreError::Conflict(
                    "a pair is waiting in the local journal".into(),
                ));
            }
            Ok(write_through(
                &path,
                &format!("{:ROOM$}\n", record::INTENT),
            )?)
        })
        .await
    }

    /// Puts the pair, sealed, on disk. To be called before the pair is stored.
    ///
    /// # Errors
    /// A [`StoreError`]; the pair may still be stored in the database.
    #[instrument(name = "spill.append", skip_all,
        fields(portal.member_id = %lease.member_id, user.id = lease.user_id))]
    pub async fn append(&self, lease: &Lease, pair: &FreshPair) -> Result<(), StoreError> {
        let line = Record::sealed(&self.vault, lease, pair)?.to_line();
        let Some(path) = self.path_of(lease) else {
            return Ok(());
        };
        let turns = self.turns.clone();
        blocking(move || {
            let _turn = turns.of(&path);
            Ok(write_through(&path, &line)?)
        })
        .await
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
        let turns = self.turns.clone();
        blocking(move || {
            let _turn = turns.of(&path);
            Ok(remove(&path)?)
        })
        .await
    }

    /// The files of a portal.
    pub(crate) async fn files_of(&self, member_id: &MemberId) -> Result<Vec<PathBuf>, StoreError> {
        let Some(folder) = self.folder.clone() else {
            return Ok(Vec::new());
        };
        let beginning = format!("{member_id}-");
        blocking(move || {
            let mut paths = files::of_pairs(&folder)?;
            paths.retain(|path| name_of(path).starts_with(&beginning));
            Ok(paths)
        })
        .await
    }

    /// Removes files of a portal but those of the chains named.
    pub(crate) async fn forget(
        &self,
        mut paths: Vec<PathBuf>,
        alive: &[String],
    ) -> Result<(), StoreError> {
        let Some(folder) = self.folder.clone() else {
            return Ok(());
        };
        let alive: Vec<String> = alive.iter().map(|chain| format!("-{chain}-")).collect();
        paths.retain(|path| !alive.iter().any(|chain| name_of(path).contains(chain)));
        blocking(move || {
            for path in &paths {
                remove(path)?;
            }
            // Also what a process removed that died before it came this far.
            Ok(files::sync_folder(&folder)?)
        })
        .await
    }

    /// Names are made of 32 hexadecimal digits, our own row's name and a number.
    fn path_of(&self, lease: &Lease) -> Option<PathBuf> {
        let (portal, chain, generation) = (&lease.member_id, &lease.id, lease.generation);
        let name = format!("{portal}-{chain}-{generation}.{ENDING}");
        Some(self.folder.as_ref()?.join(name))
    }
}

fn name_of(path: &Path) -> std::borrow::Cow<'_, str> {
    path.file_name().unwrap_or_default().to_string_lossy()
}

/// Who looks at a file and then acts on it keeps others off in between. Files share a few locks, so
/// that a slow disk does not make refreshes wait for each other.
#[derive(Clone, Default)]
struct Turns(Arc<[Mutex<()>; 32]>);

impl Turns {
    fn of(&self, path: &Path) -> MutexGuard<'_, ()> {
        let mut hasher = std::hash::DefaultHasher::new();
        std::hash::Hash::hash(path, &mut hasher);
        let place = std::hash::Hasher::finish(&hasher) % 32;
        let lock = &self.0[usize::try_from(place).unwrap_or_default()];
        // Nothing is kept under the lock that a panic could leave half done.
        lock.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Spill {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Spill")
            .field("folder", &self.folder)
            .finish_non_exhaustive()
    }
}
