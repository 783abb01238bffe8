//! Opening the application inside a portal: prove, start a session, read.

use std::sync::Arc;

use crmap_crm::{CrmError, OpeningClaim};
use crmap_domain::{Lang, MemberId};
use secrecy::SecretString;

use crate::session::{Bearer, Session};
use crate::{Outcome, Services};

/// An opening that was proved.
pub struct Opened {
    /// The secret of the session, for the page alone.
    pub bearer: Bearer,
    /// The session.
    pub session: Arc<Session>,
    /// The portal's reading, as far as it got.
    pub outcome: Outcome,
}

impl Services {
    /// Lets an opening in: asks the authority whether the claim is true (SEC-02), starts a session
    /// with the rights of the user who opened, and reads the portal for its first page.
    ///
    /// # Errors
    /// A [`CrmError`] when the claim is not proved; nothing was stored and the claimed portal was
    /// not called.
    pub async fn open(&self, claim: &OpeningClaim, lang: Lang) -> Result<Opened, CrmError> {
        let (bearer, session) = self.prove(claim, lang).await?;
        let outcome = self
            .read_within(&session, self.settings.opening_patience)
            .await;
        Ok(Opened {
            bearer,
            session,
            outcome,
        })
    }

    /// Lets a page go on whose session has ended, with a fresh access token that its portal gave it
    /// (SEC-43): proves the token as at an opening and gives the bearer of a new session, with the
    /// rights of the token's own user and no others.
    ///
    /// # Errors
    /// A [`CrmError`] when the token is not proved or belongs to another portal.
    pub async fn renew(
        &self,
        access_token: SecretString,
        member_id: MemberId,
        address: String,
        lang: Lang,
    ) -> Result<Bearer, CrmError> {
        let claim = OpeningClaim {
            access_token,
            member_id,
            address,
        };
        let (bearer, _session) = self.prove(&claim, lang).await?;
        Ok(bearer)
    }

    async fn prove(
        &self,
        claim: &OpeningClaim,
        lang: Lang,
    ) -> Result<(Bearer, Arc<Session>), CrmError> {
        let proven = self.connector.prove_opening(claim).await?;
        let now = self.clock.now();
        if proven.expires_at <= now {
            return Err(CrmError::Expired);
        }
        Ok(self.sessions.start(proven, lang, now, &*self.entropy))
    }
}
