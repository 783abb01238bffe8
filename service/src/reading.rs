//! Reading a portal for a session: one reading at a time, joined by everyone who asks, and let go
//! of as soon as its outcome was given. One that nobody came back for in time is given to nobody.

use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crmap_crm::{CrmConnector, CrmError};
use crmap_domain::{Specification, Trouble};
use tokio::sync::watch;
use tokio::time::Instant;

use crate::opening::{KnownPortal, is_installed};
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

/// The end of a reading, with its moment.
type Answer = Option<(Instant, Outcome)>;

/// How long an outcome waits for somebody who was told to ask again.
const WAITS: Duration = Duration::from_secs(30);

/// The reading that is under way for a session, if any.
#[derive(Default)]
pub(crate) struct Slot(Mutex<Option<watch::Receiver<Answer>>>);

impl Slot {
    fn lock(&self) -> std::sync::MutexGuard<'_, Option<watch::Receiver<Answer>>> {
        // The guarded value is replaced whole; a panic cannot leave it half written.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// # Reading a portal for a session
impl Services {
    /// Reads the session's portal with the session user's own rights, or joins the reading that is
    /// under way, and waits for it as long as the settings say.
    pub async fn read(self: &Arc<Self>, session: &Arc<Session>) -> Outcome {
        if self.is_left(session).await {
            self.end_with_installation(session);
            return Outcome::Failed(Trouble::Revoked);
        }
        self.read_within(session, None, self.settings.reading_patience)
            .await
    }

    /// Whether the portal was removed since the session began, by whichever process. Where the
    /// database does not say, the portal will.
    pub(crate) async fn is_left(&self, session: &Session) -> bool {
        let Some(installation) = session.installation() else {
            return false;
        };
        match self.store.portal(&session.opening.member_id).await {
            Ok(Some(portal)) => !is_installed(&portal) || portal.installs != installation,
            Ok(None) => true,
            Err(error) => {
                tracing::warn!(%error, "a session's portal could not be looked up");
                false
            }
        }
    }

    /// Ends a session whose installation is not there any more, with the others of it.
    pub(crate) fn end_with_installation(&self, session: &Session) {
        if let Some(installation) = session.installation() {
            let member_id = &session.opening.member_id;
            let is_of_it = |other: &Session| {
                other
                    .installation()
                    .is_some_and(|number| number <= installation)
            };
            self.sessions.end_of_portal(member_id, is_of_it);
        }
    }

    /// Reads the session's portal, of which this is `known`, or joins the reading that is under way,
    /// and waits at most for `wait`.
    pub(crate) async fn read_within(
        self: &Arc<Self>,
        session: &Arc<Session>,
        known: Option<KnownPortal>,
        wait: Duration,
    ) -> Outcome {
        let (this, of) = (Arc::clone(self), Arc::clone(session));
        let after = move |read: Read| async move {
            match read {
                Ok(specification) => {
                    let known = known.as_ref();
                    this.after_reading(&of, known, &specification).await;
                }
                Err(error) => this.after_failure(&of, &error).await,
            }
        };
        read_within(&*self.connector, session, wait, after).await
    }
}

/// How a reading ended.
type Read = Result<Arc<Specification>, CrmError>;

/// Reads, or joins the reading under way, and waits at most for `wait`. Whoever starts a reading
/// says what is done `after` it; those who wait do not wait for that.
async fn read_within<F, Fut>(
    connector: &dyn CrmConnector,
    session: &Arc<Session>,
    wait: Duration,
    after: F,
) -> Outcome
where
    F: FnOnce(Read) -> Fut + Send + 'static,
    Fut: Future<Output = ()> + Send,
{
    let mut answer = join_or_start(connector, session, after);
    let finished = tokio::time::timeout(wait, answer.wait_for(Option::is_some)).await;
    let outcome = match finished.map(|told| told.map(|outcome| outcome.clone())) {
        Err(_still_reading) => return Outcome::Pending,
        Ok(Ok(answer)) => answer.map_or(Outcome::Pending, |(_ended, outcome)| outcome),
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

fn join_or_start<F, Fut>(
    connector: &dyn CrmConnector,
    session: &Arc<Session>,
    after: F,
) -> watch::Receiver<Answer>
where
    F: FnOnce(Read) -> Fut + Send + 'static,
    Fut: Future<Output = ()> + Send,
{
    let mut slot = session.reading.lock();
    if let Some(known) = slot.as_ref().filter(|known| is_good(known)) {
        return known.clone();
    }
    let (tell, answer) = watch::channel(None);
    *slot = Some(answer.clone());
    drop(slot);
    let account = connector.account(&session.opening.access);
    let lang = session.lang;
    tokio::spawn(async move {
        let read = match account {
            Ok(account) => account.read_specification(lang).await.map(Arc::new),
            Err(error) => Err(error),
        };
        let outcome = match &read {
            Ok(specification) => Outcome::Read(Arc::clone(specification)),
            Err(error) => Outcome::Failed(error.trouble()),
        };
        // Nobody may be waiting any more; then the outcome is dropped with the channel.
        let _ = tell.send(Some((Instant::now(), outcome)));
        after(read).await;
    });
    answer
}

/// Whether a reading is under way, or its outcome still waits for somebody.
fn is_good(answer: &watch::Receiver<Answer>) -> bool {
    let answer = answer.borrow();
    let ended = answer.as_ref().map(|(ended, _)| ended);
    ended.is_none_or(|ended| ended.elapsed() <= WAITS)
}

#[cfg(test)]
mod tests;
