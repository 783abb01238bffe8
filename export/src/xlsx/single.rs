//! One portal: one sheet with a table for each kind of rows, below one another, so that a filter of
//! one hides no rows of another.

use std::io::Write;

use crmap_domain::{Lang, Specification, text, visible};

use super::ROWS;
use super::package::Package;
use super::sheet::{Sheet, Style};
use crate::ExportError;
use crate::cell::Cell;
use crate::rows::Kind;
use crate::words::Words;

/// Writes a specification as a workbook, in the words of `lang`.
///
/// A portal with more rows than a sheet has goes on in a further one.
///
/// # Errors
/// [`ExportError`] where `out` takes no more.
pub fn write_xlsx(
    specification: &Specification,
    lang: Lang,
    out: impl Write,
) -> Result<(), ExportError> {
    write_within(ROWS, specification, lang, out)
}

/// As [`write_xlsx`], with sheets of so many rows.
pub(super) fn write_within(
    rows: u32,
    specification: &Specification,
    lang: Lang,
    out: impl Write,
) -> Result<(), ExportError> {
    let mut book = Book {
        most: rows,
        words: Words::of(lang),
        title: title(specification, lang),
        package: Package::begin(out)?,
        sheet: Sheet::new(1),
        sheets: 0,
    };
    book.begin_sheet()?;
    for kind in Kind::all() {
        book.section(kind, specification, lang)?;
    }
    book.end_sheet()?;
    book.package.finish()
}

/// Which portal, when and by whose rights it was read.
fn title(specification: &Specification, lang: Lang) -> String {
    let words = Words::of(lang);
    let reading = &specification.reading;
    let rights = if reading.viewer.administrator {
        words.administrator
    } else {
        words.not_administrator
    };
    format!(
        "{}   {}   {}, ID {}, {rights}",
        visible(&specification.portal.address),
        text::moment(reading.at),
        visible(&reading.viewer.name),
        reading.viewer.id,
    )
}

/// The workbook while it is written.
struct Book<W: Write> {
    /// How many rows a sheet has at the most.
    most: u32,
    words: &'static Words,
    title: String,
    package: Package<W>,
    sheet: Sheet,
    /// How many sheets were begun.
    sheets: u32,
}

impl<W: Write> Book<W> {
    fn begin_sheet(&mut self) -> Result<(), ExportError> {
        self.sheets += 1;
        self.sheet = Sheet::new(1);
        let out = self.package.begin_sheet()?;
        Ok(self.sheet.line(&self.title, Style::Title, out)?)
    }

    fn end_sheet(&mut self) -> Result<(), ExportError> {
        let sheet = std::mem::replace(&mut self.sheet, Sheet::new(1));
        let tables = sheet.end(self.package.out())?;
        let name = numbered(self.words.sheet, ' ', self.sheets);
        self.package.end_sheet(name, self.sheets, &tables)
    }

    /// Begins another sheet where so many rows more do not fit.
    fn make_room(&mut self, rows: u32) -> Result<bool, ExportError> {
        if self.sheet.rows() + rows <= self.most {
            return Ok(false);
        }
        self.end_sheet()?;
        self.begin_sheet()?;
        Ok(true)
    }

    /// The rows of one kind with their heading; nothing for what the portal does not have.
    fn section(
        &mut self,
        kind: Kind,
        specification: &Specification,
        lang: Lang,
    ) -> Result<(), ExportError> {
        let refusal = kind.refusal(specification);
        let count = kind.count(specification);
        if let (Kind::Items(_), None | Some(0)) = (kind, count) {
            // The fields have said what there is to say.
            return Ok(());
        }
        let heading = kind.title(self.words, lang);
        match (count, refusal) {
            (Some(0), _) => self.remark(heading, self.words.nothing),
            (Some(count), _) => {
                let heading = format!("{heading}: {count}");
                self.table(kind, &heading, specification, lang)
            }
            (None, Some(refusal)) => {
                let why = format!("{}: {}", self.words.not_read, refusal.sentence(lang));
                self.remark(heading, &why)
            }
            (None, None) => Ok(()),
        }
    }

    /// A heading with a sentence instead of a table.
    fn remark(&mut self, heading: &str, sentence: &str) -> Result<(), ExportError> {
        self.make_room(3)?;
        self.sheet.skip();
        let out = self.package.out();
        self.sheet.line(heading, Style::Heading, &mut *out)?;
        Ok(self.sheet.line(sentence, Style::Plain, out)?)
    }

    fn table(
        &mut self,
        kind: Kind,
        heading: &str,
        specification: &Specification,
        lang: Lang,
    ) -> Result<(), ExportError> {
        // The heading with the row before it, the captions, and one row at least.
        self.make_room(4)?;
        let mut part = 1;
        self.open(kind, heading, part)?;
        for row in kind.rows(specification, self.words, lang) {
            if self.sheet.rows() == self.most {
                part += 1;
                self.sheet.close_table();
                self.make_room(4)?;
                self.open(kind, heading, part)?;
            }
            self.row(row)?;
        }
        self.sheet.close_table();
        Ok(())
    }

    fn row(&mut self, row: Vec<Cell<'_>>) -> Result<(), ExportError> {
        Ok(self.sheet.row(row, self.package.out())?)
    }

    fn open(&mut self, kind: Kind, heading: &str, part: u32) -> Result<(), ExportError> {
        self.sheet.skip();
        let heading = numbered(heading, ' ', part);
        let out = self.package.out();
        self.sheet.line(&heading, Style::Heading, &mut *out)?;
        let name = numbered(kind.table_name(self.words), '_', part);
        let captions = kind.captions(self.words);
        Ok(self.sheet.open_table(name, captions, out)?)
    }
}

/// A name with a number, but for the first of its kind.
pub(super) fn numbered(name: &str, between: char, number: u32) -> String {
    match number {
        1 => name.to_owned(),
        number => format!("{name}{between}{number}"),
    }
}

#[cfg(test)]
pub(in crate::xlsx) mod tests;
