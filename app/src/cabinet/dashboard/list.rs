//! The portals as rows: what each is called, how it stands, how old its data is, how much there is.

use crmap_domain::cabinet::PortalCard;
use crmap_domain::{Lang, PortalState, Standing, Totals};
use leptos::either::Either;
use leptos::prelude::*;

use super::Fleet;
use crate::cabinet::ages::age;
use crate::cabinet::filter::name_of;
use crate::say;
use crate::ui::{self, Badge, Column, Shade};

/// The portals of these numbers.
pub(super) fn rows(fleet: Fleet, picked: &[usize], lang: Lang) -> impl IntoView + use<> {
    let rows: Vec<_> = fleet.portals.with_value(|portals| {
        picked
            .iter()
            .map(|index| row(&portals[*index], lang))
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

fn row(card: &PortalCard, lang: Lang) -> impl IntoView + use<> {
    let id = card.member_id.to_string();
    let link = format!("/portals/{id}");
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
    view! {
        <tr data-id=id>
            <td class="portal">
                {mark.map(|class| view! { <span class=class aria-hidden="true"></span> })}
                <a class="portal__name" href=link>{name}</a>
                {address.map(|address| view! { <span class="portal__address">{address}</span> })}
                {(!tags.is_empty()).then(|| view! { <span class="portal__tags">{tags}</span> })}
                {note.map(|note| view! { <span class="portal__note">{note}</span> })}
            </td>
            <td class="portal__state">{standing(card, lang)}</td>
            <td class="portal__age">
                {match card.read_at {
                    Some(at) => Either::Left(age(at, lang)),
                    None => Either::Right(say!(lang, not_read_yet)),
                }}
            </td>
            <td class="portal__totals">{card.totals.map(|totals| totals_of(&totals, lang))}</td>
        </tr>
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

pub(in crate::cabinet) const fn shade_of(state: PortalState) -> Shade {
    match state {
        PortalState::Ok => Shade::Good,
        PortalState::NeedsPayment | PortalState::Restricted | PortalState::Moved => Shade::Warning,
        PortalState::Revoked | PortalState::Unreachable | PortalState::Uninstalled => Shade::Bad,
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
