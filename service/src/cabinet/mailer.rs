//! The port to whatever sends mail.

use async_trait::async_trait;
use crmap_domain::cabinet::Email;

/// A letter to one person: plain text in UTF-8.
pub struct Mail {
    /// To whom.
    pub to: Email,
    /// What it is about, in one line.
    pub subject: String,
    /// What it says.
    pub text: String,
}

/// Sends mail.
#[async_trait]
pub trait Mailer: Send + Sync {
    /// Hands a letter over.
    ///
    /// # Errors
    /// [`MailError`] says whether it is worth trying again.
    async fn send(&self, mail: &Mail) -> Result<(), MailError>;
}

/// Why a letter was not taken. The text is for the log: what the server said or did, and no address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MailError {
    /// It may be taken later.
    #[error("the mail was not taken now: {0}")]
    Later(String),
    /// It will never be taken.
    #[error("the mail was refused: {0}")]
    Never(String),
}
