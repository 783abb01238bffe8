//! Lists in pages that agree with themselves, and lists that do not.

use proptest::prelude::*;

use super::{Contradiction, Page, Pages, Totals};

/// A portal with `rows` rows that pages as it likes.
#[derive(Debug, Clone)]
struct Portal {
    rows: u64,
    /// Sizes of pages, over and over; 0 gives everything at once and ignores the offset.
    sizes: Vec<u64>,
    total: bool,
    next: bool,
}

impl Portal {
    fn page(&self, start: u64, asked: usize) -> Page<u64> {
        let size = self.sizes[asked % self.sizes.len()];
        let total = self.total.then_some(self.rows);
        if size == 0 {
            return Page {
                rows: (0..self.rows).collect(),
                total,
                next: None,
            };
        }
        let end = (start + size).min(self.rows);
        let next = (self.next && end < self.rows && start < self.rows).then_some(end);
        Page {
            rows: (start.min(end)..end).collect(),
            total,
            next,
        }
    }
}

/// Gathers the list and tells in how many rounds and pages.
fn gather(
    totals: Totals,
    answer: impl Fn(u64, usize) -> Page<u64>,
) -> Result<(Vec<u64>, usize, usize), Contradiction> {
    let mut pages = Pages::new(totals);
    let (mut rounds, mut asked) = (0, 0);
    loop {
        let starts = pages.wanted()?;
        if starts.is_empty() {
            return pages.finish().map(|mut rows| {
                rows.sort_unstable();
                (rows, rounds, asked)
            });
        }
        rounds += 1;
        for start in starts {
            pages.accept(start, answer(start, asked), |row| *row)?;
            asked += 1;
        }
    }
}

fn portal(rows: u64, sizes: &[u64], total: bool, next: bool) -> Portal {
    Portal {
        rows,
        sizes: sizes.to_vec(),
        total,
        next,
    }
}

#[test]
fn the_usual_ways_of_paging_take_the_fewest_rounds() {
    let cases = [
        (portal(0, &[50], true, true), 1, 1),
        (portal(50, &[50], true, true), 1, 1),
        (portal(130, &[50], true, true), 2, 3),
        (portal(1_000, &[50], true, true), 2, 20),
        (portal(130, &[50], true, false), 2, 3),
        (portal(5_000, &[0], true, true), 1, 1),
        (portal(5_000, &[0], false, false), 1, 1),
        (portal(130, &[50], false, true), 3, 4),
    ];
    for (portal, rounds, asked) in cases {
        let expected = ((0..portal.rows).collect(), rounds, asked);
        let got = gather(Totals::Exact, |start, asked| portal.page(start, asked));
        assert_eq!(got, Ok(expected), "{portal:?}");
    }
}

#[test]
fn a_total_that_is_never_matched_is_an_error_or_a_hint() {
    let lying = |start, asked| Page {
        total: Some(60),
        ..portal(52, &[0], true, false).page(start, asked)
    };
    assert_eq!(gather(Totals::Exact, lying), Err(Contradiction::Total));
    assert_eq!(
        gather(Totals::Hint, lying).map(|(rows, ..)| rows.len()),
        Ok(52)
    );
    let paged = |start, asked| Page {
        total: Some(60),
        ..portal(52, &[50], true, true).page(start, asked)
    };
    assert_eq!(gather(Totals::Exact, paged), Err(Contradiction::Total));
    assert_eq!(
        gather(Totals::Hint, paged).map(|(rows, ..)| rows.len()),
        Ok(52)
    );
}

#[test]
fn a_page_that_lost_rows_once_is_made_good() {
    let honest = portal(130, &[50], true, true);
    let cut = |start, asked| {
        let mut page = honest.page(start, asked);
        if asked == 1 {
            page.rows.pop();
        }
        page
    };
    assert_eq!(
        gather(Totals::Exact, cut).map(|(rows, ..)| rows.len()),
        Ok(130)
    );
    let always = |start, asked| {
        let mut page = honest.page(start, asked);
        page.rows.pop();
        page
    };
    assert_eq!(gather(Totals::Exact, always), Err(Contradiction::Total));
}

#[test]
fn sec_14_an_endless_next_and_a_next_that_leads_back_are_errors() {
    let endless = |start, _| Page {
        rows: (start..start + 50).collect(),
        total: None,
        next: Some(start + 50),
    };
    assert_eq!(gather(Totals::Hint, endless), Err(Contradiction::Next));
    let back = |_, _| Page {
        rows: vec![1],
        total: None,
        next: Some(0),
    };
    assert_eq!(gather(Totals::Hint, back), Err(Contradiction::Next));
    let same = |start, _| Page {
        rows: vec![1, 2],
        total: None,
        next: Some(start + 50),
    };
    assert_eq!(gather(Totals::Hint, same), Err(Contradiction::Next));
    let huge = |start, _| Page {
        rows: (start..start + 50).collect(),
        total: Some(u64::MAX),
        next: Some(start + 50),
    };
    assert_eq!(gather(Totals::Exact, huge), Err(Contradiction::Next));
}

#[test]
fn a_portal_that_ignores_offsets_does_not_pass_for_a_short_list() {
    let deaf = |_, _| Page {
        rows: (0..50).collect(),
        total: Some(80),
        next: None,
    };
    assert_eq!(gather(Totals::Exact, deaf), Err(Contradiction::Total));
}

#[test]
fn a_row_that_comes_twice_is_kept_once() {
    let twins = |_, _| Page {
        rows: vec![1, 2, 2, 3],
        total: Some(4),
        next: None,
    };
    assert_eq!(gather(Totals::Exact, twins), Ok((vec![1, 2, 3], 1, 1)));
}

#[test]
fn a_list_that_changes_between_pages_is_read_once_more() {
    let before = portal(130, &[50], true, true);
    let after = portal(129, &[50], true, true);
    let got = gather(Totals::Exact, |start, asked| match asked {
        0 => before.page(start, asked),
        _ => after.page(start, asked),
    });
    assert_eq!(got.map(|(rows, ..)| rows), Ok((0..129).collect()));
}

proptest! {
    #[test]
    fn any_mix_of_page_sizes_total_and_next_gives_exactly_the_rows(
        rows in 0_u64..400,
        sizes in proptest::collection::vec(20_u64..90, 1..4),
        total: bool,
        next: bool,
        whole: bool,
        exact: bool,
    ) {
        // Without a total and without `next` a portal can only mean that everything is there.
        let sizes = if whole || !(total || next) { vec![0] } else { sizes };
        let portal = Portal { rows, sizes, total, next };
        let totals = if exact { Totals::Exact } else { Totals::Hint };
        let got = gather(totals, |start, asked| portal.page(start, asked));
        prop_assert_eq!(got.map(|(rows, ..)| rows), Ok((0..rows).collect::<Vec<_>>()));
    }

    #[test]
    fn a_list_is_never_silently_shorter_than_its_total(
        rows in 0_u64..300,
        lost in proptest::collection::hash_set(0_u64..300, 0..5),
        next: bool,
    ) {
        let portal = Portal { rows, sizes: vec![50], total: true, next };
        let got = gather(Totals::Exact, |start, asked| {
            let mut page = portal.page(start, asked);
            page.rows.retain(|row| !lost.contains(row));
            page
        });
        if let Ok((got, ..)) = got {
            prop_assert_eq!(got, (0..rows).collect::<Vec<_>>());
        }
    }

    #[test]
    fn nonsense_ends(
        answers in proptest::collection::vec(
            (
                proptest::collection::vec(0_u64..200, 0..60),
                proptest::option::of(0_u64..500),
                proptest::option::of(0_u64..500),
            ),
            1..8,
        ),
    ) {
        let _ = gather(Totals::Exact, |_, asked| {
            let (rows, total, next) = answers[asked % answers.len()].clone();
            Page { rows, total, next }
        });
    }
}
