//! Events of portals: proved by the portal's own secret, written down, answered, and only then acted
//! upon (SEC-15 to SEC-18).

use std::time::Duration;

use crmap_domain::MemberId;
use crmap_store::{NewEvent, Received, StoreError, StoredEvent};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use time::OffsetDateTime;

use crate::audit::Act;
use crate::fleet::DEBOUNCE;
use crate::leaving::{Acted, DOUBTS, Farewell};
use crate::{Services, figures};

/// How long one process may work on one event before another takes it over.
const LEASE: Duration = Duration::from_secs(60);
/// How long to wait before an event that could not be acted upon is tried again.
const AGAIN: Duration = Duration::from_secs(20);
/// After so many tries, which take hours, an event is given up: something is wrong with it.
const MOST_ATTEMPTS: u32 = 1_000;
/// A hint is followed at most this often (SEC-17).
const HINTS: Duration = Duration::from_secs(600);

/// What a portal says, not yet proved.
#[derive(Debug, Clone)]
pub struct Notice {
    /// The portal as the event names it.
    pub member_id: MemberId,
    /// What has happened there.
    pub kind: NoticeKind,
    /// The secret that proves it.
    pub application_token: Option<SecretString>,
    /// When the portal sent it, by its own clock.
    pub sent_at: Option<OffsetDateTime>,
    /// The same for the same event, however often it comes.
    pub digest: [u8; 32],
}

/// What can happen in a portal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoticeKind {
    /// The application was removed; with `clean`, its settings and data too.
    Left {
        /// Whether settings and data were to go as well.
        clean: bool,
    },
    /// Custom fields have changed.
    FieldsChanged,
    /// Something about the application's subscription or version; only a reason to ask.
    Hint,
    /// Nothing that concerns us.
    Other,
}

/// What became of a notice. The portal is told nothing of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reception {
    /// It is written down and will be acted upon.
    Taken,
    /// It was known already.
    Known,
    /// It is not proved, or concerns nobody.
    Ignored,
}

/// # Events of portals
impl Services {
    /// Takes a notice: proves it and writes it down. Acting upon it is the worker's.
    ///
    /// # Errors
    /// [`StoreError`] when it could not be written down; the portal does not send it again.
    pub async fn receive(&self, notice: &Notice) -> Result<Reception, StoreError> {
        let became = self.try_to_receive(notice).await;
        figures::event(became.as_ref().ok().copied());
        became
    }

    async fn try_to_receive(&self, notice: &Notice) -> Result<Reception, StoreError> {
        let proved = self.is_proved(notice).await?;
        let now = self.clock.now();
        match notice.kind {
            // Whoever sends it, it only makes us ask, and seldom (SEC-17).
            NoticeKind::Hint => {
                let heeded = self.store.hint(&notice.member_id, now, HINTS).await?;
                Ok(taken_if(heeded))
            }
            NoticeKind::Other => Ok(Reception::Ignored),
            NoticeKind::Left { .. } | NoticeKind::FieldsChanged if !proved => {
                tracing::warn!(portal.member_id = %notice.member_id, kind = ?notice.kind,
                    "an event without its portal's secret was ignored");
                Ok(Reception::Ignored)
            }
            NoticeKind::Left { .. } | NoticeKind::FieldsChanged => self.write_down(notice).await,
        }
    }

    /// Compares in constant time, and does as much for a portal that nobody knows (SEC-15).
    async fn is_proved(&self, notice: &Notice) -> Result<bool, StoreError> {
        let kept = self.store.application_token(&notice.member_id).await?;
        let known = kept.is_some();
        let digest_of = |token: &Option<SecretString>| {
            let text = token.as_ref().map_or("", |token| token.expose_secret());
            <[u8; 32]>::from(Sha256::digest(text))
        };
        let same = digest_of(&kept).ct_eq(&digest_of(&notice.application_token));
        Ok(bool::from(same) & known & notice.application_token.is_some())
    }

    async fn write_down(&self, notice: &Notice) -> Result<Reception, StoreError> {
        let portal = self.store.portal(&notice.member_id).await?;
        let event = NewEvent {
            digest: digest_within(notice.digest, portal.map_or(0, |portal| portal.installs)),
            member_id: notice.member_id.clone(),
            name: name_of(notice.kind).to_owned(),
            sent_at: notice.sent_at,
            payload: String::new(),
            now: self.clock.now(),
        };
        let received = self.store.receive_event(&event).await?;
        self.arrived.notify_one();
        Ok(match received {
            Received::New => Reception::Taken,
            Received::Duplicate => Reception::Known,
        })
    }

    /// Acts upon everything that was written down. Gives how many events were dealt with.
    ///
    /// # Errors
    /// [`StoreError`] when the database is away; nothing is lost.
    pub(crate) async fn process_events(&self) -> Result<usize, StoreError> {
        let mut done = 0;
        while let Some(event) = self.store.next_event(&self.owner, LEASE).await? {
            match self.act_upon(&event).await {
                Ok(Acted::Done) => {
                    self.store.finish_event(event.id, &self.owner).await?;
                }
                Ok(Acted::Later) => {
                    self.store
                        .retry_event(event.id, &self.owner, DOUBTS)
                        .await?;
                }
                Err(error) if event.attempts >= MOST_ATTEMPTS => {
                    tracing::error!(%error, portal.member_id = %event.member_id, name = event.name,
                        "an event is given up");
                    self.store.finish_event(event.id, &self.owner).await?;
                }
                Err(error) => {
                    tracing::warn!(%error, portal.member_id = %event.member_id, name = event.name,
                        "an event could not be acted upon; it will be tried again");
                    self.store.retry_event(event.id, &self.owner, AGAIN).await?;
                }
            }
            done += 1;
        }
        Ok(done)
    }

    async fn act_upon(&self, event: &StoredEvent) -> Result<Acted, StoreError> {
        match kind_of(&event.name) {
            Some(NoticeKind::Left { clean }) => {
                let farewell = Farewell {
                    clean,
                    sent_at: event.sent_at,
                    received_at: event.received_at,
                };
                self.let_go(&event.member_id, farewell).await
            }
            Some(NoticeKind::FieldsChanged) => {
                let at = event.received_at;
                self.store
                    .mark_for_reading(&event.member_id, at, at + DEBOUNCE)
                    .await?;
                Ok(Acted::Done)
            }
            _ => {
                // Written by another version of CRMAP.
                let act = Act::UnknownEvent(event.name.clone());
                self.note(&event.member_id, act).await;
                Ok(Acted::Done)
            }
        }
    }
}

/// A portal that is removed twice within a second sends the same words twice: an event is the same
/// only within one installation.
fn digest_within(digest: [u8; 32], installation: u32) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(digest);
    hash.update(installation.to_be_bytes());
    hash.finalize().into()
}

const fn taken_if(heeded: bool) -> Reception {
    if heeded {
        Reception::Taken
    } else {
        Reception::Ignored
    }
}

/// The lasting names under which events are written down.
const fn name_of(kind: NoticeKind) -> &'static str {
    match kind {
        NoticeKind::Left { clean: true } => "left_clean",
        NoticeKind::Left { clean: false } => "left",
        NoticeKind::FieldsChanged => "fields_changed",
        NoticeKind::Hint => "hint",
        NoticeKind::Other => "other",
    }
}

fn kind_of(name: &str) -> Option<NoticeKind> {
    [
        NoticeKind::Left { clean: true },
        NoticeKind::Left { clean: false },
        NoticeKind::FieldsChanged,
    ]
    .into_iter()
    .find(|kind| name_of(*kind) == name)
}
