//! What changed in a portal: its versions with their changes in words, and what an ID was at a day.

mod filter;
mod lookup;
mod versions;

use crmap_domain::Lang;
use crmap_domain::cabinet::{HistoryPage, VersionMark};
use leptos::either::{Either, EitherOf3};
use leptos::prelude::*;

use super::Shown;
use crate::api::cabinet::history_of;
use crate::cabinet::ages::exactly;
use crate::cabinet::data::HistoryRoom;
use crate::cabinet::history::{encoded, parameter, parameters_of, place_text};
use crate::cabinet::sending::Sending;
use crate::cabinet::trouble::SendingTrouble;
use crate::help::Notion;
use crate::say;
use crate::sheet::copy_clicked;
use crate::ui::{Icon, what};
use crate::words::use_lang;

use filter::Filters;
use lookup::{LookUp, answer};
use versions::{links, version};

/// The view of the history. `version` is the one that is there now.
#[component]
pub(super) fn History(history: HistoryRoom, version: u32) -> impl IntoView {
    let lang = use_lang();
    let HistoryRoom {
        filter,
        page,
        asked,
        looked_up,
    } = history;
    let body = if page.first.is_none() {
        Either::Left(never(lang))
    } else {
        let on = asked.on;
        Either::Right(view! {
            <div class="history__main">
                {looked_up.map(|looked_up| answer(&looked_up, on, version, lang))}
                <Changes filter=filter.clone() page now=version/>
            </div>
            <div class="history__side">
                <Filters filter/>
                <LookUp asked/>
            </div>
        })
    };
    view! {
        <div class="parts history" on:click=move |event| { let _ = copy_clicked(&event, lang); }>
            {body}
        </div>
    }
}

fn never(lang: Lang) -> impl IntoView {
    view! {
        <div class="empty">
            {Icon::Clock.draw()}
            <h2 class="empty__title">{say!(lang, history_never)}</h2>
            <p>{say!(lang, history_never_cure)}</p>
        </div>
    }
}

/// The versions, the newest first, older ones on demand: by a link, which a living page follows by
/// itself.
#[component]
fn Changes(
    filter: crmap_domain::cabinet::HistoryFilter,
    page: HistoryPage,
    now: u32,
) -> impl IntoView {
    let lang = use_lang();
    let shown = Shown::get();
    let sending = Sending::new(lang, None);
    let is_everything = parameters_of(&filter).is_empty();
    let first = page.first.clone();
    let drawn = RwSignal::new(page.versions);
    let next = RwSignal::new(page.next);
    let asked = StoredValue::new(filter);
    let fetch = move |event: leptos::ev::MouseEvent| {
        event.prevent_default();
        let request = history_of(shown.member_id(), asked.get_value(), next.get_untracked());
        sending.send(request, move |page: HistoryPage| {
            drawn.update(|drawn| drawn.extend(page.versions));
            next.set(page.next);
        });
    };
    let more = move || {
        next.get().map(|place| {
            let mut parameters = asked.with_value(parameters_of);
            parameters.push((parameter::AFTER, place_text(place)));
            let address = address(&shown.member_id(), &parameters);
            view! {
                <a class="button" href=address aria-disabled=move || sending.is_busy().to_string() on:click=fetch>
                    {say!(lang, history_more)}
                </a>
            }
        })
    };
    let list = move || {
        let id = shown.member_id();
        drawn.with(|drawn| {
            drawn
                .iter()
                .map(|one| version(&id, &one.mark, &one.changes, now, lang))
                .collect_view()
        })
    };
    let end = move || {
        let is_empty = drawn.with(Vec::is_empty);
        if next.with(Option::is_some) {
            EitherOf3::A(())
        } else if is_empty && !is_everything {
            EitherOf3::B(view! { <p>{say!(lang, history_none)}</p> })
        } else {
            EitherOf3::C(
                first
                    .clone()
                    .map(|first| beginning(&shown.member_id(), &first, now, is_empty, lang)),
            )
        }
    };
    view! {
        <section class="part" aria-labelledby="history-title">
            <div class="titled">
                <h2 class="part__title" id="history-title">{say!(lang, history_list)}</h2>
                {what(Notion::Version, say!(lang, history_list))}
            </div>
            {list}
            {end}
            <SendingTrouble sending/>
            {more}
        </section>
    }
}

fn beginning(
    member_id: &str,
    first: &VersionMark,
    now: u32,
    is_quiet: bool,
    lang: Lang,
) -> impl IntoView + use<> {
    let moment = exactly(first.first_read_at, lang);
    view! {
        <p class="room__facts">
            <span>
                {move || say!(lang, history_first, moment = moment())}
                {is_quiet.then(|| format!(" {}", say!(lang, history_quiet)))}
            </span>
            {links(member_id, first.number, now, lang)}
        </p>
    }
}

/// The address of the history with these parameters.
fn address(member_id: &str, parameters: &[(&'static str, String)]) -> String {
    let mut address = format!("/portals/{member_id}?view=history");
    for (name, value) in parameters {
        address.push_str(&format!("&{name}={}", encoded(value)));
    }
    address
}
