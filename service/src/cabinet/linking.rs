//! Linking a portal to cabinets, from inside the portal: for its administrators alone, and the portal
//! itself says each time, by the page's own token, that the visitor is one (SEC-21).

use std::sync::Arc;
use std::time::Duration;

use crmap_crm::{AccountStanding, StepOutcome};
use crmap_domain::cabinet::{CabinetPreview, Denial, Level, LinkOnPortal};
use crmap_domain::{ConnectionToken, Trouble};
use crmap_store::{CabinetOfToken, Grant, Linking, Portal};

use super::letters::Letter;
use super::{Visitor, denial_of};
use crate::fleet::FIRST_READING;
use crate::install::InstallReport;
use crate::opening::is_installed;
use crate::{Outcome, Services, Session};

/// How often to look whether an opening has taken the portal in.
const LOOK: Duration = Duration::from_millis(200);
/// How many times to look before it is taken in once more.
const LOOKS: u32 = 50;

/// # Linking, from inside a portal
impl Services {
    /// Shows whose cabinet a pasted connection token belongs to, before anything is linked (SEC-22).
    ///
    /// # Errors
    /// [`Denial::Token`] for what is not well formed, [`Denial::NotAdministrator`],
    /// [`Denial::Portal`] where the portal does not say who the visitor is, [`Denial::TooOften`],
    /// [`Denial::UnknownToken`], [`Denial::StoreUnavailable`].
    pub async fn preview_cabinet(
        &self,
        session: &Arc<Session>,
        pasted: &str,
        visitor: &Visitor,
    ) -> Result<CabinetPreview, Denial> {
        let token = ConnectionToken::parse(pasted).map_err(Denial::Token)?;
        self.prove_administrator(session).await?;
        let cabinet = self.cabinet_of(session, &token, visitor).await?;
        let linked = self
            .store
            .level_of_link(&cabinet.id, &session.opening.member_id)
            .await
            .map_err(denial_of)?;
        Ok(CabinetPreview {
            name: cabinet.name.as_str().to_owned(),
            email: cabinet.email.masked(),
            linked,
        })
    }

    /// Links the session's portal to the cabinet of a pasted connection token and reads it for the
    /// cabinet, where that goes quickly; a portal that CRMAP does not know yet is taken in before.
    /// Linked once more, only what the link allows changes. Gives all links of the portal.
    ///
    /// # Errors
    /// As [`preview_cabinet`](Self::preview_cabinet).
    pub async fn link_cabinet(
        self: &Arc<Self>,
        session: &Arc<Session>,
        pasted: &str,
        level: Level,
        visitor: &Visitor,
    ) -> Result<Vec<LinkOnPortal>, Denial> {
        let token = ConnectionToken::parse(pasted).map_err(Denial::Token)?;
        let standing = self.prove_administrator(session).await?;
        let cabinet = self.cabinet_of(session, &token, visitor).await?;
        let portal = self.installed_portal(session, &standing).await?;
        if self.grant(session, &portal, &cabinet, level).await? == Linking::Made {
            self.read_first(session).await;
        }
        self.links_shown(session).await
    }

    /// The cabinets that the session's portal is linked to.
    ///
    /// # Errors
    /// [`Denial::NotAdministrator`], [`Denial::Portal`], [`Denial::StoreUnavailable`].
    pub async fn linked_cabinets(
        &self,
        session: &Arc<Session>,
    ) -> Result<Vec<LinkOnPortal>, Denial> {
        self.prove_administrator(session).await?;
        self.links_shown(session).await
    }

    /// Ends a link of the session's portal. Gives the links that are left.
    ///
    /// # Errors
    /// As [`linked_cabinets`](Self::linked_cabinets), and [`Denial::NotFound`] for a link that the
    /// portal does not have.
    pub async fn unlink_cabinet(
        &self,
        session: &Arc<Session>,
        link_id: &str,
    ) -> Result<Vec<LinkOnPortal>, Denial> {
        self.prove_administrator(session).await?;
        let opening = &session.opening;
        let links = self.store.links_of_portal(&opening.member_id).await;
        let mut links = links.map_err(denial_of)?.into_iter();
        let link = links.find(|link| link.id == link_id);
        let owner = link.ok_or(Denial::NotFound)?.owner;
        let letter = Letter::Unlinked {
            address: opening.address.clone(),
            user_id: Some(opening.user_id),
        };
        let mail = self.written_if_sent(&owner.email, owner.lang, &letter);
        let (user_id, now) = (opening.user_id, self.clock.now());
        let ended = self
            .store
            .end_link(&opening.member_id, link_id, user_id, mail.as_ref(), now)
            .await;
        if !ended.map_err(denial_of)? {
            return Err(Denial::NotFound);
        }
        tracing::info!(portal.member_id = %opening.member_id, portal.user = user_id,
            "a link was ended in its portal");
        self.freshened.forget(&opening.member_id);
        self.links_shown(session).await
    }

    /// The portal as it is installed; taken in now where CRMAP does not know it as that.
    async fn installed_portal(
        self: &Arc<Self>,
        session: &Arc<Session>,
        standing: &AccountStanding,
    ) -> Result<Portal, Denial> {
        if let Some(portal) = self.present_portal(session).await? {
            return Ok(portal);
        }
        if standing.installed == Some(false) {
            return Err(Denial::Portal(Trouble::Revoked));
        }
        if !self.is_time_to_look(&session.opening.member_id)
            && let Some(portal) = self.portal_being_taken_in(session).await?
        {
            return Ok(portal);
        }
        let report = self.install(session).await;
        match self.present_portal(session).await? {
            Some(portal) if report.finished => Ok(portal),
            _ => {
                self.look_again(&session.opening.member_id);
                Err(Denial::Portal(what_failed(report)))
            }
        }
    }

    /// The opening that the session began with may be taking the portal in just now.
    async fn portal_being_taken_in(&self, session: &Session) -> Result<Option<Portal>, Denial> {
        for _ in 0..LOOKS {
            tokio::time::sleep(LOOK).await;
            if let Some(portal) = self.present_portal(session).await? {
                return Ok(Some(portal));
            }
        }
        Ok(None)
    }

    /// The portal where it is installed, to which installation the session belongs from now on.
    async fn present_portal(&self, session: &Session) -> Result<Option<Portal>, Denial> {
        let portal = self.store.portal(&session.opening.member_id).await;
        let Some(portal) = portal.map_err(denial_of)?.filter(is_installed) else {
            return Ok(None);
        };
        session.belongs_to(portal.installs);
        if session.installation() == Some(portal.installs) {
            Ok(Some(portal))
        } else {
            Err(Denial::Portal(Trouble::Revoked))
        }
    }

    async fn grant(
        &self,
        session: &Session,
        portal: &Portal,
        cabinet: &CabinetOfToken,
        level: Level,
    ) -> Result<Linking, Denial> {
        let user_id = session.opening.user_id;
        let known = self.store.level_of_link(&cabinet.id, &portal.member_id);
        let is_linked = known.await.map_err(denial_of)?.is_some();
        let address = portal.address.clone();
        let letter = if is_linked {
            Letter::LevelChanged {
                address,
                level,
                user_id,
            }
        } else {
            Letter::Linked {
                address,
                level,
                user_id,
            }
        };
        let mail = self.written_if_sent(&cabinet.email, cabinet.lang, &letter);
        let now = self.clock.now();
        let grant = Grant {
            member_id: portal.member_id.clone(),
            installs: portal.installs,
            level,
            user_id,
            now,
            // Should the page's own reading not come about, the worker's does.
            first_reading_at: now + FIRST_READING,
        };
        let linking = self.store.link(&cabinet.id, &grant, mail.as_ref()).await;
        match linking.map_err(denial_of)? {
            Linking::NoPortal => Err(Denial::Portal(Trouble::Revoked)),
            Linking::NoCabinet => Err(Denial::UnknownToken),
            linking => {
                tracing::info!(portal.member_id = %portal.member_id, portal.user = user_id,
                    level = level.code(), ?linking, "a portal was linked to a cabinet");
                Ok(linking)
            }
        }
    }

    /// Reads the portal for its new cabinet. A slow portal goes on being read behind the page's
    /// back; one that cannot be read is linked all the same.
    async fn read_first(self: &Arc<Self>, session: &Arc<Session>) {
        let patience = self.settings.opening_patience;
        if let Outcome::Read(specification) = self.read_within(session, None, patience).await {
            self.keep_reading(session, &specification).await;
        }
    }

    async fn links_shown(&self, session: &Session) -> Result<Vec<LinkOnPortal>, Denial> {
        let links = self.store.links_of_portal(&session.opening.member_id).await;
        let shown = links
            .map_err(denial_of)?
            .into_iter()
            .map(|link| LinkOnPortal {
                id: link.id,
                name: link.owner.name.as_str().to_owned(),
                email: link.owner.email.masked(),
                level: link.level,
                linked_at: link.linked_at,
            });
        Ok(shown.collect())
    }
}

/// The first step of an installation that failed.
fn what_failed(report: InstallReport) -> Trouble {
    let failed = report
        .steps
        .into_iter()
        .find_map(|(_, outcome)| match outcome {
            StepOutcome::Failed(trouble) => Some(trouble),
            _ => None,
        });
    failed.unwrap_or(Trouble::Revoked)
}
