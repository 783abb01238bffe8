//! The way to a mail server, as an argument.

use std::fmt;

use async_trait::async_trait;
use crmap_domain::cabinet::Email;

/// A mail in plain text.
#[derive(Clone, PartialEq, Eq)]
pub struct Mail {
    /// To whom.
    pub to: Email,
    /// What it is about, in one line.
    pub subject: String,
    /// What it says; UTF-8.
    pub text: String,
}

/// What a mail says may let somebody in.
impl fmt::Debug for Mail {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Mail")
            .field("to", &self.to)
            .finish_non_exhaustive()
    }
}

/// Why a mail was not sent. The text is for the log: a code and what failed, no addresses.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MailError {
    /// The same may work later.
    #[error("the mail server is not available: {0}")]
    Later(String),
    /// The server will never take this mail.
    #[error("the mail server refuses the mail: {0}")]
    Never(String),
}

/// Hands mails to a mail server.
#[async_trait]
pub trait Mailer: Send + Sync {
    /// Hands one over; when this is `Ok`, the server has taken it.
    ///
    /// # Errors
    /// A [`MailError`].
    async fn send(&self, mail: &Mail) -> Result<(), MailError>;
}
