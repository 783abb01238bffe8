//! Sequences that are alike but for a few places.

use std::collections::BTreeMap;

/// The most pairs of equal elements that are looked at; beyond, equal elements are paired in turn.
const MAX_POINTS: usize = 200_000;

/// The places of a longest subsequence that never falls, or, where `strict`, always rises.
pub(super) fn longest_rising(values: &[usize], strict: bool) -> Vec<usize> {
    // The end of the best chain of each length, and for each place the one before it.
    let mut ends: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = Vec::with_capacity(values.len());
    for (place, value) in values.iter().enumerate() {
        let length = ends.partition_point(|end| {
            if strict {
                values[*end] < *value
            } else {
                values[*end] <= *value
            }
        });
        before.push(length.checked_sub(1).map(|shorter| ends[shorter]));
        if length == ends.len() {
            ends.push(place);
        } else {
            ends[length] = place;
        }
    }
    let mut chain = Vec::with_capacity(ends.len());
    let mut last = ends.last().copied();
    while let Some(place) = last {
        chain.push(place);
        last = before[place];
    }
    chain.reverse();
    chain
}

/// Pairs equal elements of two sequences, as many as can be: first along a longest common
/// subsequence, so that what was taken out, put in or moved disturbs nothing else; then, of what is
/// left, the first with the first of its equals.
pub(super) fn aligned(left: &[u64], right: &[u64]) -> Vec<(usize, usize)> {
    let start = left.iter().zip(right).take_while(|(a, b)| a == b).count();
    let (rest_left, rest_right) = (&left[start..], &right[start..]);
    let end = rest_left
        .iter()
        .rev()
        .zip(rest_right.iter().rev())
        .take_while(|(a, b)| a == b)
        .count();
    let mut pairs: Vec<(usize, usize)> = (0..start).map(|place| (place, place)).collect();
    let ends = (left.len() - end, right.len() - end);
    let between = middle(&left[start..ends.0], &right[start..ends.1]);
    pairs.extend(between.into_iter().map(|(l, r)| (l + start, r + start)));
    pairs.extend((0..end).map(|place| (ends.0 + place, ends.1 + place)));
    pairs
}

fn middle(left: &[u64], right: &[u64]) -> Vec<(usize, usize)> {
    if left.is_empty() || right.is_empty() {
        return Vec::new();
    }
    let mut places: BTreeMap<u64, (Vec<usize>, Vec<usize>)> = BTreeMap::new();
    for (place, value) in left.iter().enumerate() {
        places.entry(*value).or_default().0.push(place);
    }
    for (place, value) in right.iter().enumerate() {
        if let Some((_, right)) = places.get_mut(value) {
            right.push(place);
        }
    }
    let points: usize = places.values().map(|(l, r)| l.len() * r.len()).sum();
    let mut pairs = if points <= MAX_POINTS {
        common(left, &places)
    } else {
        Vec::new()
    };
    in_turn(left.len(), right.len(), places.values(), &mut pairs);
    pairs
}

/// A longest common subsequence: the longest rising chain of right places, each left place giving
/// its equals from the last to the first, so that no two of them rise.
fn common(left: &[u64], places: &BTreeMap<u64, (Vec<usize>, Vec<usize>)>) -> Vec<(usize, usize)> {
    let mut points: Vec<(usize, usize)> = Vec::new();
    for (place, value) in left.iter().enumerate() {
        let equals = places.get(value).map_or(&[][..], |(_, right)| right);
        points.extend(equals.iter().rev().map(|right| (place, *right)));
    }
    let rights: Vec<usize> = points.iter().map(|(_, right)| *right).collect();
    longest_rising(&rights, true)
        .into_iter()
        .map(|point| points[point])
        .collect()
}

/// Adds to `pairs` what is left of equals, the first with the first.
fn in_turn<'a>(
    left: usize,
    right: usize,
    equals: impl Iterator<Item = &'a (Vec<usize>, Vec<usize>)>,
    pairs: &mut Vec<(usize, usize)>,
) {
    let (mut left_taken, mut right_taken) = (vec![false; left], vec![false; right]);
    for (l, r) in pairs.iter() {
        left_taken[*l] = true;
        right_taken[*r] = true;
    }
    for (lefts, rights) in equals {
        let lefts = lefts.iter().filter(|place| !left_taken[**place]);
        let rights = rights.iter().filter(|place| !right_taken[**place]);
        pairs.extend(lefts.copied().zip(rights.copied()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(left: &[u64], right: &[u64]) -> Vec<(usize, usize)> {
        let mut pairs = aligned(left, right);
        pairs.sort_unstable();
        pairs
    }

    #[test]
    fn a_longest_chain_is_found() {
        assert_eq!(longest_rising(&[3, 1, 2, 2, 5, 4], true), [1, 3, 5]);
        assert_eq!(longest_rising(&[3, 1, 2, 2, 5, 4], false), [1, 2, 3, 5]);
        assert!(longest_rising(&[], true).is_empty());
    }

    #[test]
    fn what_is_taken_out_disturbs_nothing_else() {
        assert_eq!(pairs(&[1, 1, 2, 1], &[1, 2, 1]).len(), 3);
        assert_eq!(pairs(&[1, 1, 2, 1], &[1, 2, 1])[1..], [(2, 1), (3, 2)]);
        assert_eq!(pairs(&[7, 8, 9], &[7, 9]), [(0, 0), (2, 1)]);
    }

    #[test]
    fn what_moved_is_paired_all_the_same() {
        assert_eq!(
            pairs(&[1, 2, 3, 4], &[2, 3, 1, 4]),
            [(0, 2), (1, 0), (2, 1), (3, 3)]
        );
        assert!(pairs(&[1], &[2]).is_empty());
    }

    #[test]
    fn very_many_equals_are_paired_in_turn() {
        let left = vec![1; 1000];
        let mut right = vec![1; 1000];
        right.insert(0, 2);
        right.push(3);
        assert_eq!(pairs(&left, &right)[999], (999, 1000));
    }
}
