//! What the dashboard is narrowed to and how it is ordered. A form, so that it works before the page
//! is alive.

use std::collections::BTreeMap;

use crmap_domain::PortalState;
use leptos::prelude::*;

use super::Fleet;
use crate::cabinet::filter::{Filter, Sort, parameter};
use crate::say;
use crate::ui::Icon;
use crate::words::use_lang;

/// The bar above the portals.
#[component]
pub(super) fn FilterBar() -> impl IntoView {
    let lang = use_lang();
    let fleet = Fleet::get();
    let change = move |change: &dyn Fn(&mut Filter)| fleet.filter.update(|filter| change(filter));
    view! {
        <form
            class="narrow"
            method="get"
            action="/dashboard"
            role="search"
            aria-label=say!(lang, narrow_label)
            on:submit=move |event| event.prevent_default()
        >
            <div class="search narrow__search">
                {Icon::Search.draw()}
                <input
                    id="search"
                    name=parameter::QUERY
                    class="search__input"
                    type="search"
                    autocomplete="off"
                    spellcheck="false"
                    maxlength="200"
                    aria-label=say!(lang, portals_search)
                    placeholder=say!(lang, portals_search_hint)
                    value=fleet.filter.with_untracked(|filter| filter.query.clone())
                    prop:value=move || fleet.filter.with(|filter| filter.query.clone())
                    on:input:target=move |event| {
                        let text = event.target().value();
                        change(&|filter| text.clone_into(&mut filter.query));
                    }
                />
            </div>
            <StateSelect/>
            <TagSelect/>
            <SortSelect/>
            <button type="submit" class="off-screen">{say!(lang, narrow_apply)}</button>
        </form>
    }
}

/// A choice of one of several words; the first stands for no choice.
#[component]
fn Choice(
    name: &'static str,
    label: &'static str,
    /// Values with their words.
    options: Vec<(String, String)>,
    #[prop(into)] chosen: Signal<String>,
    #[prop(into)] on_choose: Callback<String>,
) -> impl IntoView {
    let first = chosen.get_untracked();
    view! {
        <label class="choice">
            <span class="choice__label">{label}</span>
            <select
                name=name
                class="choice__select"
                prop:value=move || chosen.get()
                on:change:target=move |event| on_choose.run(event.target().value())
            >
                {options.into_iter().map(|(value, word)| {
                    let selected = value == first;
                    view! { <option value=value selected=selected>{word}</option> }
                }).collect_view()}
            </select>
        </label>
    }
}

#[component]
fn StateSelect() -> impl IntoView {
    let lang = use_lang();
    let fleet = Fleet::get();
    let count_of = |state: PortalState| {
        fleet.portals.with_value(|portals| {
            portals
                .iter()
                .filter(|card| card.standing.state == state)
                .count()
        })
    };
    let mut options = vec![(String::new(), say!(lang, state_all).to_owned())];
    for state in PortalState::ALL {
        let count = count_of(state);
        if count > 0
            || fleet
                .filter
                .with_untracked(|filter| filter.state == Some(state))
        {
            let word = format!("{} · {count}", state.name(lang));
            options.push((state.code().to_owned(), word));
        }
    }
    let chosen = move || {
        fleet
            .filter
            .with(|filter| filter.state.map_or("", PortalState::code).to_owned())
    };
    view! {
        <Choice
            name=parameter::STATE
            label=say!(lang, narrow_state)
            options
            chosen=Signal::derive(chosen)
            on_choose=move |code: String| {
                fleet.filter.update(|filter| filter.state = PortalState::from_code(&code));
            }
        />
    }
}

#[component]
fn TagSelect() -> impl IntoView {
    let lang = use_lang();
    let fleet = Fleet::get();
    let mut tags = BTreeMap::new();
    fleet.portals.with_value(|portals| {
        for tag in portals.iter().flat_map(|card| &card.description.tags) {
            let known = tags
                .entry(tag.to_lowercase())
                .or_insert_with(|| (tag.clone(), 0));
            known.1 += 1;
        }
    });
    if let Some(tag) = fleet.filter.with_untracked(|filter| filter.tag.clone()) {
        tags.entry(tag.to_lowercase()).or_insert((tag, 0));
    }
    let is_needed = !tags.is_empty();
    let mut options = vec![(String::new(), say!(lang, tag_all).to_owned())];
    options.extend(
        tags.into_values()
            .map(|(tag, count)| (tag.clone(), format!("{tag} · {count}"))),
    );
    let chosen = move || {
        fleet
            .filter
            .with(|filter| filter.tag.clone().unwrap_or_default())
    };
    is_needed.then(|| {
        view! {
            <Choice
                name=parameter::TAG
                label=say!(lang, narrow_tag)
                options
                chosen=Signal::derive(chosen)
                on_choose=move |tag: String| {
                    fleet.filter.update(|filter| filter.tag = Some(tag).filter(|tag| !tag.is_empty()));
                }
            />
        }
    })
}

#[component]
fn SortSelect() -> impl IntoView {
    let lang = use_lang();
    let fleet = Fleet::get();
    let word = |sort| match sort {
        Sort::Name => say!(lang, sort_name),
        Sort::State => say!(lang, sort_state),
        Sort::Age => say!(lang, sort_age),
        Sort::Linked => say!(lang, sort_linked),
    };
    let options = Sort::ALL
        .map(|sort| (sort.slug().to_owned(), word(sort).to_owned()))
        .to_vec();
    let chosen = move || fleet.filter.with(|filter| filter.sort.slug().to_owned());
    view! {
        <Choice
            name=parameter::SORT
            label=say!(lang, narrow_sort)
            options
            chosen=Signal::derive(chosen)
            on_choose=move |slug: String| {
                fleet.filter.update(|filter| filter.sort = Sort::from_slug(&slug));
            }
        />
    }
}
