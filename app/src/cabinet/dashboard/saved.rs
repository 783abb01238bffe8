//! Filters under names: links that show the same portals again, kept, renamed and deleted.

use crmap_domain::cabinet::{FilterName, SavedFilter};
use leptos::ev::MouseEvent;
use leptos::prelude::*;

use super::fleet::Fleet;
use crate::api::fleet::{delete_filter, rename_filter, save_filter};
use crate::browser;
use crate::cabinet::actions::FormActions;
use crate::cabinet::filter::{Filter, parameter};
use crate::cabinet::sending::Sending;
use crate::cabinet::trouble::SendingTrouble;
use crate::say;
use crate::ui::{Button, Dialog, Field, Icon, Kind, Look};
use crate::words::use_lang;

const SAVING: &str = "save-filter-dialog";
const CHANGING: &str = "filters-dialog";
/// The field of a name, as denials know it.
const NAME: &str = "filter-name";

/// The kept filters in a row, with what can be done about them; nothing where there are none.
#[component]
pub(super) fn SavedFilters() -> impl IntoView {
    let lang = use_lang();
    let fleet = Fleet::get();
    let is_kept = move || fleet.filters.with(|filters| !filters.is_empty());
    let present = Memo::new(move |_| fleet.filter.with(Filter::to_query));
    let chips = move || {
        let present = present.get();
        let filters = fleet.filters.get();
        filters
            .into_iter()
            .map(|filter| chip(fleet, filter, &present))
            .collect_view()
    };
    view! {
        <div class="saved" hidden=move || !is_kept()>
            <nav class="saved__chips" aria-label=say!(lang, fleet_filters)>{chips}</nav>
            <button
                type="button"
                class="tool"
                id="change-filters"
                aria-label=say!(lang, fleet_filters_change)
                title=say!(lang, fleet_filters_change)
                on:click=move |_| browser::show_dialog(CHANGING)
            >
                {Icon::Pencil.draw()}
            </button>
        </div>
        <SaveDialog/>
        <ChangeDialog/>
    }
}

/// «Сохранить фильтр», where there is one that is not kept yet.
#[component]
pub(super) fn SaveFilter() -> impl IntoView {
    let lang = use_lang();
    let fleet = Fleet::get();
    let is_new = Memo::new(move |_| {
        let present = fleet.filter.with(Filter::to_query);
        let is_known = |filters: &Vec<SavedFilter>| filters.iter().any(|one| one.query == present);
        !present.is_empty() && !fleet.filters.with(is_known)
    });
    view! {
        <span hidden=move || !is_new.get()>
            <Button
                look=Look::Quiet
                label=say!(lang, fleet_filter_save)
                on_press=move |_| browser::show_dialog(SAVING)
            />
        </span>
    }
}

fn chip(fleet: Fleet, filter: SavedFilter, present: &str) -> impl IntoView + use<> {
    let SavedFilter { name, query, .. } = filter;
    let address = format!("/dashboard?{query}");
    let is_present = query == present;
    let apply = move |event: MouseEvent| {
        if browser::is_plain(&event) {
            event.prevent_default();
            let pairs = browser::parameters_of(&query, parameter::ALL);
            let pairs = pairs.iter().map(|(name, value)| (*name, value.as_str()));
            let kept = Filter::from_parameters(pairs);
            fleet.narrow(|filter| *filter = kept);
        }
    };
    view! {
        <a class="saved__chip" href=address aria-current=is_present.then_some("true") on:click=apply>
            {name}
        </a>
    }
}

#[component]
fn SaveDialog() -> impl IntoView {
    let lang = use_lang();
    let fleet = Fleet::get();
    let sending = Sending::new(lang, None);
    let save = sending.on_submit(
        move |typed| Ok(save_filter(typed.take(NAME), fleet.filter.get_untracked())),
        move |kept| {
            fleet.filters.update(|filters| filters.push(kept));
            browser::fill(NAME, "");
            browser::close_dialog(SAVING);
            fleet.tell(say!(lang, fleet_filter_saved).to_owned(), "change-filters");
        },
    );
    view! {
        <Dialog id=SAVING title=say!(lang, fleet_filter_save)>
            <SendingTrouble sending/>
            <form class="fields" method="dialog" on:submit=save>
                <Field
                    name=NAME
                    label=say!(lang, fleet_filter_name)
                    kind=Kind::Text
                    autocomplete="off"
                    flaw=sending.flaw(NAME)
                    hint=say!(lang, fleet_filter_hint)
                    most=MOST_SIGNS
                />
                <FormActions dialog=SAVING label=say!(lang, save) sending class="button button--primary"/>
            </form>
        </Dialog>
    }
}

/// What an input of a name takes at the most.
const MOST_SIGNS: u16 = 40;
const _: () = assert!(MOST_SIGNS as usize == FilterName::LONGEST);

#[component]
fn ChangeDialog() -> impl IntoView {
    let lang = use_lang();
    let fleet = Fleet::get();
    let sending = Sending::new(lang, None);
    let done = RwSignal::new("");
    let lines = move || {
        let filters = fleet.filters.get();
        filters
            .into_iter()
            .map(|filter| view! { <ChangeLine filter sending done/> })
            .collect_view()
    };
    view! {
        <Dialog id=CHANGING title=say!(lang, fleet_filters_change)>
            <SendingTrouble sending/>
            <p class="field__flaw" role="alert">{sending.flaw(NAME)}</p>
            <ul class="saved__lines">{lines}</ul>
            <p class="form__verdict" role="status">{done}</p>
        </Dialog>
    }
}

/// One filter with its name to be changed.
#[component]
fn ChangeLine(
    filter: SavedFilter,
    sending: Sending,
    /// What was done.
    done: RwSignal<&'static str>,
) -> impl IntoView {
    let lang = use_lang();
    let fleet = Fleet::get();
    let SavedFilter { id, name, .. } = filter;
    let called = name.clone();
    let of_which = id.clone();
    let rename = sending.on_submit(
        move |typed| {
            done.set("");
            Ok(rename_filter(of_which.clone(), typed.take("name")))
        },
        move |kept: SavedFilter| {
            fleet.filters.update(|filters| {
                if let Some(filter) = filters.iter_mut().find(|filter| filter.id == kept.id) {
                    *filter = kept;
                }
            });
            done.set(say!(lang, fleet_filter_renamed));
        },
    );
    let delete = move |_| {
        let gone = id.clone();
        sending.send(delete_filter(id.clone()), move |()| {
            fleet
                .filters
                .update(|filters| filters.retain(|filter| filter.id != gone));
            done.set(say!(lang, fleet_filter_deleted));
            if fleet.filters.with_untracked(Vec::is_empty) {
                browser::close_dialog(CHANGING);
                // What opened the dialog is gone with the last filter.
                request_animation_frame(|| browser::focus("search"));
            } else {
                request_animation_frame(|| {
                    browser::focus_first(".saved__lines button");
                });
            }
        });
    };
    let delete_label = format!("{}: {called}", say!(lang, fleet_filter_delete));
    view! {
        <li>
            <form class="saved__line" method="dialog" on:submit=rename>
                <input
                    class="field__input"
                    name="name"
                    autocomplete="off"
                    maxlength=MOST_SIGNS
                    aria-label=format!("{}: {called}", say!(lang, fleet_filter_name))
                    value=name.clone()
                    prop:value=name
                />
                <button type="submit" class="button" disabled=move || sending.is_busy()>
                    {say!(lang, fleet_filter_rename)}
                </button>
                <button
                    type="button"
                    class="tool"
                    aria-label=delete_label.clone()
                    title=delete_label
                    disabled=move || sending.is_busy()
                    on:click=delete
                >
                    {Icon::Bin.draw()}
                </button>
            </form>
        </li>
    }
}
