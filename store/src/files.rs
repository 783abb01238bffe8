//! The files of the embedded database: made for their owner alone, used by one process (REL-22).

use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};

use crate::StoreError;

/// A lock that the operating system takes back when the process ends, however it ends.
#[derive(Debug)]
pub(crate) struct ProcessLock {
    _file: File,
}

impl ProcessLock {
    /// # Errors
    /// [`StoreError::AlreadyRunning`] where somebody else holds it.
    pub(crate) fn take(path: &Path) -> Result<Self, StoreError> {
        let file = open_private(path)?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => Err(StoreError::AlreadyRunning {
                path: path.to_owned(),
            }),
            Err(TryLockError::Error(error)) => Err(error.into()),
        }
    }
}

/// Makes the folder and the file where they are missing, before the database would make the file
/// readable for everybody. Its companions (`-wal`, `-shm`) take over its mode.
pub(crate) fn prepare(database: &Path) -> Result<(), StoreError> {
    make_folder_of(database)?;
    open_private(database)?;
    Ok(())
}

/// Makes the folder that a file is to be in, where it is missing.
pub(crate) fn make_folder_of(path: &Path) -> Result<(), StoreError> {
    path.parent().map_or(Ok(()), make_private_folder)
}

/// Makes a file that was not there, for its owner alone.
pub(crate) fn new_private(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// The path with something after its name: `crmap.db.lock`.
pub(crate) fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

pub(crate) fn make_private_folder(folder: &Path) -> Result<(), StoreError> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    Ok(builder.create(folder)?)
}

/// The mode of a file with a secret where it lets in more people than it has to (SEC-33): `0644`.
/// A file of this process's user is to be that user's alone. One of another user, as systemd and
/// orchestrators hand secrets over, is read by way of its group, or not at all.
///
/// # Errors
/// When the file cannot be asked.
#[cfg(unix)]
pub fn lax_mode(file: &File) -> std::io::Result<Option<String>> {
    use std::os::unix::fs::MetadataExt as _;
    let asked = file.metadata()?;
    // The folder of a process belongs to its user. Where there is none, the file counts as ours.
    let another_s = std::fs::metadata("/proc/self").is_ok_and(|own| own.uid() != asked.uid());
    let mode = asked.mode() & 0o7777;
    let lax = mode & if another_s { 0o037 } else { 0o077 } != 0;
    Ok(lax.then(|| format!("{mode:04o}")))
}

/// Nothing is known of modes here.
///
/// # Errors
/// None.
#[cfg(not(unix))]
pub fn lax_mode(_file: &File) -> std::io::Result<Option<String>> {
    Ok(None)
}

fn open_private(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}
