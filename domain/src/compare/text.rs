//! A comparison as text, in the manner of the text specification: tables for a person with Notepad,
//! in which no name of a portal can forge a line or a column (SEC-55).

use std::borrow::Cow;

use super::{
    Compared, Comparison, Difference, FieldRow, FunnelRow, Head, Row, StageId, Tally, Unknown,
    Verdict,
};
use crate::Lang;
use crate::text::table::Align::{Left, Right};
use crate::text::table::{Column, Table, nothing};
use crate::text::{
    BYTE_ORDER_MARK, MAX_FILE_NAME, NOTHING, Page, cell, cell_except, code, date, moment,
    safe_in_name,
};
use crate::words::{ComparedCaptions, captions, compared_captions};

/// The version of the text's layout.
const FORMAT: u32 = 1;
/// How far tables stand from the left edge, and what belongs below their rows.
const INDENT: usize = 2;
const BELOW: usize = 8;
/// What separates the values of the two sides; no value holds it.
const ARROW: char = '→';

/// The comparison as text, in the words of `lang`.
#[must_use]
pub fn to_text(comparison: &Comparison, lang: Lang) -> String {
    let words = compared_captions(lang);
    let mut page = Page::default();
    page.text.push(BYTE_ORDER_MARK);
    let format = captions(lang).format;
    page.heading(&format!("{}, {format} {FORMAT}", words.product));
    page.facts(&[
        (words.left, head(&comparison.left, lang).into()),
        (words.right, head(&comparison.right, lang).into()),
    ]);
    page.end_line();
    page.line(words.without_people);
    if comparison.left.reading.lang != comparison.right.reading.lang {
        page.line(words.other_lang);
    }
    totals(&mut page, comparison, lang);
    funnels(&mut page, comparison, lang);
    for fields in &comparison.fields {
        let title = fields.entity.fields_title(lang);
        if let Some(rows) = rows(&mut page, title, &fields.rows, lang) {
            fields_table(&mut page, rows, lang);
        }
    }
    page.text
}

/// `crmap_compare_<domain>_<domain>_<YYYY-MM-DD>.<extension>`, by the day of the later reading; safe
/// in every file system and header (SEC-56).
#[must_use]
pub fn file_name(comparison: &Comparison, extension: &str) -> String {
    let (left, right) = (&comparison.left, &comparison.right);
    let later = if left.reading.at < right.reading.at {
        right
    } else {
        left
    };
    let date = date(later.reading.at);
    let extension: String = extension.chars().map(safe_in_name).take(16).collect();
    let taken = "crmap_compare___.".len() + date.len() + extension.len();
    let most = MAX_FILE_NAME.saturating_sub(taken) / 2;
    let domain = |head: &Head| -> String {
        let letters = head.portal.address.chars();
        letters.map(safe_in_name).take(most).collect()
    };
    let (left, right) = (domain(left), domain(right));
    format!("crmap_compare_{left}_{right}_{date}.{extension}")
}

/// Which portal, when it was read, with whose rights.
fn head(head: &Head, lang: Lang) -> String {
    let words = captions(lang);
    let member_id = head
        .portal
        .member_id
        .as_ref()
        .map_or(words.member_id_unknown, |member_id| member_id.as_str());
    let rights = if head.reading.viewer.administrator {
        words.administrator
    } else {
        words.not_administrator
    };
    format!(
        "{}, {}, member_id {member_id}, ID {}, {rights}",
        code(&head.portal.address),
        moment(head.reading.at),
        head.reading.viewer.id,
    )
}

fn totals(page: &mut Page, comparison: &Comparison, lang: Lang) {
    let words = compared_captions(lang);
    let totals = comparison.totals();
    let mut rows: Vec<(Cow<'_, str>, Option<Tally>)> = vec![
        (captions(lang).funnels.into(), totals.funnels),
        (words.stages.into(), totals.stages),
    ];
    for (entity, tally) in &totals.fields {
        let title = entity.fields_title(lang);
        rows.push((title.into(), tally.map(|tally| tally.fields)));
        let title = format!("{}, {}", entity.plural(lang), words.items_of);
        rows.push((title.into(), tally.map(|tally| tally.items)));
    }
    page.section(captions(lang).totals);
    let heads = Verdict::ALL.map(|verdict| (verdict.word(lang), Right));
    let columns: Vec<Column<'_>> = std::iter::once(("", Left)).chain(heads).collect();
    Table {
        indent: INDENT,
        columns: &columns,
        count: rows.len(),
        cells: &|index| {
            let (title, tally) = &rows[index];
            let mut cells = vec![Cow::Borrowed(title.as_ref())];
            cells.extend(Verdict::ALL.map(|verdict| match tally {
                Some(tally) => tally.of(verdict).to_string().into(),
                None => Cow::Borrowed(NOTHING),
            }));
            cells
        },
        beneath: &nothing,
    }
    .write(page);
    if totals.all.is_equal() && !comparison.is_partial() {
        page.end_line();
        page.line(words.all_equal);
    }
}

/// Opens a section and gives its rows; nothing where there are none, which the section then says.
fn rows<'a, T>(page: &mut Page, title: &str, rows: &'a Compared<T>, lang: Lang) -> Option<&'a [T]> {
    page.section(title);
    match rows {
        Compared::Unknown(unknown) => refused(page, unknown, lang),
        Compared::Rows(rows) if rows.is_empty() => page.line(captions(lang).nothing),
        Compared::Rows(rows) => return Some(rows),
    }
    None
}

fn refused(page: &mut Page, unknown: &Unknown, lang: Lang) {
    let words = compared_captions(lang);
    for (side, refusal) in [
        (words.unknown_left, &unknown.left),
        (words.unknown_right, &unknown.right),
    ] {
        if let Some(refusal) = refusal {
            page.line(&format!("{side}: {}", refusal.reason(lang)));
        }
    }
}

fn funnels(page: &mut Page, comparison: &Comparison, lang: Lang) {
    let words = compared_captions(lang);
    let Some(funnels) = rows(page, words.funnels, &comparison.funnels, lang) else {
        return;
    };
    if let Some(unknown) = &comparison.stages {
        page.line(&format!("{}: {}", words.stages, words.unknown));
        refused(page, unknown, lang);
        page.end_line();
    }
    let columns = columns(words.left_id, words.right_id, words, lang);
    Table {
        indent: INDENT,
        columns: &columns,
        count: funnels.len(),
        cells: &|index| {
            let FunnelRow { row, .. } = &funnels[index];
            let is_hidden = [row.ids.left(), row.ids.right()]
                .into_iter()
                .flatten()
                .all(|id| id.hidden);
            let name = if is_hidden {
                words.hidden_funnel.into()
            } else {
                cell(&row.label)
            };
            cells(row, name, &|id| id.id.to_string().into(), words, lang)
        },
        beneath: &|index, page| {
            differences(page, &funnels[index].row.differences, lang);
            stages(page, &funnels[index].stages, lang);
        },
    }
    .write(page);
}

fn stages(page: &mut Page, stages: &[Row<StageId>], lang: Lang) {
    let words = compared_captions(lang);
    let columns = columns("STATUS_ID", "STATUS_ID", words, lang);
    below(
        page,
        stages.len(),
        &columns,
        &|index| {
            let id = |id: &StageId| Cow::Owned(cell(&id.status_id).into_owned());
            let row = &stages[index];
            (
                cells(row, cell(&row.label), &id, words, lang),
                &row.differences[..],
            )
        },
        lang,
    );
}

fn fields_table(page: &mut Page, fields: &[FieldRow], lang: Lang) {
    let words = compared_captions(lang);
    let mut columns = columns(words.left_code, words.right_code, words, lang);
    columns.insert(2, (captions(lang).kind, Left));
    Table {
        indent: INDENT,
        columns: &columns,
        count: fields.len(),
        cells: &|index| {
            let FieldRow { row, type_code, .. } = &fields[index];
            let id = |id: &super::FieldId| Cow::Owned(cell(&id.code).into_owned());
            let mut cells = cells(row, cell(&row.label), &id, words, lang);
            cells.insert(2, cell(crate::words::type_name(type_code, lang)));
            cells
        },
        beneath: &|index, page| {
            differences(page, &fields[index].row.differences, lang);
            items(page, &fields[index].items, lang);
        },
    }
    .write(page);
}

fn items(page: &mut Page, items: &[Row<i64>], lang: Lang) {
    let words = compared_captions(lang);
    let mut columns = columns(words.left_id, words.right_id, words, lang);
    columns[1].0 = words.items;
    below(
        page,
        items.len(),
        &columns,
        &|index| {
            let row = &items[index];
            let id = |id: &i64| Cow::Owned(id.to_string());
            (
                cells(row, cell(&row.label), &id, words, lang),
                &row.differences[..],
            )
        },
        lang,
    );
}

/// A row of a table below a row: its cells, and in what its sides differ.
type RowBelow<'a> = (Vec<Cow<'a, str>>, &'a [Difference]);

/// A table of what belongs below a row.
fn below<'a>(
    page: &mut Page,
    count: usize,
    columns: &[Column<'a>],
    row: &dyn Fn(usize) -> RowBelow<'a>,
    lang: Lang,
) {
    if count == 0 {
        return;
    }
    Table {
        indent: BELOW,
        columns,
        count,
        cells: &|index| row(index).0,
        beneath: &|index, page| differences(page, row(index).1, lang),
    }
    .write(page);
    page.end_line();
}

fn columns<'a>(
    left: &'a str,
    right: &'a str,
    words: &'a ComparedCaptions,
    lang: Lang,
) -> Vec<Column<'a>> {
    vec![
        (words.outcome, Left),
        (words.name, Left),
        (left, Left),
        (right, Left),
        (captions(lang).marks, Left),
    ]
}

fn cells<'a, I>(
    row: &'a Row<I>,
    name: Cow<'a, str>,
    id: &dyn Fn(&I) -> Cow<'a, str>,
    words: &ComparedCaptions,
    lang: Lang,
) -> Vec<Cow<'a, str>> {
    let side = |side: Option<&I>| side.map_or(Cow::Borrowed(NOTHING), id);
    let by_hand = if row.by_hand { words.by_hand } else { NOTHING };
    vec![
        row.verdict().word(lang).into(),
        name,
        side(row.ids.left()),
        side(row.ids.right()),
        by_hand.into(),
    ]
}

/// A line for each attribute that differs: `название: Сделка → Продажа`.
fn differences(page: &mut Page, differences: &[Difference], lang: Lang) {
    for difference in differences {
        let (left, right) = difference.values(lang);
        let value = |value: &str| cell_except(value, &[ARROW]).into_owned();
        page.line(&format!(
            "{:BELOW$}{}: {} {ARROW} {}",
            "",
            difference.attribute(lang),
            value(&left),
            value(&right)
        ));
    }
}
