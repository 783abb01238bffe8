//! From the outbox to the mail server: any number of processes, each mail by one of them at a time.
//! A process that dies leaves its mail to the next, which may then come twice, but never not at all
//! (SEC-70).

use std::time::Duration;

use crmap_domain::Lang;
use crmap_domain::cabinet::Email;
use crmap_store::{MAIL_KEPT, StoreError, WaitingMail};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use time::OffsetDateTime;

use super::letters::Letter;
use super::{Mail, MailError};
use crate::{Services, figures};

/// The longest that a mail waits between two tries.
const LONGEST_WAIT: Duration = Duration::from_secs(60 * 60);

/// How mails are sent.
#[derive(Debug, Clone, Copy)]
pub struct MailTimes {
    /// How long a mail is one process's; longer than the patience.
    pub lease: Duration,
    /// How long a mail server is waited for.
    pub patience: Duration,
    /// How long a mail waits after its first failure; each time twice as long, up to an hour.
    pub backoff: Duration,
    /// How old a mail may be when it is tried the last time; the database keeps none for longer than
    /// [`MAIL_KEPT`].
    pub kept: Duration,
}

impl Default for MailTimes {
    fn default() -> Self {
        Self {
            lease: Duration::from_secs(120),
            patience: Duration::from_secs(60),
            backoff: Duration::from_secs(30),
            kept: MAIL_KEPT,
        }
    }
}

/// A mail as it waits.
struct Posted {
    mail: Mail,
    /// From when on nobody needs it any more.
    until: Option<OffsetDateTime>,
}

impl Posted {
    fn write(&self) -> SecretString {
        let posted = json!({
            "to": self.mail.to.as_str(),
            "subject": self.mail.subject,
            "text": self.mail.text,
            "until": self.until.map(OffsetDateTime::unix_timestamp),
        });
        SecretString::from(posted.to_string())
    }

    fn read(text: &SecretString) -> Option<Self> {
        let posted: Value = serde_json::from_str(text.expose_secret()).ok()?;
        let field = |name: &str| posted.get(name)?.as_str();
        let until = posted.get("until").and_then(Value::as_i64);
        Some(Self {
            mail: Mail {
                to: Email::parse(field("to")?).ok()?,
                subject: field("subject")?.to_owned(),
                text: field("text")?.to_owned(),
            },
            until: until.and_then(|seconds| OffsetDateTime::from_unix_timestamp(seconds).ok()),
        })
    }
}

/// # Mails on their way out
impl Services {
    /// Whether this CRMAP sends mails.
    #[must_use]
    pub fn sends_mail(&self) -> bool {
        self.settings.mailer.is_some()
    }

    /// A letter, ready to be posted; nobody needs it after `until`.
    pub(crate) fn written(
        &self,
        to: &Email,
        lang: Lang,
        letter: &Letter,
        until: Option<OffsetDateTime>,
    ) -> SecretString {
        let mail = letter.to(to.clone(), lang, &self.settings.site);
        Posted { mail, until }.write()
    }

    /// A letter, ready to be posted, where mails are sent.
    pub(crate) fn written_if_sent(
        &self,
        to: &Email,
        lang: Lang,
        letter: &Letter,
    ) -> Option<SecretString> {
        self.sends_mail()
            .then(|| self.written(to, lang, letter, None))
    }

    /// Sends the mails that are due, until there are none, the server is not to be had, or it
    /// `is_stopped`: what waits then waits for the next process (REL-26).
    pub(crate) async fn send_mails(&self, is_stopped: impl Fn() -> bool) -> Result<(), StoreError> {
        while !is_stopped() && self.send_next_mail().await? {}
        Ok(())
    }

    /// Says whether to go on.
    async fn send_next_mail(&self) -> Result<bool, StoreError> {
        let Some(mailer) = &self.settings.mailer else {
            return Ok(false);
        };
        let times = &self.settings.mail;
        let Some(waiting) = self.store.next_mail(&self.owner, times.lease).await? else {
            return Ok(false);
        };
        let Some(posted) = Posted::read(&waiting.mail) else {
            tracing::error!("a mail in the outbox cannot be understood; it is dropped");
            return self.drop_mail(&waiting).await;
        };
        if posted.until.is_some_and(|until| until <= self.clock.now()) {
            tracing::warn!("a mail could not be sent while it was of use; it is dropped");
            return self.drop_mail(&waiting).await;
        }
        let sent = tokio::time::timeout(times.patience, mailer.send(&posted.mail)).await;
        match sent.unwrap_or_else(|_late| Err(MailError::Later("no answer in time".to_owned()))) {
            Ok(()) => {
                figures::mail("sent");
                self.drop_mail(&waiting).await
            }
            Err(MailError::Later(_)) if self.clock.now() - waiting.made_at < times.kept => {
                figures::mail("put_off");
                let wait = self.wait_after(waiting.attempts);
                self.store
                    .retry_mail(&waiting.id, &self.owner, wait)
                    .await?;
                Ok(false)
            }
            Err(error) => {
                figures::mail("refused");
                tracing::error!(%error, attempts = waiting.attempts, "a mail cannot be sent");
                self.drop_mail(&waiting).await
            }
        }
    }

    async fn drop_mail(&self, waiting: &WaitingMail) -> Result<bool, StoreError> {
        self.store.finish_mail(&waiting.id, &self.owner).await?;
        Ok(true)
    }

    /// Twice as long each time, and a little different each time.
    fn wait_after(&self, attempts: u32) -> Duration {
        let doubled = 1_u32
            .checked_shl(attempts.saturating_sub(1))
            .unwrap_or(u32::MAX);
        let wait = self.settings.mail.backoff.saturating_mul(doubled);
        wait.min(LONGEST_WAIT).mul_f64(0.75 + self.spread() / 4.0)
    }
}
