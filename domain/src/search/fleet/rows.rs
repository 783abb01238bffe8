//! What of a portal can be looked for, as one text to be kept and as rows to be searched. People are
//! not in it: what is known of them goes when the portal removes the application.

use crate::item::{ItemKind, ItemRef};
use crate::search::hit::{Hit, HitParent, Mark};
use crate::{CustomField, EntityKind, Funnel, Specification, Stage};

use super::alphabet::shrink_into;
use super::wanted::{Fit, Wanted};

/// The first line; another one was written by another release.
const FORM: &str = "crmap rows 1";

/// As much of a label is looked through: people's are far shorter, and each item of a list is looked
/// for in the label of its field as well.
const LONGEST_COLUMN: usize = 1_000;

/// The letter by which a kind of rows is told; nothing for people, who are not searched.
const fn letter(kind: ItemKind) -> Option<&'static str> {
    use EntityKind::{Company, Contact, Deal, Lead};
    Some(match kind {
        ItemKind::Funnel => "f",
        ItemKind::Stage => "s",
        ItemKind::Field(Deal) => "d",
        ItemKind::Item(Deal) => "D",
        ItemKind::Field(Contact) => "c",
        ItemKind::Item(Contact) => "C",
        ItemKind::Field(Company) => "o",
        ItemKind::Item(Company) => "O",
        ItemKind::Field(Lead) => "l",
        ItemKind::Item(Lead) => "L",
        ItemKind::User => return None,
    })
}

/// The rows of one portal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rows {
    /// As they are kept: a line each, of kind, label, ID, number and another ID.
    text: Box<str>,
    /// As they are compared: a line each, of label, ID, number and another ID.
    pub(super) shrunk: Box<str>,
    pub(super) rows: Box<[Row]>,
}

/// Where a row is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Row {
    /// Where its line in the text begins.
    line: u32,
    /// Where its line of what is compared begins.
    pub(super) record: u32,
    /// The number of the row that it belongs to, or [`NONE`].
    pub(super) parent: u32,
    kind: ItemKind,
}

/// In the place of a parent where there is none.
const NONE: u32 = u32::MAX;

/// The columns of a line.
struct Line<'a> {
    kind: ItemKind,
    label: &'a str,
    id: &'a str,
    number: &'a str,
    other: &'a str,
}

/// A portal's rows as the text to be kept: what belongs to a row stands right after it.
#[must_use]
pub fn pack(specification: &Specification) -> String {
    let mut text = format!("{FORM}\n");
    let funnels = specification.funnels.rows();
    for stage in specification.stages.rows() {
        if !funnels.iter().any(|funnel| funnel.id == stage.funnel_id) {
            push_stage(&mut text, stage, &stage.entity_id);
        }
    }
    for funnel in funnels {
        push_funnel(&mut text, specification, funnel);
    }
    for entity in EntityKind::ALL {
        let fields = specification.fields.of(entity);
        for field in fields.map(crate::Section::rows).unwrap_or_default() {
            push_field(&mut text, entity, field);
        }
    }
    text
}

fn push_funnel(text: &mut String, specification: &Specification, funnel: &Funnel) {
    let mut stages = specification.stages_of(funnel.id).peekable();
    let dictionary = stages.peek().map_or("", |stage| &stage.entity_id);
    let id = funnel.id.to_string();
    push(text, ItemKind::Funnel, [&funnel.name, &id, "", dictionary]);
    for stage in stages {
        push_stage(text, stage, "");
    }
}

fn push_stage(text: &mut String, stage: &Stage, dictionary: &str) {
    let number = stage.id.to_string();
    let columns = [&stage.name, &stage.status_id, &*number, dictionary];
    push(text, ItemKind::Stage, columns);
}

fn push_field(text: &mut String, entity: EntityKind, field: &CustomField) {
    let other = field.xml_id.as_deref().unwrap_or_default();
    let number = field.id.to_string();
    let columns = [&field.label, &field.code, &*number, other];
    push(text, ItemKind::Field(entity), columns);
    for item in &field.items {
        let other = item.xml_id.as_deref().unwrap_or_default();
        let columns = [&item.value, &*item.id.to_string(), "", other];
        push(text, ItemKind::Item(entity), columns);
    }
}

fn push(text: &mut String, kind: ItemKind, columns: [&str; 4]) {
    text.push_str(letter(kind).unwrap_or_default());
    for column in columns {
        text.push('\t');
        // Control signs end columns and lines; no label needs one.
        text.extend(
            column
                .chars()
                .take(LONGEST_COLUMN)
                .map(|sign| if sign.is_control() { ' ' } else { sign }),
        );
    }
    text.push('\n');
}

impl Line<'_> {
    fn read(line: &str) -> Option<Line<'_>> {
        let mut columns = line.split('\t');
        let first = Some(columns.next()?);
        let kind = ItemKind::ALL
            .into_iter()
            .find(|kind| letter(*kind) == first)?;
        let mut column = || columns.next();
        let line = Line {
            kind,
            label: column()?,
            id: column()?,
            number: column()?,
            other: column()?,
        };
        column().is_none().then_some(line)
    }
}

/// Whether rows of a kind can belong to one of another.
fn belongs(kind: ItemKind, owner: ItemKind) -> bool {
    match kind.entity() {
        None => kind == ItemKind::Stage && owner == ItemKind::Funnel,
        Some(entity) => kind == ItemKind::Item(entity) && owner == ItemKind::Field(entity),
    }
}

impl Rows {
    /// The rows of a text that [`pack`] wrote. Nothing where another release wrote it, or it was
    /// damaged.
    #[must_use]
    pub fn unpack(text: String) -> Option<Self> {
        let mut rows: Vec<Row> = Vec::new();
        let mut shrunk = String::with_capacity(text.len());
        let mut lines = text.split_inclusive('\n');
        let mut at = lines
            .next()
            .filter(|line| *line == format!("{FORM}\n"))?
            .len();
        // The last row that others can belong to.
        let mut owner = NONE;
        for line in lines {
            let read = Line::read(line.strip_suffix('\n')?)?;
            let number = u32::try_from(rows.len()).ok()?;
            let is_part = rows
                .get(owner as usize)
                .is_some_and(|known| belongs(read.kind, known.kind));
            rows.push(Row {
                line: u32::try_from(at).ok()?,
                record: u32::try_from(shrunk.len()).ok()?,
                parent: if is_part { owner } else { NONE },
                kind: read.kind,
            });
            if !is_part {
                owner = number;
            }
            for (column, end) in [
                (read.label, '\t'),
                (read.id, '\t'),
                (read.number, '\t'),
                (read.other, '\n'),
            ] {
                shrink_into(&mut shrunk, column);
                shrunk.push(end);
            }
            at += line.len();
        }
        Some(Self {
            text: text.into_boxed_str(),
            shrunk: shrunk.into_boxed_str(),
            rows: rows.into_boxed_slice(),
        })
    }

    /// The rows of a specification.
    #[must_use]
    pub fn of(specification: &Specification) -> Self {
        // What was just packed can be unpacked, but for gigabytes of it.
        Self::unpack(pack(specification)).unwrap_or_else(|| Self {
            text: Box::default(),
            shrunk: Box::default(),
            rows: Box::default(),
        })
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// How many bytes of memory they take.
    #[must_use]
    pub fn bytes(&self) -> usize {
        size_of::<Self>() + self.text.len() + self.shrunk.len() + size_of_val(&*self.rows)
    }

    /// What of a row is compared, with the ends of its columns.
    pub(super) fn record(&self, row: usize) -> &str {
        let start = self
            .rows
            .get(row)
            .map_or(self.shrunk.len(), |row| row.record as usize);
        self.shrunk.get(start..self.end_of(row)).unwrap_or_default()
    }

    /// Where what of a row is compared ends.
    pub(super) fn end_of(&self, row: usize) -> usize {
        let next = self.rows.get(row + 1);
        next.map_or(self.shrunk.len(), |next| next.record as usize)
    }

    /// The row whose record holds a place, looked for from a row on that does not come after it.
    pub(super) fn row_at(&self, place: usize, from: usize) -> usize {
        let rows = self.rows.get(from..).unwrap_or_default();
        let passed = rows.partition_point(|row| row.record as usize <= place);
        from + passed.saturating_sub(1)
    }

    /// The number of the row that a row belongs to.
    pub(super) fn parent(&self, row: usize) -> Option<usize> {
        let parent = self.rows.get(row)?.parent;
        (parent != NONE).then_some(parent as usize)
    }

    fn line(&self, row: usize) -> Option<Line<'_>> {
        let rest = self.text.get(self.rows.get(row)?.line as usize..)?;
        Line::read(rest.split('\n').next()?)
    }

    /// A row to be shown, with what was looked for marked in it.
    #[must_use]
    pub fn hit(&self, row: usize, wanted: &Wanted, fit: Fit) -> Option<Hit> {
        let line = self.line(row)?;
        let parent = self.parent(row).and_then(|parent| self.line(parent));
        let within = match (line.kind, &parent) {
            (ItemKind::Stage, Some(funnel)) => Some(funnel.other),
            (ItemKind::Stage, None) => Some(line.other),
            (_, parent) => parent.as_ref().map(|field| field.id),
        };
        let marks = |text: &str| {
            wanted
                .marks(text, fit)
                .into_iter()
                .map(Mark::from)
                .collect()
        };
        Some(Hit {
            label_marks: marks(line.label),
            id_marks: marks(line.id),
            number: line.number.parse().ok(),
            parent: parent.as_ref().map(|parent| HitParent {
                id: parent.id.to_owned(),
                number: parent.number.parse().ok(),
                label: parent.label.to_owned(),
            }),
            item: ItemRef {
                kind: line.kind,
                id: line.id.to_owned(),
                within: within.map(str::to_owned),
                label: line.label.to_owned(),
            },
        })
    }
}
