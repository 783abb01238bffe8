//! The table of funnels.

use crmap_domain::Funnel;
use leptos::prelude::*;

use super::content::Shown;
use super::tabs::tab_name;
use crate::data::Tab;
use crate::help::Notion;
use crate::say;
use crate::ui::{self, Column, copyable, marked};

/// The funnels of `shown`, each leading to its stages.
pub(super) fn table(shown: &Shown) -> impl IntoView + use<> {
    let lang = shown.sheet.lang;
    let funnels = shown.loaded.specification.funnels.rows();
    let rows: Vec<_> = shown
        .rows
        .iter()
        .map(|index| row(shown, *index, &funnels[*index]))
        .collect();
    let columns = [
        Column::of(say!(lang, col_id)),
        Column::of(say!(lang, col_name)),
        Column::of(say!(lang, col_stages)),
        Column::of_numbers(say!(lang, col_sort)).about(Notion::Order),
    ];
    let body = view! { <tbody>{rows}</tbody> };
    ui::table(
        "table table--funnels",
        tab_name(Tab::Funnels, lang),
        &columns,
        body,
    )
}

fn row(shown: &Shown, index: usize, funnel: &Funnel) -> impl IntoView + use<> {
    let lang = shown.sheet.lang;
    let id = funnel.id.to_string();
    let stages = shown.loaded.specification.stages_of(funnel.id).count();
    let code = copyable(&id, &shown.query);
    view! {
        <tr data-id=id data-funnel=funnel.id>
            <td class="id">{code}</td>
            <td class="name">
                <span>{marked(&funnel.name, &shown.query)}</span>
                {funnel.is_default.then(|| view! { <span class="badge">{say!(lang, default_funnel)}</span> })}
                {shown.mark(index)}
            </td>
            <td>
                <button
                    class="link"
                    aria-label=say!(lang, open_stages, name = funnel.name.clone())
                >
                    {stages}
                </button>
            </td>
            <td class="number">{funnel.sort}</td>
        </tr>
    }
}
