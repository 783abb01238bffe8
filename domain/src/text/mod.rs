//! The text specification: a page of tables for a person with Notepad, made by the same code in
//! the browser and on the server.
//!
//! Whatever a portal's names hold, they cannot add a line, end a column or hide a part of one
//! (SEC-55): each goes through [`visible()`](crate::visible()), which leaves no two spaces in a row,
//! and two spaces are what ends a column. The file is UTF-8 with a byte order mark and CRLF, as
//! programs of Windows expect. Only the line of the date tells two readings of an unchanged portal
//! apart.

mod fields;
mod sections;
pub(crate) mod table;

use std::borrow::Cow;

use time::OffsetDateTime;
use unicode_width::UnicodeWidthStr;

use crate::visible::visible_except;
use crate::words::{Captions, captions};
use crate::{EntityKind, Lang, Specification};

/// The version of the text's layout.
const FORMAT: u32 = 1;
/// What Windows programs know UTF-8 by.
pub(crate) const BYTE_ORDER_MARK: char = '\u{FEFF}';
/// Stands where there is nothing to say.
pub(crate) const NOTHING: &str = "—";
/// The longest file name, in bytes (SEC-56).
pub(crate) const MAX_FILE_NAME: usize = 120;

/// The specification as text, in the words of `lang`. The rows stand in the order of the
/// specification: [sort](Specification::sort) it first.
#[must_use]
pub fn to_text(specification: &Specification, lang: Lang) -> String {
    let words = captions(lang);
    let mut page = Page::default();
    page.text.push(BYTE_ORDER_MARK);
    page.heading(&format!("{}, {} {FORMAT}", words.product, words.format));
    header(&mut page, specification, lang);
    totals(&mut page, specification, lang);
    sections::funnels(&mut page, specification, lang);
    sections::stages(&mut page, specification, lang);
    for kind in EntityKind::ALL {
        if let Some(section) = specification.fields.of(kind) {
            fields::fields(&mut page, kind, section, lang);
        }
    }
    sections::users(&mut page, &specification.users, lang);
    page.text
}

/// `crmap_<domain>_<YYYY-MM-DD>.<extension>`, by the day of the reading in its own time zone; safe
/// in every file system and header (SEC-56): of the domain only `a-z 0-9 . -` stay as they are.
#[must_use]
pub fn file_name(specification: &Specification, extension: &str) -> String {
    let date = date(specification.reading.at);
    let extension: String = extension.chars().map(safe_in_name).take(16).collect();
    let taken = "crmap__.".len() + date.len() + extension.len();
    let domain: String = specification
        .portal
        .address
        .chars()
        .map(safe_in_name)
        .take(MAX_FILE_NAME.saturating_sub(taken))
        .collect();
    format!("crmap_{domain}_{date}.{extension}")
}

pub(crate) fn safe_in_name(c: char) -> char {
    match c.to_ascii_lowercase() {
        safe @ ('a'..='z' | '0'..='9' | '.' | '-') => safe,
        _ => '_',
    }
}

/// The circumstances of the reading.
fn header(page: &mut Page, specification: &Specification, lang: Lang) {
    let words = captions(lang);
    let (portal, reading) = (&specification.portal, &specification.reading);
    let member_id = portal
        .member_id
        .as_ref()
        .map_or(words.member_id_unknown, |member_id| member_id.as_str());
    let rights = if reading.viewer.administrator {
        words.administrator
    } else {
        words.not_administrator
    };
    let plan = portal
        .plan
        .as_deref()
        .map_or(Cow::Borrowed(words.plan_unknown), code);
    let language = words.languages[reading.lang as usize];
    let name = cell_except(&reading.viewer.name, &[',']);
    page.facts(&[
        (words.portal, code(&portal.address)),
        (
            words.date,
            format!(
                "{}, {}, member_id {member_id}",
                moment(reading.at),
                reading.source.word(lang)
            )
            .into(),
        ),
        (
            words.viewer,
            format!("{name}, ID {}, {rights}", reading.viewer.id).into(),
        ),
        (words.plan, plan),
        (words.language, language.into()),
    ]);
}

/// How much every section holds, before the sections themselves.
fn totals(page: &mut Page, specification: &Specification, lang: Lang) {
    let words = captions(lang);
    let totals = specification.totals();
    let number = |count: Option<usize>| match count {
        Some(count) => count.to_string().into(),
        None => Cow::Borrowed(words.not_read),
    };
    let mut facts = vec![
        (words.funnels, number(totals.funnels)),
        (words.stages, number(totals.stages)),
    ];
    for kind in EntityKind::ALL {
        if specification.fields.of(kind).is_some() {
            let count = totals
                .fields(kind)
                .map(|count| count_of_fields(count, words));
            facts.push((
                kind.fields_title(lang),
                count.unwrap_or(words.not_read.into()),
            ));
        }
    }
    facts.push((words.users, number(totals.users)));
    page.section(words.totals);
    page.facts(&facts);
}

fn count_of_fields(count: crate::FieldTotals, words: &Captions) -> Cow<'static, str> {
    format!("{}, {}: {}", count.fields, words.items_count, count.items).into()
}

pub(crate) fn date(at: OffsetDateTime) -> String {
    format!(
        "{:04}-{:02}-{:02}",
        at.year(),
        u8::from(at.month()),
        at.day()
    )
}

/// A moment as the text shows it: `2026-11-24 08:31:07 +03:00`.
#[must_use]
pub fn moment(at: OffsetDateTime) -> String {
    let offset = at.offset();
    let sign = if offset.is_negative() { '-' } else { '+' };
    let minutes = offset.whole_minutes().unsigned_abs();
    format!(
        "{} {:02}:{:02}:{:02} {sign}{:02}:{:02}",
        date(at),
        at.hour(),
        at.minute(),
        at.second(),
        minutes / 60,
        minutes % 60,
    )
}

/// A value of the portal as it stands in a line.
pub(crate) fn cell(value: &str) -> Cow<'_, str> {
    cell_except(value, &[])
}

/// A value that has no spaces of its own: whatever stands beside it with a space is not part of it.
pub(crate) fn code(value: &str) -> Cow<'_, str> {
    cell_except(value, &[' '])
}

/// A value of the portal in surroundings that use `marks` as separators.
pub(crate) fn cell_except<'a>(value: &'a str, marks: &[char]) -> Cow<'a, str> {
    match value {
        "" => Cow::Borrowed(NOTHING),
        NOTHING => Cow::Borrowed("\\u{2014}"),
        _ => visible_except(value, marks),
    }
}

/// The text while it is written.
#[derive(Default)]
pub(crate) struct Page {
    pub(crate) text: String,
}

impl Page {
    pub(crate) fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.end_line();
    }

    pub(crate) fn end_line(&mut self) {
        self.text.push_str("\r\n");
    }

    /// A line with a rule of its width, and a blank line.
    pub(crate) fn heading(&mut self, title: &str) {
        self.line(title);
        self.line(&"=".repeat(title.width()));
        self.end_line();
    }

    /// The heading of a section, apart from what stands before it.
    pub(crate) fn section(&mut self, title: &str) {
        self.end_line();
        self.end_line();
        self.heading(title);
    }

    /// Pairs of a name and a value, the values below one another.
    pub(crate) fn facts(&mut self, facts: &[(&str, Cow<'_, str>)]) {
        let width = facts
            .iter()
            .map(|(name, _)| name.width())
            .max()
            .unwrap_or(0);
        for (name, value) in facts {
            let gap = width - name.width() + 2;
            self.line(&format!("{name}{:gap$}{value}", ""));
        }
    }
}
