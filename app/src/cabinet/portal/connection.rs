//! How a portal is connected: what the link allows, whose rights are used, what was asked of it, and
//! the way out.

use crmap_domain::Lang;
use crmap_domain::cabinet::{PortalDetails, RightsOf};
use leptos::prelude::*;

use super::requests::Requests;
use super::unlink::Unlinking;
use crate::cabinet::ages::{age, exactly};
use crate::cabinet::words::of_level;
use crate::help::Notion;
use crate::say;
use crate::sheet::copy_clicked;
use crate::ui::{self, Badge, Column, Shade, copyable, what};
use crate::words::use_lang;

/// The view of the connection.
#[component]
pub(super) fn Connection(details: PortalDetails) -> impl IntoView {
    let lang = use_lang();
    view! {
        <div class="parts" on:click=move |event| { let _ = copy_clicked(&event, lang); }>
            <Facts details=details.clone()/>
            <Rights rights=details.rights/>
            <Requests/>
            <section class="part part--danger" aria-labelledby="unlink-title">
                <h2 class="part__title" id="unlink-title">{say!(lang, unlink_title)}</h2>
                <p>{say!(lang, unlink_text)}</p>
                <Unlinking/>
            </section>
        </div>
    }
}

#[component]
fn Facts(details: PortalDetails) -> impl IntoView {
    let lang = use_lang();
    let card = details.card;
    let scopes = details.scopes.join(", ");
    let linked = exactly(card.linked_at, lang);
    let unknown = || say!(lang, unknown).to_owned();
    let rows = [
        (say!(lang, fact_address), card.address),
        (
            say!(lang, fact_level),
            of_level(card.level, lang).to_owned(),
        ),
        (
            say!(lang, fact_linked_by),
            say!(lang, user_number, id = details.linked_by),
        ),
        (say!(lang, fact_plan), details.plan.unwrap_or_else(unknown)),
        (
            say!(lang, fact_version),
            details
                .version
                .map_or_else(unknown, |version| version.to_string()),
        ),
        (
            say!(lang, fact_scopes),
            if scopes.is_empty() { unknown() } else { scopes },
        ),
    ];
    let member_id = copyable(
        card.member_id.as_str(),
        &crmap_domain::search::Query::default(),
    );
    view! {
        <section class="part" aria-labelledby="facts-title">
            <h2 class="part__title" id="facts-title">{say!(lang, facts_title)}</h2>
            <dl class="facts">
                <div class="facts__row">
                    <dt>"member_id"{what(Notion::Member, "member_id")}</dt>
                    <dd>{member_id}</dd>
                </div>
                <div class="facts__row"><dt>{say!(lang, fact_linked)}</dt><dd>{linked}</dd></div>
                {rows.map(|(name, value)| view! {
                    <div class="facts__row"><dt>{name}</dt><dd>{value}</dd></div>
                })}
            </dl>
        </section>
    }
}

#[component]
fn Rights(rights: Vec<RightsOf>) -> impl IntoView {
    let lang = use_lang();
    let is_empty = rights.is_empty();
    let rows: Vec<_> = rights.into_iter().map(|one| right(&one, lang)).collect();
    let columns = [
        Column::of(say!(lang, col_user)),
        Column::of(say!(lang, col_role)),
        Column::of(say!(lang, col_rights_state)),
        Column::of(say!(lang, col_last_used)),
    ];
    let body = view! { <tbody>{rows}</tbody> };
    view! {
        <section class="part" aria-labelledby="rights-title">
            <div class="titled">
                <h2 class="part__title" id="rights-title">{say!(lang, rights_title)}</h2>
                {what(Notion::Keys, say!(lang, rights_title))}
            </div>
            <p class="faint">{if is_empty { say!(lang, rights_none) } else { say!(lang, rights_text) }}</p>
            {(!is_empty).then(|| ui::table("table", say!(lang, rights_title), &columns, body))}
        </section>
    }
}

fn right(right: &RightsOf, lang: Lang) -> impl IntoView + use<> {
    let role = if right.administrator {
        say!(lang, role_admin)
    } else {
        say!(lang, role_employee)
    };
    let (shade, word) = if right.usable {
        (Shade::Good, say!(lang, rights_good))
    } else {
        (Shade::Bad, say!(lang, rights_over))
    };
    view! {
        <tr data-id=right.user_id>
            <td class="name">{say!(lang, user_number, id = right.user_id)}</td>
            <td>{role}</td>
            <td><Badge shade=shade word=word/></td>
            <td>{age(right.last_used_at, lang)}</td>
        </tr>
    }
}
