//! Which rows changed places. Numbers by which rows are sorted say little by themselves: a portal
//! may number all of them anew, and nothing has moved.

/// Of rows that were there before and are there now, those that must have moved, as few as there
/// can be: rows whose number is the old one have not, and of the others as many as possible stay.
/// `rows` are numbers before and after, in the one order of their keys. The same rows are told
/// whichever way one looks.
pub(super) fn moved(rows: &[(i64, i64)]) -> Vec<bool> {
    let mut is_moved = vec![false; rows.len()];
    if rows.iter().all(|(before, after)| before == after) {
        return is_moved;
    }
    let before = ranked(rows, |row| row.0);
    let after = ranked(rows, |row| row.1);
    // The same pair of orders is looked at in the same way, whichever of them came first.
    let (first, second) = if before <= after {
        (before, after)
    } else {
        (after, before)
    };
    let mut place = vec![0; rows.len()];
    for (at, row) in second.iter().enumerate() {
        place[*row] = at;
    }
    is_moved.fill(true);
    for row in heaviest_rise(rows, &first, &place) {
        is_moved[row] = false;
    }
    is_moved
}

/// Rows by a number, and where it is the same, by their keys.
fn ranked(rows: &[(i64, i64)], number: fn(&(i64, i64)) -> i64) -> Vec<usize> {
    let mut ranked: Vec<usize> = (0..rows.len()).collect();
    ranked.sort_by_key(|row| (number(&rows[*row]), *row));
    ranked
}

/// The rows that both orders have in the same order: all whose number stayed, which are in order
/// among themselves, and as many of the others as go with them.
fn heaviest_rise(rows: &[(i64, i64)], first: &[usize], place: &[usize]) -> Vec<usize> {
    let heavy = rows.len() as u64 + 1;
    let mut best = Best(vec![(0, None); rows.len() + 1]);
    let mut before = vec![None; rows.len()];
    for row in first {
        let weight = if rows[*row].0 == rows[*row].1 {
            heavy
        } else {
            1
        };
        let (sum, last) = best.up_to(place[*row]);
        before[*row] = last;
        best.put(place[*row], (sum + weight, Some(*row)));
    }
    let mut kept = Vec::new();
    let mut next = best.up_to(rows.len()).1;
    while let Some(row) = next {
        kept.push(row);
        next = before[row];
    }
    kept
}

/// The heaviest chain that ends before a place, for all places: a Fenwick tree of maxima.
struct Best(Vec<(u64, Option<usize>)>);

impl Best {
    fn up_to(&self, place: usize) -> (u64, Option<usize>) {
        let mut best = (0, None);
        let mut at = place;
        while at > 0 {
            if self.0[at].0 > best.0 {
                best = self.0[at];
            }
            at &= at - 1;
        }
        best
    }

    fn put(&mut self, place: usize, chain: (u64, Option<usize>)) {
        let mut at = place + 1;
        while at < self.0.len() {
            if chain.0 > self.0[at].0 {
                self.0[at] = chain;
            }
            at += at & at.wrapping_neg();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::moved;

    fn told(rows: &[(i64, i64)]) -> Vec<usize> {
        let moved = moved(rows);
        (0..rows.len()).filter(|row| moved[*row]).collect()
    }

    #[test]
    fn numbering_anew_moves_nothing() {
        assert!(told(&[(10, 100), (20, 200), (30, 250)]).is_empty());
        assert!(told(&[]).is_empty());
    }

    #[test]
    fn the_one_that_was_carried_elsewhere_is_told_alone() {
        assert_eq!(told(&[(10, 30), (20, 10), (30, 20)]), [0]);
        assert_eq!(told(&[(10, 10), (20, 20), (30, 5)]), [2]);
        assert_eq!(told(&[(10, 25), (20, 20), (30, 30)]), [0]);
        assert_eq!(told(&[(10, 20), (20, 10)]).len(), 1, "one of two is enough");
    }

    #[test]
    fn what_kept_its_number_stayed_where_it_is() {
        assert_eq!(told(&[(10, 40), (20, 50), (30, 30), (40, 60)]), [0, 1]);
    }
}
