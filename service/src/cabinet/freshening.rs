//! Readings that administrators make inside a portal keep its snapshot fresh for the cabinets that it
//! is linked to. What anybody else sees of the portal is theirs alone (SEC-26).

use std::sync::Arc;

use crmap_domain::Specification;
use crmap_store::{Keeping, StoreError};
use time::Duration;

use crate::fleet::after_success;
use crate::remembering::NOBODY;
use crate::{Services, Session};

/// A snapshot that is younger than this is not replaced by a reading that happened anyway.
const FRESH: Duration = Duration::minutes(5);

impl Services {
    /// Keeps an administrator's reading of a linked portal as its snapshot, unless that was done lately.
    pub(crate) async fn freshen(&self, session: &Session, read: &Arc<Specification>) {
        if !self.is_fresh(session) {
            self.keep_reading(session, read).await;
        }
    }

    /// Whether the snapshot of the session's installation was freshened lately.
    pub(crate) fn is_fresh(&self, session: &Session) -> bool {
        let (member_id, now) = (&session.opening.member_id, self.clock.now());
        session
            .installation()
            .is_some_and(|installs| self.freshened.holds(member_id, NOBODY, &installs, now))
    }

    /// Keeps the reading of an administrator as the snapshot of the session's portal.
    pub(super) async fn keep_reading(&self, session: &Session, read: &Arc<Specification>) {
        if !read.reading.viewer.administrator {
            return;
        }
        if let Err(error) = self.try_keep_reading(session, read).await {
            tracing::warn!(%error, portal.member_id = %session.opening.member_id,
                "a reading could not be kept");
        }
    }

    async fn try_keep_reading(
        &self,
        session: &Session,
        read: &Arc<Specification>,
    ) -> Result<(), StoreError> {
        let (member_id, now) = (&session.opening.member_id, self.clock.now());
        let Some(installs) = session.installation() else {
            return Ok(());
        };
        // Labels in another language would be compared with nothing.
        let lang = read.reading.lang;
        if self.lang_to_read(member_id, lang).await? != lang {
            return Ok(());
        }
        let kept = self.keep_version(member_id, installs, read, now).await?;
        if matches!(kept, Keeping::Kept | Keeping::Unchanged) {
            self.freshened
                .note(member_id, NOBODY, installs, now, now + FRESH);
            let next = after_success(now, self.settings.sync_interval, self.spread());
            self.store
                .postpone_reading(member_id, read.reading.at, next)
                .await?;
        }
        Ok(())
    }
}
