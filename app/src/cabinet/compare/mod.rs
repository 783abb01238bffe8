//! Two portals side by side, or one at two moments: what is equal, what differs, and where things are
//! that the other side has not.

mod bench;
mod choose;
mod matching;
mod model;
pub mod room;
mod rows;

use std::sync::Arc;

use crmap_domain::Lang;
use crmap_domain::compare::{Comparison, Head, Side, Tally, Verdict};
use crmap_domain::words::number;
use leptos::either::{Either, EitherOf3};
use leptos::prelude::*;

use super::ages::exactly;
use super::trouble::{SendingTrouble, no_portals};
use crate::say;
use crate::ui::{Icon, Notice, Tone};
use crate::words::use_lang;

use bench::Bench;
use choose::Choose;
use matching::MatchDialog;
use room::{Asked, CompareOutcome, CompareRoom, PortalChoice, Show};
use rows::{SectionView, is_idle};

/// The page.
#[component]
pub(super) fn ComparePage(room: CompareRoom) -> impl IntoView {
    let lang = use_lang();
    let CompareRoom {
        portals,
        asked,
        outcome,
    } = room;
    let there_are_any = !portals.is_empty();
    let body = match outcome {
        CompareOutcome::Choose => EitherOf3::A(view! {
            <p class="compare-hint">{say!(lang, compare_choose)}</p>
        }),
        CompareOutcome::NotRead { left, right } => EitherOf3::B(not_read(left, right, lang)),
        CompareOutcome::Compared(comparison) => EitherOf3::C(view! {
            <Compared portals=portals.clone() asked=asked.clone() comparison/>
        }),
    };
    view! {
        <header class="portal-head">
            <p class="portal-head__back"><a href="/dashboard">{say!(lang, to_dashboard)}</a></p>
            <h1 class="room__title">{say!(lang, compare_title)}</h1>
        </header>
        {if there_are_any {
            Either::Left(view! { <Choose portals asked/> {body} })
        } else {
            Either::Right(no_portals(say!(lang, compare_no_portals_cure), lang))
        }}
    }
}

fn not_read(left: bool, right: bool, lang: Lang) -> impl IntoView + use<> {
    let what = match (left, right) {
        (true, false) => say!(lang, compare_unread_left),
        (false, true) => say!(lang, compare_unread_right),
        _ => say!(lang, compare_unread_both),
    };
    view! {
        <div class="empty">
            {Icon::Clock.draw()}
            <h2 class="empty__title">{what}</h2>
            <p>{say!(lang, compare_unread_cure)}</p>
        </div>
    }
}

#[component]
fn Compared(
    portals: Vec<PortalChoice>,
    asked: Asked,
    comparison: Arc<Comparison>,
) -> impl IntoView {
    let lang = use_lang();
    let bench = Bench::provide(lang, &asked, Arc::clone(&comparison));
    let all = model::sections(&comparison);
    let known = all.clone();
    let is_something_shown = move || known.iter().any(|section| !is_idle(bench, *section));
    let sections: Vec<_> = all
        .into_iter()
        .enumerate()
        .map(|(index, section)| view! { <SectionView index section/> })
        .collect();
    view! {
        <div class="compare" on:click=move |event| bench.on_click(&event)>
            <div class="compare-heads">
                {head(say!(lang, compare_left), &comparison.left, asked.left.as_ref(), &portals, lang)}
                {head(say!(lang, compare_right), &comparison.right, asked.right.as_ref(), &portals, lang)}
            </div>
            {remarks(&comparison, lang)}
            {tallies(&comparison, lang)}
            <div class="compare-bar">
                <Filter/>
                {files(&asked, lang)}
            </div>
            <SendingTrouble sending=bench.sending/>
            {sections}
            <p class="compare-hint" hidden=is_something_shown>{say!(lang, compare_nothing_shown)}</p>
            <MatchDialog/>
        </div>
    }
}

/// A side: what its owner calls the portal, when it was read, and with whose rights.
fn head(
    title: &'static str,
    head: &Head,
    side: Option<&Side>,
    portals: &[PortalChoice],
    lang: Lang,
) -> impl IntoView + use<> {
    let name = side
        .and_then(|side| {
            portals
                .iter()
                .find(|portal| portal.id == side.member_id.as_str())
        })
        .map_or_else(|| head.portal.address.clone(), |portal| portal.name.clone());
    let address = (name != head.portal.address).then(|| head.portal.address.clone());
    let way = side.map(|side| format!("/portals/{}", side.member_id));
    let version = side.and_then(|side| side.version);
    let viewer = &head.reading.viewer;
    let moment = exactly(head.reading.at, lang);
    let rights = if viewer.administrator {
        say!(lang, compare_by_administrator, id = viewer.id)
    } else {
        say!(lang, compare_by_user, id = viewer.id)
    };
    view! {
        <section class="compare-head">
            <p class="compare-head__side">{title}</p>
            <h2 class="compare-head__name"><a href=way>{name}</a></h2>
            <p class="room__facts">
                {address.map(|address| view! { <span>{address}</span> })}
                {version.map(|version| view! { <span>{say!(lang, compare_version, number = version)}</span> })}
                <span>{move || say!(lang, read_at, moment = moment())}</span>
                <span>{rights}</span>
            </p>
        </section>
    }
}

/// What has to be known before the rows are believed.
fn remarks(comparison: &Comparison, lang: Lang) -> impl IntoView + use<> {
    let other_lang = comparison.left.reading.lang != comparison.right.reading.lang;
    let is_narrow = [&comparison.left, &comparison.right]
        .into_iter()
        .any(|head| !head.reading.viewer.administrator);
    let is_equal = comparison.is_equal();
    let is_partial = comparison.is_partial();
    let notice = |what: &'static str, cure: &'static str| {
        view! { <Notice tone=Tone::Calm icon=Icon::Check what=what cure=cure/> }
    };
    view! {
        {(is_equal && !is_partial).then(|| notice(say!(lang, compare_all_equal), say!(lang, compare_all_equal_text)))}
        {(is_equal && is_partial).then(|| notice(say!(lang, compare_equal_partly), say!(lang, compare_equal_partly_text)))}
        {is_narrow.then(|| notice(say!(lang, compare_other_rights), say!(lang, compare_other_rights_text)))}
        {other_lang.then(|| notice(say!(lang, compare_other_lang), say!(lang, compare_other_lang_text)))}
    }
}

fn tallies(comparison: &Comparison, lang: Lang) -> impl IntoView + use<> {
    let totals = comparison.totals();
    let mut rows: Vec<(String, Option<Tally>)> = vec![
        (say!(lang, compare_funnels).to_owned(), totals.funnels),
        (say!(lang, compare_stages).to_owned(), totals.stages),
    ];
    for (entity, tally) in &totals.fields {
        let title = entity.fields_title(lang).to_owned();
        rows.push((title, tally.map(|tally| tally.fields)));
        if let Some(items) = tally.map(|tally| tally.items)
            && items != Tally::default()
        {
            let title = format!("{}: {}", entity.plural(lang), say!(lang, compare_items));
            rows.push((title, Some(items)));
        }
    }
    let rows: Vec<_> = rows
        .into_iter()
        .map(|(title, tally)| {
            view! {
                <div class="compare-tally">
                    <dt>{title}</dt>
                    <dd>{tally_of(tally, lang)}</dd>
                </div>
            }
        })
        .collect();
    view! {
        <section aria-label=say!(lang, compare_totals)>
            <dl class="compare-tallies">{rows}</dl>
        </section>
    }
}

fn tally_of(tally: Option<Tally>, lang: Lang) -> impl IntoView + use<> {
    let Some(tally) = tally else {
        return leptos::either::Either::Left(say!(lang, compare_unknown));
    };
    let counts: Vec<_> = Verdict::ALL
        .into_iter()
        .filter(|verdict| tally.of(*verdict) > 0 || *verdict == Verdict::Equal)
        .map(|verdict| {
            view! { <span class="total">{verdict.word(lang)}" "<b>{tally.of(verdict)}</b></span> }
        })
        .collect();
    leptos::either::Either::Right(counts)
}

/// Which rows are shown, as links: without a script each is a page of its own.
#[component]
fn Filter() -> impl IntoView {
    let lang = use_lang();
    let bench = Bench::get();
    let all = bench.comparison().totals().all;
    let link = |show: Show| {
        let (words, count) = match show {
            Show::All => (say!(lang, compare_show_all), None),
            Show::Different => (say!(lang, compare_show_different), Some(all.different)),
            Show::OnlyLeft => (say!(lang, compare_show_left), Some(all.only_left)),
            Show::OnlyRight => (say!(lang, compare_show_right), Some(all.only_right)),
        };
        let address = bench.address(|asked| asked.show = show);
        view! {
            <a
                class="views__link"
                href=address
                data-show=show.slug()
                aria-current=move || (bench.show.get() == show).then_some("true")
            >
                {words}
                {count.map(|count| view! { " "<b>{number(count as u64, lang)}</b> })}
            </a>
        }
    };
    view! {
        <nav class="views" aria-label=say!(lang, compare_show_label)>
            {Show::ALL.map(link)}
        </nav>
    }
}

fn files(asked: &Asked, lang: Lang) -> impl IntoView + use<> {
    let sides = Asked {
        left: asked.left.clone(),
        right: asked.right.clone(),
        ..Asked::default()
    };
    let link = |name: &str, words: &'static str| {
        view! {
            <a class="button" href=sides.address(&format!("/compare/{name}")) download="">
                {Icon::Download.draw()}
                <span>{words}</span>
            </a>
        }
    };
    view! {
        <p class="compare-files">
            {link("comparison.txt", say!(lang, compare_save_txt))}
            {link("comparison.json", say!(lang, compare_save_json))}
        </p>
    }
}
