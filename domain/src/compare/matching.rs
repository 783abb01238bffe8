//! Which rows of two lists belong together, found out sign by sign from the strongest to the
//! weakest: what one sign has paired, a weaker one leaves alone.

use std::collections::BTreeMap;

use super::assignment;
use super::chain::{aligned, longest_rising};
use super::signs::print;

/// A row among its siblings.
pub(super) struct Sibling<T> {
    /// The row.
    pub row: T,
    /// Its sorting: those with the same have no order.
    pub sort: i64,
    /// Its content as a number.
    pub print: u64,
    /// Its place in the list, from 0.
    pub place: usize,
}

/// All rows of a list, in an order that depends on their sorting and content alone, not on numbers
/// that another portal has otherwise.
pub(super) struct Siblings<T>(Vec<Sibling<T>>);

impl<T> Siblings<T> {
    /// Out of rows with their sorting, number and content.
    pub(super) fn new(rows: impl Iterator<Item = (T, i64, i64, u64)>) -> Self {
        let mut rows: Vec<_> = rows.collect();
        rows.sort_by_key(|(_, sort, id, _)| (*sort, *id));
        let siblings = rows.into_iter().enumerate();
        let mut made: Vec<Sibling<T>> = siblings
            .map(|(place, (row, sort, _, print))| Sibling {
                row,
                sort,
                print,
                place,
            })
            .collect();
        made.sort_by_key(|sibling| (sibling.sort, sibling.print, sibling.place));
        Self(made)
    }

    /// What the contents of all of them together are.
    pub(super) fn prints(&self) -> Vec<u64> {
        self.0.iter().map(|sibling| sibling.print).collect()
    }

    pub(super) fn all(&self) -> &[Sibling<T>] {
        &self.0
    }

    pub(super) fn at(&self, index: usize) -> &Sibling<T> {
        &self.0[index]
    }

    pub(super) fn row(&self, index: usize) -> &T {
        &self.0[index].row
    }
}

/// Who has whom.
pub(super) struct Matching {
    left: Vec<State>,
    right: Vec<State>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Free,
    /// Nothing belongs to it, as somebody said.
    Barred,
    With {
        other: usize,
        by_hand: bool,
    },
}

impl State {
    const fn other(self) -> Option<usize> {
        match self {
            Self::With { other, .. } => Some(other),
            Self::Free | Self::Barred => None,
        }
    }
}

impl Matching {
    pub(super) fn new(left: usize, right: usize) -> Self {
        Self {
            left: vec![State::Free; left],
            right: vec![State::Free; right],
        }
    }

    /// The same from the other side.
    pub(super) fn turned(self) -> Self {
        Self {
            left: self.right,
            right: self.left,
        }
    }

    pub(super) fn free_left(&self) -> Vec<usize> {
        free(&self.left)
    }

    pub(super) fn free_right(&self) -> Vec<usize> {
        free(&self.right)
    }

    /// What a left row has.
    pub(super) fn right_of(&self, left: usize) -> Option<usize> {
        self.left[left].other()
    }

    /// What a right row has.
    pub(super) fn left_of(&self, right: usize) -> Option<usize> {
        self.right[right].other()
    }

    /// Whether somebody said what a left row has, or that it has nothing.
    pub(super) fn is_left_by_hand(&self, left: usize) -> bool {
        is_by_hand(self.left[left])
    }

    /// The same of a right row.
    pub(super) fn is_right_by_hand(&self, right: usize) -> bool {
        is_by_hand(self.right[right])
    }

    pub(super) fn pairs(&self) -> impl Iterator<Item = (usize, usize)> {
        let lefts = self.left.iter().enumerate();
        lefts.filter_map(|(left, state)| state.other().map(|right| (left, right)))
    }

    pub(super) fn pair(&mut self, left: usize, right: usize) {
        self.join(left, right, false);
    }

    pub(super) fn pair_by_hand(&mut self, left: usize, right: usize) {
        self.join(left, right, true);
    }

    fn join(&mut self, left: usize, right: usize, by_hand: bool) {
        if self.left[left] == State::Free && self.right[right] == State::Free {
            let with = |other| State::With { other, by_hand };
            self.left[left] = with(right);
            self.right[right] = with(left);
        }
    }

    pub(super) fn bar_left(&mut self, left: usize) {
        if self.left[left] == State::Free {
            self.left[left] = State::Barred;
        }
    }

    pub(super) fn bar_right(&mut self, right: usize) {
        if self.right[right] == State::Free {
            self.right[right] = State::Barred;
        }
    }

    /// Pairs free rows with the same sign, keeping their order, also among those that are paired
    /// already, where it can be kept. A row without a sign stays free.
    pub(super) fn align(
        &mut self,
        left_sign: impl Fn(usize) -> Option<u64>,
        right_sign: impl Fn(usize) -> Option<u64>,
    ) {
        let is_done = |states: &[State]| !states.contains(&State::Free);
        if is_done(&self.left) || is_done(&self.right) {
            return;
        }
        let paired = |left: usize| Some(print(("paired", left)));
        let left = signed(&self.left, |row, state| match state {
            State::Free => left_sign(row),
            State::Barred => None,
            State::With { .. } => paired(row),
        });
        let right = signed(&self.right, |row, state| match state {
            State::Free => right_sign(row),
            State::Barred => None,
            State::With { other, .. } => paired(other),
        });
        let signs = |rows: &[(usize, u64)]| rows.iter().map(|(_, sign)| *sign).collect::<Vec<_>>();
        for (l, r) in aligned(&signs(&left), &signs(&right)) {
            self.pair(left[l].0, right[r].0);
        }
    }

    /// Pairs free rows with the same sign; where several have it, so that the sum of scores is the
    /// greatest.
    pub(super) fn weigh(
        &mut self,
        left_sign: impl Fn(usize) -> Option<u64>,
        right_sign: impl Fn(usize) -> Option<u64>,
        score: impl Fn(usize, usize) -> i64,
    ) {
        for (lefts, rights) in self.groups(&left_sign, &right_sign) {
            // The nearer their places among their equals, the better, where nothing else decides.
            let nearness = |l: usize, r: usize| (100_usize.saturating_sub(l.abs_diff(r))) as i64;
            let best = assignment::best(lefts.len(), rights.len(), |l, r| {
                score(lefts[l], rights[r]) * 1000 + nearness(l, r)
            });
            for (l, r) in best {
                self.pair(lefts[l], rights[r]);
            }
        }
        // Where there are too many to be weighed.
        self.align(left_sign, right_sign);
    }

    /// Pairs free rows with the same sign where one row alone has it on each side.
    pub(super) fn join_sole(
        &mut self,
        left_sign: impl Fn(usize) -> Option<u64>,
        right_sign: impl Fn(usize) -> Option<u64>,
    ) {
        for (lefts, rights) in self.groups(&left_sign, &right_sign) {
            if let ([left], [right]) = (&lefts[..], &rights[..]) {
                self.pair(*left, *right);
            }
        }
    }

    /// The one free row of each side, where there is just one.
    pub(super) fn last(&self) -> Option<(usize, usize)> {
        match (&self.free_left()[..], &self.free_right()[..]) {
            ([left], [right]) => Some((*left, *right)),
            _ => None,
        }
    }

    fn groups(
        &self,
        left_sign: &impl Fn(usize) -> Option<u64>,
        right_sign: &impl Fn(usize) -> Option<u64>,
    ) -> Vec<(Vec<usize>, Vec<usize>)> {
        let mut groups: BTreeMap<u64, (Vec<usize>, Vec<usize>)> = BTreeMap::new();
        let free = |states: &[State], sign: &dyn Fn(usize) -> Option<u64>| {
            signed(states, |row, state| match state {
                State::Free => sign(row),
                State::Barred | State::With { .. } => None,
            })
        };
        for (row, sign) in free(&self.left, left_sign) {
            groups.entry(sign).or_default().0.push(row);
        }
        for (row, sign) in free(&self.right, right_sign) {
            if let Some((_, rights)) = groups.get_mut(&sign) {
                rights.push(row);
            }
        }
        let groups = groups.into_values();
        groups.filter(|(_, rights)| !rights.is_empty()).collect()
    }

    /// The pairs, by left row, that keep the others in their order: all that need not move.
    pub(super) fn unmoved<T>(&self, left: &Siblings<T>, right: &Siblings<T>) -> Vec<bool> {
        let mut pairs: Vec<(usize, usize)> = self.pairs().collect();
        pairs.sort_by_key(|(l, r)| (left.at(*l).sort, right.at(*r).sort));
        let mut sorts: Vec<i64> = pairs.iter().map(|(_, r)| right.at(*r).sort).collect();
        let ranks: Vec<i64> = {
            let mut ranks = sorts.clone();
            ranks.sort_unstable();
            ranks.dedup();
            ranks
        };
        let rank = |sort: i64| ranks.partition_point(|known| *known < sort);
        let ranked: Vec<usize> = sorts.drain(..).map(rank).collect();
        let mut unmoved = vec![false; self.left.len()];
        for place in longest_rising(&ranked, false) {
            unmoved[pairs[place].0] = true;
        }
        unmoved
    }

    /// Whether two free rows stand at the same place among those that are paired and need not move.
    pub(super) fn at_one_place<T>(
        &self,
        (l, r): (usize, usize),
        left: &Siblings<T>,
        right: &Siblings<T>,
    ) -> bool {
        let unmoved = self.unmoved(left, right);
        let (l, r) = (left.at(l).sort, right.at(r).sort);
        self.pairs()
            .filter(|(paired, _)| unmoved[*paired])
            .all(|(a, b)| {
                let (a, b) = (left.at(a).sort, right.at(b).sort);
                !(l < a && r > b || l > a && r < b)
            })
    }
}

fn free(states: &[State]) -> Vec<usize> {
    let rows = states.iter().enumerate();
    rows.filter(|(_, state)| **state == State::Free)
        .map(|(row, _)| row)
        .collect()
}

const fn is_by_hand(state: State) -> bool {
    matches!(state, State::Barred | State::With { by_hand: true, .. })
}

/// The rows that have a sign, with it.
fn signed(states: &[State], sign: impl Fn(usize, State) -> Option<u64>) -> Vec<(usize, u64)> {
    let rows = states.iter().enumerate();
    rows.filter_map(|(row, state)| sign(row, *state).map(|sign| (row, sign)))
        .collect()
}
