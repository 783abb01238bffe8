//! A search over all portals of a cabinet: rows by label or ID. What can be found in a portal is kept
//! unpacked in the process, as much as fits; which portals there are, and which of their readings is
//! the last, is asked of the database with every search, so that another's portal is never searched
//! and the end of a link is felt at once (SEC-24, 77, 78).

mod pace;

use std::sync::Arc;

use crmap_crm::Clock;
use crmap_domain::MemberId;
use crmap_domain::cabinet::{Denial, Found, FoundIn, OnlyIn, ReadAs};
use crmap_domain::search::fleet::{Fit, LONGEST, Rank, Rows, Wanted, other_layout};
use crmap_domain::search::key;
use crmap_store::{SearchPlace, Searched, StoreError};
use futures::future::try_join_all;
use quick_cache::sync::Cache;
use quick_cache::{DefaultHashBuilder, OptionsBuilder, Weighter};
use tokio::sync::Semaphore;

use crate::Services;
use crate::cabinet::{Entered, denial_of};
use crate::shares::Shares;

use pace::Pace;

/// How many rows are shown of a portal among others, and of one alone.
const HITS: usize = 5;
const HITS_OF_ONE: usize = 200;
/// How many portals are shown.
const GROUPS: usize = 30;
/// How many searches are under way or wait for their turn; more are sent away.
const WAITING: usize = 32;
/// How many searches of one account are under way at a time; others of it wait.
const OF_ONE_ACCOUNT: usize = 2;
/// How many searches load portals at a time.
const LOADING: usize = 2;
/// How many portals are loaded side by side for one search, and how many one after another before
/// they are searched.
const LANES: usize = 4;
const LANE: usize = 8;

/// What searches share.
pub(crate) struct Finding {
    rows: Cache<Key, Arc<Rows>, Weight>,
    waiting: Semaphore,
    turns: Semaphore,
    /// Searches that load what is not at hand: it may be more than is kept.
    loading: Semaphore,
    shares: Shares,
    at_once: usize,
    pace: Pace,
}

/// A portal, and what tells its reading from others.
type Key = (MemberId, i64);

#[derive(Clone)]
struct Weight;

impl Weighter<Key, Arc<Rows>> for Weight {
    fn weight(&self, _key: &Key, rows: &Arc<Rows>) -> u64 {
        rows.bytes() as u64
    }
}

/// How well a portal answers a search.
struct Answer {
    place: usize,
    best: Rank,
    total: u32,
}

impl Finding {
    /// Keeps so many bytes of rows at the most.
    pub(crate) fn new(memory: usize, clock: Arc<dyn Clock>) -> Self {
        let at_once = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        // In one part: parts fill up unevenly, and what one lets go another has room for.
        let options = OptionsBuilder::new()
            .estimated_items_capacity(1_000)
            .weight_capacity(memory as u64)
            .shards(1)
            .build();
        let rows = options.map_or_else(
            |_| Cache::with_weighter(1_000, memory as u64, Weight),
            |options| {
                let hasher = DefaultHashBuilder::default();
                Cache::with_options(options, Weight, hasher, Default::default())
            },
        );
        Self {
            rows,
            waiting: Semaphore::new(WAITING),
            turns: Semaphore::new(at_once),
            loading: Semaphore::new(LOADING),
            shares: Shares::new(OF_ONE_ACCOUNT),
            at_once,
            pace: Pace::new(clock),
        }
    }

    /// The rows of a portal where they are at hand.
    fn at_hand(&self, place: &SearchPlace) -> Option<Arc<Rows>> {
        self.rows.get(&(place.member_id.clone(), place.stamp?))
    }

    /// Searches rows when it is one's turn, in a thread of its own.
    async fn answers(
        &self,
        rows: Vec<(usize, Arc<Rows>)>,
        wanted: &Arc<Wanted>,
        fit: Fit,
    ) -> Result<Vec<Answer>, Denial> {
        // The semaphore is never closed.
        let _turn = self.turns.acquire().await;
        let wanted = Arc::clone(wanted);
        let work = move || {
            let answer = |(place, rows): &(usize, Arc<Rows>)| {
                let tally = rows.search(&wanted, fit, 1);
                let (best, _) = tally.best.first()?;
                Some(Answer {
                    place: *place,
                    best: *best,
                    total: tally.total,
                })
            };
            rows.iter().filter_map(answer).collect()
        };
        tokio::task::spawn_blocking(work).await.map_err(|error| {
            tracing::error!(%error, "a search fell");
            Denial::Internal
        })
    }
}

/// # Searching all portals
impl Services {
    /// Looks for rows by label or ID in all portals of a cabinet, or in one of them: exactly, then as
    /// typed in the other layout of the keyboard, and where there is nothing of the kind, with a
    /// letter off.
    ///
    /// # Errors
    /// [`Denial::NotFound`] for one portal that is not there, [`Denial::TooOften`], [`Denial::Busy`],
    /// [`Denial::StoreUnavailable`].
    pub async fn find(
        &self,
        entered: &Entered,
        query: &str,
        only: Option<&MemberId>,
    ) -> Result<Found, Denial> {
        let account = entered.tenant().id();
        if !self.finding.pace.allows(account) {
            return Err(Denial::TooOften { seconds: 1 });
        }
        let _share = self.finding.shares.take(account).await;
        let _place = self
            .finding
            .waiting
            .try_acquire()
            .map_err(|_full| Denial::Busy)?;
        let places = self.store.search_places(entered.tenant()).await;
        let mut places = places.map_err(denial_of)?;
        let mut found = nothing_yet(query, &places);
        if let Some(only) = only {
            places.retain(|place| place.member_id == *only);
            let place = places.first().ok_or(Denial::NotFound)?;
            found.only = Some(OnlyIn {
                member_id: only.clone(),
                name: name_of(place).to_owned(),
            });
        }
        let tries = readings(&found.query);
        if let Some((_, read_as)) = tries.first() {
            found.read_as = read_as.clone();
        }
        let most = if only.is_some() { HITS_OF_ONE } else { HITS };
        for fit in [Fit::Exact, Fit::Typo] {
            for (wanted, read_as) in &tries {
                if fit == Fit::Typo && !wanted.may_have_typo() {
                    continue;
                }
                let answers = self.sweep(entered, &places, wanted, fit).await?;
                if answers.is_empty() {
                    continue;
                }
                found.read_as = read_as.clone();
                found.nearly = fit == Fit::Typo;
                found.total = answers
                    .iter()
                    .map(|answer| answer.total)
                    .fold(0, u32::saturating_add);
                found.found_in = count(answers.len());
                let best = best_of(answers, &places);
                found.groups = self.groups(entered, &best, wanted, fit, most).await?;
                return Ok(found);
            }
        }
        Ok(found)
    }

    /// How many bytes of rows are kept to be searched.
    #[must_use]
    pub fn search_memory(&self) -> u64 {
        self.finding.rows.weight()
    }

    /// Every portal that holds what is wanted.
    async fn sweep(
        &self,
        entered: &Entered,
        places: &[SearchPlace],
        wanted: &Arc<Wanted>,
        fit: Fit,
    ) -> Result<Vec<Answer>, Denial> {
        let (mut at_hand, mut missing) = (Vec::new(), Vec::new());
        let read = places.iter().enumerate();
        for (number, place) in read.filter(|(_, place)| place.taken_at.is_some()) {
            match self.finding.at_hand(place) {
                Some(rows) => at_hand.push((number, rows)),
                None => missing.push((number, place)),
            }
        }
        let part = at_hand.len().div_ceil(self.finding.at_once).max(1);
        let parts = at_hand.chunks(part).map(<[_]>::to_vec);
        let searches = parts.map(|part| self.finding.answers(part, wanted, fit));
        let mut answers: Vec<Answer> = try_join_all(searches)
            .await?
            .into_iter()
            .flatten()
            .collect();
        drop(at_hand);
        if missing.is_empty() {
            return Ok(answers);
        }
        // The semaphore is never closed.
        let _loads = self.finding.loading.acquire().await;
        for part in missing.chunks(LANES * LANE) {
            let lanes = part.chunks(LANE).map(|lane| self.lane(entered, lane));
            let rows = try_join_all(lanes).await?.concat();
            answers.extend(self.finding.answers(rows, wanted, fit).await?);
        }
        Ok(answers)
    }

    /// Portals that are not at hand, one after another.
    async fn lane(
        &self,
        entered: &Entered,
        lane: &[(usize, &SearchPlace)],
    ) -> Result<Vec<(usize, Arc<Rows>)>, Denial> {
        let mut loaded = Vec::with_capacity(lane.len());
        for (number, place) in lane {
            if let Some(rows) = self.rows_of(entered, place).await? {
                loaded.push((*number, rows));
            }
        }
        Ok(loaded)
    }

    /// What is shown of the best portals.
    async fn groups(
        &self,
        entered: &Entered,
        best: &[&SearchPlace],
        wanted: &Arc<Wanted>,
        fit: Fit,
        most: usize,
    ) -> Result<Vec<FoundIn>, Denial> {
        let mut groups = Vec::with_capacity(best.len());
        for place in best {
            let Some(rows) = self.rows_of(entered, place).await? else {
                continue;
            };
            let wanted = Arc::clone(wanted);
            let work = move || {
                let tally = rows.search(&wanted, fit, most);
                let hits = tally.best.iter();
                let hits = hits.filter_map(|(_, row)| rows.hit(*row, &wanted, fit));
                (tally.total, hits.collect())
            };
            let found = tokio::task::spawn_blocking(work).await;
            let (total, hits) = found.map_err(|error| {
                tracing::error!(%error, "a search fell");
                Denial::Internal
            })?;
            groups.push(FoundIn {
                member_id: place.member_id.clone(),
                address: place.address.clone(),
                label: place.label.clone(),
                mark: place.mark,
                state: place.state,
                total,
                hits,
            });
        }
        Ok(groups)
    }

    /// What can be found in a portal; nothing where that cannot be understood, or the link has ended
    /// meanwhile. Loaded once, however many wait for it.
    async fn rows_of(
        &self,
        entered: &Entered,
        place: &SearchPlace,
    ) -> Result<Option<Arc<Rows>>, Denial> {
        let Some(stamp) = place.stamp else {
            let made = self.made(entered, place).await?;
            return Ok(made.map(|made| {
                let key = (place.member_id.clone(), made.stamp);
                self.finding.rows.insert(key, Arc::clone(&made.rows));
                made.rows
            }));
        };
        let key = (place.member_id.clone(), stamp);
        match self.finding.rows.get_value_or_guard_async(&key).await {
            Ok(rows) => Ok(Some(rows)),
            Err(absent) => {
                let loaded = self.loaded(entered, place).await?;
                Ok(loaded.map(|loaded| {
                    // The portal may have been read once more since it was looked up.
                    if loaded.stamp == stamp {
                        let _ = absent.insert(Arc::clone(&loaded.rows));
                    }
                    loaded.rows
                }))
            }
        }
    }

    async fn loaded(
        &self,
        entered: &Entered,
        place: &SearchPlace,
    ) -> Result<Option<Searched>, Denial> {
        let loaded = self
            .store
            .search_rows(entered.tenant(), &place.member_id)
            .await;
        match loaded {
            Err(error @ StoreError::Corrupt { .. }) => {
                tracing::error!(%error, "what is searched of a portal is made anew");
                self.made(entered, place).await
            }
            loaded => loaded.map_err(denial_of),
        }
    }

    /// Out of the reading itself.
    async fn made(
        &self,
        entered: &Entered,
        place: &SearchPlace,
    ) -> Result<Option<Searched>, Denial> {
        let _turn = self.flights.unpacking().await;
        let made = self
            .store
            .make_search_rows(entered.tenant(), &place.member_id)
            .await;
        match made {
            Err(error @ StoreError::Corrupt { .. }) => {
                tracing::error!(%error, "a portal's last reading cannot be searched");
                Ok(None)
            }
            made => made.map_err(denial_of),
        }
    }
}

fn nothing_yet(query: &str, places: &[SearchPlace]) -> Found {
    let query: String = query.trim().chars().take(LONGEST).collect();
    let unread = places.iter().filter(|place| place.taken_at.is_none());
    Found {
        read_as: if query.is_empty() {
            ReadAs::Nothing
        } else {
            ReadAs::TooShort
        },
        query,
        portals: count(places.len()),
        unread: count(unread.count()),
        ..Found::default()
    }
}

/// What may have been meant, the likeliest first; nothing where too little was typed.
fn readings(query: &str) -> Vec<(Arc<Wanted>, ReadAs)> {
    let Some(wanted) = Wanted::parse(query) else {
        return Vec::new();
    };
    let other = other_layout(query);
    let other = other.and_then(|text| Some((Wanted::parse(&text)?, ReadAs::OtherLayout(text))));
    let all = [Some((wanted, ReadAs::Typed)), other];
    all.into_iter()
        .flatten()
        .map(|(wanted, read_as)| (Arc::new(wanted), read_as))
        .collect()
}

/// The portals to show: those with the best hits, and among equals by what they are called.
fn best_of(answers: Vec<Answer>, places: &[SearchPlace]) -> Vec<&SearchPlace> {
    let mut best: Vec<_> = answers
        .into_iter()
        .filter_map(|answer| Some((answer.best, places.get(answer.place)?)))
        .collect();
    best.sort_by_cached_key(|(best, place)| (*best, key(name_of(place)), place.member_id.clone()));
    best.truncate(GROUPS);
    best.into_iter().map(|(_, place)| place).collect()
}

fn name_of(place: &SearchPlace) -> &str {
    if place.label.is_empty() {
        &place.address
    } else {
        &place.label
    }
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
