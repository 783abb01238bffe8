//! What a cabinet is told of a portal's past.

use std::collections::HashMap;
use std::sync::Arc;

use crmap_domain::cabinet::{
    Denial, HistoryFilter, HistoryPage, HistoryPlace, LookedUp, RowThen, VersionChanges,
    VersionMark,
};
use crmap_domain::change::{Change, ChangeKind, Described, find};
use crmap_domain::item::ItemKind;
use crmap_domain::search::{Query, SearchKey};
use crmap_domain::{MemberId, Specification};
use crmap_store::{ChangeQuery, StoreError, StoredChange};
use time::{Date, OffsetDateTime, Time};

use crate::cabinet::denial_of;
use crate::{Entered, Services};

/// How many changes are shown at a time.
const AT_ONCE: usize = 50;
/// How many are looked at in one go for words that the database cannot compare.
const LOOKED_AT: u32 = 500;
/// How often, for one page.
const GOES: usize = 20;
/// How many changes of one ID are told at the most.
const MOST_OF_ITEM: u32 = 200;
/// The longest ID that is looked for.
const LONGEST_ID: usize = 100;

/// # What portals were
impl Services {
    /// The versions of a portal that the cabinet may see, the newest first: the one that was there
    /// when it was linked, and all since.
    ///
    /// # Errors
    /// [`Denial::NotFound`], [`Denial::StoreUnavailable`].
    pub async fn versions(
        &self,
        entered: &Entered,
        member_id: &MemberId,
    ) -> Result<Vec<VersionMark>, Denial> {
        let versions = self.store.versions(entered.tenant(), member_id).await;
        let versions = versions.map_err(denial_of)?;
        if versions.is_empty() {
            self.linked_to(entered, member_id).await?;
        }
        Ok(versions)
    }

    /// What a portal was in a version; nothing where there is none that the cabinet may see. A
    /// damaged one counts as none.
    ///
    /// # Errors
    /// [`Denial::NotFound`], [`Denial::StoreUnavailable`].
    pub async fn specification_of(
        &self,
        entered: &Entered,
        member_id: &MemberId,
        version: u32,
    ) -> Result<Option<Arc<Specification>>, Denial> {
        let found = {
            let _turn = self.flights.unpacking().await;
            let tenant = entered.tenant();
            self.store.version(tenant, member_id, version).await
        };
        match found {
            Ok(Some(specification)) => return Ok(Some(Arc::new(specification))),
            Ok(None) => {}
            Err(error @ StoreError::Corrupt { .. }) => {
                tracing::error!(%error, "a version of a portal cannot be shown");
            }
            Err(error) => return Err(denial_of(error)),
        }
        self.linked_to(entered, member_id).await?;
        Ok(None)
    }

    /// The number of the version that is there now; 0 where the portal was not read yet.
    ///
    /// # Errors
    /// [`Denial::StoreUnavailable`].
    pub async fn version_now(
        &self,
        entered: &Entered,
        member_id: &MemberId,
    ) -> Result<u32, Denial> {
        let number = self.store.version_now(entered.tenant(), member_id).await;
        Ok(number.map_err(denial_of)?.unwrap_or(0))
    }

    /// Notes that the owner looked at a portal and saw what it was up to a version.
    ///
    /// # Errors
    /// [`Denial::NotFound`], also for a version that there is not; [`Denial::StoreUnavailable`].
    pub async fn looked_at(
        &self,
        entered: &Entered,
        member_id: &MemberId,
        version: u32,
    ) -> Result<(), Denial> {
        let (tenant, now) = (entered.tenant(), self.clock.now());
        let noted = self.store.note_looked_at(tenant, member_id, version, now);
        // A portal whose link serves nothing is looked at, too; there is nothing to note.
        let is_fine =
            noted.await.map_err(denial_of)? || self.linked_to(entered, member_id).await?.is_void;
        if is_fine {
            Ok(())
        } else {
            Err(Denial::NotFound)
        }
    }

    /// What changed in a portal, the newest first, fifty at a time.
    ///
    /// # Errors
    /// [`Denial::NotFound`], [`Denial::StoreUnavailable`].
    pub async fn history(
        &self,
        entered: &Entered,
        member_id: &MemberId,
        filter: &HistoryFilter,
        after: Option<HistoryPlace>,
    ) -> Result<HistoryPage, Denial> {
        let versions = self.versions(entered, member_id).await?;
        let (changes, next) = self
            .matching(entered, member_id, filter, after)
            .await
            .map_err(denial_of)?;
        Ok(HistoryPage {
            first: versions.last().cloned(),
            versions: grouped(&versions, changes),
            next,
        })
    }

    /// The next changes that match, and where to read on.
    async fn matching(
        &self,
        entered: &Entered,
        member_id: &MemberId,
        filter: &HistoryFilter,
        mut after: Option<HistoryPlace>,
    ) -> Result<(Vec<StoredChange>, Option<HistoryPlace>), StoreError> {
        let query = Query::parse(&filter.text);
        let mut matching: Vec<StoredChange> = Vec::new();
        for _ in 0..GOES {
            let asked = ChangeQuery {
                kinds: or_all(&filter.kinds, &ChangeKind::ALL),
                what: or_all(&filter.what, &ItemKind::ALL),
                from: filter.from.map(start_of),
                until: filter.to.map(end_of),
                after,
                limit: LOOKED_AT,
            };
            let tenant = entered.tenant();
            let found = self.store.changes(tenant, member_id, &asked).await?;
            let is_last = found.len() < LOOKED_AT as usize;
            for change in found {
                if matching.len() == AT_ONCE {
                    return Ok((matching, after));
                }
                after = Some(change.place);
                if is_hit(&query, &change.change) {
                    matching.push(change);
                }
            }
            if is_last {
                return Ok((matching, None));
            }
        }
        Ok((matching, after))
    }

    /// What had an ID at the end of a day, and what became of it over time.
    ///
    /// # Errors
    /// [`Denial::NotFound`], [`Denial::StoreUnavailable`].
    pub async fn look_up(
        &self,
        entered: &Entered,
        member_id: &MemberId,
        id: &str,
        on: Date,
    ) -> Result<LookedUp, Denial> {
        let id: String = id.trim().chars().take(LONGEST_ID).collect();
        let versions = self.versions(entered, member_id).await?;
        let until = end_of(on);
        let then = versions.iter().find(|mark| mark.first_read_at < until);
        let mut found = Vec::new();
        if let Some(then) = then {
            found = self.found_in(entered, member_id, then.number, &id).await?;
        }
        let now = versions.first().map_or(0, |mark| mark.number);
        let there = if then.is_some_and(|then| then.number != now) {
            self.found_in(entered, member_id, now, &id).await?
        } else {
            found.clone()
        };
        let changes = self
            .store
            .changes_of(entered.tenant(), member_id, &id, MOST_OF_ITEM);
        let mut changes = changes.await.map_err(denial_of)?;
        for row in &found {
            changes.extend(self.of_its_field(entered, member_id, row).await?);
        }
        changes.sort_by_key(|one| (std::cmp::Reverse(one.place.number), one.place.place));
        let found = found.into_iter().map(|row| RowThen {
            is_there: there.iter().any(|one| is_same(one, &row)),
            row,
        });
        Ok(LookedUp {
            found: found.collect(),
            version: then.cloned(),
            story: grouped(&versions, changes),
            id,
        })
    }

    /// When the field of a list's item came and went, and the item with it, untold.
    async fn of_its_field(
        &self,
        entered: &Entered,
        member_id: &MemberId,
        row: &Described,
    ) -> Result<Vec<StoredChange>, Denial> {
        let entity = row.item.kind.entity();
        let Some((field, entity)) = row.item.within.as_deref().zip(entity) else {
            return Ok(Vec::new());
        };
        let tenant = entered.tenant();
        let changes = self
            .store
            .changes_of(tenant, member_id, field, MOST_OF_ITEM)
            .await
            .map_err(denial_of)?;
        let is_whole = |change: &Change| {
            change.item.kind == ItemKind::Field(entity)
                && matches!(
                    change.difference.kind(),
                    ChangeKind::Added | ChangeKind::Removed
                )
        };
        let whole = changes.into_iter().filter(|one| is_whole(&one.change));
        Ok(whole.collect())
    }

    async fn found_in(
        &self,
        entered: &Entered,
        member_id: &MemberId,
        version: u32,
        id: &str,
    ) -> Result<Vec<Described>, Denial> {
        let specification = self.specification_of(entered, member_id, version).await?;
        Ok(specification.map_or_else(Vec::new, |of| find(&of, id)))
    }
}

fn is_same(one: &Described, other: &Described) -> bool {
    let key = |of: &Described| (of.item.kind, of.item.id.clone(), of.item.within.clone());
    key(one) == key(other)
}

fn is_hit(query: &Query, change: &Change) -> bool {
    query.is_empty() || query.matches(&SearchKey::of(&change.texts()))
}

fn or_all<'a, T>(asked: &'a [T], all: &'a [T]) -> &'a [T] {
    if asked.is_empty() { all } else { asked }
}

/// By version, in the order in which they come.
fn grouped(versions: &[VersionMark], changes: Vec<StoredChange>) -> Vec<VersionChanges> {
    let marks: HashMap<u32, &VersionMark> =
        versions.iter().map(|mark| (mark.number, mark)).collect();
    let mut grouped: Vec<VersionChanges> = Vec::new();
    for StoredChange { place, change } in changes {
        // One that came after the versions were asked for is left for the next time.
        let Some(mark) = marks.get(&place.number) else {
            continue;
        };
        match grouped.last_mut() {
            Some(last) if last.mark.number == place.number => last.changes.push(change),
            _ => grouped.push(VersionChanges {
                mark: (*mark).clone(),
                changes: vec![change],
            }),
        }
    }
    grouped
}

fn start_of(day: Date) -> OffsetDateTime {
    day.with_time(Time::MIDNIGHT).assume_utc()
}

/// The first moment after the day.
fn end_of(day: Date) -> OffsetDateTime {
    day.next_day().map_or(OffsetDateTime::UNIX_EPOCH, start_of)
}
