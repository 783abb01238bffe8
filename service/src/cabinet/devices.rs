//! The browsers that an account is logged in from.

use crmap_domain::cabinet::{Denial, Device};

use super::{Entered, IDLE, denial_of};
use crate::Services;

/// No session has a longer name.
const LONGEST_ID: usize = 64;

/// # Browsers that are logged in
impl Services {
    /// All of them, the last used first.
    ///
    /// # Errors
    /// [`Denial::StoreUnavailable`].
    pub async fn devices(&self, entered: &Entered) -> Result<Vec<Device>, Denial> {
        let sessions = self
            .store
            .sessions(entered.tenant(), self.clock.now(), IDLE)
            .await
            .map_err(denial_of)?;
        let devices = sessions.into_iter().map(|session| Device {
            current: session.id == entered.session_id,
            id: session.id,
            agent: session.agent,
            ip: session.ip,
            made_at: session.made_at,
            seen_at: session.seen_at,
        });
        Ok(devices.collect())
    }

    /// Signs one of them out.
    ///
    /// # Errors
    /// [`Denial::NotFound`] for one that is not the account's, [`Denial::StoreUnavailable`].
    pub async fn end_device(&self, entered: &Entered, id: &str) -> Result<(), Denial> {
        if id.len() > LONGEST_ID || id.contains('\0') {
            return Err(Denial::NotFound);
        }
        let ended = self
            .store
            .end_session(entered.tenant(), id, self.clock.now())
            .await
            .map_err(denial_of)?;
        if ended { Ok(()) } else { Err(Denial::NotFound) }
    }

    /// Signs all of them out but the one that asks; says how many.
    ///
    /// # Errors
    /// [`Denial::StoreUnavailable`].
    pub async fn end_other_devices(&self, entered: &Entered) -> Result<u32, Denial> {
        self.store
            .end_other_sessions(entered.tenant(), &entered.session_id, self.clock.now())
            .await
            .map_err(denial_of)
    }
}
