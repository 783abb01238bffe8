//! All portals of a cabinet.

mod attention;
mod bar;
mod bulk;
mod fleet;
mod list;
mod news;
mod reason;
mod run;
mod saved;
mod start;
mod tags;

use std::time::Duration;

use leptos::either::Either;
use leptos::ev::{Event, MouseEvent};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::data::Dashboard;
use super::filter::Filter;
use super::trouble::SendingTrouble;
use crate::browser;
use crate::say;
use crate::ui::{Button, Icon, Look};
use crate::words::use_lang;

use attention::AttentionList;
use bar::FilterBar;
use bulk::{BulkBar, PORTAL};
use fleet::{Fleet, WINDOW};
use list::rows;
use news::News;
pub(super) use reason::{shade_of, standing};
use run::{RefreshAll, RunPanel};
use saved::SavedFilters;
use start::Start;

/// How long the filter rests before the address names it: browsers take few changes in a while.
const REST: Duration = Duration::from_millis(300);

/// The room of the dashboard.
#[component]
pub(super) fn DashboardRoom(mut dashboard: Dashboard) -> impl IntoView {
    let news = std::mem::take(&mut dashboard.news);
    let total = dashboard.portals.len();
    let is_first =
        !news.is_empty() && matches!(&*dashboard.portals, [only] if only.opened_at.is_none());
    let fleet = Fleet::provide(dashboard);
    Effect::new(move |before: Option<()>| {
        let filter = fleet.filter.get();
        if before.is_some() {
            name_in_address_later(fleet, filter);
        }
    });
    let sending = fleet.sending;
    view! {
        <Head total/>
        <News news is_first/>
        <RunPanel/>
        <SendingTrouble sending/>
        {if total == 0 {
            Either::Left(view! { <Start/> })
        } else {
            Either::Right(view! {
                <AttentionList/>
                // One portal needs no search.
                {(total > 1).then(|| view! {
                    <FilterBar/>
                    <SavedFilters/>
                })}
                <BulkBar/>
                <Rows/>
            })
        }}
    }
}

#[component]
fn Head(total: usize) -> impl IntoView {
    let lang = use_lang();
    let fleet = Fleet::get();
    let needing = move || fleet.needing.with(Vec::len);
    let only_needing = Filter {
        attention: true,
        ..Filter::default()
    };
    let address = format!("/dashboard?{}", only_needing.to_query());
    view! {
        <header class="room__head">
            <h1 class="room__title">{say!(lang, menu_dashboard)}</h1>
            {(total > 0).then(|| view! {
                <p class="room__facts">
                    <span>{move || say!(lang, portals_total, count = fleet.portals.with(Vec::len))}</span>
                    {move || if needing() > 0 {
                        let words = say!(lang, portals_troubled, count = needing());
                        Either::Left(view! { <a href=address.clone()>{words}</a> })
                    } else {
                        Either::Right(view! { <span>{say!(lang, portals_fine)}</span> })
                    }}
                </p>
                <span class="room__deed" id="refresh-all"><RefreshAll/></span>
            })}
        </header>
    }
}

fn name_in_address_later(fleet: Fleet, filter: Filter) {
    spawn_local(async move {
        browser::sleep(REST).await;
        if fleet.filter.with_untracked(|now| *now == filter) {
            browser::name_in_address(&filter.parameters());
        }
    });
}

/// The portals that the filter leaves. One listener serves all rows.
#[component]
fn Rows() -> impl IntoView {
    let fleet = Fleet::get();
    let on_click = move |event: MouseEvent| {
        if let Some((id, _)) = browser::click_data(&event, "star") {
            fleet.turn_star(id);
        } else if let Some((id, _)) = browser::click_data(&event, "why") {
            event.prevent_default();
            fleet.turn_why(id);
        }
    };
    let on_change = move |event: Event| {
        if let Some((id, is_picked)) = browser::tick_of(&event, PORTAL) {
            fleet.pick(&id, is_picked);
        }
    };
    let is_empty = Memo::new(move |_| fleet.shown.with(Vec::is_empty));
    view! {
        <div class="fleet" on:click=on_click on:change=on_change>
            {move || if is_empty.get() {
                Either::Left(view! { <Nothing/> })
            } else {
                Either::Right(view! { <Table/> })
            }}
        </div>
    }
}

#[component]
fn Table() -> impl IntoView {
    let lang = use_lang();
    let fleet = Fleet::get();
    let more = move || {
        let total = fleet.shown.with(Vec::len);
        total.saturating_sub(fleet.window.get())
    };
    // A page without life is asked for all of them at once.
    let address = move || {
        let query = fleet.filter.with(Filter::to_query);
        let joint = if query.is_empty() { "" } else { "&" };
        format!("/dashboard?{query}{joint}{}=1", Dashboard::WHOLE)
    };
    let draw_more = move |event: MouseEvent| {
        event.prevent_default();
        let drawn = fleet.window.get_untracked();
        fleet
            .window
            .update(|window| *window = window.saturating_add(WINDOW));
        // The link may be gone with the last rows.
        request_animation_frame(move || {
            browser::focus_nth(".table--portals tr[data-id] a.portal__name", drawn);
        });
    };
    view! {
        {move || rows(fleet, lang)}
        {move || (more() > 0).then(|| view! {
            <a class="button more" href=address on:click=draw_more>
                {say!(lang, show_more, count = more().min(WINDOW))}
            </a>
        })}
    }
}

#[component]
fn Nothing() -> impl IntoView {
    let lang = use_lang();
    let fleet = Fleet::get();
    view! {
        <div class="empty" role="status">
            {Icon::Search.draw()}
            <h2 class="empty__title">{say!(lang, portals_none)}</h2>
            <p>{say!(lang, portals_none_cure)}</p>
            <Button
                look=Look::Plain
                label=say!(lang, portals_all)
                on_press=move |_| {
                    fleet.filter.set(Filter::default());
                    browser::focus("search");
                }
            />
        </div>
    }
}
