//! Finds rows of hundreds of portals by label or ID, the best first: a whole ID, a whole label, words
//! that begin so, words that hold it; and where nothing of the kind is there, words with one letter
//! off.

mod alphabet;
mod layout;
mod rows;
mod wanted;

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

/// Whether a row holds the main word, and its rank where it holds the others as well.
struct Judged {
    has_main: bool,
    rank: Option<Rank>,
}

impl Rows {
    /// Looks for the words; keeps the best `most` rows.
    #[must_use]
    pub fn search(&self, wanted: &Wanted, fit: Fit, most: usize) -> Tally {
        let mut tally = Tally::default();
        for (row, rank) in self.candidates(wanted, fit) {
            if wanted.words.len() == 1 {
                tally.add(rank, row, most);
            } else {
                self.consider(row, wanted, fit, &mut |rank, row| {
                    tally.add(rank, row, most);
                });
            }
        }
        tally
    }

    /// The rows that hold the main word, in order, with how well they hold it.
    fn candidates(&self, wanted: &Wanted, fit: Fit) -> Vec<(usize, Rank)> {
        let word = wanted.main();
        let mut rows = Vec::new();
        self.each_row_with(&word.finder, |_| true, &mut rows);
        for (row, rank) in &mut rows {
            *rank = self.holds(*row, word);
        }
        if wanted.is_digit {
            // It is looked for as a whole ID or label alone.
            rows.retain(|(_, rank)| *rank <= Rank::Label);
        }
        let halves = word.halves.as_ref().filter(|_| fit == Fit::Typo);
        if let Some(halves) = halves {
            self.each_row_with(&halves.first, |at| self.nearly_at(word, at), &mut rows);
            let is_nearly = |place| self.nearly_before(word, place, halves.cut);
            self.each_row_with(&halves.second, is_nearly, &mut rows);
            if let Some(swapped) = &halves.swapped {
                self.each_row_with(swapped, |at| self.nearly_at(word, at), &mut rows);
            }
            rows.sort_unstable_by_key(|(row, rank)| (*row, *rank));
            rows.dedup_by_key(|(row, _)| *row);
        }
        rows
    }

    /// How well a row holds a word.
    fn holds(&self, row: usize, word: &Word) -> Rank {
        let record = self.record(row);
        let bytes = record.as_bytes();
        let mut best = Rank::Holds;
        for at in word.finder.find_iter(bytes) {
            let is_first = at == 0 || bytes[at - 1] == b'\t';
            let is_last = matches!(bytes.get(at + word.text.len()), Some(b'\t' | b'\n'));
            let rank = match (is_first && is_last, at) {
                (true, 0) => Rank::Label,
                (true, _) => return Rank::Id,
                _ if alphabet::starts_word(record, at) => Rank::Starts,
                _ => Rank::Holds,
            };
            best = best.min(rank);
        }
        best
    }

    /// Whether a word begins at this place with at most one letter off.
    fn nearly_at(&self, word: &Word, at: usize) -> bool {
        self.shrunk.is_char_boundary(at)
            && alphabet::starts_word(&self.shrunk, at)
            && word.nearly_at(&self.shrunk, at).is_some()
    }

    /// The same where its second half stands at this place: in the text, the first half may be a
    /// letter shorter or longer.
    fn nearly_before(&self, word: &Word, place: usize, cut: usize) -> bool {
        let places = [
            place.checked_sub(cut),
            place.checked_sub(cut + 1),
            (place + 1).checked_sub(cut),
        ];
        let is_one_row = |at: usize| !self.shrunk.as_bytes()[at..place].contains(&b'\n');
        places
            .into_iter()
            .flatten()
            .any(|at| at <= place && self.nearly_at(word, at) && is_one_row(at))
    }

    /// Notes each row in which something stands at a place that is `good`.
    fn each_row_with(
        &self,
        finder: &memchr::memmem::Finder<'_>,
        good: impl Fn(usize) -> bool,
        rows: &mut Vec<(usize, Rank)>,
    ) {
        let (mut at, mut row) = (0, 0);
        while let Some(found) = self
            .shrunk
            .as_bytes()
            .get(at..)
            .and_then(|rest| finder.find(rest))
        {
            let place = at + found;
            if good(place) {
                row = self.row_at(place, row);
                rows.push((row, Rank::Nearly));
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
