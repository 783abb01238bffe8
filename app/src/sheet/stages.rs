//! The table of stages, grouped by funnel.

use crmap_domain::{Meaning, Stage};
use leptos::prelude::*;

use super::content::Shown;
use super::loaded::Loaded;
use super::tabs::tab_name;
use crate::browser;
use crate::data::Tab;
use crate::help::Notion;
use crate::say;
use crate::ui::{self, Button, Column, Icon, Look, copyable, marked};

/// Of `rows`, those of one funnel, or all.
pub(super) fn of_funnel(loaded: &Loaded, rows: Vec<usize>, funnel: Option<i64>) -> Vec<usize> {
    let Some(funnel) = funnel else { return rows };
    let stages = loaded.specification.stages.rows();
    rows.into_iter()
        .filter(|index| stages[*index].funnel_id == funnel)
        .collect()
}

/// The stages of `shown`, a group for each funnel.
pub(super) fn table(shown: &Shown) -> impl IntoView + use<> {
    let lang = shown.sheet.lang;
    let stages = shown.loaded.specification.stages.rows();
    let rows = shown.rows.iter();
    let picked: Vec<(usize, &Stage)> = rows.map(|index| (*index, &stages[*index])).collect();
    let groups: Vec<_> = picked
        .chunk_by(|(_, one), (_, next)| one.funnel_id == next.funnel_id)
        .map(|group| group_of(shown, group))
        .collect();
    let columns = [
        Column::of(say!(lang, col_status_id)).about(Notion::Prefix),
        Column::of(say!(lang, col_name)),
        Column::of(say!(lang, col_meaning)).about(Notion::Meaning),
        Column::of_numbers(say!(lang, col_sort)).about(Notion::Order),
    ];
    ui::table(
        "table table--stages",
        tab_name(Tab::Stages, lang),
        &columns,
        groups,
    )
}

fn funnel_name(shown: &Shown, id: i64) -> String {
    let funnel = shown.loaded.funnel(id);
    funnel.map_or_else(
        || say!(shown.sheet.lang, funnel_unseen, id = id),
        |funnel| funnel.name.clone(),
    )
}

/// The funnel that alone is shown, and the way back to all.
pub(super) fn chosen_funnel(shown: &Shown) -> impl IntoView + use<> {
    let sheet = shown.sheet;
    sheet.funnel.get().map(|id| {
        view! {
            <div class="chosen">
                <span>{say!(sheet.lang, only_funnel, name = funnel_name(shown, id))}</span>
                <Button
                    look=Look::Quiet
                    icon=Icon::Cross
                    label=say!(sheet.lang, all_funnels)
                    on_press=move |_| {
                        sheet.funnel.set(None);
                        request_animation_frame(browser::focus_first_tab_sibling);
                    }
                />
            </div>
        }
    })
}

fn group_of(shown: &Shown, stages: &[(usize, &Stage)]) -> impl IntoView + use<> {
    let id = stages.first().map_or(0, |(_, stage)| stage.funnel_id);
    let rows: Vec<_> = stages
        .iter()
        .map(|(index, stage)| row(shown, *index, stage))
        .collect();
    view! {
        <tbody>
            <tr class="group">
                <th scope="rowgroup" colspan="4">
                    <span class="group__name">{marked(&funnel_name(shown, id), &shown.query)}</span>
                    <span class="group__id">"ID " {copyable(&id.to_string(), &shown.query)}</span>
                </th>
            </tr>
            {rows}
        </tbody>
    }
}

fn row(shown: &Shown, index: usize, stage: &Stage) -> impl IntoView + use<> {
    let lang = shown.sheet.lang;
    let color = stage
        .color
        .as_ref()
        .map_or("none", |color| color.as_str())
        .to_owned();
    view! {
        <tr data-id=stage.status_id.clone()>
            <td class="id">{copyable(&stage.status_id, &shown.query)}</td>
            <td class="name">
                <svg class="chip" viewBox="0 0 12 12" width="12" height="12" aria-hidden="true">
                    <rect width="12" height="12" rx="3" fill=color></rect>
                </svg>
                <span>{marked(&stage.name, &shown.query)}</span>
                {stage.system.then(|| view! { <span class="badge">{say!(lang, system_stage)}</span> })}
                {shown.mark(index)}
            </td>
            <td>
                <span class=meaning_class(stage.meaning)>{stage.meaning.word(lang)}</span>
            </td>
            <td class="number">{stage.sort}</td>
        </tr>
    }
}

const fn meaning_class(meaning: Meaning) -> &'static str {
    match meaning {
        Meaning::InProgress => "meaning",
        Meaning::Success => "meaning meaning--success",
        Meaning::Failure => "meaning meaning--failure",
        Meaning::Apology => "meaning meaning--apology",
    }
}
