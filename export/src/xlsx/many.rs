//! Many portals: a sheet with the portals, and one for each kind of rows with the portal of each row,
//! all of them one table. That is what a fleet is asked: a filter over a column finds a field in all
//! portals at once, which hundreds of sheets would not.
//!
//! The rows of a portal belong to several sheets, and the sheets of a file stand one after another.
//! So each is compressed where it is put aside: in memory, and beyond some megabytes in a file
//! without a name.

use std::fmt::Write as _;
use std::io::Write;

use crmap_domain::{EntityKind, Lang, Specification, text, visible};
use tempfile::SpooledTempFile;
use zip::ZipWriter;

use super::ROWS;
use super::package::{Package, options};
use super::sheet::{Sheet, Style, TablePart};
use super::single::numbered;
use crate::cell::Cell;
use crate::rows::Kind;
use crate::words::Words;
use crate::{Content, ExportError, Portal};

/// How much of a sheet stays in memory, compressed.
const IN_MEMORY: usize = 2 * 1024 * 1024;

/// What a sheet is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum About {
    Portals,
    Funnels,
    Stages,
    /// Of all entities.
    Fields,
    /// Of all entities.
    Items,
    Users,
}

impl About {
    const ALL: [Self; 6] = [
        Self::Portals,
        Self::Funnels,
        Self::Stages,
        Self::Fields,
        Self::Items,
        Self::Users,
    ];

    /// What its tab says, and formulas call its table.
    const fn name(self, words: &Words) -> &'static str {
        match self {
            Self::Portals => words.portals,
            Self::Funnels => words.funnels,
            Self::Stages => words.stages,
            Self::Fields => words.fields,
            Self::Items => words.items,
            Self::Users => words.users,
        }
    }

    /// The kinds of rows that it holds.
    fn kinds(self) -> Vec<Kind> {
        let of_entities = |kind: fn(EntityKind) -> Kind| EntityKind::ALL.map(kind).to_vec();
        match self {
            Self::Portals => Vec::new(),
            Self::Funnels => vec![Kind::Funnels],
            Self::Stages => vec![Kind::Stages],
            Self::Fields => of_entities(Kind::Fields),
            Self::Items => of_entities(Kind::Items),
            Self::Users => vec![Kind::Users],
        }
    }

    fn captions(self, words: &Words, lang: Lang) -> Vec<&'static str> {
        let mut captions = vec![words.portal];
        if matches!(self, Self::Fields | Self::Items) {
            captions.push(words.entity);
        }
        match self.kinds().first() {
            Some(kind) => captions.extend(kind.captions(words)),
            None => captions.extend(index_captions(words, lang)),
        }
        captions
    }
}

/// A workbook of many portals while it is written.
pub struct Workbook<W: Write> {
    lang: Lang,
    words: &'static Words,
    package: Package<W>,
    /// How many rows a sheet has at the most.
    most: u32,
    sheets: Vec<Aside>,
}

/// A sheet that is put aside.
struct Aside {
    about: About,
    /// Which one about the same.
    part: u32,
    sheet: Sheet,
    zip: ZipWriter<SpooledTempFile>,
}

impl Aside {
    fn begin(about: About, part: u32, words: &Words, lang: Lang) -> Result<Self, ExportError> {
        let mut aside = Self {
            about,
            part,
            sheet: Sheet::new(1),
            zip: ZipWriter::new(SpooledTempFile::new(IN_MEMORY)),
        };
        aside.zip.start_file("sheet.xml", options())?;
        let name = numbered(about.name(words), '_', part);
        let captions = about.captions(words, lang);
        aside.sheet.open_table(name, captions, &mut aside.zip)?;
        Ok(aside)
    }

    fn end(mut self, words: &Words) -> Result<(SpooledTempFile, Vec<TablePart>), ExportError> {
        if !self.sheet.close_table() {
            self.sheet
                .line(words.nothing, Style::Plain, &mut self.zip)?;
        }
        let tables = self.sheet.end(&mut self.zip)?;
        Ok((self.zip.finish()?, tables))
    }
}

impl<W: Write> Workbook<W> {
    pub(crate) fn begin(lang: Lang, out: W) -> Result<Self, ExportError> {
        Self::within(ROWS, lang, out)
    }

    fn within(most: u32, lang: Lang, out: W) -> Result<Self, ExportError> {
        let words = Words::of(lang);
        let sheets = About::ALL.map(|about| Aside::begin(about, 1, words, lang));
        Ok(Self {
            lang,
            words,
            package: Package::begin(out)?,
            most,
            sheets: sheets.into_iter().collect::<Result<_, _>>()?,
        })
    }

    pub(crate) fn add(&mut self, portal: &Portal) -> Result<(), ExportError> {
        let (words, lang) = (self.words, self.lang);
        self.row(0, index_row(portal, words, lang))?;
        let Content::Read(specification) = &portal.content else {
            return Ok(());
        };
        for place in 1..self.sheets.len() {
            for kind in self.sheets[place].about.kinds() {
                for row in kind.rows(specification, words, lang) {
                    let mut cells = vec![Cell::text(&portal.address)];
                    if let Kind::Fields(entity) | Kind::Items(entity) = kind {
                        cells.push(Cell::word(entity.plural(lang)));
                    }
                    cells.extend(row);
                    self.row(place, cells)?;
                }
            }
        }
        Ok(())
    }

    /// A row of one of the sheets; of a further one about the same, where it is full.
    fn row(&mut self, place: usize, cells: Vec<Cell<'_>>) -> Result<(), ExportError> {
        let full = &self.sheets[place];
        if full.sheet.rows() == self.most {
            let next = Aside::begin(full.about, full.part + 1, self.words, self.lang)?;
            let full = std::mem::replace(&mut self.sheets[place], next);
            self.put(full)?;
        }
        let Aside { sheet, zip, .. } = &mut self.sheets[place];
        Ok(sheet.row(cells, zip)?)
    }

    fn put(&mut self, aside: Aside) -> Result<(), ExportError> {
        let (about, part) = (aside.about, aside.part);
        let (file, tables) = aside.end(self.words)?;
        let name = numbered(about.name(self.words), ' ', part);
        let place = About::ALL.iter().position(|other| *other == about);
        let place = u32::try_from(place.unwrap_or_default()).unwrap_or_default();
        self.package.add_sheet(file, name, place, &tables)
    }

    pub(crate) fn finish(mut self) -> Result<(), ExportError> {
        for aside in std::mem::take(&mut self.sheets) {
            self.put(aside)?;
        }
        self.package.finish()
    }
}

/// The captions of the portals' own sheet, after the address.
fn index_captions(words: &Words, lang: Lang) -> Vec<&'static str> {
    let mut captions = vec![
        words.label,
        "member_id",
        words.read_at,
        words.viewer,
        words.plan,
    ];
    captions.extend(Kind::all().map(|kind| kind.title(words, lang)));
    captions.push(words.note);
    captions
}

fn index_row<'a>(portal: &'a Portal, words: &'static Words, lang: Lang) -> Vec<Cell<'a>> {
    let mut cells = vec![
        Cell::text(&portal.address),
        Cell::text(&portal.label),
        Cell::code(portal.member_id.as_str()),
    ];
    match &portal.content {
        Content::Read(specification) => {
            let reading = &specification.reading;
            cells.extend([
                Cell::Text(text::moment(reading.at).into()),
                Cell::text(&reading.viewer.name),
                Cell::code(specification.portal.plan.as_deref().unwrap_or_default()),
            ]);
            cells.extend(Kind::all().map(|kind| Cell::count(kind.count(specification))));
            cells.push(note(specification, words, lang));
        }
        Content::Missing(gone) => {
            let nothing = 3 + Kind::all().count();
            cells.extend(std::iter::repeat_n(Cell::Nothing, nothing));
            cells.push(Cell::word(words.why(*gone)));
        }
    }
    cells
}

/// What of a portal could not be read, and why.
fn note(specification: &Specification, words: &Words, lang: Lang) -> Cell<'static> {
    let mut note = String::new();
    for kind in Kind::all().filter(|kind| !matches!(kind, Kind::Items(_))) {
        if let Some(refusal) = kind.refusal(specification) {
            let title = visible(kind.title(words, lang));
            let sentence = refusal.sentence(lang);
            let _never_fails = write!(note, "{title}: {sentence} ");
        }
    }
    match note.trim_end() {
        "" => Cell::Nothing,
        note => Cell::Text(note.to_owned().into()),
    }
}

#[cfg(test)]
mod tests;
