//! Gathers the pages of one list until it is whole (bitrix24.md §3.3, §4.1, §9-26). It knows
//! neither methods nor rows: it says which offsets to ask for and notices what does not add up.
//!
//! A portal may answer with everything at once or by 50, with or without `total` and `next`. So:
//! `next` is followed; without it, rows are missing while there are fewer than `total`; what comes
//! twice is kept once; an offset that brings nothing new ends the list. When the totals change
//! between pages, or rows are still missing, the list is read once more from its beginning.
//!
//! Whether a `total` that stays unmatched is an error depends on the list ([`Totals`]). For
//! funnels, stages and people the portal counts what it then gives, so a shortage means lost rows
//! and is reported. For custom fields and departments a total is a hint: of the former it is said
//! to be unreliable (§9-26), and the latter only lend their names. Even there, what the portal
//! itself announced by `next` must come.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::collections::hash_map::{Entry, HashMap};
use std::hash::Hash;

/// The bounds of SEC-14: commands per request, and requests per list.
const PER_ROUND: u64 = 50;
const ROUNDS: u32 = 50;
const USUAL_PAGE: u64 = 50;

/// One page.
pub(crate) struct Page<T> {
    pub(crate) rows: Vec<T>,
    pub(crate) total: Option<u64>,
    pub(crate) next: Option<u64>,
}

/// What the totals of a list are worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Totals {
    /// As many rows must come.
    Exact,
    /// More rows are looked for, but need not be there.
    Hint,
}

/// The field of an answer that does not add up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Contradiction {
    /// `next` leads nowhere.
    Next,
    /// Fewer rows than `total`.
    Total,
}

/// A list that is being gathered.
pub(crate) struct Pages<K, T> {
    totals: Totals,
    rows: Vec<T>,
    /// Every key, with the number of the page that brought it.
    keys: HashMap<K, usize>,
    pages: usize,
    spans: BTreeMap<u64, Span>,
    total: Option<u64>,
    /// Rows that came twice within one page: the portal's own, and counted in its total.
    twins: u64,
    /// Rows that came twice in different pages.
    overlaps: u64,
    changed: bool,
    stalled: bool,
    rounds: u32,
    again: bool,
}

/// What one page covered: everything from its start up to `end`.
struct Span {
    end: u64,
    more: bool,
}

/// How far the list is known without a gap.
struct Frontier {
    reached: u64,
    /// The page that ends there says that there is more.
    more: bool,
    /// Nothing was there at the last offset.
    dry: bool,
}

impl<K: Hash + Eq, T> Pages<K, T> {
    pub(crate) fn new(totals: Totals) -> Self {
        Self {
            totals,
            rows: Vec::new(),
            keys: HashMap::new(),
            pages: 0,
            spans: BTreeMap::new(),
            total: None,
            twins: 0,
            overlaps: 0,
            changed: false,
            stalled: false,
            rounds: 0,
            again: false,
        }
    }

    /// The offsets to ask for next; none when the list is as whole as it gets.
    pub(crate) fn wanted(&mut self) -> Result<Vec<u64>, Contradiction> {
        let starts = self.missing();
        if !starts.is_empty() {
            self.rounds += 1;
            return if self.rounds > ROUNDS {
                Err(Contradiction::Next)
            } else {
                Ok(starts)
            };
        }
        let doubtful = self.changed || self.overlaps > 0 || self.contradiction().is_some();
        if doubtful && !self.again {
            *self = Self {
                again: true,
                rounds: 1,
                ..Self::new(self.totals)
            };
            return Ok(vec![0]);
        }
        Ok(Vec::new())
    }

    /// Takes the page that was asked for at `start`.
    pub(crate) fn accept(
        &mut self,
        start: u64,
        page: Page<T>,
        key: impl Fn(&T) -> K,
    ) -> Result<(), Contradiction> {
        let count = page.rows.len() as u64;
        // A portal may name any offset.
        let end = page.next.unwrap_or(start.saturating_add(count));
        if page.next.is_some_and(|next| next <= start) {
            return Err(Contradiction::Next);
        }
        self.changed |= page
            .total
            .zip(self.total)
            .is_some_and(|(new, known)| new != known);
        self.total = page.total.or(self.total);
        let known = self.covers(start);
        let fresh = self.keep(page.rows, key);
        self.stalled |= start > 0 && count > 0 && fresh == 0 && !known;
        self.spans.insert(
            start,
            Span {
                end,
                more: page.next.is_some(),
            },
        );
        Ok(())
    }

    /// The rows, or what does not add up about them.
    pub(crate) fn finish(self) -> Result<Vec<T>, Contradiction> {
        match self.contradiction() {
            Some(contradiction) => Err(contradiction),
            None => Ok(self.rows),
        }
    }

    fn keep(&mut self, rows: Vec<T>, key: impl Fn(&T) -> K) -> u64 {
        let before = self.rows.len();
        let page = self.pages;
        self.pages += 1;
        for row in rows {
            match self.keys.entry(key(&row)) {
                Entry::Vacant(place) => {
                    place.insert(page);
                    self.rows.push(row);
                }
                Entry::Occupied(known) if *known.get() == page => self.twins += 1,
                Entry::Occupied(_) => self.overlaps += 1,
            }
        }
        (self.rows.len() - before) as u64
    }

    fn missing(&self) -> Vec<u64> {
        if self.stalled {
            return Vec::new();
        }
        let Frontier { reached, more, dry } = self.frontier();
        let total = self.total.unwrap_or(0);
        let short = self.gathered() < total && reached < total && !dry;
        if !(self.spans.is_empty() || more || short) {
            return Vec::new();
        }
        let step = self
            .spans
            .get(&0)
            .map_or(USUAL_PAGE, |span| span.end)
            .max(1);
        // Where the total is not known, each round asks a little further ahead.
        let ahead = if total > reached {
            (total - reached).div_ceil(step)
        } else {
            1_u64
                .checked_shl(self.rounds.saturating_sub(1))
                .unwrap_or(PER_ROUND)
        };
        (0..ahead.min(PER_ROUND))
            .map(|page| reached.saturating_add(step.saturating_mul(page)))
            .filter(|start| !self.spans.contains_key(start))
            .collect()
    }

    fn frontier(&self) -> Frontier {
        let mut frontier = Frontier {
            reached: 0,
            more: false,
            dry: false,
        };
        while let Some((start, span)) = self.spans.range(..=frontier.reached).next_back() {
            if span.end <= frontier.reached {
                // A page right here without rows, or no page here at all.
                if *start == frontier.reached {
                    frontier.dry = true;
                    frontier.more = false;
                }
                break;
            }
            frontier.reached = span.end;
            frontier.more = span.more;
        }
        frontier
    }

    fn covers(&self, offset: u64) -> bool {
        self.spans
            .range(..=offset)
            .any(|(_, span)| span.end > offset)
    }

    fn gathered(&self) -> u64 {
        self.rows.len() as u64 + self.twins
    }

    fn contradiction(&self) -> Option<Contradiction> {
        let short = self.total.is_some_and(|total| self.gathered() < total);
        if self.stalled && self.frontier().more && (short || self.total.is_none()) {
            return Some(Contradiction::Next);
        }
        (short && self.totals == Totals::Exact).then_some(Contradiction::Total)
    }
}
