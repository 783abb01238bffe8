//! Order among many portals: favourites, tags of many at once, and filters that are kept under a
//! name.

use std::collections::BTreeSet;
use std::time::Duration;

use crmap_domain::MemberId;
use crmap_domain::cabinet::{Denial, FilterName, SavedFilter, TagChange, Tagged, stale_after};
use crmap_store::{Arrangement, FilterKeeping};

use super::account::of_account;
use super::limits::ARRANGE;
use super::{Entered, denial_of};
use crate::Services;

/// # Order among many portals
impl Services {
    /// After how long a reading of a portal is old enough to be told of.
    #[must_use]
    pub fn stale_after(&self) -> Duration {
        stale_after(self.settings.sync_interval)
    }

    /// Keeps portals among the favourites, or not any more. What is not linked to the account is left
    /// out.
    ///
    /// # Errors
    /// [`Denial::NotFound`] where none of them is linked to it, [`Denial::TooOften`],
    /// [`Denial::StoreUnavailable`].
    pub async fn favour_portals(
        &self,
        entered: &Entered,
        portals: &[MemberId],
        favourite: bool,
    ) -> Result<(), Denial> {
        self.allow(ARRANGE, &of_account(entered)).await?;
        let wanted: BTreeSet<_> = portals.iter().collect();
        let mut found = false;
        let arrange = |member_id: &MemberId, before: &Arrangement| {
            wanted.contains(member_id).then(|| {
                found = true;
                Arrangement {
                    favourite,
                    ..before.clone()
                }
            })
        };
        let arranged = self.store.arrange(entered.tenant(), arrange).await;
        arranged.map_err(denial_of)?;
        found.then_some(()).ok_or(Denial::NotFound)
    }

    /// Puts tags on portals and takes others off, on all of them or none. What is not linked to the
    /// account is left out; a portal that would have too many stays as it is and is named.
    ///
    /// # Errors
    /// [`Denial::Description`] for a tag that is too long and for more than a portal can have,
    /// [`Denial::NotFound`] where none of the portals is linked to the account, [`Denial::TooOften`],
    /// [`Denial::StoreUnavailable`].
    pub async fn tag_portals(
        &self,
        entered: &Entered,
        portals: &[MemberId],
        change: TagChange,
    ) -> Result<Tagged, Denial> {
        let change = change.tidy().map_err(|_too_long| Denial::Description)?;
        self.allow(ARRANGE, &of_account(entered)).await?;
        let wanted: BTreeSet<_> = portals.iter().collect();
        let mut tagged = Tagged::default();
        let arrange = |member_id: &MemberId, before: &Arrangement| {
            if !wanted.contains(member_id) {
                return None;
            }
            let after = change.apply(&before.tags).unwrap_or_else(|_too_many| {
                tagged.full.push(member_id.clone());
                before.tags.clone()
            });
            tagged.tags.push((member_id.clone(), after.clone()));
            Some(Arrangement {
                tags: after,
                ..before.clone()
            })
        };
        let arranged = self.store.arrange(entered.tenant(), arrange).await;
        arranged.map_err(denial_of)?;
        if tagged.tags.is_empty() {
            return Err(Denial::NotFound);
        }
        Ok(tagged)
    }

    /// The filters that the account keeps, the first kept first.
    ///
    /// # Errors
    /// [`Denial::StoreUnavailable`].
    pub async fn saved_filters(&self, entered: &Entered) -> Result<Vec<SavedFilter>, Denial> {
        let filters = self.store.saved_filters(entered.tenant()).await;
        filters.map_err(denial_of)
    }

    /// Keeps the parameters of a dashboard's address under a name.
    ///
    /// # Errors
    /// [`Denial::FilterName`], [`Denial::FilterNameTaken`], [`Denial::TooManyFilters`],
    /// [`Denial::SignedOut`] where the account is not there any more, [`Denial::TooOften`],
    /// [`Denial::StoreUnavailable`].
    pub async fn save_filter(
        &self,
        entered: &Entered,
        name: &str,
        query: &str,
    ) -> Result<SavedFilter, Denial> {
        let name = FilterName::parse(name).map_err(|_invalid| Denial::FilterName)?;
        self.allow(ARRANGE, &of_account(entered)).await?;
        let now = self.clock.now();
        let kept = self
            .store
            .save_filter(entered.tenant(), &name, query, now)
            .await;
        kept_or(kept.map_err(denial_of)?, Denial::SignedOut)
    }

    /// Calls a filter of the account something else.
    ///
    /// # Errors
    /// [`Denial::FilterName`], [`Denial::FilterNameTaken`], [`Denial::NotFound`],
    /// [`Denial::TooOften`], [`Denial::StoreUnavailable`].
    pub async fn rename_filter(
        &self,
        entered: &Entered,
        id: &str,
        name: &str,
    ) -> Result<SavedFilter, Denial> {
        let name = FilterName::parse(name).map_err(|_invalid| Denial::FilterName)?;
        self.allow(ARRANGE, &of_account(entered)).await?;
        let kept = self.store.rename_filter(entered.tenant(), id, &name).await;
        kept_or(kept.map_err(denial_of)?, Denial::NotFound)
    }

    /// Keeps a filter of the account no longer.
    ///
    /// # Errors
    /// [`Denial::NotFound`], [`Denial::StoreUnavailable`].
    pub async fn delete_filter(&self, entered: &Entered, id: &str) -> Result<(), Denial> {
        let deleted = self.store.delete_filter(entered.tenant(), id).await;
        let there = deleted.map_err(denial_of)?;
        there.then_some(()).ok_or(Denial::NotFound)
    }
}

fn kept_or(kept: FilterKeeping, missing: Denial) -> Result<SavedFilter, Denial> {
    match kept {
        FilterKeeping::Kept(filter) => Ok(filter),
        FilterKeeping::Taken => Err(Denial::FilterNameTaken),
        FilterKeeping::Full => Err(Denial::TooManyFilters),
        FilterKeeping::Missing => Err(missing),
    }
}
