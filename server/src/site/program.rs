//! The site that was built into this program (feature `embedded-site`).

use std::time::SystemTime;

use include_dir::{Dir, DirEntry, include_dir};

use super::Carried;

/// The folder that build.rs names.
static SITE: Dir<'static> = include_dir!("$CRMAP_EMBEDDED_SITE");

/// All files of it; they are as old as the program.
pub(super) fn site() -> Carried {
    let program = std::env::current_exe().and_then(std::fs::metadata);
    let since = program.and_then(|program| program.modified());
    let mut files = Vec::new();
    gather(&SITE, &mut files);
    let files = files
        .into_iter()
        .map(|file| (file.path().to_owned(), file.contents()));
    Carried::new(files, since.unwrap_or(SystemTime::UNIX_EPOCH))
}

fn gather(folder: &'static Dir<'static>, files: &mut Vec<&'static include_dir::File<'static>>) {
    for entry in folder.entries() {
        match entry {
            DirEntry::Dir(folder) => gather(folder, files),
            DirEntry::File(file) => files.push(file),
        }
    }
}
