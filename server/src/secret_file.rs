//! Secrets that stand in files: those of systemd's credentials and of orchestrators, which no list
//! of processes and no dump of an environment shows (SEC-33).

use std::fmt;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use secrecy::SecretString;

/// More than any secret.
const LARGEST: u64 = 64 * 1024;

/// A secret with the file that it was read from.
#[derive(Clone)]
pub struct SecretFile {
    path: PathBuf,
    secret: SecretString,
    lax_mode: Option<String>,
}

impl SecretFile {
    /// Where it stands.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The file's mode where it lets in more people than it has to: `0644`.
    #[must_use]
    pub fn lax_mode(&self) -> Option<&str> {
        self.lax_mode.as_deref()
    }
}

impl fmt::Debug for SecretFile {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_tuple("SecretFile")
            .field(&self.path)
            .finish()
    }
}

/// Why a file gives no secret. Nothing of what stands in it is told.
#[derive(Debug, thiserror::Error)]
pub enum NoSecret {
    /// It cannot be read.
    #[error("it cannot be read: {0}")]
    Unreadable(#[from] std::io::Error),
    /// It is no text.
    #[error("it holds no text")]
    NoText,
    /// There is nothing in it, or far too much.
    #[error("it must hold one line")]
    NotOneLine,
}

/// Reads the one line of the file at `path`; a line's end after it does not belong to it.
///
/// # Errors
/// [`NoSecret`].
pub(crate) fn read(path: &str) -> Result<SecretFile, NoSecret> {
    let path = PathBuf::from(path);
    let file = File::open(&path)?;
    let lax_mode = crmap_store::lax_mode(&file)?;
    let mut bytes = Vec::new();
    file.take(LARGEST).read_to_end(&mut bytes)?;
    let text = String::from_utf8(bytes).map_err(|_error| NoSecret::NoText)?;
    let line = text.trim_end_matches(['\r', '\n']);
    if line.is_empty() || line.contains('\n') {
        return Err(NoSecret::NotOneLine);
    }
    Ok(SecretFile {
        path,
        secret: line.into(),
        lax_mode,
    })
}

/// The secret of the file where there is one, else `given`.
pub(crate) fn or<'a>(file: Option<&'a SecretFile>, given: &'a SecretString) -> &'a SecretString {
    file.map_or(given, |file| &file.secret)
}

/// The secret of the file where there is one, else what was given, if anything.
pub(crate) fn or_none<'a>(
    file: Option<&'a SecretFile>,
    given: Option<&'a SecretString>,
) -> Option<&'a SecretString> {
    file.map(|file| &file.secret).or(given)
}
