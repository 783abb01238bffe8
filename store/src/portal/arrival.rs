//! A portal shows itself by a proved opening.

use crmap_domain::{MemberId, PortalState};
use sqlx::any::AnyRow;
use sqlx::{Any, Transaction};
use time::OffsetDateTime;
use tracing::instrument;

use super::Portal;
use crate::audit::Trail;
use crate::moment::to_ms;
use crate::{Store, StoreError};

/// A portal as a proof named it.
#[derive(Debug, Clone)]
pub struct SeenPortal {
    /// Its identity.
    pub member_id: MemberId,
    /// Its address, host with the port where it is not the usual one.
    pub address: String,
    /// The base of its interface's addresses.
    pub base: String,
    /// The origin that may frame its pages.
    pub origin: String,
    /// The authorization server that proved it.
    pub authority: String,
    /// When.
    pub now: OffsetDateTime,
}

/// A portal after an opening, and what it was before.
#[derive(Debug, Clone)]
pub struct Remembered {
    /// The portal as it is now.
    pub portal: Portal,
    /// What it was.
    pub was: Was,
    /// The portal that had the address before and has lost it (SEC-08).
    pub displaced: Option<MemberId>,
}

/// What a portal was before an opening.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Was {
    /// Nobody has heard of it.
    New,
    /// Known, at this very address.
    Known,
    /// Known at another address.
    Moved {
        /// That address.
        from: String,
    },
    /// Uninstalled, with its settings kept. They are its own again, its tokens are gone.
    Returned,
}

/// Two openings may get into each other's way by swapping addresses; the second try sees what the
/// first one did.
const TRIES: usize = 3;

/// # Portals that show themselves
impl Store {
    /// Keeps where a portal is and that it was seen. A portal that had this address until now is
    /// `moved` and loses it in the same transaction; an uninstalled one that comes back is `ok`.
    ///
    /// # Errors
    /// A [`StoreError`].
    #[instrument(name = "db.portal.remember", skip_all, fields(portal.member_id = %seen.member_id))]
    pub async fn remember_opening(&self, seen: &SeenPortal) -> Result<Remembered, StoreError> {
        again_on_conflict(|| self.try_remember(seen)).await
    }

    /// The same for a portal that is there: none, and nothing changes, where it is not known or
    /// uninstalled, so that what comes late brings nobody back.
    ///
    /// # Errors
    /// A [`StoreError`].
    #[instrument(name = "db.portal.see_again", skip_all, fields(portal.member_id = %seen.member_id))]
    pub async fn see_again(&self, seen: &SeenPortal) -> Result<Option<Remembered>, StoreError> {
        again_on_conflict(|| self.try_see_again(seen)).await
    }

    async fn try_remember(&self, seen: &SeenPortal) -> Result<Remembered, StoreError> {
        let mut work = self.begin().await?;
        let new = insert_if_new(&mut work, seen).await?;
        if new {
            self.begin_trail(&mut work, &Trail::of_portal(&seen.member_id))
                .await?;
        }
        let (before, other) = self.lock_involved(&mut work, seen).await?;
        let was = match before {
            Some(before) if !new => what_was(&before, seen),
            _ => Was::New,
        };
        self.arrive(work, seen, was, other).await
    }

    async fn try_see_again(&self, seen: &SeenPortal) -> Result<Option<Remembered>, StoreError> {
        let mut work = self.begin().await?;
        let (before, other) = self.lock_involved(&mut work, seen).await?;
        let Some(before) = before.filter(|before| before.uninstalled_at.is_none()) else {
            return Ok(None);
        };
        let was = what_was(&before, seen);
        Ok(Some(self.arrive(work, seen, was, other).await?))
    }

    async fn arrive(
        &self,
        mut work: Transaction<'static, Any>,
        seen: &SeenPortal,
        was: Was,
        displaced: Option<MemberId>,
    ) -> Result<Remembered, StoreError> {
        if let Some(other) = &displaced {
            displace(&mut work, other, seen.now).await?;
        }
        let portal = Portal::from_row(&self.settle(&mut work, seen).await?)?;
        work.commit().await?;
        Ok(Remembered {
            portal,
            was,
            displaced,
        })
    }

    /// The portal itself and the one that has its address, kept in an order that all callers keep.
    async fn lock_involved(
        &self,
        work: &mut Transaction<'static, Any>,
        seen: &SeenPortal,
    ) -> Result<(Option<Portal>, Option<MemberId>), StoreError> {
        let sql = "select {portal} from portal \
                   where member_id = $1 or (address = $2 and base is not null) \
                   order by member_id {for_update}";
        let rows = sqlx::query(self.dialect.sql(sql))
            .bind(seen.member_id.as_str())
            .bind(seen.address.as_str())
            .fetch_all(&mut **work)
            .await?;
        let (mut itself, mut other) = (None, None);
        for row in &rows {
            let portal = Portal::from_row(row)?;
            if portal.member_id == seen.member_id {
                itself = Some(portal);
            } else {
                other = Some(portal.member_id);
            }
        }
        Ok((itself, other))
    }

    /// A proved opening heals what an opening can heal: an uninstalled portal is there again, and
    /// one that had moved is found. Whether it may be read, the next reading says.
    async fn settle(
        &self,
        work: &mut Transaction<'static, Any>,
        seen: &SeenPortal,
    ) -> Result<AnyRow, StoreError> {
        let sql = "update portal set address = $2, base = $3, origin = $4, authority = $5, \
             last_contact_at = $6, uninstalled_at = null, restored_at = null, \
             state_since = case when state in ('uninstalled', 'moved') then $6 \
               else state_since end, \
             reason_since = case when state in ('uninstalled', 'moved') then $6 \
               else reason_since end, \
             reason = case when state in ('uninstalled', 'moved') then '' else reason end, \
             probes = case when state in ('uninstalled', 'moved') then 0 else probes end, \
             state = case when state in ('uninstalled', 'moved') then 'ok' else state end \
             where member_id = $1 returning {portal}";
        Ok(sqlx::query(self.dialect.sql(sql))
            .bind(seen.member_id.as_str())
            .bind(seen.address.as_str())
            .bind(seen.base.as_str())
            .bind(seen.origin.as_str())
            .bind(seen.authority.as_str())
            .bind(to_ms(seen.now))
            .fetch_one(&mut **work)
            .await?)
    }
}

async fn again_on_conflict<T, F: Future<Output = Result<T, StoreError>>>(
    attempt: impl Fn() -> F,
) -> Result<T, StoreError> {
    for _ in 1..TRIES {
        match attempt().await {
            Err(StoreError::Conflict(_)) => {}
            outcome => return outcome,
        }
    }
    attempt().await
}

fn what_was(before: &Portal, seen: &SeenPortal) -> Was {
    if before.state == PortalState::Uninstalled {
        Was::Returned
    } else if before.address == seen.address {
        Was::Known
    } else {
        Was::Moved {
            from: before.address.clone(),
        }
    }
}

/// Without the base, so that nobody is in the way yet.
async fn insert_if_new(
    work: &mut Transaction<'static, Any>,
    seen: &SeenPortal,
) -> Result<bool, StoreError> {
    let done = sqlx::query(
        "insert into portal (member_id, address, origin, authority, state, state_since, \
         reason_since, first_seen_at, last_contact_at) \
         values ($1, $2, $3, $4, 'ok', $5, $5, $5, $5) \
         on conflict (member_id) do nothing",
    )
    .bind(seen.member_id.as_str())
    .bind(seen.address.as_str())
    .bind(seen.origin.as_str())
    .bind(seen.authority.as_str())
    .bind(to_ms(seen.now))
    .execute(&mut **work)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// The moment moves on in any case: whoever judged the portal before must find it changed.
async fn displace(
    work: &mut Transaction<'static, Any>,
    member_id: &MemberId,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    sqlx::query(
        "update portal set base = null, \
         state_since = case when state in ('moved', 'uninstalled') then state_since \
           when state_since >= $2 then state_since + 1 else $2 end, \
         reason_since = case when state = 'uninstalled' \
           or (state = 'moved' and reason = 'address_taken') then reason_since else $2 end, \
         reason = case when state = 'uninstalled' then reason else 'address_taken' end, \
         state = case when state = 'uninstalled' then state else 'moved' end \
         where member_id = $1",
    )
    .bind(member_id.as_str())
    .bind(to_ms(now))
    .execute(&mut **work)
    .await?;
    Ok(())
}
