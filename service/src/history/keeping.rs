//! Keeping a reading: nothing new where nothing changed, and else the next version with how it
//! differs from the last one.

use std::sync::Arc;

use crmap_domain::change::{changes, known_after};
use crmap_domain::{Lang, MemberId, Specification};
use crmap_store::{Base, Comparison, Current, Keeping, NewReading, Renewal, StoreError};
use time::OffsetDateTime;

use crate::Services;

/// How often a reading is compared anew because another one came in between.
const TRIES: usize = 8;

impl Services {
    /// Keeps the reading of a portal for the cabinets that it is linked to. `installs` names the
    /// installation that was there before the reading began.
    pub(crate) async fn keep_version(
        &self,
        member_id: &MemberId,
        installs: u32,
        read: &Arc<Specification>,
        taken_at: OffsetDateTime,
    ) -> Result<Keeping, StoreError> {
        let reading = NewReading::of(read, taken_at).await?;
        for _ in 0..TRIES {
            let renewed = self.store.renew_snapshot(member_id, installs, &reading);
            let with = match renewed.await? {
                Renewal::Done(kept) => return Ok(kept),
                Renewal::Differs(with) => with,
            };
            let Some(comparison) = self.compared(member_id, with, &reading).await? else {
                continue;
            };
            let put = self
                .store
                .put_snapshot(member_id, installs, &reading, &comparison);
            match put.await? {
                Keeping::Overtaken => {}
                kept => return Ok(kept),
            }
        }
        // So many others were kept meanwhile that this one is not the last.
        Ok(Keeping::Outdated)
    }

    /// How a reading differs from the version that is there; nothing where it does not, after all,
    /// or that version is another one by now.
    async fn compared(
        &self,
        member_id: &MemberId,
        with: Option<Current>,
        reading: &NewReading,
    ) -> Result<Option<Comparison>, StoreError> {
        let first = Comparison {
            with,
            changes: Vec::new(),
            known: None,
        };
        let Some(current) = with else {
            return Ok(Some(first));
        };
        let _turn = self.flights.unpacking().await;
        let base = match self.store.base(member_id, current).await {
            Ok(Some(base)) => base,
            Ok(None) => return Ok(None),
            Err(error @ StoreError::Corrupt { .. }) => {
                tracing::error!(%error, portal.member_id = %member_id,
                    "a portal's last version is damaged; what changed since cannot be told");
                return Ok(Some(first));
            }
            Err(error) => return Err(error),
        };
        let adopted = self.store.adopt(member_id, current, &base, reading);
        if adopted.await? {
            return Ok(None);
        }
        differences(first, base, reading).await.map(Some)
    }

    /// The language to read a portal in: that of its readings so far, so that labels of one language
    /// are compared with each other; `wished` where there are none.
    pub(crate) async fn lang_to_read(
        &self,
        member_id: &MemberId,
        wished: Lang,
    ) -> Result<Lang, StoreError> {
        let known = self.store.lang_of_readings(member_id).await?;
        Ok(known.unwrap_or(wished))
    }
}

/// Takes its time with large portals, which others must not have to wait for.
async fn differences(
    first: Comparison,
    base: Base,
    reading: &NewReading,
) -> Result<Comparison, StoreError> {
    let read = Arc::clone(reading.specification());
    let compare = move || {
        let (was, known) = (&base.specification, base.known.as_ref());
        Comparison {
            changes: changes(was, known, &read),
            known: known_after(was, known, &read).map(Arc::new),
            ..first
        }
    };
    let compared = tokio::task::spawn_blocking(compare).await;
    compared.map_err(|error| StoreError::Internal(error.into()))
}
