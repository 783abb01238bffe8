//! One reading of a portal for its cabinets, under a lease: kept alive while the portal is read,
//! given back whatever comes of it.

use std::sync::{Arc, OnceLock};
use std::time::Duration as Wait;

use crmap_domain::{Lang, MemberId, Trouble};
use crmap_store::{LastReading, ReadingAsked, ReadingEnd, ReadingLease, ReadingTurn, StoreError};
use time::OffsetDateTime;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout_at};

use super::Stopping;
use super::lanes::Place;
use super::schedule::{DEBOUNCE, DUE_WEIGHT, GIVE_UP_AFTER, after_failure, after_success};
use crate::cabinet::{GOOD_FOR, Landed};
use crate::{Services, figures};

/// How often a lease is tried to be prolonged, or an end to be noted, while the database is away.
const AGAIN: Wait = Wait::from_millis(500);

/// A lease, with the moment until which it certainly holds: reckoned from before it was asked for, so
/// that no clock of another machine matters.
pub(super) struct Held {
    pub(super) lease: ReadingLease,
    pub(super) until: Instant,
}

/// Who a reading is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum For {
    /// The worker: one that turns out to be slow may be put off when others wait.
    TheWorker,
    /// Somebody who looks on.
    Somebody,
}

/// When the portal has answered, whatever it said: what is left is our own work.
pub(crate) type Answered = Arc<OnceLock<Instant>>;

/// How a reading came to its end.
enum Over {
    Landed(Landed),
    /// The lease is gone: somebody else may be reading the portal.
    Lost,
    /// It is slow, and all places for slow ones are taken.
    PutOff,
    /// The process is told to stop.
    BrokenOff,
}

/// Ends the task with whoever waits for it.
struct Reading(JoinHandle<Landed>);

impl Reading {
    /// Breaks the reading off, and waits until it really is at its end.
    async fn break_off(&mut self) {
        self.0.abort();
        // Whatever came of it is not wanted.
        let _ = (&mut self.0).await;
    }
}

impl Drop for Reading {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Services {
    pub(super) fn turn(&self, now: OffsetDateTime) -> ReadingTurn<'_> {
        let times = &self.settings.reading;
        ReadingTurn {
            process: &self.owner,
            lease: times.lease,
            now,
            give_up_after: GIVE_UP_AFTER,
            next_if_broken: after_success(now, self.settings.sync_interval, self.spread()),
            due_weight: DUE_WEIGHT,
        }
    }

    /// Reads a portal for somebody who looks on, or waits for the reading that another process has
    /// under way. What was read or failed a moment ago is the answer; what was read is none where
    /// nothing of it `is_stored`.
    pub(crate) async fn read_for_somebody(
        self: &Arc<Self>,
        member_id: &MemberId,
        is_stored: bool,
        lang: Lang,
    ) -> Landed {
        match self.try_to_read_for(member_id, is_stored, lang).await {
            Ok(landed) => landed,
            Err(error) => {
                tracing::warn!(%error, portal.member_id = %member_id,
                    "the database did not serve a reading for cabinets");
                Landed::Failed(Trouble::StoreUnavailable)
            }
        }
    }

    async fn try_to_read_for(
        self: &Arc<Self>,
        member_id: &MemberId,
        mut is_stored: bool,
        lang: Lang,
    ) -> Result<Landed, StoreError> {
        loop {
            if *self.fleet.stopping.borrow() == Stopping::Everybody {
                return Ok(Landed::Failed(Trouble::StoreUnavailable));
            }
            let Some(last) = self.store.last_reading(member_id).await? else {
                return Ok(Landed::Failed(Trouble::Revoked));
            };
            if last.is_under_way {
                sleep(self.settings.reading.look).await;
                // What it reads will be there.
                is_stored = true;
                continue;
            }
            if let Some(landed) = lately(&last, is_stored, self.clock.now()) {
                return Ok(landed);
            }
            let Some(place) = self.fleet.lanes.wait_for_one().await else {
                return Ok(Landed::Failed(Trouble::Internal));
            };
            let until = Instant::now() + self.settings.reading.lease;
            let turn = self.turn(self.clock.now());
            match self.store.lease_reading(&turn, member_id).await? {
                ReadingAsked::Granted(lease) => {
                    let held = Held {
                        lease: *lease,
                        until,
                    };
                    let read = self.read_held(held, place, lang, For::Somebody).await;
                    if let Some(landed) = read {
                        return Ok(landed);
                    }
                    sleep(self.settings.reading.look).await;
                }
                ReadingAsked::Held => sleep(self.settings.reading.look).await,
                ReadingAsked::Gone => return Ok(Landed::Failed(Trouble::Revoked)),
            }
        }
    }

    /// Reads a portal under its lease, and gives the lease back. Nothing where it came to no end of
    /// its own. A panic counts as a failure (REL-12).
    pub(super) async fn read_held(
        self: &Arc<Self>,
        mut held: Held,
        mut place: Place,
        lang: Lang,
        whom: For,
    ) -> Option<Landed> {
        let (began_at, began) = (self.clock.now(), Instant::now());
        let answered = Arc::new(OnceLock::new());
        let mut reading = Reading(self.begin_reading(&held.lease, lang, &answered));
        let mut stopping = self.fleet.stopping.subscribe();
        let breaking_off = match whom {
            For::TheWorker => Stopping::Worker,
            For::Somebody => Stopping::Everybody,
        };
        let lease = held.lease.clone();
        let over = tokio::select! {
            biased;
            ended = &mut reading.0 => Over::Landed(ended.unwrap_or_else(|panicked| {
                tracing::error!(%panicked, portal.member_id = %lease.portal.member_id,
                    "a reading for cabinets ended by a panic");
                Landed::Failed(Trouble::Internal)
            })),
            () = self.keep_alive(&mut held) => Over::Lost,
            () = self.leave_if_slow(&mut place, whom, &answered) => Over::PutOff,
            _ = stopping.wait_for(|whose| *whose >= breaking_off) => Over::BrokenOff,
        };
        let took = (self.clock.now() - began_at).try_into().unwrap_or_default();
        let landed = match over {
            Over::Landed(landed) => {
                let answered = answered.get().copied().unwrap_or_else(Instant::now);
                let slow = answered - began > self.settings.reading.slow_after;
                let outcome = landed.trouble().map_or("read", |_| "failed");
                figures::reading(outcome, Some(took));
                self.note_end(&held, &landed, (began_at, took), slow).await;
                Some(landed)
            }
            Over::Lost => {
                reading.break_off().await;
                tracing::warn!(portal.member_id = %lease.portal.member_id,
                    "a reading was broken off: the right to it is gone");
                figures::reading("lost", None);
                None
            }
            Over::PutOff => {
                reading.break_off().await;
                self.give_back(&lease, true).await;
                figures::reading("put_off", None);
                None
            }
            Over::BrokenOff => {
                reading.break_off().await;
                self.give_back(&lease, false).await;
                figures::reading("broken_off", None);
                None
            }
        };
        drop(place);
        landed
    }

    fn begin_reading(
        self: &Arc<Self>,
        lease: &ReadingLease,
        lang: Lang,
        answered: &Answered,
    ) -> JoinHandle<Landed> {
        let (this, portal) = (Arc::clone(self), lease.portal.clone());
        let answered = Arc::clone(answered);
        tokio::spawn(async move { this.read_for_cabinets(&portal, lang, &answered).await })
    }

    /// Prolongs a lease again and again; comes to an end when it is gone, or may be for all that is
    /// known.
    async fn keep_alive(&self, held: &mut Held) {
        let times = &self.settings.reading;
        loop {
            sleep(times.heartbeat).await;
            loop {
                let asked = Instant::now();
                let prolonged = self.store.prolong_reading(&held.lease, times.lease);
                match timeout_at(held.until, prolonged).await {
                    Ok(Ok(true)) => {
                        held.until = asked + times.lease;
                        break;
                    }
                    Ok(Ok(false)) | Err(_) => return,
                    Ok(Err(_)) if Instant::now() + AGAIN >= held.until => return,
                    Ok(Err(_)) => sleep(AGAIN).await,
                }
            }
        }
    }

    /// Gives a quick place up when the portal takes long to answer; comes to an end only where the
    /// worker's reading is to be put off, since there is no other place and others wait for this one.
    async fn leave_if_slow(&self, place: &mut Place, whom: For, answered: &Answered) {
        let lanes = &self.fleet.lanes;
        let slow_after = self.settings.reading.slow_after;
        sleep(slow_after).await;
        while answered.get().is_none() && !lanes.make_slow(place) {
            if whom == For::TheWorker && lanes.is_crowded() {
                return;
            }
            sleep(slow_after / 4).await;
        }
        std::future::pending::<()>().await;
    }

    /// Writes down how a reading ended. Where the database stays away, the lease runs out, and the
    /// portal is read again.
    async fn note_end(
        &self,
        held: &Held,
        landed: &Landed,
        (began_at, took): (OffsetDateTime, Wait),
        is_slow: bool,
    ) {
        let lease = &held.lease;
        let (interval, chance) = (self.settings.sync_interval, self.spread());
        let (now, failure) = (began_at + took, landed.trouble());
        let end = ReadingEnd {
            began_at,
            took,
            is_slow,
            failure,
            next_at: match failure {
                None => after_success(now, interval, chance),
                Some(trouble) => after_failure(now, trouble, lease.attempts, interval, chance),
            },
            debounce: DEBOUNCE,
        };
        tracing::debug!(portal.member_id = %lease.portal.member_id, ?failure,
            duration_ms = took.as_millis(), "a portal was read for its cabinets");
        let noted = loop {
            let noted = {
                let _turn = self.fleet.desk().await;
                self.store.end_reading(lease, &end).await
            };
            match noted {
                Err(error)
                    if (error.is_temporary() || matches!(error, StoreError::Conflict(_)))
                        && Instant::now() + AGAIN < held.until =>
                {
                    sleep(AGAIN).await;
                }
                noted => break noted,
            }
        };
        match noted {
            Ok(Some(finished)) => Self::tell_of(&finished),
            Ok(None) => tracing::warn!(portal.member_id = %lease.portal.member_id,
                "a reading came to its end after the right to it was gone"),
            Err(error) => tracing::warn!(%error, portal.member_id = %lease.portal.member_id,
                "it could not be noted how a reading ended"),
        }
    }

    /// A lease that cannot be given back runs out.
    async fn give_back(&self, lease: &ReadingLease, is_slow: bool) {
        if let Err(error) = self.store.release_reading(lease, is_slow).await {
            tracing::warn!(%error, portal.member_id = %lease.portal.member_id,
                "the right to read a portal could not be given back");
        }
    }
}

/// What the last reading is to whoever asks now, if it is an answer at all.
fn lately(last: &LastReading, is_stored: bool, now: OffsetDateTime) -> Option<Landed> {
    let is_good = now - last.ended_at? < GOOD_FOR;
    match &last.failure {
        _ if !is_good => None,
        Some(trouble) => Some(Landed::Failed(trouble.clone())),
        None => is_stored.then_some(Landed::Read),
    }
}
