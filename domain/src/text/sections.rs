//! The sections of the text specification, but for custom fields.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::table::Align::{Left, Right};
use super::table::{Table, nothing};
use super::{NOTHING, Page, cell, cell_except};
use crate::words::captions;
use crate::{Funnel, Lang, PortalUser, Refusal, Section, Specification, Stage};

/// How far tables stand from the left edge.
pub(super) const INDENT: usize = 2;

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

pub(super) fn rows_with_total<'a, T>(
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
pub(super) fn marks(marks: &[(bool, &'static str)]) -> Cow<'static, str> {
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
