//! Tables of monospaced text, aligned by the width that characters take on a screen.

use std::borrow::Cow;

use unicode_width::UnicodeWidthStr;

use super::Page;

/// The widest column. A longer value pushes the rest of its own row to the right, and no other.
const MAX_WIDTH: usize = 60;
/// What ends a column; no value holds it (SEC-55).
const GAP: usize = 2;

/// On which side of its column a value stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Align {
    /// Words.
    Left,
    /// Numbers.
    Right,
}

/// A column's title and side.
pub(crate) type Column<'a> = (&'a str, Align);

/// A table whose cells are made when they are needed, twice, rather than kept: a portal with a
/// hundred thousand fields costs the memory of its text alone (SEC-57).
pub(crate) struct Table<'a> {
    /// How far from the left edge.
    pub indent: usize,
    /// The columns.
    pub columns: &'a [Column<'a>],
    /// The number of rows.
    pub count: usize,
    /// The cells of a row, as many as columns; none empty.
    pub cells: &'a dyn Fn(usize) -> Vec<Cow<'a, str>>,
    /// Writes what belongs below a row.
    pub beneath: &'a dyn Fn(usize, &mut Page),
}

impl Table<'_> {
    /// Writes the titles, a rule and the rows.
    pub fn write(&self, page: &mut Page) {
        let widths = self.widths();
        let titles: Vec<Cow<'_, str>> = self
            .columns
            .iter()
            .map(|(title, _)| Cow::Borrowed(*title))
            .collect();
        let rules: Vec<Cow<'_, str>> = widths
            .iter()
            .map(|width| "-".repeat(*width).into())
            .collect();
        self.row(page, &widths, &titles);
        self.row(page, &widths, &rules);
        for index in 0..self.count {
            self.row(page, &widths, &(self.cells)(index));
            (self.beneath)(index, page);
        }
    }

    fn widths(&self) -> Vec<usize> {
        let mut widths: Vec<usize> = self
            .columns
            .iter()
            .map(|(title, _)| title.width())
            .collect();
        for index in 0..self.count {
            for (width, cell) in widths.iter_mut().zip((self.cells)(index)) {
                let needed = cell.width();
                if needed <= MAX_WIDTH {
                    *width = needed.max(*width);
                }
            }
        }
        widths
    }

    fn row(&self, page: &mut Page, widths: &[usize], cells: &[Cow<'_, str>]) {
        // Spaces owed before the next value: nothing is written after a row's last one.
        let mut owed = self.indent;
        for (((_, align), width), cell) in self.columns.iter().zip(widths).zip(cells) {
            let padding = width.saturating_sub(cell.width());
            let (before, after) = match align {
                Align::Left => (0, padding),
                Align::Right => (padding, 0),
            };
            page.spaces(owed + before);
            page.text.push_str(cell);
            owed = after + GAP;
        }
        page.end_line();
    }
}

impl Page {
    fn spaces(&mut self, count: usize) {
        self.text.extend(std::iter::repeat_n(' ', count));
    }
}

/// Nothing belongs below the rows.
pub(crate) const fn nothing(_: usize, _: &mut Page) {}
