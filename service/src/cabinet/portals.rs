//! The portals of a cabinet. Everything is asked for with the account's own scope: a portal that is
//! not linked to it, or not any more, is not found (SEC-24, 77).

use std::sync::Arc;

use crmap_domain::cabinet::{
    Denial, Description, JournalLine, JournalPlace, PortalCard, PortalDetails, RightsOf,
};
use crmap_domain::{MemberId, Specification};
use crmap_store::{ChainStatus, Holder, JournalCursor, JournalRow, LinkedPortal, StoreError};

use super::account::of_account;
use super::letters::Letter;
use super::limits::CHANGE;
use super::{Entered, denial_of};
use crate::Services;

/// How many requests are shown at a time.
const LINES: u32 = 50;

/// # The portals of a cabinet
impl Services {
    /// All of them, the first linked first.
    ///
    /// # Errors
    /// [`Denial::StoreUnavailable`].
    pub async fn portals(&self, entered: &Entered) -> Result<Vec<PortalCard>, Denial> {
        self.store.links(entered.tenant()).await.map_err(denial_of)
    }

    /// One of them, with its connection.
    ///
    /// # Errors
    /// [`Denial::NotFound`], [`Denial::StoreUnavailable`].
    pub async fn portal(
        &self,
        entered: &Entered,
        member_id: &MemberId,
    ) -> Result<PortalDetails, Denial> {
        let linked = self.linked_to(entered, member_id).await?;
        let holders = self.store.holders(entered.tenant(), member_id).await;
        let holders = holders.map_err(denial_of)?;
        Ok(PortalDetails {
            card: linked.card,
            linked_by: linked.linked_by,
            plan: linked.plan,
            version: linked.version,
            scopes: linked.scopes,
            rights: holders.iter().map(rights_of).collect(),
        })
    }

    /// What was last read of one of them; nothing where it was not read yet, or removed the
    /// application since it was linked (SEC-24). A damaged reading
    /// counts as none: the next one heals it.
    ///
    /// # Errors
    /// [`Denial::NotFound`], [`Denial::StoreUnavailable`].
    pub async fn snapshot(
        &self,
        entered: &Entered,
        member_id: &MemberId,
    ) -> Result<Option<Arc<Specification>>, Denial> {
        let found = {
            let _turn = self.flights.unpacking().await;
            self.store.snapshot(entered.tenant(), member_id).await
        };
        match found {
            Ok(Some(snapshot)) => return Ok(Some(Arc::new(snapshot.specification))),
            Ok(None) => {}
            Err(error @ StoreError::Corrupt { .. }) => {
                tracing::error!(%error, "a portal's last reading cannot be shown");
                let distrusted = self.store.distrust_snapshot(member_id).await;
                distrusted.map_err(denial_of)?;
            }
            Err(error) => return Err(denial_of(error)),
        }
        self.linked_to(entered, member_id).await?;
        Ok(None)
    }

    /// Keeps what the owner writes on a portal; gives it back as it is kept.
    ///
    /// # Errors
    /// [`Denial::Description`] for one that is too long, [`Denial::TooOften`], [`Denial::NotFound`],
    /// [`Denial::StoreUnavailable`].
    pub async fn describe_portal(
        &self,
        entered: &Entered,
        member_id: &MemberId,
        description: Description,
    ) -> Result<Description, Denial> {
        let tidy = description
            .tidy()
            .map_err(|_too_long| Denial::Description)?;
        self.allow(CHANGE, &of_account(entered)).await?;
        let described = self
            .store
            .describe(entered.tenant(), member_id, &tidy)
            .await;
        if described.map_err(denial_of)? {
            Ok(tidy)
        } else {
            Err(Denial::NotFound)
        }
    }

    /// Ends the link to a portal. Nothing of it is served from then on.
    ///
    /// # Errors
    /// [`Denial::NotFound`], [`Denial::StoreUnavailable`].
    pub async fn unlink_portal(
        &self,
        entered: &Entered,
        member_id: &MemberId,
    ) -> Result<(), Denial> {
        let linked = self.linked_to(entered, member_id).await?;
        let account = self.store.account(entered.tenant()).await;
        let account = account.map_err(denial_of)?.ok_or(Denial::SignedOut)?;
        let letter = Letter::Unlinked {
            address: linked.card.address,
            user_id: None,
        };
        let mail = self.written_if_sent(&account.email, account.lang, &letter);
        let now = self.clock.now();
        let ended = self
            .store
            .unlink(entered.tenant(), member_id, mail.as_ref(), now)
            .await;
        if !ended.map_err(denial_of)? {
            return Err(Denial::NotFound);
        }
        tracing::info!(portal.member_id = %member_id, "a link was ended by its cabinet");
        self.freshened.forget(member_id);
        Ok(())
    }

    /// The requests to a portal since it was linked, as far as they are kept (SEC-38), the newest
    /// first: those after a place, and the place where older ones begin.
    ///
    /// # Errors
    /// [`Denial::NotFound`], [`Denial::StoreUnavailable`].
    pub async fn requests_to(
        &self,
        entered: &Entered,
        member_id: &MemberId,
        after: Option<JournalPlace>,
    ) -> Result<(Vec<JournalLine>, Option<JournalPlace>), Denial> {
        self.linked_to(entered, member_id).await?;
        let from = after.map(|place| JournalCursor::new(place.at_ms, &place.id));
        let page = self
            .store
            .journal_of_link(entered.tenant(), member_id, from.as_ref(), LINES)
            .await
            .map_err(denial_of)?;
        let next = page.next.as_ref().map(|cursor| {
            let (at_ms, id) = cursor.place();
            JournalPlace {
                at_ms,
                id: id.to_owned(),
            }
        });
        Ok((page.rows.into_iter().map(line_of).collect(), next))
    }

    /// The portal, where it is linked to the account; the link may be void.
    pub(crate) async fn linked_to(
        &self,
        entered: &Entered,
        member_id: &MemberId,
    ) -> Result<LinkedPortal, Denial> {
        let linked = self.store.linked(entered.tenant(), member_id).await;
        linked.map_err(denial_of)?.ok_or(Denial::NotFound)
    }
}

fn rights_of(holder: &Holder) -> RightsOf {
    RightsOf {
        user_id: holder.user_id,
        administrator: holder.administrator,
        usable: matches!(holder.status, ChainStatus::Active | ChainStatus::Ambiguous),
        last_used_at: holder.last_used_at,
    }
}

fn line_of(row: JournalRow) -> JournalLine {
    JournalLine {
        at: row.at,
        user_id: row.user_id,
        method: row.method,
        status: row.status,
        duration_ms: u32::try_from(row.duration.as_millis()).unwrap_or(u32::MAX),
        error: row.error,
        request: row.request,
        response: row.response,
        response_bytes: row.response_bytes,
    }
}
