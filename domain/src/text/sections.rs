//! The sections of the text specification.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::table::Align::{Left, Right};
use super::table::{Table, nothing};
use super::{NOTHING, Page, cell, cell_except, count_of_fields};
use crate::totals::field_totals;
use crate::words::{Captions, captions, known_type};
use crate::{
    CustomField, EntityKind, Funnel, Lang, PortalUser, Refusal, Section, Specification, Stage,
};

/// How far tables stand from the left edge, and the items of lists below their fields.
const INDENT: usize = 2;
const ITEMS_INDENT: usize = 8;

pub(super) fn funnels(page: &mut Page, specification: &Specification, lang: Lang) {
    let words = captions(lang);
    let Some(funnels) = rows(page, words.funnels, &specification.funnels, lang) else {
        return;
    };
    let counts = specification
        .stages
        .count()
        .map(|_| stage_counts(specification));
    Table {
        indent: INDENT,
        columns: &[
            ("ID", Right),
            (words.name, Left),
            (words.sort, Right),
            (words.default_funnel, Left),
            (words.stages_title, Right),
        ],
        count: funnels.len(),
        cells: &|index| {
            let Funnel {
                id,
                name,
                sort,
                is_default,
            } = &funnels[index];
            let stages = counts
                .as_ref()
                .map(|counts| counts.get(id).copied().unwrap_or(0));
            vec![
                id.to_string().into(),
                cell(name),
                sort.to_string().into(),
                marks(&[(*is_default, words.yes)]),
                stages.map_or(Cow::Borrowed(NOTHING), |count: usize| {
                    count.to_string().into()
                }),
            ]
        },
        beneath: &nothing,
    }
    .write(page);
}

fn stage_counts(specification: &Specification) -> BTreeMap<i64, usize> {
    let mut counts = BTreeMap::new();
    for stage in specification.stages.rows() {
        *counts.entry(stage.funnel_id).or_default() += 1;
    }
    counts
}

/// Every funnel's stages: first of those that the viewer sees, in their order, then of those that
/// only the stages tell of.
pub(super) fn stages(page: &mut Page, specification: &Specification, lang: Lang) {
    let words = captions(lang);
    let Some(stages) = rows(page, words.stages, &specification.stages, lang) else {
        return;
    };
    let mut groups: BTreeMap<i64, Vec<&Stage>> = BTreeMap::new();
    for stage in stages {
        groups.entry(stage.funnel_id).or_default().push(stage);
    }
    let mut first = true;
    let mut group = |page: &mut Page, title: &str, stages: &[&Stage]| {
        if !std::mem::take(&mut first) {
            page.end_line();
        }
        page.line(&format!(
            "{title}, {}: {}",
            words.stages_count,
            stages.len()
        ));
        if !stages.is_empty() {
            page.end_line();
            stage_table(page, stages, lang);
        }
    };
    for Funnel { id, name, .. } in specification.funnels.rows() {
        let stages = groups.remove(id).unwrap_or_default();
        group(
            page,
            &format!("{} {id}: {}", words.funnel, cell(name)),
            &stages,
        );
    }
    let why = match specification.funnels {
        Section::Rows(_) => words.hidden_funnel,
        Section::Refused(_) => words.unread_funnel,
    };
    for (id, stages) in groups {
        group(page, &format!("{} {id} ({why})", words.funnel), &stages);
    }
}

fn stage_table(page: &mut Page, stages: &[&Stage], lang: Lang) {
    let words = captions(lang);
    Table {
        indent: INDENT,
        columns: &[
            ("STATUS_ID", Left),
            (words.name, Left),
            (words.sort, Right),
            (words.meaning, Left),
            (words.color, Left),
            (words.marks, Left),
            ("ENTITY_ID", Left),
            ("ID", Right),
        ],
        count: stages.len(),
        cells: &|index| {
            let stage = stages[index];
            vec![
                cell(&stage.status_id),
                cell(&stage.name),
                stage.sort.to_string().into(),
                stage.meaning.word(lang).into(),
                stage
                    .color
                    .as_ref()
                    .map_or(NOTHING, |color| color.as_str())
                    .into(),
                marks(&[(stage.system, words.system)]),
                cell(&stage.entity_id),
                stage.id.to_string().into(),
            ]
        },
        beneath: &nothing,
    }
    .write(page);
}

pub(super) fn fields(
    page: &mut Page,
    kind: EntityKind,
    section: &Section<CustomField>,
    lang: Lang,
) {
    let words = captions(lang);
    let title = kind.fields_title(lang);
    let total = field_totals(section).map(|count| count_of_fields(count, words));
    let Some(fields) = rows_with_total(page, title, section, total, lang) else {
        return;
    };
    Table {
        indent: INDENT,
        columns: &[
            ("ID", Right),
            (words.code, Left),
            (words.label, Left),
            (words.kind, Left),
            (words.marks, Left),
            (words.sort, Right),
            ("XML_ID", Left),
        ],
        count: fields.len(),
        cells: &|index| {
            let field = &fields[index];
            vec![
                field.id.to_string().into(),
                cell(&field.code),
                cell(&field.label),
                field_type(field, lang),
                marks(&[
                    (field.required, words.required),
                    (field.multiple, words.multiple),
                ]),
                field.sort.to_string().into(),
                cell(field.xml_id.as_deref().unwrap_or_default()),
            ]
        },
        beneath: &|index, page| items(page, &fields[index], words),
    }
    .write(page);
}

/// The items of a field's list, below the field.
fn items(page: &mut Page, field: &CustomField, words: &Captions) {
    if field.items.is_empty() {
        return;
    }
    let title = format!("{}: {}", words.items, field.items.len());
    Table {
        indent: ITEMS_INDENT,
        columns: &[
            ("ID", Right),
            (&title, Left),
            (words.sort, Right),
            (words.marks, Left),
            ("XML_ID", Left),
        ],
        count: field.items.len(),
        cells: &|index| {
            let item = &field.items[index];
            vec![
                item.id.to_string().into(),
                cell(&item.value),
                item.sort.to_string().into(),
                marks(&[(item.is_default, words.default_item)]),
                cell(item.xml_id.as_deref().unwrap_or_default()),
            ]
        },
        beneath: &nothing,
    }
    .write(page);
    page.end_line();
}

/// The type in words, what it points to, and its code: `Справочник CRM: INDUSTRY (crm_status)`.
/// Where there are no words, the code, which has neither spaces nor commas, opens the cell.
fn field_type(field: &CustomField, lang: Lang) -> Cow<'_, str> {
    let targets = field
        .refers_to
        .iter()
        .map(|target| cell_except(target, &[',']));
    let targets = targets.collect::<Vec<_>>().join(", ");
    let code = cell_except(&field.type_code, &[' ', ',']);
    match (
        known_type(&field.type_code, lang),
        field.refers_to.is_empty(),
    ) {
        (Some(name), true) => format!("{name} ({code})").into(),
        (Some(name), false) => format!("{name}: {targets} ({code})").into(),
        (None, true) => code,
        (None, false) => format!("{code}, {targets}").into(),
    }
}

pub(super) fn users(page: &mut Page, section: &Section<PortalUser>, lang: Lang) {
    let words = captions(lang);
    let Some(users) = rows(page, words.users, section, lang) else {
        return;
    };
    Table {
        indent: INDENT,
        columns: &[
            ("ID", Right),
            (words.person, Left),
            (words.position, Left),
            (words.departments, Left),
            (words.active, Left),
        ],
        count: users.len(),
        cells: &|index| {
            let PortalUser {
                id,
                name,
                position,
                departments,
                active,
            } = &users[index];
            let departments: Vec<_> = departments
                .iter()
                .map(|department| cell_except(department, &[';']))
                .collect();
            vec![
                id.to_string().into(),
                cell(name),
                cell(position),
                if departments.is_empty() {
                    Cow::Borrowed(NOTHING)
                } else {
                    departments.join("; ").into()
                },
                if *active { words.yes } else { words.no }.into(),
            ]
        },
        beneath: &nothing,
    }
    .write(page);
}

/// Opens a section and gives its rows; nothing where there are none, which the section then says.
fn rows<'a, T>(
    page: &mut Page,
    title: &str,
    section: &'a Section<T>,
    lang: Lang,
) -> Option<&'a [T]> {
    let total = section.count().map(|count| count.to_string().into());
    rows_with_total(page, title, section, total, lang)
}

fn rows_with_total<'a, T>(
    page: &mut Page,
    title: &str,
    section: &'a Section<T>,
    total: Option<Cow<'_, str>>,
    lang: Lang,
) -> Option<&'a [T]> {
    let title = total.map_or_else(|| title.to_owned(), |total| format!("{title}: {total}"));
    page.section(&title);
    let words = captions(lang);
    match section {
        Section::Refused(refusal) => refused(page, refusal, lang),
        Section::Rows(rows) if rows.is_empty() => page.line(words.nothing),
        Section::Rows(rows) => return Some(rows),
    }
    None
}

fn refused(page: &mut Page, refusal: &Refusal, lang: Lang) {
    page.line(&format!(
        "{}: {}",
        captions(lang).not_read,
        refusal.reason(lang)
    ));
}

/// The words of the marks that are set.
fn marks(marks: &[(bool, &'static str)]) -> Cow<'static, str> {
    let mut set = marks
        .iter()
        .filter(|(is_set, _)| *is_set)
        .map(|(_, word)| *word);
    match (set.next(), set.next()) {
        (None, _) => NOTHING.into(),
        (Some(only), None) => only.into(),
        (Some(first), Some(second)) => format!("{first}, {second}").into(),
    }
}
