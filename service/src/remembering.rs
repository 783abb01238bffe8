//! Keeping what a proved opening brings: the portal, where it lives, and its user's tokens.

use std::sync::Arc;

use crmap_crm::{CrmError, ProvenOpening};
use crmap_domain::{MemberId, PortalState, Specification};
use crmap_store::{OpeningTokens, Portal, Remembered, SeenPortal, StoreError, Was};
use time::Duration;

use crate::audit::Act;
use crate::opening::{KnownPortal, is_installed};
use crate::rights::evidence_of;
use crate::standing::Evidence;
use crate::{Services, Session};

/// Tokens of a user that were kept this recently need not be kept again, as long as they last.
const KEPT: Duration = Duration::minutes(20);
/// A portal that was heard from this recently need not be noted as heard from.
const HEARD: Duration = Duration::hours(1);
/// A portal that is not due before this is not put off any further.
const FAR: Duration = Duration::days(60);
/// How often a portal's bindings are looked at when its administrators open the application.
const LOOK_AGAIN: Duration = Duration::minutes(5);

/// Which tokens of a user were kept.
pub(crate) struct KeptTokens {
    base: String,
    installs: u32,
    /// Whether what renews them was among them: a page that goes on brings only what it reads with.
    renewable: bool,
}

impl KeptTokens {
    fn of(session: &Session, portal: &Portal) -> Self {
        Self {
            base: session.opening.access.base.clone(),
            installs: portal.installs,
            renewable: session.refresh_token.is_some(),
        }
    }

    fn serve_as_well_as(&self, others: &Self) -> bool {
        let is_same = self.base == others.base && self.installs == others.installs;
        is_same && (self.renewable || !others.renewable)
    }
}

impl Services {
    /// Keeps what an opening of an installed portal brings, unless that was done a moment ago: but not
    /// where the portal's tokens have died since, for then an opening is what its owner is told to do.
    /// A portal that was removed meanwhile does not come back by it.
    pub(crate) async fn remember_again(
        &self,
        session: &Session,
        portal: &Portal,
    ) -> Result<(), StoreError> {
        let (member_id, user_id) = (&session.opening.member_id, session.opening.user_id);
        let (tokens, now) = (KeptTokens::of(session, portal), self.clock.now());
        let asks_for_it = matches!(portal.state, PortalState::Revoked | PortalState::Restricted);
        let is_well = !asks_for_it && is_answer_of(portal, session);
        let is_kept = |kept: &KeptTokens| kept.serve_as_well_as(&tokens).then_some(());
        if is_well && self.kept.find(member_id, user_id, now, is_kept).is_some() {
            return Ok(());
        }
        if self.follow(&session.opening).await?.is_some() {
            self.keep_tokens(session, None).await?;
        }
        let until = session.opening.expires_at.min(now + KEPT);
        self.kept.note(member_id, user_id, tokens, now, until);
        Ok(())
    }

    /// Keeps a portal and its administrator's tokens at an installation, which brings back a portal
    /// that was removed. Gives whether they were kept: not when it is removed at this very moment.
    pub(crate) async fn remember_installing(&self, session: &Session) -> Result<bool, StoreError> {
        let seen = self.seen(&session.opening);
        let remembered = self.store.remember_opening(&seen).await?;
        self.note_move(&session.opening, &remembered).await;
        self.keep_tokens(session, Some(true)).await
    }

    /// Whether the user administers the portal stays as it is known where `administrator` does not
    /// say.
    async fn keep_tokens(
        &self,
        session: &Session,
        administrator: Option<bool>,
    ) -> Result<bool, StoreError> {
        let opening = &session.opening;
        let tokens = OpeningTokens {
            member_id: opening.member_id.clone(),
            user_id: opening.user_id,
            administrator,
            access: session.access_token(),
            expires_at: opening.expires_at,
            candidate: session.refresh_token.clone(),
            now: self.clock.now(),
            keep_at_most: self.settings.chains_per_portal,
        };
        self.store.remember_tokens(&tokens).await
    }

    /// Notes where the authority says that a known portal lives. An address that belonged to another
    /// portal before is that one's no more (SEC-08). Nothing for a portal that is not there.
    pub(crate) async fn follow(
        &self,
        opening: &ProvenOpening,
    ) -> Result<Option<Remembered>, StoreError> {
        let remembered = self.store.see_again(&self.seen(opening)).await?;
        if let Some(remembered) = &remembered {
            self.note_move(opening, remembered).await;
        }
        Ok(remembered)
    }

    fn seen(&self, opening: &ProvenOpening) -> SeenPortal {
        SeenPortal {
            member_id: opening.member_id.clone(),
            address: opening.address.clone(),
            base: opening.access.base.clone(),
            origin: opening.origin.clone(),
            authority: opening.authority.clone(),
            now: self.clock.now(),
        }
    }

    async fn note_move(&self, opening: &ProvenOpening, remembered: &Remembered) {
        if let Was::Moved { from } = &remembered.was {
            tracing::info!(portal.member_id = %opening.member_id, from, to = opening.address,
                "a portal has moved");
            let act = Act::Moved {
                from: from.clone(),
                to: opening.address.clone(),
            };
            self.note(&opening.member_id, act).await;
        }
    }

    /// What a successful reading tells: that the portal is there, and whether the user administers
    /// it. An administrator's opening also freshens the snapshot of a linked portal and looks after
    /// the portal's bindings.
    pub(crate) async fn after_reading(
        self: &Arc<Self>,
        session: &Arc<Session>,
        known: Option<&KnownPortal>,
        specification: &Arc<Specification>,
    ) {
        let member_id = &session.opening.member_id;
        let administrator = specification.reading.viewer.administrator;
        if known.is_some_and(|known| self.is_no_news(session, known, administrator)) {
            return;
        }
        let noted = async {
            // Whether an unknown portal is taken in is decided at its opening.
            let Some((portal, is_linked)) = self.store.portal_and_whether_linked(member_id).await?
            else {
                return Ok(());
            };
            if !is_installed(&portal) || !is_answer_of(&portal, session) {
                return Ok(());
            }
            if is_linked {
                self.freshen(session, specification).await;
            }
            self.heard_from(session, &portal, administrator).await?;
            if administrator && self.is_time_to_look(member_id) {
                self.look_after_later(session);
            }
            Ok::<_, StoreError>(())
        };
        if let Err(error) = noted.await {
            tracing::warn!(%error, portal.member_id = %member_id, "a reading could not be noted");
        }
    }

    /// What a failed reading tells of the portal, where it tells anything of it and not of the
    /// user's own rights.
    pub(crate) async fn after_failure(&self, session: &Session, error: &CrmError) {
        let member_id = &session.opening.member_id;
        let cause = std::error::Error::source(error).map(ToString::to_string);
        tracing::warn!(portal.member_id = %member_id, %error, cause, "a portal could not be read");
        let evidence = match evidence_of(error) {
            // These speak of this user's token alone.
            _ if matches!(error, CrmError::Expired) => return,
            None | Some(Evidence::NoTokens(_) | Evidence::Restricted) => return,
            Some(evidence) => evidence,
        };
        let noted = async {
            match self.store.portal(member_id).await? {
                // The same trouble once more is no news, and the worker's to follow up.
                Some(portal)
                    if is_installed(&portal)
                        && is_answer_of(&portal, session)
                        && self.is_news(&portal, &evidence) =>
                {
                    self.learned(&portal, evidence).await
                }
                _ => Ok(()),
            }
        };
        if let Err(error) = noted.await {
            tracing::warn!(%error, portal.member_id = %member_id, "a failure could not be noted");
        }
    }

    /// Whether a good answer says nothing, where the portal stands as it was `known` when the reading
    /// began. What came in between, the next opening tells of, or the worker.
    fn is_no_news(&self, session: &Session, known: &KnownPortal, administrator: bool) -> bool {
        self.is_heard(session, &known.portal, administrator)
            && (!known.is_linked || self.is_fresh(session))
            && (!administrator || self.is_looked_after(&session.opening.member_id))
    }

    /// Whether the portal is well, and what an answer says of it and of the user was noted lately.
    fn is_heard(&self, session: &Session, portal: &Portal, administrator: bool) -> bool {
        let (member_id, user_id) = (&session.opening.member_id, session.opening.user_id);
        let (heard, now) = ((administrator, portal.state_since), self.clock.now());
        portal.state == PortalState::Ok && self.heard.holds(member_id, user_id, &heard, now)
    }

    /// Notes what an answer says of the portal and of the user, unless that was done lately.
    async fn heard_from(
        &self,
        session: &Session,
        portal: &Portal,
        administrator: bool,
    ) -> Result<(), StoreError> {
        if self.is_heard(session, portal, administrator) {
            return Ok(());
        }
        let (member_id, user_id) = (&session.opening.member_id, session.opening.user_id);
        let (heard, now) = ((administrator, portal.state_since), self.clock.now());
        self.store
            .note_administrator(member_id, user_id, administrator)
            .await?;
        if !self.is_healthy(portal) {
            self.learned(portal, Evidence::Answered).await?;
        }
        self.heard.note(member_id, user_id, heard, now, now + HEARD);
        Ok(())
    }

    /// Whether it is time to look after the portal's bindings; from now on it is not.
    pub(crate) fn is_time_to_look(&self, member_id: &MemberId) -> bool {
        let due = !self.is_looked_after(member_id);
        if due {
            self.looked_after(member_id);
        }
        due
    }

    fn is_looked_after(&self, member_id: &MemberId) -> bool {
        let now = self.clock.now();
        self.looked_at.holds(member_id, NOBODY, &(), now)
    }

    /// Notes that the portal's bindings were looked after just now.
    pub(crate) fn looked_after(&self, member_id: &MemberId) {
        let now = self.clock.now();
        self.looked_at
            .note(member_id, NOBODY, (), now, now + LOOK_AGAIN);
    }

    /// Forgets what was lately noted of a portal, so that all of it is noted anew.
    pub(crate) fn look_again(&self, member_id: &MemberId) {
        self.kept.forget(member_id);
        self.heard.forget(member_id);
        self.looked_at.forget(member_id);
        self.freshened.forget(member_id);
        self.sights.forget(member_id);
    }

    /// Whether another good answer would be no news: all is well, and the portal is not due for
    /// long.
    pub(crate) fn is_healthy(&self, portal: &Portal) -> bool {
        let now = self.clock.now();
        let far = portal.next_probe_at.is_some_and(|at| at - now > FAR);
        portal.state == PortalState::Ok && portal.probes == 0 && far
    }
}

/// Whether what a session's access says comes from where the portal is: what answers at an address that
/// it has no more says nothing of it, and gets none of its tokens (SEC-08). Nor does what an earlier
/// installation's access hears say anything of the present one.
fn is_answer_of(portal: &Portal, session: &Session) -> bool {
    let is_of_it = |installation| installation == portal.installs;
    portal.base.as_ref() == Some(&session.opening.access.base)
        && session.installation().is_none_or(is_of_it)
}

/// What is noted of a portal as a whole.
pub(crate) const NOBODY: i64 = 0;
