//! One sheet: its rows, its tables, and the widths of its columns.

use std::fmt::Write as _;
use std::io::{self, Write};

use unicode_width::UnicodeWidthStr;

use super::xml::{column, cut, push_text};
use crate::cell::Cell;
use crate::guard::might_calculate;

/// How much is written before the widths of the columns are settled: the columns come first in the
/// file. The portals of most people fit.
const MEASURED: usize = 1024 * 1024;
/// How much is written at a time from then on.
const PIECE: usize = 32 * 1024;
/// The widest column, in characters.
const WIDEST: usize = 60;
/// What a column has besides its widest value.
const MARGIN: usize = 2;
/// The button of a filter beside a caption.
const BUTTON: usize = 3;
/// The largest number that Excel keeps all digits of.
const LARGEST: i64 = 999_999_999_999_999;

/// How a cell looks: the number of its format in [`STYLES`](super::package).
#[derive(Debug, Clone, Copy)]
pub(super) enum Style {
    Plain = 0,
    Number = 1,
    Id = 2,
    Code = 3,
    /// A text that stays one when somebody edits it (SEC-54).
    GuardedPlain = 4,
    GuardedCode = 5,
    Heading = 6,
    Title = 7,
}

/// A table of Excel: its name, captions, and its first and last row.
#[derive(Debug)]
pub(super) struct TablePart {
    pub(super) name: String,
    pub(super) captions: Vec<&'static str>,
    pub(super) first: u32,
    pub(super) last: u32,
}

/// A sheet while it is written.
pub(super) struct Sheet {
    /// How many rows at the top stay in sight.
    frozen: u32,
    /// How many rows there are.
    rows: u32,
    /// Rows that are not written yet.
    pending: String,
    /// Whether what stands before the rows is written.
    begun: bool,
    widths: Vec<usize>,
    open: Option<TablePart>,
    tables: Vec<TablePart>,
}

impl Sheet {
    /// A sheet whose first rows stay in sight.
    pub(super) const fn new(frozen: u32) -> Self {
        Self {
            frozen,
            rows: 0,
            pending: String::new(),
            begun: false,
            widths: Vec::new(),
            open: None,
            tables: Vec::new(),
        }
    }

    /// How many rows there are.
    pub(super) const fn rows(&self) -> u32 {
        self.rows
    }

    /// Leaves a row empty.
    pub(super) const fn skip(&mut self) {
        self.rows += 1;
    }

    /// Writes a row with a text that runs across the columns.
    pub(super) fn line(&mut self, text: &str, style: Style, out: impl Write) -> io::Result<()> {
        self.begin_row();
        self.string(0, text, style);
        self.end_row(out)
    }

    /// Begins a table by its captions.
    pub(super) fn open_table(
        &mut self,
        name: String,
        captions: Vec<&'static str>,
        out: impl Write,
    ) -> io::Result<()> {
        self.begin_row();
        for (place, caption) in captions.iter().enumerate() {
            self.string(place, caption, Style::Plain);
            self.measure(place, caption.width() + BUTTON);
        }
        self.open = Some(TablePart {
            name,
            captions,
            first: self.rows,
            last: self.rows,
        });
        self.end_row(out)
    }

    /// Writes a row of the table.
    pub(super) fn row<'a>(
        &mut self,
        cells: impl IntoIterator<Item = Cell<'a>>,
        out: impl Write,
    ) -> io::Result<()> {
        self.begin_row();
        for (place, cell) in cells.into_iter().enumerate() {
            self.cell(place, &cell);
        }
        self.end_row(out)
    }

    /// Ends the table; says whether it had a row. What has none is no table to Excel.
    pub(super) fn close_table(&mut self) -> bool {
        let Some(mut table) = self.open.take() else {
            return false;
        };
        table.last = self.rows;
        let has_rows = table.last > table.first;
        if has_rows {
            self.tables.push(table);
        }
        has_rows
    }

    /// Writes what stands after the rows, and gives the tables.
    pub(super) fn end(mut self, mut out: impl Write) -> io::Result<Vec<TablePart>> {
        self.flush(&mut out)?;
        let last = column(self.widths.len().max(1) - 1);
        let mut end = format!(
            "</sheetData><pageMargins left=\"0.7\" right=\"0.7\" top=\"0.75\" bottom=\"0.75\" \
             header=\"0.3\" footer=\"0.3\"/><ignoredErrors><ignoredError sqref=\"A1:{last}{}\" \
             numberStoredAsText=\"1\"/></ignoredErrors>",
            self.rows.max(1)
        );
        if !self.tables.is_empty() {
            let _never_fails = write!(end, "<tableParts count=\"{}\">", self.tables.len());
            for number in 1..=self.tables.len() {
                let _never_fails = write!(end, "<tablePart r:id=\"rId{number}\"/>");
            }
            end.push_str("</tableParts>");
        }
        end.push_str("</worksheet>");
        out.write_all(end.as_bytes())?;
        Ok(self.tables)
    }

    fn begin_row(&mut self) {
        self.rows += 1;
        let _never_fails = write!(self.pending, "<row r=\"{}\">", self.rows);
    }

    fn end_row(&mut self, out: impl Write) -> io::Result<()> {
        self.pending.push_str("</row>");
        let enough = if self.begun { PIECE } else { MEASURED };
        if self.pending.len() < enough {
            return Ok(());
        }
        self.flush(out)
    }

    fn flush(&mut self, mut out: impl Write) -> io::Result<()> {
        if !self.begun {
            out.write_all(self.head().as_bytes())?;
            self.begun = true;
        }
        out.write_all(self.pending.as_bytes())?;
        self.pending.clear();
        // What the first piece needed is given back.
        self.pending.shrink_to(2 * PIECE);
        Ok(())
    }

    /// What stands before the rows.
    fn head(&self) -> String {
        let mut head = String::from(
            "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<worksheet \
             xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\" \
             xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\">\
             <sheetViews><sheetView workbookViewId=\"0\">",
        );
        let first = self.frozen + 1;
        let _never_fails = write!(
            head,
            "<pane ySplit=\"{}\" topLeftCell=\"A{first}\" activePane=\"bottomLeft\" \
             state=\"frozen\"/><selection pane=\"bottomLeft\" activeCell=\"A{first}\" \
             sqref=\"A{first}\"/></sheetView></sheetViews><sheetFormatPr defaultRowHeight=\"15\"/>",
            self.frozen
        );
        if !self.widths.is_empty() {
            head.push_str("<cols>");
            for (number, width) in (1..).zip(&self.widths) {
                let width = width.min(&WIDEST) + MARGIN;
                let _never_fails = write!(
                    head,
                    "<col min=\"{number}\" max=\"{number}\" width=\"{width}\" customWidth=\"1\"/>"
                );
            }
            head.push_str("</cols>");
        }
        head.push_str("<sheetData>");
        head
    }

    fn cell(&mut self, place: usize, cell: &Cell<'_>) {
        match cell {
            Cell::Nothing => {}
            Cell::Number(number) => self.number(place, *number, Style::Number),
            Cell::Id(number) => self.number(place, *number, Style::Id),
            Cell::Text(text) => {
                let style = guard(text, Style::Plain, Style::GuardedPlain);
                self.measured_string(place, text, style);
            }
            Cell::Code(text) => {
                let style = guard(text, Style::Code, Style::GuardedCode);
                self.measured_string(place, text, style);
            }
        }
    }

    /// A number; as a string where Excel would lose digits of it.
    fn number(&mut self, place: usize, number: i64, style: Style) {
        let digits = number.to_string();
        if !(-LARGEST..=LARGEST).contains(&number) {
            return self.measured_string(place, &digits, Style::Code);
        }
        self.measure(place, digits.len());
        let (column, row) = (column(place), self.rows);
        let _never_fails = write!(
            self.pending,
            "<c r=\"{column}{row}\" s=\"{}\"><v>{digits}</v></c>",
            style as u8
        );
    }

    fn measured_string(&mut self, place: usize, text: &str, style: Style) {
        self.measure(place, cut(text).width());
        self.string(place, text, style);
    }

    fn string(&mut self, place: usize, text: &str, style: Style) {
        let (column, row) = (column(place), self.rows);
        let _never_fails = write!(
            self.pending,
            "<c r=\"{column}{row}\" s=\"{}\" t=\"inlineStr\"><is><t>",
            style as u8
        );
        push_text(&mut self.pending, text);
        self.pending.push_str("</t></is></c>");
    }

    fn measure(&mut self, place: usize, width: usize) {
        if self.begun {
            return;
        }
        if self.widths.len() <= place {
            self.widths.resize(place + 1, 0);
        }
        self.widths[place] = self.widths[place].max(width);
    }
}

/// A string is no formula, but would become one when somebody edits its cell.
fn guard(text: &str, usual: Style, guarded: Style) -> Style {
    if might_calculate(text) {
        guarded
    } else {
        usual
    }
}
