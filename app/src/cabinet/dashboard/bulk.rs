//! What is done to several portals at once. A form, so that they are downloaded without a script, too:
//! the boxes of the rows belong to it.

use std::collections::HashSet;

use crmap_domain::cabinet::RunOf;
use leptos::either::Either;
use leptos::prelude::*;

use super::fleet::Fleet;
use super::run::start;
use super::tags::{TagDialog, open as open_tags};
use crate::api::fleet::favour_portals;
use crate::browser;
use crate::say;
use crate::ui::{Button, Icon, Look, Menu};
use crate::words::use_lang;

/// The form's id, which boxes in rows name.
pub(super) const FORM: &str = "bulk";
/// The name of a portal in it.
pub(super) const PORTAL: &str = "portal";

/// The bar above the rows.
#[component]
pub(super) fn BulkBar() -> impl IntoView {
    let lang = use_lang();
    let fleet = Fleet::get();
    let count = move || fleet.picked.with(Vec::len);
    // Boxes that were ticked before the page came to life count, though they lose their ticks by it.
    let ticked = browser::before_life(|| browser::ticked(PORTAL));
    Effect::new(move |_| {
        for id in &ticked {
            fleet.pick(id, true);
        }
    });
    view! {
        <form
            class="bulk"
            class:bulk--some=move || { count() > 0 }
            id=FORM
            method="post"
            action="/portals/export"
            aria-label=say!(lang, fleet_bulk)
        >
            <PickShown/>
            <p class="bulk__count" role="status">{move || told(fleet, count())}</p>
            <div class="bulk__actions">
                <button
                    type="button"
                    class="tool bulk__alive"
                    aria-label=say!(lang, fleet_pick_none)
                    title=say!(lang, fleet_pick_none)
                    on:click=move |_| fleet.picked.set(Vec::new())
                >
                    {Icon::Cross.draw()}
                </button>
                <span class="bulk__alive"><Actions/></span>
                <Download/>
            </div>
            {move || unseen(fleet)}
        </form>
        <TagDialog/>
    }
}

/// How many portals are picked, and how many of them are not among those that are shown.
fn told(fleet: Fleet, count: usize) -> String {
    let lang = fleet.lang;
    if count == 0 {
        return String::new();
    }
    let shown: HashSet<_> = fleet.shown_members().into_iter().collect();
    let hidden = fleet
        .picked
        .with(|picked| picked.iter().filter(|id| !shown.contains(*id)).count());
    if hidden > 0 {
        say!(lang, fleet_picked_hidden, count = count, hidden = hidden)
    } else {
        say!(lang, fleet_picked, count = count)
    }
}

/// Picked portals that have no row with a box.
fn unseen(fleet: Fleet) -> impl IntoView + use<> {
    let window = fleet.window.get();
    let drawn: HashSet<_> = fleet.shown_members().into_iter().take(window).collect();
    let picked = fleet.picked.get();
    picked
        .into_iter()
        .filter(|id| !drawn.contains(id))
        .map(|id| view! { <input type="hidden" name=PORTAL value=id.to_string()/> })
        .collect_view()
}

/// The box that picks all portals that the filter leaves.
#[component]
fn PickShown() -> impl IntoView {
    let lang = use_lang();
    let fleet = Fleet::get();
    let are_all = move || {
        let shown = fleet.shown_members();
        fleet.picked.with(|picked| {
            let picked: HashSet<_> = picked.iter().collect();
            !shown.is_empty() && shown.iter().all(|id| picked.contains(id))
        })
    };
    let label = move || say!(lang, fleet_pick_shown, count = fleet.shown.with(Vec::len));
    view! {
        <label class="bulk__all bulk__alive" title=label>
            <input
                type="checkbox"
                class="pick"
                autocomplete="off"
                prop:checked=are_all
                on:change=move |_| untrack(|| fleet.pick_shown(!are_all()))
            />
            <span class="bulk__word">{label}</span>
        </label>
    }
}

/// What needs a living page.
#[component]
fn Actions() -> impl IntoView {
    let lang = use_lang();
    let fleet = Fleet::get();
    let refresh = move |_| start(fleet, RunOf::These(fleet.picked.get_untracked()));
    view! {
        <Button
            look=Look::Plain
            icon=Icon::Refresh
            label=say!(lang, refresh)
            disabled=fleet.sending.busy()
            on_press=refresh
        />
        <Button look=Look::Plain label=say!(lang, fleet_tags) on_press=move |_| open_tags()/>
        <Menu label=say!(lang, fleet_favourite) icon=Icon::Star look=Look::Plain>
            {favour(fleet, true, say!(lang, fleet_favour))}
            {favour(fleet, false, say!(lang, fleet_unfavour))}
        </Menu>
        {move || compare(fleet)}
    }
}

/// Puts the picked portals among the favourites, or takes them away from there.
fn favour(fleet: Fleet, favourite: bool, words: &'static str) -> impl IntoView + use<> {
    let put = move |_| {
        let ids = fleet.picked_ids();
        let kept = favour_portals(ids.clone(), favourite);
        fleet.sending.send(kept, move |()| {
            fleet.put_stars(&ids, favourite);
            fleet.tell(say!(fleet.lang, fleet_kept, count = ids.len()), FORM);
        });
    };
    view! {
        <button
            type="button"
            class="menu__item"
            disabled=move || fleet.sending.is_busy()
            on:click=put
        >
            {words}
        </button>
    }
}

/// «Сравнить»: a link where exactly two are picked.
fn compare(fleet: Fleet) -> impl IntoView + use<> {
    let lang = fleet.lang;
    let picked = fleet.picked.get();
    match picked.as_slice() {
        [left, right] => {
            let address = format!("/compare?left={left}&right={right}");
            Either::Left(view! { <a class="button" href=address>{say!(lang, fleet_compare)}</a> })
        }
        _ => Either::Right(view! {
            <button type="button" class="button" disabled title=say!(lang, fleet_compare_two)>
                {say!(lang, fleet_compare)}
            </button>
        }),
    }
}

/// The form's own buttons, one for each form of the files.
#[component]
fn Download() -> impl IntoView {
    let lang = use_lang();
    let formats = [
        ("txt", say!(lang, fleet_format_txt)),
        ("json", say!(lang, fleet_format_json)),
        ("csv", say!(lang, fleet_format_csv)),
        ("xlsx", say!(lang, fleet_format_xlsx)),
        ("workbook", say!(lang, fleet_format_workbook)),
    ];
    view! {
        <Menu label=say!(lang, fleet_download) icon=Icon::Download look=Look::Plain>
            {formats.map(|(format, words)| view! {
                <button type="submit" class="menu__item" name="format" value=format>{words}</button>
            })}
        </Menu>
    }
}
