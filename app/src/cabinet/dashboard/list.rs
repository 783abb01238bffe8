//! The portals as rows: what each is called, how it stands, how old its data is, how much there is.

use std::collections::HashSet;

use crmap_domain::cabinet::{Attention, PortalCard};
use crmap_domain::{Lang, PortalState, Standing, Totals};
use leptos::either::Either;
use leptos::prelude::*;

use super::bulk::{FORM, PORTAL};
use super::fleet::Fleet;
use super::reason::{Reason, shade_of};
use crate::cabinet::ages::age;
use crate::cabinet::data::PortalView;
use crate::cabinet::filter::name_of;
use crate::say;
use crate::ui::{self, Badge, Column, Shade};

/// The portals that the filter leaves, as far as they are drawn.
pub(super) fn rows(fleet: Fleet, lang: Lang) -> impl IntoView + use<> {
    let shown = fleet.shown.get();
    let window = fleet.window.get();
    let picked = fleet.picked.get();
    let picked: HashSet<_> = picked.iter().collect();
    let rows: Vec<_> = fleet.portals.with(|portals| {
        let cards = shown.iter().take(window);
        let cards = cards.filter_map(|index| portals.get(*index));
        cards
            .map(|card| {
                let needs = fleet.attention(card);
                row(card, needs, picked.contains(&card.member_id), lang)
            })
            .collect()
    });
    let columns = [
        Column::of(say!(lang, col_portal)),
        Column::of(say!(lang, col_state)),
        Column::of(say!(lang, col_data)),
        Column::of(say!(lang, col_content)),
    ];
    let body = view! { <tbody>{rows}</tbody> };
    ui::table(
        "table table--portals",
        say!(lang, caption_portals),
        &columns,
        body,
    )
}

/// No row listens for itself: boxes and stars say by their names whose they are (`Rows`).
fn row(
    card: &PortalCard,
    needs: Option<Attention>,
    is_picked: bool,
    lang: Lang,
) -> impl IntoView + use<> {
    let id = card.member_id.to_string();
    let boxed = id.clone();
    let starred = id.clone();
    let opened = card.opened_at.map(|at| {
        view! { <span class="portal__opened">{say!(lang, fleet_opened)}" "{age(at, lang)}</span> }
    });
    let of_reading = needs
        .filter(|needs| matches!(needs, Attention::Failed | Attention::Old))
        .map(|needs| Reason::of(card, needs, lang).lines(lang));
    view! {
        <tr data-id=id>
            <td class="portal">
                <div class="portal__line">
                    <input
                        type="checkbox"
                        class="pick"
                        name=PORTAL
                        value=boxed
                        form=FORM
                        autocomplete="off"
                        aria-label=format!("{} {}", say!(lang, fleet_pick), name_of(card))
                        prop:checked=is_picked
                    />
                    <button
                        type="button"
                        class="star"
                        data-star=starred
                        aria-pressed=if card.favourite { "true" } else { "false" }
                        aria-label=format!("{}: {}", say!(lang, fleet_favourite), name_of(card))
                    ></button>
                    <div class="portal__words">{words(card, lang)}</div>
                </div>
            </td>
            <td class="portal__state">{standing(card, lang)}{of_reading}</td>
            <td class="portal__age">
                {match card.read_at {
                    Some(at) => Either::Left(age(at, lang)),
                    None => Either::Right(say!(lang, not_read_yet)),
                }}
                {opened}
            </td>
            <td class="portal__totals">{card.totals.map(|totals| totals_of(&totals, lang))}</td>
        </tr>
    }
}

/// What a portal is called, and what its owner wrote on it.
fn words(card: &PortalCard, lang: Lang) -> impl IntoView + use<> {
    let link = format!("/portals/{}", card.member_id);
    let mark = card
        .description
        .mark
        .map(|mark| format!("portal__mark portal__mark--{}", mark.code()));
    let name = name_of(card).to_owned();
    let address = (name != card.address).then(|| card.address.clone());
    let tags: Vec<_> = card
        .description
        .tags
        .iter()
        .map(|tag| view! { <Badge shade=Shade::Plain word=tag.clone()/> })
        .collect();
    let note = (!card.description.note.is_empty()).then(|| card.description.note.clone());
    let changes = (card.changes > 0).then(|| {
        let view = PortalView::History.slug();
        let history = format!("{link}?{}={view}", PortalView::PARAMETER);
        let words = say!(lang, fleet_changes, count = card.changes);
        view! { " "<a class="badge badge--news" href=history>{words}</a> }
    });
    view! {
        {mark.map(|class| view! { <span class=class aria-hidden="true"></span> })}
        <a class="portal__name" href=link>{name}</a>
        {changes}
        {address.map(|address| view! { <span class="portal__address">{address}</span> })}
        {(!tags.is_empty()).then(|| view! { <span class="portal__tags">{tags}</span> })}
        {note.map(|note| view! { <span class="portal__note">{note}</span> })}
    }
}

/// How a portal stands, since when, and what to do about it.
pub(in crate::cabinet) fn standing(card: &PortalCard, lang: Lang) -> impl IntoView + use<> {
    let state = card.standing.state;
    let shade = shade_of(state);
    let trouble = (state != PortalState::Ok).then(|| {
        let advice = card.standing.advice(lang);
        let code = &card.standing.reason;
        let has_code = !code.is_empty() && code != Standing::REINSTALLED;
        let reason = has_code.then(|| {
            view! { <code class="standing__code">{card.standing.reason.clone()}</code> }
        });
        view! {
            <span class="standing__since">{age(card.standing.since, lang)}</span>
            <p class="standing__what">{advice.what}" "{reason}</p>
            <p class="standing__cure">{advice.cure}</p>
        }
    });
    view! {
        <Badge shade=shade word=state.name(lang)/>
        {trouble}
    }
}

/// How much a snapshot holds.
fn totals_of(totals: &Totals, lang: Lang) -> impl IntoView + use<> {
    let number =
        |count: Option<usize>| count.map_or_else(|| "—".to_owned(), |count| count.to_string());
    let fields = [
        totals.deal_fields,
        totals.contact_fields,
        totals.company_fields,
        totals.lead_fields,
    ]
    .into_iter()
    .flatten()
    .map(|fields| fields.fields)
    .sum::<usize>();
    let parts = [
        (say!(lang, total_funnels), number(totals.funnels)),
        (say!(lang, total_stages), number(totals.stages)),
        (say!(lang, total_fields), fields.to_string()),
        (say!(lang, total_users), number(totals.users)),
    ];
    parts
        .map(|(word, count)| {
            view! {
                <span class="total"><span class="total__word">{word}</span>" "<b>{count}</b></span>
            }
        })
        .into_iter()
        .collect_view()
}
