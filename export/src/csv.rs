//! A specification as one flat table, a row for each funnel, stage, field, list item and employee.
//!
//! The file is UTF-8 with a byte order mark, by which Excel knows it, and CRLF (RFC 4180). Excel
//! splits a file at the list separator of the country that it runs in: a semicolon in Russia, where
//! the comma belongs to numbers, a comma in English-speaking countries. So it follows the language.

use std::io::Write;

use crmap_domain::{EntityKind, Lang, Section, Specification};
use csv::{Terminator, Writer, WriterBuilder};

use crate::ExportError;
use crate::cell::Cell;
use crate::guard::guarded;
use crate::rows;
use crate::words::Words;

/// What spreadsheets know UTF-8 by.
const BYTE_ORDER_MARK: &str = "\u{FEFF}";

/// Writes a specification as CSV, in the words of `lang`.
///
/// # Errors
/// [`ExportError`] where `out` takes no more.
pub fn write_csv(
    specification: &Specification,
    lang: Lang,
    mut out: impl Write,
) -> Result<(), ExportError> {
    let words = Words::of(lang);
    out.write_all(BYTE_ORDER_MARK.as_bytes())?;
    let mut table = Table::new(words, out);
    table.captions()?;
    table.funnels(specification, lang)?;
    table.stages(specification, lang)?;
    for entity in EntityKind::ALL {
        if let Some(section) = specification.fields.of(entity) {
            table.fields(entity, section, lang)?;
        }
    }
    table.users(specification, lang)?;
    Ok(table.out.flush()?)
}

/// A row before it is written; what a kind of rows does not have is empty.
struct Row<'a> {
    section: &'static str,
    within_id: Cell<'a>,
    within: Cell<'a>,
    id: Cell<'a>,
    code: Cell<'a>,
    name: Cell<'a>,
    kind: Cell<'a>,
    kind_code: Cell<'a>,
    refers_to: Cell<'a>,
    sort: Cell<'a>,
    default: Cell<'a>,
    required: Cell<'a>,
    multiple: Cell<'a>,
    meaning: Cell<'a>,
    color: Cell<'a>,
    system: Cell<'a>,
    dictionary: Cell<'a>,
    xml_id: Cell<'a>,
    position: Cell<'a>,
    departments: Cell<'a>,
    active: Cell<'a>,
}

impl<'a> Row<'a> {
    const fn of(section: &'static str) -> Self {
        Self {
            section,
            within_id: Cell::Nothing,
            within: Cell::Nothing,
            id: Cell::Nothing,
            code: Cell::Nothing,
            name: Cell::Nothing,
            kind: Cell::Nothing,
            kind_code: Cell::Nothing,
            refers_to: Cell::Nothing,
            sort: Cell::Nothing,
            default: Cell::Nothing,
            required: Cell::Nothing,
            multiple: Cell::Nothing,
            meaning: Cell::Nothing,
            color: Cell::Nothing,
            system: Cell::Nothing,
            dictionary: Cell::Nothing,
            xml_id: Cell::Nothing,
            position: Cell::Nothing,
            departments: Cell::Nothing,
            active: Cell::Nothing,
        }
    }

    fn cells(self) -> [Cell<'a>; 21] {
        [
            Cell::word(self.section),
            self.within_id,
            self.within,
            self.id,
            self.code,
            self.name,
            self.kind,
            self.kind_code,
            self.refers_to,
            self.sort,
            self.default,
            self.required,
            self.multiple,
            self.meaning,
            self.color,
            self.system,
            self.dictionary,
            self.xml_id,
            self.position,
            self.departments,
            self.active,
        ]
    }
}

/// The table while it is written.
struct Table<W: Write> {
    words: &'static Words,
    /// What separates cells elsewhere.
    other_separator: char,
    out: Writer<W>,
}

impl<W: Write> Table<W> {
    fn new(words: &'static Words, out: W) -> Self {
        let (separator, other_separator) = match words.separator {
            ';' => (b';', ','),
            _ => (b',', ';'),
        };
        let out = WriterBuilder::new()
            .delimiter(separator)
            .terminator(Terminator::CRLF)
            .from_writer(out);
        Self {
            words,
            other_separator,
            out,
        }
    }

    fn captions(&mut self) -> Result<(), ExportError> {
        let words = self.words;
        let captions = [
            words.section,
            words.within_id,
            words.within,
            "ID",
            words.code,
            words.name,
            words.kind,
            words.kind_code,
            words.refers_to,
            words.sort,
            words.default,
            words.required,
            words.multiple,
            words.meaning,
            words.color,
            words.system,
            words.dictionary,
            "XML_ID",
            words.position,
            words.departments,
            words.active,
        ];
        Ok(self.out.write_record(captions)?)
    }

    fn row(&mut self, row: Row<'_>) -> Result<(), ExportError> {
        for cell in row.cells() {
            match cell {
                Cell::Nothing => self.out.write_field("")?,
                // A number is one, and its minus no formula.
                Cell::Number(number) | Cell::Id(number) => {
                    self.out.write_field(number.to_string())?;
                }
                Cell::Text(text) | Cell::Code(text) => {
                    let text = guarded(&text, self.other_separator);
                    self.out.write_field(text.as_bytes())?;
                }
            }
        }
        Ok(self.out.write_record(None::<&[u8]>)?)
    }

    /// Says of a section that it is missing, and gives its rows.
    fn rows<'a, T>(
        &mut self,
        title: &'static str,
        section: &'a Section<T>,
        lang: Lang,
    ) -> Result<&'a [T], ExportError> {
        if let Some(refusal) = section.refusal() {
            let why = format!("{}: {}", self.words.not_read, refusal.sentence(lang));
            let mut row = Row::of(title);
            row.name = Cell::Text(why.into());
            self.row(row)?;
        }
        Ok(section.rows())
    }

    fn funnels(&mut self, specification: &Specification, lang: Lang) -> Result<(), ExportError> {
        let title = self.words.funnels;
        for funnel in self.rows(title, &specification.funnels, lang)? {
            self.row(Row {
                id: Cell::Id(funnel.id),
                name: Cell::text(&funnel.name),
                sort: Cell::Number(funnel.sort),
                default: self.yes_or_no(funnel.is_default),
                ..Row::of(title)
            })?;
        }
        Ok(())
    }

    fn stages(&mut self, specification: &Specification, lang: Lang) -> Result<(), ExportError> {
        let title = self.words.stages;
        let names = rows::funnel_names(specification);
        for stage in self.rows(title, &specification.stages, lang)? {
            let funnel = names.get(&stage.funnel_id).copied().unwrap_or_default();
            self.row(Row {
                within_id: Cell::Id(stage.funnel_id),
                within: Cell::text(funnel),
                id: Cell::Id(stage.id),
                code: Cell::code(&stage.status_id),
                name: Cell::text(&stage.name),
                sort: Cell::Number(stage.sort),
                meaning: Cell::word(stage.meaning.word(lang)),
                color: rows::color(stage),
                system: self.yes_or_no(stage.system),
                dictionary: Cell::code(&stage.entity_id),
                ..Row::of(title)
            })?;
        }
        Ok(())
    }

    fn fields(
        &mut self,
        entity: EntityKind,
        section: &Section<crmap_domain::CustomField>,
        lang: Lang,
    ) -> Result<(), ExportError> {
        let title = entity.fields_title(lang);
        for field in self.rows(title, section, lang)? {
            self.row(Row {
                id: Cell::Id(field.id),
                code: Cell::code(&field.code),
                name: Cell::text(&field.label),
                kind: rows::type_of(field, lang),
                kind_code: Cell::code(&field.type_code),
                refers_to: Cell::list(&field.refers_to, ','),
                sort: Cell::Number(field.sort),
                required: self.yes_or_no(field.required),
                multiple: self.yes_or_no(field.multiple),
                xml_id: Cell::code(field.xml_id.as_deref().unwrap_or_default()),
                ..Row::of(title)
            })?;
            self.items(entity, field)?;
        }
        Ok(())
    }

    /// The items of a field's list, after the field.
    fn items(
        &mut self,
        entity: EntityKind,
        field: &crmap_domain::CustomField,
    ) -> Result<(), ExportError> {
        let title = self.words.items_titles[entity as usize];
        for item in &field.items {
            self.row(Row {
                within_id: Cell::code(&field.code),
                within: Cell::text(&field.label),
                id: Cell::Id(item.id),
                name: Cell::text(&item.value),
                sort: Cell::Number(item.sort),
                default: self.yes_or_no(item.is_default),
                xml_id: Cell::code(item.xml_id.as_deref().unwrap_or_default()),
                ..Row::of(title)
            })?;
        }
        Ok(())
    }

    fn users(&mut self, specification: &Specification, lang: Lang) -> Result<(), ExportError> {
        let title = self.words.users;
        for user in self.rows(title, &specification.users, lang)? {
            self.row(Row {
                id: Cell::Id(user.id),
                name: Cell::text(&user.name),
                position: Cell::text(&user.position),
                departments: Cell::list(&user.departments, ';'),
                active: self.yes_or_no(user.active),
                ..Row::of(title)
            })?;
        }
        Ok(())
    }

    const fn yes_or_no(&self, yes: bool) -> Cell<'static> {
        Cell::word(self.words.yes_or_no(yes))
    }
}
