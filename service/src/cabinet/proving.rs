//! Who may see and change the links of a portal, and how often a connection token may be tried.

use crmap_crm::{AccountStanding, CrmError};
use crmap_domain::cabinet::Denial;
use crmap_domain::{ConnectionToken, Trouble};
use crmap_store::CabinetOfToken;
use time::Duration;

use super::limits::{LINK_FROM, LINK_PORTAL, network, subject};
use super::{Visitor, denial_of};
use crate::audit::Act;
use crate::install::{INSTALLER_WAITS, too_slow};
use crate::{Services, Session};

/// The same refusal of the same person is written down at most this often.
const REFUSED_AGAIN: Duration = Duration::minutes(1);

impl Services {
    /// Has the portal itself say, now, that the session's user administers it. Whoever does not is
    /// written down.
    pub(super) async fn prove_administrator(
        &self,
        session: &Session,
    ) -> Result<AccountStanding, Denial> {
        let (member_id, user_id) = (&session.opening.member_id, session.opening.user_id);
        if self.is_left(session).await {
            self.end_with_installation(session);
            return Err(Denial::Portal(Trouble::Revoked));
        }
        let standing = self.standing_of(session).await.map_err(|error| {
            tracing::warn!(%error, portal.member_id = %member_id,
                "a portal does not say who wants to see its links");
            Denial::Portal(error.trouble())
        })?;
        if standing.administrator && standing.user_id == user_id {
            return Ok(standing);
        }
        self.store
            .note_administrator(member_id, user_id, false)
            .await
            .map_err(denial_of)?;
        self.refuse_linking(session, "not_administrator").await;
        Err(Denial::NotAdministrator)
    }

    async fn standing_of(&self, session: &Session) -> Result<AccountStanding, CrmError> {
        let account = self.connector.account(&session.opening.access)?;
        tokio::time::timeout(INSTALLER_WAITS, account.standing())
            .await
            .unwrap_or_else(|_slow| Err(too_slow()))
    }

    /// Whose cabinet a token belongs to. Each question counts, before it is answered (SEC-20).
    pub(super) async fn cabinet_of(
        &self,
        session: &Session,
        token: &ConnectionToken,
        visitor: &Visitor,
    ) -> Result<CabinetOfToken, Denial> {
        let portal = subject("portal", session.opening.member_id.as_str().as_bytes());
        for (limits, whose) in [(LINK_PORTAL, portal), (LINK_FROM, network(visitor.ip))] {
            if let Err(denial) = self.allow(limits, &whose).await {
                self.refuse_linking(session, "too_often").await;
                return Err(denial);
            }
        }
        let found = self
            .store
            .cabinet_of_token(token)
            .await
            .map_err(denial_of)?;
        if found.is_none() {
            self.refuse_linking(session, "unknown_token").await;
        }
        found.ok_or(Denial::UnknownToken)
    }

    /// Written down once in a while, however often somebody tries.
    async fn refuse_linking(&self, session: &Session, why: &'static str) {
        let (member_id, user_id) = (&session.opening.member_id, session.opening.user_id);
        let now = self.clock.now();
        if self.refused.holds(member_id, user_id, &why, now) {
            return;
        }
        self.refused
            .note(member_id, user_id, why, now, now + REFUSED_AGAIN);
        tracing::warn!(portal.member_id = %member_id, portal.user = user_id, why,
            "somebody was kept from a portal's links");
        self.note(member_id, Act::LinkingRefused { user_id, why })
            .await;
    }
}
