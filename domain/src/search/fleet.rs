//! Finds rows of hundreds of portals by label or ID, the best first: a whole ID, a whole label, words
//! that begin so, words that hold it; and where nothing of the kind is there, words with one letter
//! off.

mod alphabet;
mod layout;
mod rows;
mod wanted;

use std::ops::Range;

pub use layout::other_layout;
pub use rows::{Rows, pack};
pub use wanted::{Fit, LONGEST, Wanted};

use wanted::{Stand, Word};

/// How good a hit is; the best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rank {
    /// What was typed is an ID of the row.
    Id,
    /// It is the label.
    Label,
    /// Words of the row begin with the words.
    Starts,
    /// The words are within it, or in what it belongs to.
    Holds,
    /// They nearly are.
    Nearly,
}

/// What was found in one portal.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tally {
    /// How many rows there are.
    pub total: u32,
    /// The numbers of the best of them, the best first.
    pub best: Vec<(Rank, usize)>,
}

impl Tally {
    fn add(&mut self, rank: Rank, row: usize, most: usize) {
        self.total = self.total.saturating_add(1);
        let found = (rank, row);
        if self.best.len() >= most {
            match self.best.last() {
                Some(last) if found < *last => self.best.pop(),
                _ => return,
            };
        }
        let place = self.best.partition_point(|known| *known < found);
        self.best.insert(place, found);
    }
}

/// A row that holds the main word, and its rank where it holds the others as well.
struct Judged {
    has_main: bool,
    rank: Option<Rank>,
}

impl Rows {
    /// Looks for the words; keeps the best `most` rows.
    #[must_use]
    pub fn search(&self, wanted: &Wanted, fit: Fit, most: usize) -> Tally {
        let mut tally = Tally::default();
        for row in self.candidates(wanted, fit) {
            self.consider(row, wanted, fit, &mut |rank, row| {
                tally.add(rank, row, most);
            });
        }
        tally
    }

    /// The rows that hold the main word, in order.
    fn candidates(&self, wanted: &Wanted, fit: Fit) -> Vec<usize> {
        let word = wanted.main();
        let mut rows = Vec::new();
        // One digit is looked for as a whole ID or label alone.
        let is_whole = |at: usize| !wanted.is_digit || self.is_column(at..at + word.text.len());
        self.each_row_with(&word.finder, |at, _| is_whole(at), &mut rows);
        let halves = word.halves.as_ref().filter(|_| fit == Fit::Typo);
        if let Some(halves) = halves {
            let nearly = |at: usize| self.nearly_at(word, at);
            self.each_row_with(&halves.first, |at, _| nearly(at), &mut rows);
            // The first half may be a letter shorter or longer in the text.
            let cut = halves.cut;
            self.each_row_with(
                &halves.second,
                |at, start| {
                    let at = [
                        at.checked_sub(cut),
                        at.checked_sub(cut + 1),
                        (at + 1).checked_sub(cut),
                    ];
                    let mut places = at.into_iter().flatten();
                    places.any(|at| at >= start && nearly(at))
                },
                &mut rows,
            );
            if let Some(swapped) = &halves.swapped {
                self.each_row_with(swapped, |at, _| nearly(at), &mut rows);
            }
            rows.sort_unstable();
            rows.dedup();
        }
        rows
    }

    /// Whether a place is a column from its first sign to its last.
    fn is_column(&self, place: Range<usize>) -> bool {
        let bytes = self.shrunk.as_bytes();
        let before = place.start.checked_sub(1).and_then(|at| bytes.get(at));
        matches!(before, None | Some(b'\t' | b'\n'))
            && matches!(bytes.get(place.end), Some(b'\t' | b'\n'))
    }

    fn nearly_at(&self, word: &Word, at: usize) -> bool {
        self.shrunk.is_char_boundary(at)
            && alphabet::starts_word(&self.shrunk, at)
            && word.nearly_at(&self.shrunk, at).is_some()
    }

    /// Notes each row in which something stands at a place that is `good`, given with where the row
    /// begins.
    fn each_row_with(
        &self,
        finder: &memchr::memmem::Finder<'_>,
        good: impl Fn(usize, usize) -> bool,
        rows: &mut Vec<usize>,
    ) {
        let (mut at, mut row) = (0, 0);
        while let Some(found) = self
            .shrunk
            .as_bytes()
            .get(at..)
            .and_then(|rest| finder.find(rest))
        {
            let place = at + found;
            row = self.row_at(place, row);
            let start = self.rows[row].record as usize;
            if good(place, start) {
                rows.push(row);
                at = self.end_of(row);
            } else {
                at = place + 1;
            }
        }
    }

    /// Tells of a row that holds the main word, and of those that belong to it and hold the rest.
    fn consider(&self, row: usize, wanted: &Wanted, fit: Fit, tell: &mut impl FnMut(Rank, usize)) {
        if let Some(rank) = self.judge(row, wanted, fit).rank {
            tell(rank, row);
        }
        if wanted.words.len() < 2 {
            return;
        }
        for part in (row + 1..self.len()).take_while(|part| self.parent(*part) == Some(row)) {
            let judged = self.judge(part, wanted, fit);
            // One that holds the main word itself is a candidate of its own.
            if let Some(rank) = judged.rank.filter(|_| !judged.has_main) {
                tell(rank, part);
            }
        }
    }

    /// Every word must stand in the row or in what it belongs to, and one of them in the row itself.
    fn judge(&self, row: usize, wanted: &Wanted, fit: Fit) -> Judged {
        let own = self.record(row);
        let none = Judged {
            has_main: false,
            rank: None,
        };
        if let Some(rank) = whole(own, wanted) {
            let rank = Some(rank);
            return Judged {
                has_main: true,
                rank,
            };
        }
        if wanted.is_digit {
            return none;
        }
        let parent = self.parent(row).map_or("", |parent| self.record(parent));
        let (mut rank, mut has_main, mut has_any) = (Rank::Starts, false, false);
        for (place, word) in wanted.words.iter().enumerate() {
            let stand = word.stands(own, fit);
            has_any |= stand.is_some();
            has_main |= stand.is_some() && place == wanted.main;
            let worst = match stand {
                Some(stand) => rank_of(stand),
                None => match word.stands(parent, fit) {
                    Some(stand) => rank_of(stand).max(Rank::Holds),
                    None => return Judged { has_main, ..none },
                },
            };
            rank = rank.max(worst);
        }
        Judged {
            has_main,
            rank: has_any.then_some(rank),
        }
    }
}

const fn rank_of(stand: Stand) -> Rank {
    match stand {
        Stand::Start => Rank::Starts,
        Stand::Inside => Rank::Holds,
        Stand::Typo => Rank::Nearly,
    }
}

/// Whether what is looked for is one of a row's texts from its first sign to its last.
fn whole(record: &str, wanted: &Wanted) -> Option<Rank> {
    let record = record.strip_suffix('\n').unwrap_or(record);
    let mut columns = record.split('\t');
    let is_label = columns.next() == Some(&wanted.whole);
    if columns.any(|column| column == wanted.whole) {
        return Some(Rank::Id);
    }
    is_label.then_some(Rank::Label)
}
