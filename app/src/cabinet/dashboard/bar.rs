//! What the dashboard is narrowed to and how it is ordered. A form, so that it works before the page
//! is alive.

use std::collections::BTreeMap;

use crmap_domain::PortalState;
use leptos::prelude::*;

use super::fleet::Fleet;
use super::saved::SaveFilter;
use crate::cabinet::filter::{Sort, parameter};
use crate::say;
use crate::ui::Icon;
use crate::words::use_lang;

/// The bar above the portals.
#[component]
pub(super) fn FilterBar() -> impl IntoView {
    let lang = use_lang();
    let fleet = Fleet::get();
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
                        fleet.narrow(|filter| filter.query = text);
                    }
                />
            </div>
            <StateSelect/>
            <TagSelect/>
            <SortSelect/>
            <Toggles/>
            <SaveFilter/>
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
    #[prop(into)]
    options: Signal<Vec<(String, String)>>,
    #[prop(into)] chosen: Signal<String>,
    #[prop(into)] on_choose: Callback<String>,
) -> impl IntoView {
    let options = move || {
        let chosen = chosen.get();
        let options = options.get().into_iter();
        options
            .map(|(value, word)| {
                let is_chosen = value == chosen;
                view! { <option value=value selected=is_chosen prop:selected=is_chosen>{word}</option> }
            })
            .collect_view()
    };
    view! {
        <label class="choice">
            <span class="choice__label">{label}</span>
            <select
                name=name
                class="choice__select"
                on:change:target=move |event| on_choose.run(event.target().value())
            >
                {options}
            </select>
        </label>
    }
}

#[component]
fn StateSelect() -> impl IntoView {
    let lang = use_lang();
    let fleet = Fleet::get();
    let options = move || {
        let chosen = fleet.filter.with(|filter| filter.state);
        let mut options = vec![(String::new(), say!(lang, state_all).to_owned())];
        for state in PortalState::ALL {
            let count = fleet.count(|card| card.standing.state == state);
            if count > 0 || chosen == Some(state) {
                let word = format!("{} · {count}", state.name(lang));
                options.push((state.code().to_owned(), word));
            }
        }
        options
    };
    let chosen = move || {
        fleet
            .filter
            .with(|filter| filter.state.map_or("", PortalState::code).to_owned())
    };
    view! {
        <Choice
            name=parameter::STATE
            label=say!(lang, narrow_state)
            options=Signal::derive(options)
            chosen=Signal::derive(chosen)
            on_choose=move |code: String| {
                fleet.narrow(|filter| filter.state = PortalState::from_code(&code));
            }
        />
    }
}

/// The tags that there are, each with how many portals have it.
fn tags_of(fleet: Fleet) -> Vec<(String, usize)> {
    let mut tags = BTreeMap::new();
    fleet.portals.with(|portals| {
        for tag in portals.iter().flat_map(|card| &card.description.tags) {
            let known = tags
                .entry(tag.to_lowercase())
                .or_insert_with(|| (tag.clone(), 0));
            known.1 += 1;
        }
    });
    if let Some(tag) = fleet.filter.with(|filter| filter.tag.clone()) {
        tags.entry(tag.to_lowercase()).or_insert((tag, 0));
    }
    tags.into_values().collect()
}

#[component]
fn TagSelect() -> impl IntoView {
    let lang = use_lang();
    let fleet = Fleet::get();
    let tags = Memo::new(move |_| tags_of(fleet));
    let options = move || {
        let mut options = vec![(String::new(), say!(lang, tag_all).to_owned())];
        let tags = tags.get().into_iter();
        options.extend(tags.map(|(tag, count)| (tag.clone(), format!("{tag} · {count}"))));
        options
    };
    let chosen = move || {
        fleet
            .filter
            .with(|filter| filter.tag.clone().unwrap_or_default())
    };
    view! {
        <span class="narrow__tags" hidden=move || tags.with(Vec::is_empty)>
            <Choice
                name=parameter::TAG
                label=say!(lang, narrow_tag)
                options=Signal::derive(options)
                chosen=Signal::derive(chosen)
                on_choose=move |tag: String| {
                    fleet.narrow(|filter| filter.tag = Some(tag).filter(|tag| !tag.is_empty()));
                }
            />
        </span>
    }
}

#[component]
fn SortSelect() -> impl IntoView {
    let lang = use_lang();
    let fleet = Fleet::get();
    let word = move |sort| match sort {
        Sort::Name => say!(lang, sort_name),
        Sort::State => say!(lang, sort_state),
        Sort::Favourite => say!(lang, fleet_sort_favourite),
        Sort::Opened => say!(lang, fleet_sort_opened),
        Sort::Age => say!(lang, sort_age),
        Sort::Linked => say!(lang, sort_linked),
    };
    let options = move || {
        Sort::ALL
            .map(|sort| (sort.slug().to_owned(), word(sort).to_owned()))
            .to_vec()
    };
    let chosen = move || fleet.filter.with(|filter| filter.sort.slug().to_owned());
    view! {
        <Choice
            name=parameter::SORT
            label=say!(lang, narrow_sort)
            options=Signal::derive(options)
            chosen=Signal::derive(chosen)
            on_choose=move |slug: String| {
                fleet.narrow(|filter| filter.sort = Sort::from_slug(&slug));
            }
        />
    }
}

/// What is shown alone where it is wanted: what needs attention, and favourites.
#[component]
fn Toggles() -> impl IntoView {
    let lang = use_lang();
    let fleet = Fleet::get();
    let needing = move || fleet.needing.with(Vec::len);
    let favourites = move || fleet.count(|card| card.favourite);
    view! {
        <Toggle
            name=parameter::ATTENTION
            label=Signal::derive(move || say!(lang, fleet_only_attention, count = needing()))
            is_on=Signal::derive(move || fleet.filter.with(|filter| filter.attention))
            on_turn=move |is_on| fleet.narrow(|filter| filter.attention = is_on)
        />
        <Toggle
            name=parameter::FAVOURITE
            label=Signal::derive(move || say!(lang, fleet_only_favourite, count = favourites()))
            is_on=Signal::derive(move || fleet.filter.with(|filter| filter.favourite))
            on_turn=move |is_on| fleet.narrow(|filter| filter.favourite = is_on)
        />
    }
}

/// A filter that is on or off.
#[component]
fn Toggle(
    name: &'static str,
    #[prop(into)] label: Signal<String>,
    #[prop(into)] is_on: Signal<bool>,
    #[prop(into)] on_turn: Callback<bool>,
) -> impl IntoView {
    view! {
        <label class="toggle">
            <input
                type="checkbox"
                class="pick"
                name=name
                value=parameter::YES
                autocomplete="off"
                checked=is_on.get_untracked()
                prop:checked=move || is_on.get()
                on:change:target=move |event| on_turn.run(event.target().checked())
            />
            <span>{label}</span>
        </label>
    }
}
