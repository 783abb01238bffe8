//! The table of custom fields of one entity, with list items on demand.

use crmap_domain::search::SearchKey;
use crmap_domain::{CustomField, ListItem};
use leptos::either::Either;
use leptos::prelude::*;

use super::content::Shown;
use super::tabs::tab_name;
use crate::data::Tab;
use crate::help::Notion;
use crate::say;
use crate::ui::{self, Column, copyable, marked, what};

/// How many items of one list are drawn at the most; a search narrows them.
const MOST_ITEMS: usize = 200;

/// The fields of `shown`.
pub(super) fn table(shown: &Shown, tab: Tab) -> impl IntoView + use<> {
    let lang = shown.sheet.lang;
    let fields = shown.loaded.fields(tab);
    let keys = (!shown.query.is_empty()).then(|| shown.loaded.keys(tab));
    let rows: Vec<_> = shown
        .rows
        .iter()
        .map(|index| {
            rows_of(
                shown,
                *index,
                &fields[*index],
                keys.map(|keys| &keys[*index]),
            )
        })
        .collect();
    let columns = [
        Column::of(say!(lang, col_code)).about(Notion::Code),
        Column::of(say!(lang, col_label)),
        Column::of(say!(lang, col_type)),
        Column::of(say!(lang, col_flags)),
        Column::of_ids(say!(lang, col_id)),
        Column::of_numbers(say!(lang, col_sort)).about(Notion::Order),
    ];
    let body = view! { <tbody>{rows}</tbody> };
    ui::table("table table--fields", tab_name(tab, lang), &columns, body)
}

/// The items to show under a field: those that the search hits, or else all of them where the field
/// is unfolded. `key` is the field's, while somebody searches.
fn items_to_show<'a>(
    shown: &Shown,
    field: &'a CustomField,
    key: Option<&SearchKey>,
) -> Vec<&'a ListItem> {
    let hits = key
        .map(|key| shown.query.items_hit(key))
        .unwrap_or_default();
    if !hits.is_empty() {
        return hits
            .into_iter()
            .filter_map(|index| field.items.get(index))
            .collect();
    }
    if shown.unfolded.contains(&field.id) {
        return field.items.iter().collect();
    }
    Vec::new()
}

fn rows_of(
    shown: &Shown,
    index: usize,
    field: &CustomField,
    key: Option<&SearchKey>,
) -> impl IntoView + use<> {
    let lang = shown.sheet.lang;
    let items = items_to_show(shown, field, key);
    let unfolded = !items.is_empty();
    let items = unfolded.then(|| items_row(shown, field, &items));
    let id = field.id.to_string();
    view! {
        <tr data-id=field.code.clone()>
            <td class="id">{copyable(&field.code, &shown.query)}</td>
            <td class="name">
                {if field.label.is_empty() {
                    Either::Left(view! { <span class="faint">{say!(lang, no_label)}</span> })
                } else {
                    Either::Right(marked(&field.label, &shown.query))
                }}
                {shown.mark(index)}
            </td>
            <td>
                <span>{crmap_domain::words::field_type(field, lang)}</span>
                {(!field.items.is_empty()).then(|| toggle(shown, field, unfolded))}
            </td>
            <td class="flags">
                {field.required.then(|| view! { <span class="badge badge--strong">{say!(lang, required)}</span> })}
                {field.multiple.then(|| view! { <span class="badge">{say!(lang, multiple)}</span> })}
            </td>
            <td class="id">{copyable(&id, &shown.query)}</td>
            <td class="number">{field.sort}</td>
        </tr>
        {items}
    }
}

fn toggle(shown: &Shown, field: &CustomField, unfolded: bool) -> impl IntoView + use<> {
    let lang = shown.sheet.lang;
    view! {
        <button
            class="link link--toggle"
            data-unfold=field.id
            aria-expanded=if unfolded { "true" } else { "false" }
            aria-label=say!(lang, unfold_items, name = field.title().to_owned())
        >
            {say!(lang, list_items, count = field.items.len())}
        </button>
    }
}

fn items_row(shown: &Shown, field: &CustomField, items: &[&ListItem]) -> impl IntoView + use<> {
    let lang = shown.sheet.lang;
    let drawn = items.len().min(MOST_ITEMS);
    let rest = (drawn < field.items.len()).then(|| {
        view! { <li class="faint items__rest">{say!(lang, shown_of, shown = drawn, total = field.items.len())}</li> }
    });
    // What an XML_ID is stands beside the first of them.
    let explained = items.iter().position(|item| item.xml_id.is_some());
    let list: Vec<_> = items
        .iter()
        .take(MOST_ITEMS)
        .enumerate()
        .map(|(place, item)| item_of(shown, item, explained == Some(place)))
        .collect();
    view! {
        <tr class="items">
            <td colspan="6">
                <ul class="items__list">
                    {list}
                    {rest}
                </ul>
            </td>
        </tr>
    }
}

fn item_of(shown: &Shown, item: &ListItem, is_explained: bool) -> impl IntoView + use<> {
    let lang = shown.sheet.lang;
    let id = item.id.to_string();
    view! {
        <li data-id=id.clone()>
            {copyable(&id, &shown.query)}
            <span class="items__value">
                {marked(&item.value, &shown.query)}
                {item.is_default.then(|| view! { <span class="badge">{say!(lang, item_default)}</span> })}
            </span>
            {item.xml_id.as_ref().map(|xml_id| view! {
                <span class="faint items__xml">
                    "XML_ID "
                    {is_explained.then(|| what(Notion::Xml, "XML_ID"))}
                    {copyable(xml_id, &shown.query)}
                </span>
            })}
        </li>
    }
}
