//! What was found, by portal; or why there is nothing.

use crmap_domain::cabinet::{Found, FoundIn, ReadAs};
use crmap_domain::item::ItemKind;
use crmap_domain::search::{Hit, HitParent, Mark};
use crmap_domain::{EntityKind, Lang, MemberId};
use leptos::either::Either;
use leptos::prelude::*;

use super::{Finder, address};
use crate::cabinet::dashboard::shade_of;
use crate::cabinet::words::sentence;
use crate::say;
use crate::ui::{Badge, Icon, Notice, Tone, copyable_at, marked_at, still};
use crate::words::use_lang;

/// Why the last search came to nothing.
#[component]
pub(super) fn Denied() -> impl IntoView {
    let lang = use_lang();
    let finder = Finder::get();
    move || {
        finder.denial.get().map(|denial| {
            let told = sentence(&denial, lang);
            view! { <Notice tone=Tone::Trouble icon=Icon::Alert what=told.what cure=told.cure/> }
        })
    }
}

/// What was found.
#[component]
pub(super) fn Results() -> impl IntoView {
    let lang = use_lang();
    let finder = Finder::get();
    let counts = move || finder.found.with(|found| counts(found, lang));
    let body = move || {
        finder.found.with(|found| {
            let is_nothing = found.groups.is_empty();
            if is_nothing {
                Either::Left(nothing(found, lang))
            } else {
                Either::Right(groups(found, lang))
            }
        })
    };
    // Where nothing is found, it stands below in larger letters.
    let is_told_below = move || finder.found.with(|found| found.groups.is_empty());
    let only = move || finder.found.with(|found| only(found, lang));
    view! {
        {only}
        <p class="room__facts found__counts" class:off-screen=is_told_below role="status">
            {counts}
        </p>
        {body}
    }
}

/// For the eye and, since it changes, for those who cannot see it.
fn counts(found: &Found, lang: Lang) -> Option<String> {
    match found.read_as {
        ReadAs::Nothing => None,
        ReadAs::TooShort => Some(say!(lang, find_short).to_owned()),
        _ if found.total == 0 => Some(say!(lang, find_none, query = found.query.clone())),
        _ => Some(say!(
            lang,
            find_count,
            rows = found.total,
            portals = found.found_in
        )),
    }
}

/// That one portal alone is searched, and the way back to all.
fn only(found: &Found, lang: Lang) -> impl IntoView + use<> {
    let address = address::of_search(&found.query, None);
    found.only.as_ref().map(|only| {
        view! {
            <p class="found__only">
                {say!(lang, find_only, name = only.name.clone())}
                " "
                <a href=address>{say!(lang, find_everywhere)}</a>
            </p>
        }
    })
}

fn nothing(found: &Found, lang: Lang) -> impl IntoView + use<> {
    let (icon, title, cure) = if found.unread >= found.portals {
        let (title, cure) = (say!(lang, find_not_read), say!(lang, find_not_read_cure));
        (Icon::Clock, title.to_owned(), cure)
    } else if matches!(found.read_as, ReadAs::Nothing | ReadAs::TooShort) {
        let (title, cure) = (say!(lang, find_start), say!(lang, find_start_cure));
        (Icon::Search, title.to_owned(), cure)
    } else {
        let title = say!(lang, find_none, query = found.query.clone());
        (Icon::Search, title, say!(lang, find_none_cure))
    };
    view! {
        <div class="empty">
            {icon.draw()}
            <h2 class="empty__title">{title}</h2>
            <p>{cure}</p>
            {unread(found, lang)}
        </div>
    }
}

/// That some portals were not searched, where others were.
fn unread(found: &Found, lang: Lang) -> impl IntoView + use<> {
    let some = found.unread > 0 && found.unread < found.portals;
    some.then(|| view! { <p class="faint">{say!(lang, find_unread, count = found.unread)}</p> })
}

fn groups(found: &Found, lang: Lang) -> impl IntoView + use<> {
    let is_one = found.only.is_some();
    let shown = found.groups.len();
    let (groups, query) = (found.groups.clone(), found.query.clone());
    let listed = still(move || {
        let groups: Vec<_> = groups
            .iter()
            .map(|group| group_of(group, &query, is_one, lang))
            .collect();
        view! { <div role="region" aria-label=say!(lang, find_results)>{groups}</div> }
    });
    let rest = (shown < found.found_in as usize).then(|| {
        view! { <p class="faint">{say!(lang, find_first, shown = shown, total = found.found_in)}</p> }
    });
    let remarks = remarks(found, lang).map(|words| view! { <p class="remark">{words}</p> });
    view! {
        {remarks}
        {listed}
        {rest}
        {unread(found, lang)}
    }
}

/// What was made of what somebody typed, where it is not just that.
fn remarks(found: &Found, lang: Lang) -> Option<String> {
    let layout = match &found.read_as {
        ReadAs::OtherLayout(meant) => Some(say!(
            lang,
            find_layout,
            typed = found.query.clone(),
            meant = meant.clone()
        )),
        _ => None,
    };
    let nearly = found.nearly.then(|| say!(lang, find_nearly).to_owned());
    let said: Vec<_> = layout.into_iter().chain(nearly).collect();
    (!said.is_empty()).then(|| said.join(" "))
}

fn group_of(group: &FoundIn, query: &str, is_one: bool, lang: Lang) -> impl IntoView + use<> {
    let member_id = &group.member_id;
    let is_named = !group.label.is_empty();
    let name = if is_named {
        &group.label
    } else {
        &group.address
    }
    .clone();
    let mark = group
        .mark
        .map(|mark| format!("portal__mark portal__mark--{}", mark.code()));
    let host = is_named.then(|| group.address.clone());
    let title = format!("in-{member_id}");
    let hits: Vec<_> = group
        .hits
        .iter()
        .map(|hit| row(member_id, hit, lang))
        .collect();
    let rest = (group.total as usize).saturating_sub(hits.len());
    let more = (rest > 0).then(|| more(group, &name, query, rest, is_one, lang));
    view! {
        <section class="found__portal" aria-labelledby=title>
            <div class="found__head">
                {mark.map(|class| view! { <span class=class aria-hidden="true"></span> })}
                <h2 class="found__name" id=title.clone()>
                    <a class="portal__name" href=format!("/portals/{member_id}")>{name}</a>
                </h2>
                {host.map(|host| view! { <span class="faint found__host">{host}</span> })}
                <Badge shade=shade_of(group.state) word=group.state.name(lang)/>
            </div>
            <ul class="hits">{hits}</ul>
            {more}
        </section>
    }
}

/// The way to the other rows of a portal, or how many there are beyond what is ever shown.
fn more(
    group: &FoundIn,
    name: &str,
    query: &str,
    rest: usize,
    is_one: bool,
    lang: Lang,
) -> impl IntoView + use<> {
    if is_one {
        let words = say!(
            lang,
            shown_of,
            shown = group.hits.len(),
            total = group.total
        );
        return Either::Left(view! { <p class="faint found__more">{words}</p> });
    }
    let address = address::of_search(query, Some(&group.member_id));
    let label = say!(lang, find_more_in, count = rest, name = name.to_owned());
    Either::Right(view! {
        <p class="found__more">
            <a href=address aria-label=label>{say!(lang, find_more, count = rest)}</a>
        </p>
    })
}

fn row(member_id: &MemberId, hit: &Hit, lang: Lang) -> impl IntoView + use<> {
    let item = &hit.item;
    let ranges = |marks: &[Mark]| marks.iter().map(|mark| mark.range()).collect::<Vec<_>>();
    let label = if item.label.is_empty() {
        Either::Left(say!(lang, no_label))
    } else {
        Either::Right(marked_at(&item.label, ranges(&hit.label_marks)))
    };
    let parent = hit.parent.as_ref().map(|parent| {
        let words = parent_words(item.kind, parent, lang);
        view! { <span class="hit__parent">{words}</span> }
    });
    let kind = kind_of(item.kind, lang);
    view! {
        <li class="hit">
            <span class="hit__kind">{kind}</span>
            <span class="hit__words">
                <a class="hit__link" href=address::of_hit(member_id, hit)>{label}</a>
                {parent}
            </span>
            <span class="hit__id">{copyable_at(&item.id, ranges(&hit.id_marks))}</span>
        </li>
    }
}

fn parent_words(kind: ItemKind, parent: &HitParent, lang: Lang) -> String {
    let name = if parent.label.is_empty() {
        parent.id.clone()
    } else {
        parent.label.clone()
    };
    if kind == ItemKind::Stage {
        say!(lang, find_in_funnel, name = name)
    } else {
        say!(lang, find_in_field, name = name)
    }
}

/// What kind of thing a row is, in words.
pub(in crate::cabinet) fn kind_of(kind: ItemKind, lang: Lang) -> &'static str {
    match kind {
        ItemKind::Funnel => say!(lang, find_kind_funnel),
        ItemKind::Stage => say!(lang, find_kind_stage),
        ItemKind::Field(EntityKind::Deal) => say!(lang, find_kind_deal),
        ItemKind::Field(EntityKind::Contact) => say!(lang, find_kind_contact),
        ItemKind::Field(EntityKind::Company) => say!(lang, find_kind_company),
        ItemKind::Field(EntityKind::Lead) => say!(lang, find_kind_lead),
        ItemKind::Item(EntityKind::Deal) => say!(lang, find_kind_deal_item),
        ItemKind::Item(EntityKind::Contact) => say!(lang, find_kind_contact_item),
        ItemKind::Item(EntityKind::Company) => say!(lang, find_kind_company_item),
        ItemKind::Item(EntityKind::Lead) => say!(lang, find_kind_lead_item),
        ItemKind::User => say!(lang, find_kind_user),
    }
}
