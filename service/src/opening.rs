//! Opening the application inside a portal: prove, start a session, remember, read.

use std::sync::Arc;

use crmap_crm::{AccountStanding, CrmError, OpeningClaim};
use crmap_domain::{Lang, MemberId, PortalState};
use crmap_store::{Portal, StoreError};
use secrecy::SecretString;

use crate::install::{Installer, too_slow};
use crate::session::{Bearer, Session};
use crate::{OpenError, Outcome, Services};

/// What a portal hands over when somebody opens the application in it. All of it may be forged
/// until the claim is proved; the two tokens stay unproved even then (SEC-06, SEC-16).
#[derive(Debug, Clone)]
pub struct Arrival {
    /// What is to be proved.
    pub claim: OpeningClaim,
    /// What is said to renew the access token.
    pub refresh_token: Option<SecretString>,
    /// What is said to be the secret of the portal's events.
    pub application_token: Option<SecretString>,
}

/// What came of an opening.
pub enum Opened {
    /// The application opens.
    Page(Page),
    /// The portal has not finished the installation, and the user may do it.
    Installer(Installer),
    /// The portal has not finished the installation, and the user may not do it.
    NotFinished {
        /// The origin of the portal's pages.
        origin: String,
    },
}

/// The application's page.
pub struct Page {
    /// The secret of the session, for the page alone.
    pub bearer: Bearer,
    /// The session.
    pub session: Arc<Session>,
    /// The portal's reading, as far as it got.
    pub outcome: Outcome,
}

/// # Opening the application in a portal
impl Services {
    /// Lets an opening in: asks the authority whether the claim is true (SEC-02), starts a session
    /// with the rights of the user who opened, keeps the portal and the user's tokens, and reads
    /// the portal for its first page. A portal that CRMAP does not know yet, or that comes back, is
    /// taken in when the user administers it.
    ///
    /// # Errors
    /// [`OpenError`] when the claim is not proved or the database is away; nothing was stored and
    /// the claimed portal was not called.
    pub async fn open(self: &Arc<Self>, arrival: Arrival, lang: Lang) -> Result<Opened, OpenError> {
        let session = self.prove(arrival, lang).await?;
        let (bearer, session, known) = self.let_in(session).await?;
        if let Some(known) = known {
            self.remember_again(&session, &known.portal).await?;
            let outcome = self.read_for_opening(&session, Some(known)).await;
            return Ok(Opened::Page(Page {
                bearer,
                session,
                outcome,
            }));
        }
        self.open_unknown(bearer, session).await
    }

    /// The page's first reading and the portal's word on the installation are asked for together.
    async fn open_unknown(
        self: &Arc<Self>,
        bearer: Bearer,
        session: Arc<Session>,
    ) -> Result<Opened, OpenError> {
        let standing = async {
            let account = self.connector.account(&session.opening.access)?;
            tokio::time::timeout(self.settings.opening_patience, account.standing())
                .await
                .unwrap_or_else(|_| Err(too_slow()))
        };
        let (standing, outcome) = tokio::join!(standing, self.read_for_opening(&session, None));
        match standing {
            Ok(standing) if standing.installed == Some(false) => {
                return Ok(unfinished(bearer, session, standing));
            }
            // Several may open it at once; one of them is enough.
            Ok(standing) if standing.administrator => {
                if self.is_time_to_look(&session.opening.member_id) {
                    self.take_in_later(&session);
                }
            }
            Ok(_) => {}
            Err(error) => tracing::info!(%error, portal.member_id = %session.opening.member_id,
                "an unknown portal does not say how it stands"),
        }
        Ok(Opened::Page(Page {
            bearer,
            session,
            outcome,
        }))
    }

    async fn read_for_opening(
        self: &Arc<Self>,
        session: &Arc<Session>,
        known: Option<KnownPortal>,
    ) -> Outcome {
        self.read_within(session, known, self.settings.opening_patience)
            .await
    }

    /// Lets a page go on whose session has ended, with a fresh access token that its portal gave it
    /// (SEC-43): proves the token as at an opening and gives the bearer of a new session, with the
    /// rights of the token's own user and no others.
    ///
    /// # Errors
    /// [`OpenError`] when the token is not proved or belongs to another portal.
    pub async fn renew(
        &self,
        access_token: SecretString,
        member_id: MemberId,
        address: String,
        lang: Lang,
    ) -> Result<Bearer, OpenError> {
        let claim = OpeningClaim {
            access_token,
            member_id,
            address,
        };
        let arrival = Arrival {
            claim,
            refresh_token: None,
            application_token: None,
        };
        let claimed = arrival.claim.member_id.clone();
        let session = match self.prove(arrival, lang).await {
            Ok(proved) => proved,
            Err(error) => return Err(self.truer(&claimed, error).await),
        };
        let (bearer, session, known) = self.let_in(session).await?;
        if let Some(known) = known {
            self.remember_again(&session, &known.portal).await?;
        }
        Ok(bearer)
    }

    /// An authority does not know the tokens of a portal that the application was removed from;
    /// somebody whose page is still open there is told that rather than that they are not believed.
    async fn truer(&self, claimed: &MemberId, error: CrmError) -> OpenError {
        if matches!(error, CrmError::NotProved { .. })
            && let Ok(Some(portal)) = self.store.portal(claimed).await
            && portal.state == PortalState::Uninstalled
        {
            let code = "NOT_INSTALLED".to_owned();
            return CrmError::NotInstalled { code }.into();
        }
        error.into()
    }

    /// Begins the session of somebody who was proved, tied to the installation of the portal where
    /// there is one, which is given as well.
    async fn let_in(
        &self,
        session: Session,
    ) -> Result<(Bearer, Arc<Session>, Option<KnownPortal>), StoreError> {
        let member_id = &session.opening.member_id;
        let found = self.store.portal_and_whether_linked(member_id).await?;
        let known = found
            .map(|(portal, is_linked)| KnownPortal { portal, is_linked })
            .filter(|known| is_installed(&known.portal));
        if let Some(known) = &known {
            session.belongs_to(known.portal.installs);
        }
        let (bearer, session) = self.begin(session).await?;
        Ok((bearer, session, known))
    }

    /// Asks the authority whether a claim is true; the session that follows from it has not begun.
    pub(crate) async fn prove(&self, arrival: Arrival, lang: Lang) -> Result<Session, CrmError> {
        let proven = self.connector.prove_opening(&arrival.claim).await?;
        let now = self.clock.now();
        if proven.expires_at <= now {
            return Err(CrmError::Expired);
        }
        let Arrival {
            refresh_token,
            application_token,
            ..
        } = arrival;
        Ok(Session::new(
            proven,
            lang,
            now,
            refresh_token,
            application_token,
        ))
    }
}

/// What is known of an installed portal when somebody opens the application in it.
pub(crate) struct KnownPortal {
    /// The portal.
    pub(crate) portal: Portal,
    /// Whether it is linked to any cabinet.
    pub(crate) is_linked: bool,
}

/// Whether the installation was finished and the application not removed since.
pub(crate) fn is_installed(portal: &Portal) -> bool {
    portal.installed_at.is_some() && portal.state != PortalState::Uninstalled
}

fn unfinished(bearer: Bearer, session: Arc<Session>, standing: AccountStanding) -> Opened {
    if standing.administrator {
        return Opened::Installer(Installer {
            bearer,
            session,
            standing,
        });
    }
    Opened::NotFinished {
        origin: session.opening.origin.clone(),
    }
}
