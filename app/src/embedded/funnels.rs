//! The table of funnels.

use crmap_domain::Funnel;
use leptos::prelude::*;

use super::content::Shown;
use crate::say;
use crate::ui::{copyable, marked};

/// The funnels of `shown`, each leading to its stages.
pub(super) fn table(shown: &Shown<'_>) -> impl IntoView + use<> {
    let lang = shown.state.lang;
    let funnels = shown.loaded.specification.funnels.rows();
    let rows: Vec<_> = shown
        .rows
        .iter()
        .map(|index| row(shown, &funnels[*index]))
        .collect();
    view! {
        <table class="table table--funnels">
            <caption class="off-screen">{say!(lang, caption_funnels)}</caption>
            <thead>
                <tr>
                    <th scope="col">{say!(lang, col_id)}</th>
                    <th scope="col">{say!(lang, col_name)}</th>
                    <th scope="col">{say!(lang, col_stages)}</th>
                    <th scope="col" class="number">{say!(lang, col_sort)}</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
}

fn row(shown: &Shown<'_>, funnel: &Funnel) -> impl IntoView + use<> {
    let lang = shown.state.lang;
    let id = funnel.id.to_string();
    let stages = shown.loaded.specification.stages_of(funnel.id).count();
    let code = copyable(&id, &shown.query);
    view! {
        <tr data-id=id data-funnel=funnel.id>
            <td class="id">{code}</td>
            <td class="name">
                <span>{marked(&funnel.name, &shown.query)}</span>
                {funnel.is_default.then(|| view! { <span class="badge">{say!(lang, default_funnel)}</span> })}
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
