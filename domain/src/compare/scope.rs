//! What all lists of one comparison are compared by, and the rows that come of it.

use super::hand::Hand;
use super::matching::{Matching, Siblings};
use super::{Change, Difference, Ids, Row};

/// What one comparison goes by.
pub(super) struct Scope<'a> {
    /// Whether both sides are of one portal, so that IDs count.
    pub same_portal: bool,
    /// Whether the work begins with the right side.
    pub turned: bool,
    /// What somebody said, in the direction of the work.
    pub hand: &'a Hand<'a>,
}

/// A row to be.
pub(super) struct Slot {
    pub left: Option<usize>,
    pub right: Option<usize>,
    /// Where it stands on both sides, if it would have to move.
    pub moved: Option<Change<u32>>,
    pub by_hand: bool,
}

impl Scope<'_> {
    /// Finds out by `rules` what belongs together. The rules are given the sides in the direction of
    /// the work; the slots stand in the order of the left side.
    pub(super) fn slots<T>(
        &self,
        left: &Siblings<T>,
        right: &Siblings<T>,
        rules: impl Fn(&mut Matching, &Siblings<T>, &Siblings<T>),
    ) -> Vec<Slot> {
        let (first, second) = if self.turned {
            (right, left)
        } else {
            (left, right)
        };
        let mut matching = Matching::new(first.all().len(), second.all().len());
        rules(&mut matching, first, second);
        let mut unmoved = matching.unmoved(first, second);
        if self.turned {
            matching = matching.turned();
            unmoved = (0..left.all().len())
                .map(|row| matching.right_of(row).is_some_and(|other| unmoved[other]))
                .collect();
        }
        in_order(&matching, left, right, &unmoved)
    }
}

/// The slots of the left side in its order, and between them what is on the right alone: after
/// whatever it follows there.
fn in_order<T>(
    matching: &Matching,
    left: &Siblings<T>,
    right: &Siblings<T>,
    unmoved: &[bool],
) -> Vec<Slot> {
    let (lefts, rights) = (by_place(left), by_place(right));
    let left_ranks = ranks(&lefts, left.all().len(), |row| {
        matching.right_of(row).is_some()
    });
    let right_ranks = ranks(&rights, right.all().len(), |row| {
        matching.left_of(row).is_some()
    });
    let mut follows: Vec<Vec<usize>> = vec![Vec::new(); left.all().len() + 1];
    let mut last = 0;
    for row in rights {
        match matching.left_of(row) {
            Some(other) => last = other + 1,
            None => follows[last].push(row),
        }
    }
    let alone = |row: usize| Slot {
        left: None,
        right: Some(row),
        moved: None,
        by_hand: matching.is_right_by_hand(row),
    };
    let mut slots: Vec<Slot> = follows[0].iter().copied().map(alone).collect();
    for row in lefts {
        let other = matching.right_of(row);
        let moved = other.filter(|_| !unmoved[row]).map(|other| Change {
            left: left_ranks[row],
            right: right_ranks[other],
        });
        slots.push(Slot {
            left: Some(row),
            right: other,
            moved,
            by_hand: matching.is_left_by_hand(row),
        });
        slots.extend(follows[row + 1].iter().copied().map(alone));
    }
    slots
}

fn by_place<T>(siblings: &Siblings<T>) -> Vec<usize> {
    let mut rows: Vec<usize> = (0..siblings.all().len()).collect();
    rows.sort_by_key(|row| siblings.at(*row).place);
    rows
}

/// The place of each row among those that are paired, from 1.
fn ranks(ordered: &[usize], count: usize, is_paired: impl Fn(usize) -> bool) -> Vec<u32> {
    let mut ranks = vec![0; count];
    let mut next = 0;
    for row in ordered {
        if is_paired(*row) {
            next += 1;
            ranks[*row] = next;
        }
    }
    ranks
}

impl Slot {
    /// The row of two sides, of which one at least is there: what names each, and in what they
    /// differ but for their places.
    pub(super) fn row<S: Copy, I>(
        &self,
        sides: (Option<S>, Option<S>),
        label: impl Fn(S) -> String,
        id: impl Fn(S) -> I,
        differences: impl Fn(S, S) -> Vec<Difference>,
    ) -> Option<Row<I>> {
        let (left, right) = sides;
        let ids = Ids::of(left.map(&id), right.map(&id))?;
        let mut found = match (left, right) {
            (Some(left), Some(right)) => differences(left, right),
            _ => Vec::new(),
        };
        found.extend(self.moved.clone().map(Difference::Place));
        Some(Row {
            label: left.or(right).map(label).unwrap_or_default(),
            ids,
            differences: found,
            by_hand: self.by_hand,
        })
    }
}
