//! Why a file was not finished.

use std::io;

/// Why a file was not finished.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// Nobody takes the bytes any more, or there is no room for what had to be set aside.
    #[error("the file could not be written: {0}")]
    Write(#[from] io::Error),
    /// The archive does not take what it was given.
    #[error("the archive could not be written: {0}")]
    Archive(#[source] zip::result::ZipError),
}

impl From<zip::result::ZipError> for ExportError {
    fn from(error: zip::result::ZipError) -> Self {
        match error {
            zip::result::ZipError::Io(error) => Self::Write(error),
            error => Self::Archive(error),
        }
    }
}

impl From<csv::Error> for ExportError {
    fn from(error: csv::Error) -> Self {
        Self::Write(error.into())
    }
}
