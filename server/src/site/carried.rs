//! Files in memory for whoever serves files of a folder, with the same answers.

use std::collections::HashMap;
use std::fmt;
use std::future::{Ready, ready};
use std::io::{Cursor, Error, ErrorKind, Result, SeekFrom};
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::SystemTime;

use tokio::io::{AsyncRead, AsyncSeek, ReadBuf};
use tower_http::services::fs::{Backend, File, Metadata};

/// Files that a program carries, by their paths within the site.
#[derive(Clone)]
pub struct Carried {
    files: Arc<HashMap<PathBuf, &'static [u8]>>,
    since: SystemTime,
}

impl Carried {
    /// These files, with names like `pkg/crmap.js`; browsers are told that they are as they are
    /// `since` then.
    pub fn new(
        files: impl IntoIterator<Item = (PathBuf, &'static [u8])>,
        since: SystemTime,
    ) -> Self {
        Self {
            files: Arc::new(files.into_iter().collect()),
            since,
        }
    }

    /// What is in a file.
    #[must_use]
    pub fn content(&self, path: impl AsRef<Path>) -> Option<&'static [u8]> {
        self.files.get(path.as_ref()).copied()
    }

    fn find(&self, path: &Path) -> Result<Entry> {
        // Whoever serves files looks for them below `.`.
        let path = path.strip_prefix(".").unwrap_or(path);
        let content = self.content(path);
        let is_folder = || self.files.keys().any(|file| file.starts_with(path));
        if content.is_none() && !is_folder() {
            return Err(Error::from(ErrorKind::NotFound));
        }
        Ok(Entry {
            content,
            since: self.since,
        })
    }
}

impl fmt::Debug for Carried {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_set().entries(self.files.keys()).finish()
    }
}

impl Backend for Carried {
    type File = OpenFile;
    type Metadata = Entry;
    type OpenFuture = Ready<Result<OpenFile>>;
    type MetadataFuture = Ready<Result<Entry>>;

    fn open(&self, path: PathBuf) -> Self::OpenFuture {
        ready(self.find(&path).map(|entry| OpenFile {
            content: Cursor::new(entry.content.unwrap_or_default()),
            entry,
        }))
    }

    fn metadata(&self, path: PathBuf) -> Self::MetadataFuture {
        ready(self.find(&path))
    }
}

/// A file, or a folder, which has no content.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    content: Option<&'static [u8]>,
    since: SystemTime,
}

impl Metadata for Entry {
    fn is_dir(&self) -> bool {
        self.content.is_none()
    }

    fn modified(&self) -> Result<SystemTime> {
        Ok(self.since)
    }

    fn len(&self) -> u64 {
        // What a program carries fits into its memory.
        self.content.unwrap_or_default().len() as u64
    }
}

/// A file with how far it was read.
#[derive(Debug)]
pub struct OpenFile {
    content: Cursor<&'static [u8]>,
    entry: Entry,
}

impl File for OpenFile {
    type Metadata = Entry;
    type MetadataFuture<'a> = Ready<Result<Entry>>;

    fn metadata(&self) -> Self::MetadataFuture<'_> {
        ready(Ok(self.entry))
    }
}

impl AsyncRead for OpenFile {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<Result<()>> {
        Pin::new(&mut self.content).poll_read(context, buffer)
    }
}

impl AsyncSeek for OpenFile {
    fn start_seek(mut self: Pin<&mut Self>, position: SeekFrom) -> Result<()> {
        Pin::new(&mut self.content).start_seek(position)
    }

    fn poll_complete(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<u64>> {
        Pin::new(&mut self.content).poll_complete(context)
    }
}
