//! Reading a portal for a session: one reading at a time, joined by everyone who asks, and let go
//! of as soon as its outcome was given.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crmap_domain::{Specification, Trouble};
use tokio::sync::watch;

use crate::{Services, Session};

/// How a reading stands.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// The portal was read.
    Read(Arc<Specification>),
    /// It could not be read.
    Failed(Trouble),
    /// The portal is slow; ask again to go on waiting.
    Pending,
}

type Answer = Option<Outcome>;

/// The reading that is under way for a session, if any.
#[derive(Default)]
pub(crate) struct Slot(Mutex<Option<watch::Receiver<Answer>>>);

impl Slot {
    fn lock(&self) -> std::sync::MutexGuard<'_, Option<watch::Receiver<Answer>>> {
        // The guarded value is replaced whole; a panic cannot leave it half written.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Services {
    /// Reads the session's portal with the session user's own rights, or joins the reading that is
    /// under way, and waits for it as long as the settings say.
    pub async fn read(&self, session: &Arc<Session>) -> Outcome {
        self.read_within(session, self.settings.reading_patience)
            .await
    }

    pub(crate) async fn read_within(&self, session: &Arc<Session>, wait: Duration) -> Outcome {
        let mut answer = self.join_or_start(session);
        let finished = tokio::time::timeout(wait, answer.wait_for(Option::is_some)).await;
        let outcome = match finished.map(|told| told.map(|outcome| outcome.clone())) {
            Err(_still_reading) => return Outcome::Pending,
            Ok(Ok(outcome)) => outcome.unwrap_or(Outcome::Pending),
            Ok(Err(_reader_died)) => Outcome::Failed(Trouble::Internal),
        };
        // Somebody who woke up earlier may have started the next reading, which others can join.
        let mut slot = session.reading.lock();
        if slot
            .as_ref()
            .is_some_and(|known| known.same_channel(&answer))
        {
            *slot = None;
        }
        drop(slot);
        outcome
    }

    fn join_or_start(&self, session: &Arc<Session>) -> watch::Receiver<Answer> {
        let mut slot = session.reading.lock();
        if let Some(under_way) = slot.as_ref() {
            return under_way.clone();
        }
        let (tell, answer) = watch::channel(None);
        *slot = Some(answer.clone());
        drop(slot);
        let account = self.connector.account(&session.opening.access);
        let (lang, member_id) = (session.lang, session.opening.member_id.clone());
        tokio::spawn(async move {
            let read = match account {
                Ok(account) => account.read_specification(lang).await,
                Err(error) => Err(error),
            };
            let outcome = read.map(|specification| Outcome::Read(Arc::new(specification)));
            let outcome = outcome.unwrap_or_else(|error| {
                let cause = std::error::Error::source(&error).map(ToString::to_string);
                tracing::warn!(portal.member_id = %member_id, %error, cause, "a portal could not be read");
                Outcome::Failed(error.trouble())
            });
            // Nobody may be waiting any more; then the outcome is dropped with the channel.
            let _ = tell.send(Some(outcome));
        });
        answer
    }
}

#[cfg(test)]
mod tests;
