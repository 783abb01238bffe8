//! What needs the owner of the portals, above all of them: each reason once, with the portals that it
//! is about, what to do, and the way to do it. Nothing where all is well.

use crmap_domain::cabinet::{Attention, PortalCard, RunOf};
use crmap_domain::{Lang, MemberId, PortalState};
use leptos::either::Either;
use leptos::ev::MouseEvent;
use leptos::prelude::*;

use super::fleet::Fleet;
use super::reason::Reason;
use super::run::start;
use crate::browser;
use crate::cabinet::ages::age;
use crate::cabinet::data::PortalView;
use crate::cabinet::filter::{Filter, Sort, name_of};
use crate::say;
use crate::ui::{Badge, Icon};
use crate::words::use_lang;

/// How many reasons are shown at first.
const FIRST: usize = 5;
/// How many portals are named of each.
const NAMED: usize = 4;

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
        let causes = causes(fleet);
        let is_short = causes.len() <= FIRST;
        let first = causes.into_iter().take(most);
        view! {
            <ul class="attention__list">
                {first.map(|cause| line(fleet, cause, lang)).collect_view()}
            </ul>
            <ShowAll is_whole hidden=is_short/>
        }
    };
    move || {
        is_needed.get().then(|| {
            view! {
                <section class="attention" aria-labelledby="attention-title">
                    <h2 class="attention__title" id="attention-title">
                        {Icon::Alert.draw()}
                        {move || say!(lang, fleet_attention, count = fleet.needing.with(Vec::len))}
                    </h2>
                    {lines}
                </section>
            }
        })
    }
}

/// Portals that need the same.
struct Cause {
    why: Attention,
    reason: Reason,
    /// Never none.
    cards: Vec<PortalCard>,
}

/// The reasons, the most pressing first, and the portals of each by their names.
fn causes(fleet: Fleet) -> Vec<Cause> {
    let needing = fleet.needing.get();
    let mut causes: Vec<Cause> = Vec::new();
    fleet.portals.with(|portals| {
        for (card, why) in needing
            .iter()
            .filter_map(|(index, why)| Some((portals.get(*index)?, *why)))
        {
            let reason = Reason::of(card, why, fleet.lang);
            let known = causes
                .iter_mut()
                .find(|cause| cause.why == why && cause.reason.what == reason.what);
            match known {
                Some(cause) => cause.cards.push(card.clone()),
                None => causes.push(Cause {
                    why,
                    reason,
                    cards: vec![card.clone()],
                }),
            }
        }
    });
    causes
}

/// «Показать все 12»: the list itself in a living page, the portals below in another.
#[component]
fn ShowAll(is_whole: RwSignal<bool>, hidden: bool) -> impl IntoView {
    let lang = use_lang();
    let fleet = Fleet::get();
    let address = format!("/dashboard?{}", all_needing().to_query());
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
    view! { <a class="attention__all" href=address hidden=hidden on:click=unfold>{words}</a> }
}

/// All portals that need attention, the most pressing first.
fn all_needing() -> Filter {
    Filter {
        attention: true,
        sort: Sort::State,
        ..Filter::default()
    }
}

fn line(fleet: Fleet, cause: Cause, lang: Lang) -> impl IntoView + use<> {
    let Cause {
        why,
        mut reason,
        cards,
    } = cause;
    let count = cards.len();
    let only = (count == 1).then(|| cards[0].clone());
    if why == Attention::Changed {
        let all = cards.iter().map(|card| card.changes).sum::<u32>();
        reason.word = say!(lang, fleet_changes, count = all);
    }
    let since = reason.since.filter(|_| only.is_some());
    let many = only.is_none().then(|| {
        view! { <span class="attention__count">{say!(lang, portals_total, count = count)}</span> }
    });
    let names = cards.iter().take(NAMED).map(|card| name(card, why));
    let names = names.collect_view();
    view! {
        <li class="attention__line">
            <div class="attention__words">
                <p class="attention__head">
                    <Badge shade=reason.shade word=reason.word.clone()/>
                    {many}
                    <span class="attention__names">
                        {names}
                        {(count > NAMED).then(|| more(fleet, why, count - NAMED, lang))}
                    </span>
                    {since.map(|since| view! { <span class="faint">{age(since, lang)}</span> })}
                </p>
                <p class="attention__what">{reason.what}" "<span class="faint">{reason.cure}</span></p>
            </div>
            {match only {
                Some(card) => Either::Left(remedy(fleet, &card, why, lang)),
                None => Either::Right(is_read_again(why).then(|| {
                    let members = cards.iter().map(|card| card.member_id.clone()).collect();
                    read_again(fleet, members, &reason.word, lang)
                })),
            }}
        </li>
    }
}

/// A portal's name, which leads to where its cure begins.
fn name(card: &PortalCard, why: Attention) -> impl IntoView + use<> {
    let (address, _) = place_of(&card.member_id, why);
    view! { <a class="portal__name" href=address>{name_of(card).to_owned()}</a> }
}

/// «и ещё 7»: the portals of the reason, in the list below.
fn more(fleet: Fleet, why: Attention, count: usize, lang: Lang) -> impl IntoView + use<> {
    let filter = match why {
        Attention::Standing(state) => Filter {
            state: Some(state),
            ..Filter::default()
        },
        _ => all_needing(),
    };
    let address = format!("/dashboard?{}", filter.to_query());
    let narrow = move |event: MouseEvent| {
        if browser::is_plain(&event) {
            event.prevent_default();
            fleet.narrow(|present| *present = filter.clone());
        }
    };
    view! {
        <a href=address on:click=narrow>{say!(lang, fleet_attention_more, count = count)}</a>
    }
}

/// Where the cure of a portal begins, and what of it is there.
fn place_of(member_id: &MemberId, why: Attention) -> (String, Option<PortalView>) {
    let view = match why {
        Attention::Standing(PortalState::Revoked | PortalState::Uninstalled) => {
            Some(PortalView::Connection)
        }
        Attention::Changed => Some(PortalView::History),
        _ => None,
    };
    let address = match view {
        Some(view) => format!(
            "/portals/{member_id}?{}={}",
            PortalView::PARAMETER,
            view.slug()
        ),
        None => format!("/portals/{member_id}"),
    };
    (address, view)
}

/// Whether reading a portal again may be all that it needs. One that is known to refuse is asked only
/// from its own page.
const fn is_read_again(why: Attention) -> bool {
    !matches!(
        why,
        Attention::Changed
            | Attention::Standing(
                PortalState::Revoked | PortalState::Uninstalled | PortalState::NeedsPayment
            )
    )
}

/// What can be done at once for one portal: reading it again, or looking where the cure begins.
fn remedy(fleet: Fleet, card: &PortalCard, why: Attention, lang: Lang) -> impl IntoView + use<> {
    let name = name_of(card);
    if is_read_again(why) {
        let members = vec![card.member_id.clone()];
        return Either::Left(read_again(fleet, members, name, lang));
    }
    let (address, view) = place_of(&card.member_id, why);
    let words = match view {
        Some(PortalView::Connection) => say!(lang, view_connection),
        Some(PortalView::History) => say!(lang, fleet_to_history),
        _ => say!(lang, fleet_open),
    };
    let label = format!("{words}: {name}");
    Either::Right(view! { <a class="button" href=address aria-label=label>{words}</a> })
}

fn read_again(
    fleet: Fleet,
    members: Vec<MemberId>,
    whose: &str,
    lang: Lang,
) -> impl IntoView + use<> {
    view! {
        <button
            type="button"
            class="button"
            aria-label=format!("{}: {whose}", say!(lang, refresh))
            disabled=move || fleet.sending.is_busy()
            on:click=move |_| start(fleet, RunOf::These(members.clone()))
        >
            {Icon::Refresh.draw()}
            <span>{say!(lang, refresh)}</span>
        </button>
    }
}
