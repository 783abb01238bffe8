//! Many portals in one file.

use std::io::Write;
use std::sync::Arc;

use crmap_domain::{Lang, MemberId, Specification};

use crate::{Archive, ExportError, OfMany, Workbook};

/// One of the portals.
#[derive(Debug, Clone)]
pub struct Portal {
    /// Which.
    pub member_id: MemberId,
    /// Its last known address.
    pub address: String,
    /// What the owner of the cabinet calls it; may be empty.
    pub label: String,
    /// What there is to write of it.
    pub content: Content,
}

/// What there is to write of a portal.
#[derive(Debug, Clone)]
pub enum Content {
    /// Its last reading.
    Read(Arc<Specification>),
    /// Nothing; the file says why, so that no portal is silently missing.
    Missing(Gone),
}

/// Why there is nothing to write of a portal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gone {
    /// It was not read yet.
    NeverRead,
    /// The application was removed from it, and nothing of it is kept.
    Removed,
    /// Its link ended while the file was being made.
    NotLinked,
    /// The database did not give it.
    Failed,
}

/// A file of many portals while it is written. Portals come one at a time, and none is kept.
pub enum Many<W: Write + Send> {
    /// An archive with a file of each.
    Archive(Box<Archive<W>>),
    /// One workbook.
    Workbook(Box<Workbook<W>>),
}

impl<W: Write + Send> Many<W> {
    /// Begins a file, in the words of `lang`.
    ///
    /// # Errors
    /// [`ExportError`] where `out` takes nothing.
    pub fn begin(form: OfMany, lang: Lang, out: W) -> Result<Self, ExportError> {
        Ok(match form {
            OfMany::Archive(form) => Self::Archive(Box::new(Archive::begin(form, lang, out))),
            OfMany::Workbook => Self::Workbook(Box::new(Workbook::begin(lang, out)?)),
        })
    }

    /// Writes a portal.
    ///
    /// # Errors
    /// [`ExportError`] where `out` takes no more.
    pub fn add(&mut self, portal: &Portal) -> Result<(), ExportError> {
        match self {
            Self::Archive(archive) => archive.add(portal),
            Self::Workbook(workbook) => workbook.add(portal),
        }
    }

    /// Writes what stands at the end. A file without it cannot be opened.
    ///
    /// # Errors
    /// [`ExportError`] where `out` takes no more.
    pub fn finish(self) -> Result<(), ExportError> {
        match self {
            Self::Archive(archive) => archive.finish(),
            Self::Workbook(workbook) => workbook.finish(),
        }
    }
}
