//! Custom fields with the items of their lists in the text specification.

use std::borrow::Cow;

use super::sections::{INDENT, marks, rows_with_total};
use super::table::Align::{Left, Right};
use super::table::{Table, nothing};
use super::{Page, cell, cell_except, count_of_fields};
use crate::totals::field_totals;
use crate::words::{Captions, captions, known_type};
use crate::{CustomField, EntityKind, Lang, Section};

/// How far the items of a list stand from the left edge: below their field, within it.
const ITEMS_INDENT: usize = 8;

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
