//! The portals as rows: what each is called, how it stands, how old its data is, how much there is.

use std::collections::HashSet;

use crmap_domain::cabinet::{Attention, PortalCard};
use crmap_domain::words::number;
use crmap_domain::{EntityKind, Lang, PortalState, Totals};
use leptos::either::Either;
use leptos::prelude::*;

use super::bulk::{FORM, PORTAL};
use super::fleet::Fleet;
use super::reason::{Reason, standing};
use crate::cabinet::ages::age;
use crate::cabinet::data::PortalView;
use crate::cabinet::filter::name_of;
use crate::help::Notion;
use crate::say;
use crate::ui::{self, Badge, Column, Shade};

/// The portals that the filter leaves, as far as they are drawn.
pub(super) fn rows(fleet: Fleet, lang: Lang) -> impl IntoView + use<> {
    let shown = fleet.shown.get();
    let window = fleet.window.get();
    let picked = fleet.picked.get();
    let picked: HashSet<_> = picked.iter().collect();
    let turned = fleet.turned.get();
    // Where nothing above the rows tells the reasons, the rows do.
    let is_open = fleet.filter.with(|filter| filter.attention);
    let rows: Vec<_> = fleet.portals.with(|portals| {
        let cards = shown.iter().take(window);
        let cards = cards.filter_map(|index| portals.get(*index));
        cards
            .map(|card| {
                let needs = fleet.attention(card);
                let is_open = is_open != turned.contains(card.member_id.as_str());
                let reasons = reasons(card, needs, is_open, lang);
                row(card, reasons, picked.contains(&card.member_id), lang)
            })
            .collect()
    });
    let columns = [
        Column::of(say!(lang, col_portal)),
        Column::of(say!(lang, col_state)).about(Notion::State),
        Column::of(say!(lang, col_data)),
        Column::of_totals(say!(lang, total_funnels)),
        Column::of_totals(say!(lang, total_stages)),
        Column::of_totals(say!(lang, total_fields)),
        Column::of_totals(say!(lang, total_users)),
    ];
    let body = view! { <tbody>{rows}</tbody> };
    ui::table(
        "table table--portals",
        say!(lang, caption_portals),
        &columns,
        body,
    )
}

/// How a portal stands, and what else is the matter with it; why, and what to do, unfolds.
fn reasons(
    card: &PortalCard,
    needs: Option<Attention>,
    is_open: bool,
    lang: Lang,
) -> impl IntoView + use<> {
    let state = card.standing.state;
    let fold = |why| {
        let id = card.member_id.to_string();
        Reason::of(card, why, lang).folded(id, is_open, lang)
    };
    let standing = if state == PortalState::Ok {
        Either::Left(standing(card, lang))
    } else {
        Either::Right(fold(Attention::Standing(state)))
    };
    let of_reading = needs
        .filter(|needs| matches!(needs, Attention::Failed | Attention::Old))
        .map(fold);
    view! {
        {standing}
        {of_reading}
    }
}

/// No row listens for itself: boxes, stars and reasons say by their names whose they are (`Rows`).
fn row<R: IntoView + 'static>(
    card: &PortalCard,
    reasons: R,
    is_picked: bool,
    lang: Lang,
) -> impl IntoView + use<R> {
    let id = card.member_id.to_string();
    let boxed = id.clone();
    let starred = id.clone();
    let opened = card.opened_at.map(|at| {
        view! { <span class="portal__opened">{say!(lang, fleet_opened)}" "{age(at, lang)}</span> }
    });
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
            <td class="portal__state">{reasons}</td>
            <td class="portal__age">
                {match card.read_at {
                    Some(at) => Either::Left(age(at, lang)),
                    None => Either::Right(say!(lang, not_read_yet)),
                }}
                {opened}
            </td>
            {totals_of(card.totals.as_ref(), lang)}
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
        <span class="portal__below">
            {address.map(|address| view! { <span class="portal__address">{address}</span> })}
            {(!tags.is_empty()).then(|| view! { <span class="portal__tags">{tags}</span> })}
        </span>
        {note.map(|note| view! { <span class="portal__note">{note}</span> })}
    }
}

/// How much a snapshot holds; nothing where there is none.
fn totals_of(totals: Option<&Totals>, lang: Lang) -> impl IntoView + use<> {
    let of = |count: fn(&Totals) -> Option<usize>| {
        totals.map(|totals| {
            count(totals).map_or_else(|| "—".to_owned(), |count| number(count as u64, lang))
        })
    };
    let parts = [
        (say!(lang, total_funnels), of(|totals| totals.funnels)),
        (say!(lang, total_stages), of(|totals| totals.stages)),
        (
            say!(lang, total_fields),
            of(|totals| Some(fields_of(totals))),
        ),
        (say!(lang, total_users), of(|totals| totals.users)),
    ];
    parts
        .map(|(word, count)| {
            view! {
                <td class="total">
                    {count.map(|count| view! {
                        <span class="total__word">{word}</span>" "<b>{count}</b>
                    })}
                </td>
            }
        })
        .into_iter()
        .collect_view()
}

fn fields_of(totals: &Totals) -> usize {
    let known = EntityKind::ALL.into_iter();
    let known = known.filter_map(|entity| totals.fields(entity));
    known.map(|fields| fields.fields).sum()
}
