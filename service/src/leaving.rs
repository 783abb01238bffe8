//! Letting a portal go: what is destroyed, when a farewell is to be believed, and when a portal that
//! said none is gone all the same (SEC-19).

use crmap_crm::CrmError;
use crmap_domain::{MemberId, PortalState};
use crmap_store::{Leaving, Portal, StoreError};
use time::{Duration, OffsetDateTime};

use crate::Services;
use crate::audit::Act;
use crate::tokens::NoToken;

/// After a new installation, farewells that were under way before it may still arrive.
const ECHOES: Duration = Duration::hours(24);
/// A farewell whose time is further off than this has no time worth believing.
const SKEW: Duration = Duration::days(1);

/// A proved farewell.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Farewell {
    /// Whether settings and data are to go as well.
    pub(crate) clean: bool,
    /// When it was sent, by the sender's clock.
    pub(crate) sent_at: Option<OffsetDateTime>,
    /// When it came.
    pub(crate) received_at: OffsetDateTime,
}

/// Whether a farewell is meant for the present installation.
#[derive(Debug, PartialEq, Eq)]
enum Belief {
    Believed,
    Stale,
    /// The authority has to be asked.
    Doubted,
}

impl Services {
    /// Acts upon a proved farewell, unless it belongs to an installation that was followed by a new
    /// one.
    pub(crate) async fn let_go(
        &self,
        member_id: &MemberId,
        farewell: Farewell,
    ) -> Result<(), StoreError> {
        let Some(portal) = self.store.portal(member_id).await? else {
            return Ok(());
        };
        if portal.state == PortalState::Uninstalled && !farewell.clean {
            return Ok(());
        }
        let meant = match belief(&portal, farewell) {
            Belief::Believed => true,
            Belief::Stale => false,
            Belief::Doubted => !self.still_installed(&portal).await?,
        };
        if !meant {
            tracing::warn!(portal.member_id = %member_id,
                "a farewell from before the present installation was ignored");
            self.note(Some(member_id), Act::StaleFarewell).await;
            return Ok(());
        }
        let at = farewell.sent_at.unwrap_or(farewell.received_at);
        self.remove(member_id, farewell.clean, false, at).await
    }

    /// Ends a portal whose farewell was lost: its authority or the portal itself said so often
    /// enough. Its settings survive, since nobody asked for them to go.
    pub(crate) async fn end_silently(&self, member_id: &MemberId) -> Result<(), StoreError> {
        self.remove(member_id, false, true, self.clock.now()).await
    }

    async fn remove(
        &self,
        member_id: &MemberId,
        clean: bool,
        lost: bool,
        at: OffsetDateTime,
    ) -> Result<(), StoreError> {
        self.sessions.end_portal(member_id);
        self.look_again(member_id);
        let leaving = Leaving {
            clean,
            lost,
            at,
            now: self.clock.now(),
        };
        self.store.uninstall(member_id, &leaving).await?;
        tracing::info!(portal.member_id = %member_id, clean, "the application was removed from a portal");
        // With everything gone, a record of the portal would be something that is left.
        if !clean {
            let act = Act::Removed { clean, lost };
            self.note(Some(member_id), act).await;
        }
        Ok(())
    }

    /// Whether the authority takes a token of the portal. Where it cannot be asked, the farewell
    /// counts: what is destroyed by mistake comes back with the next opening.
    async fn still_installed(&self, portal: &Portal) -> Result<bool, StoreError> {
        for chain in self
            .store
            .chains(&portal.member_id)
            .await?
            .into_iter()
            .take(2)
        {
            let Some(token) = &chain.access else { continue };
            match self.connector.prove_token(token, &portal.member_id).await {
                Ok(_) => return Ok(true),
                Err(CrmError::Expired) => {}
                Err(_) => continue,
            }
            let authority = Some(portal.authority.clone()).filter(|name| !name.is_empty());
            match self.refresher.fresh(&chain, authority).await {
                Ok(_) => return Ok(true),
                Err(NoToken::Store(error)) => return Err(error),
                Err(_) => {}
            }
        }
        Ok(false)
    }
}

fn belief(portal: &Portal, farewell: Farewell) -> Belief {
    let Some(installed_at) = portal.installed_at else {
        return Belief::Believed;
    };
    let sent_at = farewell
        .sent_at
        .filter(|sent_at| (*sent_at - farewell.received_at).abs() < SKEW);
    let Some(sent_at) = sent_at else {
        return Belief::Doubted;
    };
    // The sender tells whole seconds.
    if sent_at.unix_timestamp() < installed_at.unix_timestamp() {
        return Belief::Stale;
    }
    // The time is that of sending, and a queue may send late.
    if portal.installs > 1 && farewell.received_at - installed_at < ECHOES {
        return Belief::Doubted;
    }
    Belief::Believed
}
