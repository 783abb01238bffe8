//! Letting a portal go: what is destroyed, when a farewell is to be believed, and when a portal that
//! said none is gone all the same (SEC-19).

use crmap_crm::CrmError;
use crmap_domain::{MemberId, PortalState};
use crmap_store::{Leaving, Portal, StoreError};
use time::{Duration, OffsetDateTime};
use tokio::time::timeout;

use crate::Services;
use crate::audit::Act;
use crate::install::too_slow;
use crate::rights::NotDone;
use crate::tokens::NoToken;

/// After a new installation, farewells that were under way before it may still arrive.
const ECHOES: Duration = Duration::hours(24);
/// How far the sender's clock and ours may be apart.
const CLOCKS: Duration = Duration::minutes(5);
/// A farewell whose time is further off than this has no time worth believing.
const SKEW: Duration = Duration::days(1);

/// How long a farewell that the authority could neither confirm nor deny waits for the rest of what
/// it asks for.
pub(crate) const DOUBTS: std::time::Duration = std::time::Duration::from_secs(3_600);

/// How long a portal has to say whether the application is installed there; several people's rights
/// are tried within the lease of an event.
const PORTAL_WAITS: std::time::Duration = std::time::Duration::from_secs(10);

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

impl Farewell {
    /// The moment that it speaks of.
    fn at(self) -> OffsetDateTime {
        self.credible().unwrap_or(self.received_at)
    }

    /// When it says that it was sent, where that is worth believing.
    fn credible(self) -> Option<OffsetDateTime> {
        let is_credible = |at: &OffsetDateTime| (*at - self.received_at).abs() < SKEW;
        self.sent_at.filter(is_credible)
    }
}

/// How far a farewell was acted upon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Acted {
    /// Nothing is left to do.
    Done,
    /// The rest is due after [`DOUBTS`].
    Later,
}

/// Whether a farewell is meant for the present installation.
#[derive(Debug, PartialEq, Eq)]
enum Belief {
    Believed,
    Stale,
    /// The authority has to be asked.
    Doubted,
}

/// What the authority says of an installation.
#[derive(Debug, PartialEq, Eq)]
enum Installed {
    Yes,
    No,
    Unknown,
}

impl Services {
    /// Acts upon a proved farewell, unless it belongs to an installation that was followed by a new
    /// one. Can be repeated until it succeeds.
    pub(crate) async fn let_go(
        &self,
        member_id: &MemberId,
        farewell: Farewell,
    ) -> Result<Acted, StoreError> {
        let Some(portal) = self.store.portal(member_id).await? else {
            self.store.finish_leaving(member_id).await?;
            return Ok(Acted::Done);
        };
        if portal.state == PortalState::Uninstalled {
            // Nobody has come back since, so that the rest of what was asked for is due.
            if farewell.clean {
                self.remove(&portal, true, false, farewell.at()).await?;
            }
            self.store.finish_leaving(member_id).await?;
            return Ok(Acted::Done);
        }
        match belief(&portal, farewell) {
            Belief::Believed => self.leave(&portal, farewell).await,
            Belief::Stale => self.ignore(member_id).await,
            Belief::Doubted => match self.installed(&portal).await? {
                Installed::Yes if self.is_finished(&portal).await? => self.ignore(member_id).await,
                Installed::Yes | Installed::No => self.leave(&portal, farewell).await,
                // Tokens go at once; what nobody could bring back waits.
                Installed::Unknown => {
                    self.remove(&portal, false, false, farewell.at()).await?;
                    Ok(if farewell.clean {
                        Acted::Later
                    } else {
                        Acted::Done
                    })
                }
            },
        }
    }

    async fn leave(&self, portal: &Portal, farewell: Farewell) -> Result<Acted, StoreError> {
        self.remove(portal, farewell.clean, false, farewell.at())
            .await?;
        Ok(Acted::Done)
    }

    async fn ignore(&self, member_id: &MemberId) -> Result<Acted, StoreError> {
        tracing::warn!(portal.member_id = %member_id,
            "a farewell from before the present installation was ignored");
        self.note(member_id, Act::StaleFarewell).await;
        // Should it have been meant all the same, the portal says so when it is asked.
        self.store
            .hint(member_id, self.clock.now(), std::time::Duration::ZERO)
            .await?;
        Ok(Acted::Done)
    }

    /// Ends a portal whose farewell was lost: its authority or the portal itself said so often
    /// enough. Its settings survive, since nobody asked for them to go; but those of one that came
    /// out of a backup and was not heard of since go too, for it may have asked (SEC-19).
    pub(crate) async fn end_silently(&self, portal: &Portal) -> Result<(), StoreError> {
        self.remove(portal, portal.restored, true, self.clock.now())
            .await
    }

    /// Removes the installation that `portal` shows, and no later one.
    async fn remove(
        &self,
        portal: &Portal,
        clean: bool,
        lost: bool,
        at: OffsetDateTime,
    ) -> Result<(), StoreError> {
        let member_id = &portal.member_id;
        let leaving = Leaving {
            clean,
            lost,
            at,
            now: self.clock.now(),
            installs: Some(portal.installs),
        };
        self.sessions.end_of_portal(member_id, |session| {
            leaving.ends_session(
                session.installation(),
                session.began_at <= leaving.left_by(),
            )
        });
        self.look_again(member_id);
        let left = self.store.uninstall(member_id, &leaving).await?;
        if !left.applied {
            tracing::warn!(portal.member_id = %member_id,
                "a portal was installed anew while it was being removed; it stays");
            return Ok(());
        }
        tracing::info!(portal.member_id = %member_id, clean, "the application was removed from a portal");
        // With everything gone, a record of the portal would be something that is left.
        if !clean {
            self.note(member_id, Act::Removed { lost }).await;
        }
        // Somebody may read for minutes, as a backup does: it is tried again with the event, or, where
        // that went with the portal, when old records are cleared away.
        if !left.is_off_disk {
            self.store.finish_leaving(member_id).await?;
        }
        Ok(())
    }

    /// Whether the portal does not deny that the installation was finished. A token may belong to one
    /// that is being made: whoever opens the application meanwhile brings such a token.
    async fn is_finished(&self, portal: &Portal) -> Result<bool, StoreError> {
        let asked = self.with_rights(portal, |account| async move {
            let answer = timeout(PORTAL_WAITS, account.standing()).await;
            answer.unwrap_or_else(|_| Err(too_slow()))
        });
        match asked.await {
            Ok(standing) => Ok(standing.installed != Some(false)),
            Err(NotDone::Evidence(_)) => Ok(true),
            Err(NotDone::Store(error)) => Err(error),
        }
    }

    /// Whether the authority takes a token of the portal.
    async fn installed(&self, portal: &Portal) -> Result<Installed, StoreError> {
        let mut answer = Installed::No;
        let chains = self.store.chains(&portal.member_id).await?;
        for chain in chains.into_iter().take(2) {
            let proof = match &chain.access {
                Some(token) => self.connector.prove_token(token, &portal.member_id).await,
                None => Err(CrmError::Expired),
            };
            match proof {
                Ok(_) => return Ok(Installed::Yes),
                Err(CrmError::Expired) => {}
                Err(CrmError::ProofUnavailable { .. }) => {
                    answer = Installed::Unknown;
                    continue;
                }
                Err(_) => continue,
            }
            match self.fresh(portal, &chain).await {
                Ok(_) => return Ok(Installed::Yes),
                Err(NoToken::Store(error)) => return Err(error),
                Err(NoToken::AuthorityAway) => answer = Installed::Unknown,
                Err(_) => {}
            }
        }
        Ok(answer)
    }
}

fn belief(portal: &Portal, farewell: Farewell) -> Belief {
    let Some(installed_at) = portal.installed_at else {
        return Belief::Believed;
    };
    let Some(sent_at) = farewell.credible() else {
        return Belief::Doubted;
    };
    // Two clocks are compared here, and the sender's tells whole seconds.
    if sent_at < installed_at - CLOCKS {
        return Belief::Stale;
    }
    if sent_at.unix_timestamp() < installed_at.unix_timestamp() {
        return Belief::Doubted;
    }
    // The time is that of sending, and a queue may send late.
    if portal.installs > 1 && farewell.received_at - installed_at < ECHOES {
        return Belief::Doubted;
    }
    Belief::Believed
}
