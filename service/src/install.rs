//! Installing: proves that the user administers the portal, keeps the portal and the user's tokens,
//! and binds what CRMAP needs in it. Every step can be taken any number of times.

use std::sync::Arc;
use std::time::Duration;

use crmap_crm::{AccountStanding, CrmError, SetUp, SetUpStep, StepOutcome};
use crmap_domain::{Lang, Trouble, Unreachable};
use crmap_store::{InstallFacts, StoreError};
use tokio::time::timeout;

use crate::audit::Act;
use crate::opening::Arrival;
use crate::session::{Bearer, Session};
use crate::standing::Evidence;
use crate::{OpenError, Services};

/// How long the installer waits for a portal, so that its page can still say that it is slow.
pub(crate) const INSTALLER_WAITS: Duration = Duration::from_secs(20);

/// What a portal is said to be that does not answer in the time that a page has.
pub(crate) fn too_slow() -> CrmError {
    CrmError::Unreachable {
        why: Unreachable::Timeout,
        source: None,
    }
}

/// Somebody who opened the installer, proved.
pub struct Installer {
    /// The secret of the session, for the page alone.
    pub bearer: Bearer,
    /// The session.
    pub session: Arc<Session>,
    /// How the portal stands, and who the user is.
    pub standing: AccountStanding,
}

/// A step of an installation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InstallStep {
    /// CRMAP keeps the portal and the user's right to read it.
    Portal,
    /// Something is bound in the portal.
    Binding(SetUpStep),
}

impl InstallStep {
    /// All steps, in the order in which they are taken.
    pub const ALL: [Self; 4] = [
        Self::Portal,
        Self::Binding(SetUpStep::Leaving),
        Self::Binding(SetUpStep::Changes),
        Self::Binding(SetUpStep::FunnelsButton),
    ];
}

/// How an installation came out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstallReport {
    /// The steps with their outcomes; one that failed where the user does not administer the portal.
    pub steps: Vec<(InstallStep, StepOutcome)>,
    /// Whether the installation is finished.
    pub finished: bool,
}

impl InstallReport {
    fn failed(trouble: Trouble) -> Self {
        Self {
            steps: vec![(InstallStep::Portal, StepOutcome::Failed(trouble))],
            finished: false,
        }
    }
}

/// # Installing
impl Services {
    /// Lets somebody into the installer: the same proof as at an opening, then the portal's own
    /// word on who the user is. Nothing is stored yet.
    ///
    /// # Errors
    /// [`OpenError`] when the claim is not proved, or the portal does not answer.
    pub async fn begin_install(
        &self,
        arrival: Arrival,
        lang: Lang,
    ) -> Result<Installer, OpenError> {
        let session = self.prove(arrival, lang).await?;
        let (bearer, session) = self.begin(session).await?;
        let account = self.connector.account(&session.opening.access)?;
        let standing = timeout(INSTALLER_WAITS, account.standing())
            .await
            .map_err(|_| too_slow())??;
        Ok(Installer {
            bearer,
            session,
            standing,
        })
    }

    /// Takes the session's portal in: everything that an installation does. A user who does not
    /// administer the portal changes nothing.
    ///
    /// A slow portal is waited for only so long; the installation goes on, and asking again tells
    /// how it came out.
    pub async fn install(self: &Arc<Self>, session: &Arc<Session>) -> InstallReport {
        let (this, of) = (Arc::clone(self), Arc::clone(session));
        let work = tokio::spawn(async move { this.take_in(&of).await });
        match timeout(INSTALLER_WAITS, work).await {
            Ok(Ok(report)) => report,
            Ok(Err(panicked)) => {
                tracing::error!(%panicked, "an installation ended by a panic");
                InstallReport::failed(Trouble::Internal)
            }
            Err(_slow) => InstallReport::failed(too_slow().trouble()),
        }
    }

    async fn take_in(&self, session: &Arc<Session>) -> InstallReport {
        let member_id = &session.opening.member_id;
        let account = match self.connector.account(&session.opening.access) {
            Ok(account) => account,
            Err(error) => return InstallReport::failed(error.trouble()),
        };
        match account.standing().await {
            Ok(standing) if standing.administrator => {}
            Ok(_) => return InstallReport::failed(Trouble::NoRights),
            Err(error) => return self.not_installed(session, &error),
        }
        // The portal first: what is bound in it would speak to somebody who does not know it.
        match self.take_portal(session).await {
            Ok(true) => {}
            Ok(false) => return InstallReport::failed(Trouble::Revoked),
            Err(error) => {
                tracing::error!(%error, portal.member_id = %member_id, "a portal could not be stored");
                return InstallReport::failed(Trouble::StoreUnavailable);
            }
        }
        let mut steps = vec![(InstallStep::Portal, StepOutcome::Done)];
        match account.set_up(&self.settings.doors).await {
            Ok(set_up) => self.finish(session, &set_up, steps).await,
            Err(error) => {
                tracing::warn!(%error, portal.member_id = %member_id, "nothing could be bound in a portal");
                let trouble = error.trouble();
                steps.extend(SetUpStep::ALL.map(|step| {
                    let outcome = StepOutcome::Failed(trouble.clone());
                    (InstallStep::Binding(step), outcome)
                }));
                InstallReport {
                    steps,
                    finished: false,
                }
            }
        }
    }

    /// Looks after an installed portal with an administrator's rights: binds what is missing, keeps
    /// the secret of its events and what it says of itself. Gives whether all is as it should be.
    async fn look_after(&self, session: &Session) -> Result<bool, OpenError> {
        let account = self.connector.account(&session.opening.access)?;
        let set_up = account.set_up(&self.settings.doors).await?;
        if !set_up.standing.administrator {
            return Ok(true);
        }
        let member_id = &session.opening.member_id;
        self.keep_secret_of_events(session).await?;
        let facts = self.facts(&set_up.standing);
        self.store.note_facts(member_id, &facts).await?;
        Ok(set_up.is_complete())
    }

    fn not_installed(&self, session: &Session, error: &CrmError) -> InstallReport {
        tracing::warn!(%error, portal.member_id = %session.opening.member_id,
            "a portal does not say who its user is");
        InstallReport::failed(error.trouble())
    }

    /// Gives whether the portal was taken: not when it is removed at this very moment.
    async fn take_portal(&self, session: &Session) -> Result<bool, StoreError> {
        let member_id = &session.opening.member_id;
        let now = self.clock.now();
        let taken = self.remember_installing(session).await?
            && self.store.begin_install(member_id, now).await?;
        if taken {
            self.keep_secret_of_events(session).await?;
        }
        Ok(taken)
    }

    /// To be called for proved administrators alone.
    async fn keep_secret_of_events(&self, session: &Session) -> Result<(), StoreError> {
        let (member_id, now) = (&session.opening.member_id, self.clock.now());
        // Anybody may write anything into the field of the form; an administrator of the portal
        // harms nobody else by it (SEC-16).
        if let Some(token) = &session.application_token {
            self.store
                .keep_application_token(member_id, token, now)
                .await?;
        }
        Ok(())
    }

    async fn finish(
        &self,
        session: &Session,
        set_up: &SetUp,
        mut steps: Vec<(InstallStep, StepOutcome)>,
    ) -> InstallReport {
        let bound = set_up.steps.iter().cloned();
        steps.extend(bound.map(|(step, outcome)| (InstallStep::Binding(step), outcome)));
        let mut finished = set_up.is_complete();
        if finished && let Err(trouble) = self.note_installed(session, &set_up.standing).await {
            steps[0].1 = StepOutcome::Failed(trouble);
            finished = false;
        }
        InstallReport { steps, finished }
    }

    fn facts(&self, standing: &AccountStanding) -> InstallFacts {
        InstallFacts {
            version: standing.version,
            plan: standing.plan.clone(),
            scopes: standing.scopes.clone(),
            now: self.clock.now(),
        }
    }

    async fn note_installed(
        &self,
        session: &Session,
        standing: &AccountStanding,
    ) -> Result<(), Trouble> {
        let noted = self.try_note_installed(session, standing).await;
        match noted {
            Ok(true) => Ok(()),
            Ok(false) => Err(Trouble::Revoked),
            Err(error) => {
                tracing::error!(%error, portal.member_id = %session.opening.member_id,
                    "an installation could not be stored");
                Err(Trouble::StoreUnavailable)
            }
        }
    }

    async fn try_note_installed(
        &self,
        session: &Session,
        standing: &AccountStanding,
    ) -> Result<bool, StoreError> {
        let member_id = &session.opening.member_id;
        let facts = self.facts(standing);
        if !self.store.finish_install(member_id, &facts).await? {
            return Ok(false);
        }
        self.look_again(member_id);
        self.looked_after(member_id);
        tracing::info!(portal.member_id = %member_id, "the application was installed");
        let act = Act::Installed {
            user_id: session.opening.user_id,
            version: facts.version,
        };
        self.note(member_id, act).await;
        // From now on it is asked when it is due.
        if let Some(portal) = self.store.portal(member_id).await? {
            session.belongs_to(portal.installs);
            self.learned(&portal, Evidence::Answered).await?;
        }
        Ok(true)
    }

    /// Takes a portal in at an administrator's opening, behind the page's back: one that CRMAP has
    /// lost, or that was installed without our installer.
    pub(crate) fn take_in_later(self: &Arc<Self>, session: &Arc<Session>) {
        let (this, session) = (Arc::clone(self), Arc::clone(session));
        tokio::spawn(async move {
            let report = this.take_in(&session).await;
            if !report.finished {
                this.look_again(&session.opening.member_id);
                tracing::warn!(portal.member_id = %session.opening.member_id, steps = ?report.steps,
                    "a portal could not be taken in at its opening");
            }
        });
    }

    /// Looks after an installed portal at an administrator's opening, behind the page's back.
    pub(crate) fn look_after_later(self: &Arc<Self>, session: &Arc<Session>) {
        let (this, session) = (Arc::clone(self), Arc::clone(session));
        tokio::spawn(async move {
            let member_id = &session.opening.member_id;
            let outcome = this.look_after(&session).await;
            if !matches!(outcome, Ok(true)) {
                this.look_again(member_id);
                let error = outcome.err();
                tracing::warn!(portal.member_id = %member_id, ?error,
                    "a portal is not set up as it should be");
            }
        });
    }
}
