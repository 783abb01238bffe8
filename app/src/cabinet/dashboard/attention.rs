//! The portals that need their owner, above all others: why, what to do, and the way to do it.
//! Nothing where all is well.

use crmap_domain::cabinet::{Attention, PortalCard, RunOf};
use crmap_domain::{Lang, MemberId, PortalState};
use leptos::either::Either;
use leptos::ev::MouseEvent;
use leptos::prelude::*;

use super::fleet::Fleet;
use super::reason::Reason;
use super::run::start;
use crate::cabinet::ages::age;
use crate::cabinet::data::PortalView;
use crate::cabinet::filter::{Filter, Sort, name_of};
use crate::say;
use crate::ui::{Badge, Icon};
use crate::words::use_lang;

/// How many are shown at first.
const FIRST: usize = 5;

/// The list; while the portals below are just these, they are enough.
#[component]
pub(super) fn AttentionList() -> impl IntoView {
    let lang = use_lang();
    let fleet = Fleet::get();
    let is_whole = RwSignal::new(false);
    let is_needed = Memo::new(move |_| {
        !fleet.needing.with(Vec::is_empty) && !fleet.filter.with(|filter| filter.attention)
    });
    let lines = move || {
        let most = if is_whole.get() { usize::MAX } else { FIRST };
        let needing = fleet.needing.get();
        fleet.portals.with(|portals| {
            let first = needing.iter().take(most);
            let cards = first.filter_map(|(index, why)| Some((portals.get(*index)?, *why)));
            cards
                .map(|(card, why)| line(fleet, card, why, lang))
                .collect_view()
        })
    };
    move || {
        is_needed.get().then(|| {
            view! {
                <section class="attention" aria-labelledby="attention-title">
                    <h2 class="attention__title" id="attention-title">
                        {Icon::Alert.draw()}
                        {move || say!(lang, fleet_attention, count = fleet.needing.with(Vec::len))}
                    </h2>
                    <ul class="attention__list">{lines}</ul>
                    <ShowAll is_whole/>
                </section>
            }
        })
    }
}

/// «Показать все 12»: the list itself in a living page, the portals below in another.
#[component]
fn ShowAll(is_whole: RwSignal<bool>) -> impl IntoView {
    let lang = use_lang();
    let fleet = Fleet::get();
    let all = Filter {
        attention: true,
        sort: Sort::State,
        ..Filter::default()
    };
    let address = format!("/dashboard?{}", all.to_query());
    let unfold = move |event: MouseEvent| {
        event.prevent_default();
        is_whole.update(|is_whole| *is_whole = !*is_whole);
    };
    let words = move || {
        if is_whole.get() {
            say!(lang, fleet_attention_less).to_owned()
        } else {
            say!(
                lang,
                fleet_attention_all,
                count = fleet.needing.with(Vec::len)
            )
        }
    };
    let is_short = move || fleet.needing.with(Vec::len) <= FIRST;
    view! { <a class="attention__all" href=address hidden=is_short on:click=unfold>{words}</a> }
}

fn line(fleet: Fleet, card: &PortalCard, why: Attention, lang: Lang) -> impl IntoView + use<> {
    let page = format!("/portals/{}", card.member_id);
    let name = name_of(card).to_owned();
    let reason = Reason::of(card, why, lang);
    view! {
        <li class="attention__line">
            <div class="attention__words">
                <a class="portal__name" href=page.clone()>{name.clone()}</a>
                <Badge shade=reason.shade word=reason.word/>
                {reason.since.map(|since| view! { <span class="faint">{age(since, lang)}</span> })}
                <p class="attention__what">{reason.what}" "<span class="faint">{reason.cure}</span></p>
            </div>
            {remedy(fleet, card.member_id.clone(), &page, &name, why, lang)}
        </li>
    }
}

/// What can be done at once: reading the portal again, or looking where the cure begins.
fn remedy(
    fleet: Fleet,
    member_id: MemberId,
    page: &str,
    name: &str,
    why: Attention,
    lang: Lang,
) -> impl IntoView + use<> {
    let view = |view: &str, words: &'static str| {
        let address = if view.is_empty() {
            page.to_owned()
        } else {
            format!("{page}?{}={view}", PortalView::PARAMETER)
        };
        let label = format!("{words}: {name}");
        Either::Left(view! { <a class="button" href=address aria-label=label>{words}</a> })
    };
    match why {
        Attention::Standing(PortalState::Revoked | PortalState::Uninstalled) => {
            view(PortalView::Connection.slug(), say!(lang, view_connection))
        }
        // A portal that is known to refuse is asked only from its own page.
        Attention::Standing(PortalState::NeedsPayment) => view("", say!(lang, fleet_open)),
        Attention::Changed => view(PortalView::History.slug(), say!(lang, fleet_to_history)),
        _ => Either::Right(view! {
            <button
                type="button"
                class="button"
                aria-label=format!("{}: {name}", say!(lang, refresh))
                disabled=move || fleet.sending.is_busy()
                on:click=move |_| start(fleet, RunOf::These(vec![member_id.clone()]))
            >
                {Icon::Refresh.draw()}
                <span>{say!(lang, refresh)}</span>
            </button>
        }),
    }
}
