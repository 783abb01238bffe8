//! The best way to give each of a few things one of a few others.

/// The most things on a side that are weighed against each other: the work grows with the third
/// power.
pub(super) const MAX: usize = 100;

/// Pairs `left` things with `right` ones, each with one at the most and as many as there are on the
/// smaller side, so that the sum of `score` is the greatest. Nothing where there are more than
/// [`MAX`].
pub(super) fn best(
    left: usize,
    right: usize,
    score: impl Fn(usize, usize) -> i64,
) -> Vec<(usize, usize)> {
    if left == 0 || right == 0 || left.max(right) > MAX {
        return Vec::new();
    }
    if left > right {
        let turned = Search::new(right, left, |r, l| score(l, r)).run();
        return turned.into_iter().map(|(r, l)| (l, r)).collect();
    }
    Search::new(left, right, score).run()
}

/// The Hungarian method with potentials; place 0 of each list stands for nothing.
struct Search {
    costs: Vec<Vec<i64>>,
    of_left: Vec<i64>,
    of_right: Vec<i64>,
    /// Which left thing each right one has.
    taken_by: Vec<usize>,
}

impl Search {
    fn new(left: usize, right: usize, score: impl Fn(usize, usize) -> i64) -> Self {
        let costs = (0..left)
            .map(|l| (0..right).map(|r| -score(l, r)).collect())
            .collect();
        Self {
            costs,
            of_left: vec![0; left + 1],
            of_right: vec![0; right + 1],
            taken_by: vec![0; right + 1],
        }
    }

    fn run(mut self) -> Vec<(usize, usize)> {
        for left in 1..self.of_left.len() {
            self.place(left);
        }
        let pairs = self.taken_by.iter().enumerate().skip(1);
        pairs
            .filter(|(_, left)| **left > 0)
            .map(|(right, left)| (left - 1, right - 1))
            .collect()
    }

    /// Gives one more left thing a right one, moving others where that is cheaper.
    fn place(&mut self, left: usize) {
        let right_count = self.of_right.len();
        let mut least = vec![i64::MAX; right_count];
        let mut way = vec![0; right_count];
        let mut seen = vec![false; right_count];
        self.taken_by[0] = left;
        let mut at = 0;
        loop {
            seen[at] = true;
            let from = self.taken_by[at];
            let (mut step, mut next) = (i64::MAX, 0);
            for right in 1..right_count {
                if seen[right] {
                    continue;
                }
                let cost =
                    self.costs[from - 1][right - 1] - self.of_left[from] - self.of_right[right];
                if cost < least[right] {
                    least[right] = cost;
                    way[right] = at;
                }
                if least[right] < step {
                    step = least[right];
                    next = right;
                }
            }
            for right in 0..right_count {
                if seen[right] {
                    self.of_left[self.taken_by[right]] += step;
                    self.of_right[right] -= step;
                } else {
                    least[right] = least[right].saturating_sub(step);
                }
            }
            at = next;
            if self.taken_by[at] == 0 {
                break;
            }
        }
        while at != 0 {
            self.taken_by[at] = self.taken_by[way[at]];
            at = way[at];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The greatest sum there is, by trying everything.
    fn greatest(left: usize, right: usize, score: &dyn Fn(usize, usize) -> i64) -> i64 {
        fn go(
            l: usize,
            left: usize,
            used: &mut Vec<bool>,
            spare: usize,
            score: &dyn Fn(usize, usize) -> i64,
        ) -> i64 {
            if l == left {
                return 0;
            }
            let mut best = if spare > 0 {
                go(l + 1, left, used, spare - 1, score)
            } else {
                i64::MIN
            };
            for r in 0..used.len() {
                if !used[r] {
                    used[r] = true;
                    let rest = go(l + 1, left, used, spare, score);
                    if rest > i64::MIN {
                        best = best.max(score(l, r) + rest);
                    }
                    used[r] = false;
                }
            }
            best
        }
        go(
            0,
            left,
            &mut vec![false; right],
            left.saturating_sub(right),
            score,
        )
    }

    #[test]
    fn the_sum_is_the_greatest_and_nothing_is_given_twice() {
        let mut seed = 7_u64;
        for case in 0..300 {
            let (left, right) = (1 + case % 5, 1 + case / 5 % 5);
            let scores: Vec<i64> = (0..left * right)
                .map(|_| {
                    seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                    (seed >> 60) as i64
                })
                .collect();
            let score = |l: usize, r: usize| scores[l * right + r];
            let pairs = best(left, right, score);
            assert_eq!(pairs.len(), left.min(right));
            let lefts: std::collections::BTreeSet<_> = pairs.iter().map(|(l, _)| l).collect();
            let rights: std::collections::BTreeSet<_> = pairs.iter().map(|(_, r)| r).collect();
            assert_eq!((lefts.len(), rights.len()), (pairs.len(), pairs.len()));
            let sum: i64 = pairs.iter().map(|(l, r)| score(*l, *r)).sum();
            assert_eq!(sum, greatest(left, right, &score));
        }
        assert!(best(MAX + 1, 1, |_, _| 1).is_empty());
    }
}
