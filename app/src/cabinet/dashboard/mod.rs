//! All portals of a cabinet.

mod bar;
mod list;
mod news;
mod start;

use std::time::Duration;

use crmap_domain::PortalState;
use crmap_domain::cabinet::PortalCard;
use leptos::either::EitherOf3;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::data::Dashboard;
use super::filter::Filter;
use crate::browser;
use crate::say;
use crate::ui::{Button, Icon, Look};
use crate::words::use_lang;

use bar::FilterBar;
use list::rows;
pub(super) use list::{shade_of, standing};
use news::News;
use start::Start;

/// How long the filter rests before the address names it: browsers take few changes in a while.
const REST: Duration = Duration::from_millis(300);

/// What the dashboard knows.
#[derive(Clone, Copy)]
struct Fleet {
    portals: StoredValue<Vec<PortalCard>>,
    filter: RwSignal<Filter>,
}

impl Fleet {
    fn get() -> Self {
        expect_context()
    }
}

/// The room of the dashboard.
#[component]
pub(super) fn DashboardRoom(dashboard: Dashboard) -> impl IntoView {
    let lang = use_lang();
    let Dashboard {
        portals,
        filter,
        news,
    } = dashboard;
    let total = portals.len();
    let troubled = portals
        .iter()
        .filter(|card| card.standing.state != PortalState::Ok)
        .count();
    let fleet = Fleet {
        portals: StoredValue::new(portals),
        filter: RwSignal::new(filter),
    };
    provide_context(fleet);
    Effect::new(move |before: Option<()>| {
        let filter = fleet.filter.get();
        if before.is_some() {
            name_in_address_later(fleet, filter);
        }
    });
    view! {
        <header class="room__head">
            <h1 class="room__title">{say!(lang, menu_dashboard)}</h1>
            {(total > 0).then(|| view! {
                <p class="room__facts">
                    <span>{say!(lang, portals_total, count = total)}</span>
                    <span>{if troubled > 0 {
                        say!(lang, portals_troubled, count = troubled)
                    } else {
                        say!(lang, portals_fine).to_owned()
                    }}</span>
                </p>
            })}
        </header>
        <News news/>
        {if total == 0 {
            EitherOf3::A(view! { <Start/> })
        } else if total == 1 {
            // One portal needs no search.
            EitherOf3::B(view! { <Shown/> })
        } else {
            EitherOf3::C(view! {
                <FilterBar/>
                <Shown/>
            })
        }}
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

/// The portals that the filter leaves.
#[component]
fn Shown() -> impl IntoView {
    let lang = use_lang();
    let fleet = Fleet::get();
    move || {
        let filter = fleet.filter.get();
        let picked = fleet.portals.with_value(|portals| filter.pick(portals));
        if picked.is_empty() {
            return leptos::either::Either::Left(view! {
                <div class="empty" role="status">
                    {Icon::Search.draw()}
                    <h2 class="empty__title">{say!(lang, portals_none)}</h2>
                    <p>{say!(lang, portals_none_cure)}</p>
                    <Button
                        look=Look::Plain
                        label=say!(lang, portals_all)
                        on_press=move |_| fleet.filter.set(Filter::default())
                    />
                </div>
            });
        }
        leptos::either::Either::Right(rows(fleet, &picked, lang))
    }
}
