//! Reading a portal for its cabinets, with the rights of its people that are kept, administrators
//! first (SEC-26). However many ask, one reading of a portal is under way, and what came of it is the
//! answer for a while.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration as Wait;

use crmap_crm::CrmError;
use crmap_domain::cabinet::Denial;
use crmap_domain::{Lang, MemberId, Specification, Trouble, Unreachable};
use crmap_store::{Keeping, Portal, StoreError};
use time::{Duration, OffsetDateTime};
use tokio::sync::{Semaphore, SemaphorePermit, watch};
use tokio::time::Instant;

use super::Entered;
use crate::fleet::Answered;
use crate::rights::{NotDone, evidence_of};
use crate::shares::Shares;
use crate::standing::Evidence;
use crate::{Outcome, Services};

/// How long the answer of one reading is the answer to whoever asks next: several who ask at once cost
/// one reading, and who has just changed something in the portal sees it.
pub(crate) const GOOD_FOR: Duration = Duration::seconds(10);
/// How many portals are read at a time for whoever looks on in one cabinet.
const OF_ONE_CABINET: usize = 4;
/// How many kept readings are unpacked at a time: each takes many times its size in memory.
const UNPACKED_AT_ONCE: usize = 2;

/// How a reading ended: the reading itself is in the database, for those who are linked, but where a
/// better one is kept there.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Landed {
    Read,
    ReadAside(Arc<Specification>),
    Failed(Trouble),
}

impl Landed {
    /// Why nothing was read, if so.
    pub(crate) const fn trouble(&self) -> Option<&Trouble> {
        match self {
            Self::Failed(trouble) => Some(trouble),
            Self::Read | Self::ReadAside(_) => None,
        }
    }
}

/// The end of a reading, with its moment.
type Answer = Option<(OffsetDateTime, Landed)>;

/// Readings for cabinets that somebody waits for, or that have lately ended.
pub(crate) struct Flights {
    by_portal: Mutex<HashMap<MemberId, watch::Receiver<Answer>>>,
    /// One cabinet that asks for all of its portals at once keeps the others waiting for no more
    /// than its share (REL-13).
    shares: Shares,
    unpacking: Semaphore,
}

impl Flights {
    pub(crate) fn new() -> Self {
        Self {
            by_portal: Mutex::default(),
            shares: Shares::new(OF_ONE_CABINET),
            unpacking: Semaphore::new(UNPACKED_AT_ONCE),
        }
    }

    /// The right to unpack a kept reading, when it is one's turn. The semaphore is never closed.
    pub(crate) async fn unpacking(&self) -> Option<SemaphorePermit<'_>> {
        self.unpacking.acquire().await.ok()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<MemberId, watch::Receiver<Answer>>> {
        // Entries are whole or absent, whatever panicked.
        self.by_portal
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// The reading to wait for, and the way to end it for whoever must begin it. One that has ended
    /// is none where nothing of it `is_stored` any more.
    fn join(
        &self,
        member_id: &MemberId,
        is_stored: bool,
        now: OffsetDateTime,
    ) -> (watch::Receiver<Answer>, Option<watch::Sender<Answer>>) {
        let mut flights = self.lock();
        flights.retain(|portal, answer| {
            is_good(answer, now) && (is_stored || portal != member_id || !is_read(answer))
        });
        if let Some(answer) = flights.get(member_id) {
            return (answer.clone(), None);
        }
        let (tell, answer) = watch::channel(None);
        flights.insert(member_id.clone(), answer.clone());
        (answer, Some(tell))
    }
}

/// Whether a reading is under way, or its answer still is one. The reader may have died.
fn is_good(answer: &watch::Receiver<Answer>, now: OffsetDateTime) -> bool {
    match &*answer.borrow() {
        Some((ended, _landed)) => now - *ended < GOOD_FOR,
        None => answer.has_changed().is_ok(),
    }
}

fn is_read(answer: &watch::Receiver<Answer>) -> bool {
    matches!(&*answer.borrow(), Some((_, Landed::Read)))
}

/// # Reading a portal for its cabinets
impl Services {
    /// Reads a portal of the cabinet, or joins the reading that is under way, and waits for it as
    /// long as the settings say. What was read, or failed, within the last ten seconds is not asked
    /// for again: it is given once more.
    ///
    /// # Errors
    /// [`Denial::NotFound`], also where the link ends meanwhile; [`Denial::StoreUnavailable`].
    pub async fn refresh_portal(
        self: &Arc<Self>,
        entered: &Entered,
        member_id: &MemberId,
        lang: Lang,
    ) -> Result<Outcome, Denial> {
        let linked = self.linked_to(entered, member_id).await?;
        if linked.is_void {
            return Ok(Outcome::Failed(Trouble::Revoked));
        }
        let mut answer = self.fly(entered, member_id, linked.card.read_at.is_some(), lang);
        let patience: Wait = self.settings.reading_patience;
        let landed = tokio::time::timeout(patience, answer.wait_for(Option::is_some)).await;
        let landed = landed.map(|told| told.map(|answer| answer.clone()));
        match landed {
            Ok(Ok(Some((_, Landed::Read)))) => self.what_was_read(entered, member_id).await,
            Ok(Ok(Some((_, Landed::ReadAside(read))))) => {
                let is_void = self.linked_to(entered, member_id).await?.is_void;
                Ok(if is_void {
                    Outcome::Failed(Trouble::Revoked)
                } else {
                    Outcome::Read(read)
                })
            }
            Ok(Ok(Some((_, Landed::Failed(trouble))))) => {
                self.linked_to(entered, member_id).await?;
                Ok(Outcome::Failed(trouble))
            }
            Ok(Ok(None)) | Err(_) => Ok(Outcome::Pending),
            Ok(Err(_reader_died)) => Ok(Outcome::Failed(Trouble::Internal)),
        }
    }

    /// Of the portal, for a cabinet that is still linked to it (SEC-24).
    async fn what_was_read(
        &self,
        entered: &Entered,
        member_id: &MemberId,
    ) -> Result<Outcome, Denial> {
        if let Some(read) = self.snapshot(entered, member_id).await? {
            return Ok(Outcome::Read(read));
        }
        let is_void = self.linked_to(entered, member_id).await?.is_void;
        Ok(Outcome::Failed(if is_void {
            Trouble::Revoked
        } else {
            Trouble::Internal
        }))
    }

    fn fly(
        self: &Arc<Self>,
        entered: &Entered,
        member_id: &MemberId,
        is_stored: bool,
        lang: Lang,
    ) -> watch::Receiver<Answer> {
        let now = self.clock.now();
        let (answer, tell) = self.flights.join(member_id, is_stored, now);
        if let Some(tell) = tell {
            let (this, member_id) = (Arc::clone(self), member_id.clone());
            let account = entered.tenant().id().to_owned();
            tokio::spawn(async move {
                let _share = this.flights.shares.take(&account).await;
                let landed = this.read_for_somebody(&member_id, is_stored, lang).await;
                // Nobody may be waiting any more.
                let _ = tell.send(Some((this.clock.now(), landed)));
            });
        }
        answer
    }

    /// Reads a portal whose lease the caller has, and notes when the portal has answered.
    pub(crate) async fn read_for_cabinets(
        &self,
        portal: &Portal,
        lang: Lang,
        answered: &Answered,
    ) -> Landed {
        match self.try_to_read(portal, lang, answered).await {
            Ok(landed) => landed,
            Err(error) => {
                tracing::warn!(%error, portal.member_id = %portal.member_id,
                    "the database did not serve a reading for cabinets");
                Landed::Failed(Trouble::StoreUnavailable)
            }
        }
    }

    async fn try_to_read(
        &self,
        portal: &Portal,
        lang: Lang,
        answered: &Answered,
    ) -> Result<Landed, StoreError> {
        let lang = self.lang_to_read(&portal.member_id, lang).await?;
        let last = Mutex::new(None);
        let read = self
            .with_rights(portal, |account| {
                let last = &last;
                async move {
                    let read = account.read_specification(lang).await;
                    let failure = read.as_ref().err().map(Failure::of);
                    *last.lock().unwrap_or_else(PoisonError::into_inner) = failure;
                    read
                }
            })
            .await;
        let _ = answered.set(Instant::now());
        let _turn = self.fleet.desk().await;
        match read {
            Ok(specification) => self.keep_for_cabinets(portal, specification).await,
            Err(NotDone::Store(error)) => Err(error),
            Err(NotDone::Evidence(evidence)) => {
                let last = last.into_inner().unwrap_or_else(PoisonError::into_inner);
                self.not_read(portal, evidence, last).await
            }
        }
    }

    async fn keep_for_cabinets(
        &self,
        portal: &Portal,
        specification: Specification,
    ) -> Result<Landed, StoreError> {
        let member_id = &portal.member_id;
        let viewer = &specification.reading.viewer;
        self.store
            .note_administrator(member_id, viewer.id, viewer.administrator)
            .await?;
        if !self.is_healthy(portal) {
            self.learned(portal, Evidence::Answered).await?;
        }
        let (read, now) = (Arc::new(specification), self.clock.now());
        let kept = self
            .keep_version(member_id, portal.installs, &read, now)
            .await?;
        Ok(match kept {
            Keeping::Kept | Keeping::Unchanged => {
                if let Some(seen) = portal.needs_reading_since {
                    self.store.clear_reading_mark(member_id, seen).await?;
                }
                Landed::Read
            }
            Keeping::Outdated | Keeping::Overtaken => Landed::Read,
            Keeping::Lesser => Landed::ReadAside(read),
            Keeping::TooLarge => Landed::Failed(Trouble::TooLarge),
            Keeping::Void => Landed::Failed(Trouble::Revoked),
        })
    }

    /// What a failure says of the portal is noted, where it says anything of it that is new: what
    /// is known already is the worker's to follow up.
    async fn not_read(
        &self,
        portal: &Portal,
        evidence: Evidence,
        last: Option<Failure>,
    ) -> Result<Landed, StoreError> {
        let trouble = trouble_of(&evidence, last.as_ref());
        // One that cannot be used is an answer all the same.
        let is_answer = matches!(evidence, Evidence::Silent(_))
            && last.is_some_and(|failure| !failure.is_the_portals);
        if !is_answer && self.is_news(portal, &evidence) {
            self.learned(portal, evidence).await?;
        }
        Ok(Landed::Failed(trouble))
    }
}

/// The last failure of a reading.
struct Failure {
    trouble: Trouble,
    /// Whether it says anything of the portal, and not of the question alone.
    is_the_portals: bool,
}

impl Failure {
    fn of(error: &CrmError) -> Self {
        Self {
            trouble: error.trouble(),
            // One that limits its callers is there, and says so.
            is_the_portals: evidence_of(error).is_some()
                && !matches!(error, CrmError::RateLimited { .. }),
        }
    }
}

/// What to tell a person of what was learned instead of a reading.
fn trouble_of(evidence: &Evidence, last: Option<&Failure>) -> Trouble {
    match evidence {
        Evidence::NotPaid(_) => Trouble::NotPaid,
        Evidence::Restricted => Trouble::Restricted,
        Evidence::NoTokens(_) | Evidence::NotInstalled(_) | Evidence::ClientRefused { .. } => {
            Trouble::Revoked
        }
        Evidence::AuthorityAway => Trouble::ProofUnavailable,
        Evidence::Gone(_) => Trouble::Gone,
        Evidence::Blocked => Trouble::Blocked,
        Evidence::Moved => Trouble::Moved,
        Evidence::Silent(_) | Evidence::Answered => last
            .map_or(Trouble::Unreachable(Unreachable::Connection), |failure| {
                failure.trouble.clone()
            }),
    }
}
