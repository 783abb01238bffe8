//! The files of the journal: one for each refresh under way.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use super::ENDING;
use super::record::{Content, ROOM};
use crate::keys::sync_folder_of;

/// Over what is there, without making the file shorter: the room was kept for this. A new file must
/// also be found again after a crash.
pub(super) fn write_through(path: &Path, content: &str) -> std::io::Result<()> {
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

/// What a file holds; none where there is no file, which may have been cleared just now.
pub(super) fn content_of(path: &Path) -> std::io::Result<Option<Content>> {
    let file = match File::open(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        opened => opened?,
    };
    let mut bytes = Vec::with_capacity(ROOM + 1);
    // Longer than twice the room is nothing of ours.
    file.take(2 * ROOM as u64).read_to_end(&mut bytes)?;
    Ok(Some(Content::parse(&String::from_utf8_lossy(&bytes))))
}

/// Should a crash bring the file back, the generation tells that its pair is an old one.
pub(super) fn remove(path: &Path) -> std::io::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

pub(super) fn of_pairs(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
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

/// What was removed must not be found again.
pub(super) fn sync_folder(folder: &Path) -> std::io::Result<()> {
    File::open(folder)?.sync_all()
}
