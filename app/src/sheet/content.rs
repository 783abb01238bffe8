//! What stands under the tabs: notices, the open section's table, or why there is none.

use std::collections::HashSet;
use std::sync::Arc;

use crmap_domain::search::Query;
use crmap_domain::{Lang, Refusal};
use leptos::either::{Either, EitherOf3, EitherOf4};
use leptos::prelude::*;

use super::loaded::Loaded;
use super::moment;
use super::state::{Sheet, WINDOW};
use super::{fields, funnels, stages, users};
use crate::browser;
use crate::data::Tab;
use crate::say;
use crate::ui::{Button, Icon, Look, Notice, Tone, still};
use crate::words::use_lang;

/// Everything under the tabs.
#[component]
pub(super) fn Body() -> impl IntoView {
    let sheet = Sheet::get();
    view! {
        <div
            class="panel"
            id="panel"
            role="tabpanel"
            aria-labelledby=move || format!("tab-{}", sheet.tab.get().slug())
        >
            <Notices/>
            {move || match sheet.loaded.get() {
                Some(loaded) => Either::Left(section(sheet, &loaded)),
                None => Either::Right(sheet.waiting.get().is_some().then(skeleton)),
            }}
        </div>
    }
}

/// What a table draws: the rows that match, of which the first few are shown.
pub(super) struct Shown {
    pub(super) sheet: Sheet,
    /// The section that is drawn.
    tab: Tab,
    pub(super) loaded: Arc<Loaded>,
    pub(super) query: Query,
    /// Fields whose list items are shown.
    pub(super) unfolded: HashSet<i64>,
    /// Numbers of the rows to draw.
    pub(super) rows: Vec<usize>,
}

impl Shown {
    /// The mark at a row that is new or changed.
    pub(super) fn mark(&self, row: usize) -> impl IntoView + use<> {
        let word = self.loaded.mark(self.tab, row);
        word.map(|word| view! { <span class="badge badge--new">{word.to_owned()}</span> })
    }
}

fn section(sheet: Sheet, loaded: &Arc<Loaded>) -> impl IntoView + use<> {
    let tab = sheet.tab.get();
    if let Some(refusal) = loaded.refusal(tab) {
        return EitherOf3::A(refused(refusal, sheet.lang));
    }
    let query = sheet.search();
    let mut rows = loaded.hits(tab, &query);
    if tab == Tab::Stages {
        rows = stages::of_funnel(loaded, rows, sheet.funnel.get());
    }
    if rows.is_empty() {
        return EitherOf3::B(empty(sheet, loaded, tab, &query));
    }
    let total = rows.len();
    rows.truncate(sheet.window.get());
    let unfolded = sheet.unfolded.get();
    let shown = Shown {
        sheet,
        tab,
        loaded: Arc::clone(loaded),
        query,
        unfolded,
        rows,
    };
    let chosen = (tab == Tab::Stages).then(|| stages::chosen_funnel(&shown));
    let more = more(&shown, total);
    EitherOf3::C((chosen, still(move || table(&shown)), more))
}

fn table(shown: &Shown) -> impl IntoView + use<> {
    match shown.tab {
        Tab::Funnels => EitherOf4::A(funnels::table(shown)),
        Tab::Stages => EitherOf4::B(stages::table(shown)),
        Tab::Users => EitherOf4::C(users::table(shown)),
        tab => EitherOf4::D(fields::table(shown, tab)),
    }
}

fn refused(refusal: &Refusal, lang: Lang) -> impl IntoView + use<> {
    view! {
        <div class="empty">
            {Icon::Lock.draw()}
            <h2 class="empty__title">{say!(lang, not_readable)}</h2>
            <p>{refusal.sentence(lang)}</p>
        </div>
    }
}

/// What stands after a table: how many rows a search found, for those who cannot see it, and the
/// way to the rest. Long tables are drawn in parts: a filter reaches every row, and few people read
/// past the first three hundred.
fn more(shown: &Shown, total: usize) -> impl IntoView + use<> {
    let (sheet, lang, drawn) = (shown.sheet, shown.sheet.lang, shown.rows.len());
    let found = (!shown.query.is_empty()).then(|| say!(lang, found_total, count = total));
    let next = WINDOW.min(total - drawn);
    view! {
        <div class="off-screen" role="status">{found}</div>
        {(drawn < total).then(|| view! {
            <div class="more">
                <span>{say!(lang, shown_of, shown = drawn, total = total)}</span>
                <Button
                    look=Look::Plain
                    label=say!(lang, show_more, count = next)
                    on_press=move |_| {
                        sheet.window.update(|window| *window += WINDOW);
                        // The button may be gone with the last rows.
                        request_animation_frame(move || {
                            browser::focus_nth("#panel tr[data-id] td.id .code", drawn);
                        });
                    }
                />
            </div>
        })}
    }
}

fn empty(sheet: Sheet, loaded: &Loaded, tab: Tab, query: &Query) -> impl IntoView + use<> {
    let lang = sheet.lang;
    if !query.is_empty() {
        return Either::Left(nothing_found(sheet, loaded, query));
    }
    let words = match tab {
        Tab::Funnels => say!(lang, empty_funnels),
        Tab::Stages => say!(lang, empty_stages),
        Tab::Users => say!(lang, empty_users),
        _ => say!(lang, empty_fields),
    };
    Either::Right(view! { <div class="empty"><p>{words}</p></div> })
}

fn nothing_found(sheet: Sheet, loaded: &Loaded, query: &Query) -> impl IntoView + use<> {
    let lang = sheet.lang;
    let hit = |tab: &Tab| {
        loaded
            .count_hits(*tab, query)
            .is_some_and(|count| count > 0)
    };
    let elsewhere = Tab::ALL.iter().any(hit);
    let cure = if elsewhere {
        say!(lang, nothing_found_elsewhere)
    } else {
        say!(lang, nothing_found_anywhere)
    };
    view! {
        <div class="empty" role="status">
            {Icon::Search.draw()}
            <h2 class="empty__title">{say!(lang, nothing_found, query = sheet.query.get())}</h2>
            <p>{cure}</p>
            <Button
                look=Look::Plain
                label=say!(lang, search_clear)
                on_press=move |_| {
                    sheet.look_for(String::new());
                    browser::focus("search");
                }
            />
        </div>
    }
}

#[component]
fn Notices() -> impl IntoView {
    let sheet = Sheet::get();
    let lang = use_lang();
    let trouble = move || {
        sheet.trouble.get().map(|advice| {
            let stale = sheet.loaded.with(|loaded| {
                loaded.as_ref().map(|loaded| {
                    say!(
                        lang,
                        stale_note,
                        moment = moment(&loaded.specification, lang)
                    )
                })
            });
            let cure = [Some(advice.cure), stale]
                .into_iter()
                .flatten()
                .collect::<Vec<_>>()
                .join(" ");
            view! {
                <Notice
                    tone=Tone::Trouble
                    icon=Icon::Alert
                    what=advice.what
                    cure=cure
                    action=(say!(lang, retry), Callback::new(move |_| sheet.refresh()))
                />
            }
        })
    };
    let slow = move || {
        let seconds = sheet.waiting.get()?;
        sheet.loaded.with(Option::is_none).then(|| {
            view! {
                <Notice
                    tone=Tone::Calm
                    icon=Icon::Clock
                    what=say!(lang, slow_title)
                    cure=say!(lang, slow_text, seconds = seconds)
                />
            }
        })
    };
    view! {
        {trouble}
        {slow}
    }
}

fn skeleton() -> impl IntoView {
    view! {
        <div class="skeleton" aria-hidden="true">
            {(0..8).map(|_| view! { <div class="skeleton__row"></div> }).collect_view()}
        </div>
    }
}
