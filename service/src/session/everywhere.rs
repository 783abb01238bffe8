//! Sessions where several processes share a database: written there when they begin, and asked for
//! there each time, so that what one process ends is over in all (SEC-63). What a process knows of a
//! session in memory saves it the unsealing, and joins readings of the same page.

use std::sync::{Arc, OnceLock};

use crmap_crm::{Access, Credential, ProvenOpening};
use crmap_store::{PageSession, StoreError};
use time::OffsetDateTime;

use super::{Bearer, PER_USER, Session, key_of, new_bearer};
use crate::Services;
use crate::reading::Slot;

/// # Sessions in all processes
impl Services {
    /// Begins a session: gives it a bearer, by which every process finds it.
    pub(crate) async fn begin(
        &self,
        session: Session,
    ) -> Result<(Bearer, Arc<Session>), StoreError> {
        let (bearer, key) = new_bearer(&*self.entropy);
        let (session, now) = (Arc::new(session), self.clock.now());
        if self.store.is_shared() {
            let stored = session.stored();
            self.store
                .start_page_session(&key, &stored, PER_USER as u32)
                .await?;
        }
        self.sessions.keep(key, &session, now);
        Ok((bearer, session))
    }

    /// The session that a bearer stands for, unless it is unknown or over.
    ///
    /// # Errors
    /// [`StoreError`] where the sessions are in a database that does not answer: a process alone
    /// does not know whether another one has ended this.
    pub async fn session(&self, bearer: &str) -> Result<Option<Arc<Session>>, StoreError> {
        let (key, now) = (key_of(bearer), self.clock.now());
        let here = self.sessions.find(&key, now);
        if !self.store.is_shared() {
            return Ok(here);
        }
        if let Some(session) = here {
            if self.store.page_session_lives(&key, now).await? {
                return Ok(Some(session));
            }
            self.sessions.forget(&key);
            return Ok(None);
        }
        let Some(stored) = self.store.page_session(&key, now).await? else {
            return Ok(None);
        };
        // Of two that ask at once, the later one's stays; each has it whole.
        let session = Arc::new(Session::from_stored(stored));
        self.sessions.keep(key, &session, now);
        Ok(Some(session))
    }
}

impl Session {
    fn stored(&self) -> PageSession {
        let opening = &self.opening;
        PageSession {
            member_id: opening.member_id.clone(),
            user_id: opening.user_id,
            address: opening.address.clone(),
            origin: opening.origin.clone(),
            base: opening.access.base.clone(),
            authority: opening.authority.clone(),
            lang: self.lang,
            access: self.access_token(),
            refresh: self.refresh_token.clone(),
            application: self.application_token.clone(),
            expires_at: opening.expires_at,
            ends_at: self.ends_at,
            installs: self.installation(),
        }
    }

    fn from_stored(stored: PageSession) -> Self {
        Self {
            ends_at: stored.ends_at,
            began_at: OffsetDateTime::UNIX_EPOCH,
            lang: stored.lang,
            reading: Slot::default(),
            refresh_token: stored.refresh,
            application_token: stored.application,
            installation: stored.installs.map_or_else(OnceLock::new, OnceLock::from),
            opening: ProvenOpening {
                access: Access {
                    base: stored.base,
                    credential: Credential::Token(stored.access),
                    member_id: Some(stored.member_id.clone()),
                    user_id: Some(stored.user_id),
                },
                member_id: stored.member_id,
                address: stored.address,
                origin: stored.origin,
                user_id: stored.user_id,
                expires_at: stored.expires_at,
                authority: stored.authority,
            },
        }
    }
}
