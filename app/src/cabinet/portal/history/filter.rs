//! What the history is narrowed to: a form that asks for the same page.

use crmap_domain::cabinet::HistoryFilter;
use crmap_domain::change::ChangeKind;
use leptos::prelude::*;

use super::Shown;
use crate::cabinet::data::PortalView;
use crate::cabinet::history::{choices, day_text, parameter, parameters_of};
use crate::say;
use crate::words::use_lang;

/// The form.
#[component]
pub(super) fn Filters(filter: HistoryFilter) -> impl IntoView {
    let lang = use_lang();
    let action = format!("/portals/{}", Shown::get().member_id());
    let is_narrowed = !parameters_of(&filter).is_empty();
    let everything = format!(
        "{action}?{}={}",
        PortalView::PARAMETER,
        PortalView::History.slug()
    );
    let kinds = ChangeKind::ALL.map(|kind| {
        let is_chosen = filter.kinds.contains(&kind);
        view! {
            <label class="history__kind">
                <input type="checkbox" name=parameter::KIND value=kind.code() checked=is_chosen/>
                <span>{kind.name(lang)}</span>
            </label>
        }
    });
    let what = filter.what.first().copied();
    let choices = choices().map(|kind| {
        view! { <option value=kind.code() selected=what == Some(kind)>{kind.plural(lang)}</option> }
    });
    view! {
        <form class="part history__form" method="get" action=action aria-labelledby="filter-title">
            <h2 class="part__title" id="filter-title">{say!(lang, history_filter)}</h2>
            <input type="hidden" name=PortalView::PARAMETER value=PortalView::History.slug()/>
            <div class="history__fields">
                <label class="field">
                    <span class="field__label">{say!(lang, history_text)}</span>
                    <input class="field__input" type="search" name=parameter::TEXT maxlength="200" autocomplete="off" value=filter.text/>
                </label>
                <label class="field">
                    <span class="field__label">{say!(lang, history_what)}</span>
                    <select class="field__input" name=parameter::WHAT>
                        <option value="">{say!(lang, history_anything)}</option>
                        {choices}
                    </select>
                </label>
                {day(parameter::FROM, say!(lang, history_from), filter.from)}
                {day(parameter::TO, say!(lang, history_to), filter.to)}
            </div>
            <fieldset class="history__kinds">
                <legend class="field__label">{say!(lang, history_kinds)}</legend>
                {kinds}
            </fieldset>
            <div class="history__actions">
                <button type="submit" class="button">{say!(lang, history_show)}</button>
                {is_narrowed.then(|| view! { <a href=everything>{say!(lang, history_reset)}</a> })}
            </div>
        </form>
    }
}

/// The field of a day.
pub(super) fn day(
    name: &'static str,
    label: &'static str,
    value: Option<time::Date>,
) -> impl IntoView {
    view! {
        <label class="field">
            <span class="field__label">{label}</span>
            <input class="field__input" type="date" name=name value=value.map(day_text)/>
        </label>
    }
}
