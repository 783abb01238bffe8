//! What an ID was at a day, also one that is gone.

use crmap_domain::Lang;
use crmap_domain::cabinet::{LookedUp, RowThen};
use crmap_domain::search::Query;
use crmap_domain::words;
use leptos::either::{Either, EitherOf3};
use leptos::prelude::*;

use super::Shown;
use super::filter::day;
use super::versions::version;
use crate::cabinet::data::{HistoryQuestion, PortalView};
use crate::cabinet::history::parameter;
use crate::say;
use crate::ui::{Badge, Shade, copyable};
use crate::words::use_lang;

/// The question.
#[component]
pub(super) fn LookUp(asked: HistoryQuestion) -> impl IntoView {
    let lang = use_lang();
    let action = format!("/portals/{}", Shown::get().member_id());
    let on = asked.on;
    view! {
        <section class="part" aria-labelledby="lookup-title">
            <h2 class="part__title" id="lookup-title">{say!(lang, history_lookup)}</h2>
            <p class="faint">{say!(lang, history_lookup_hint)}</p>
            <form class="history__fields" method="get" action=action>
                <input type="hidden" name=PortalView::PARAMETER value=PortalView::History.slug()/>
                <label class="field">
                    <span class="field__label">{say!(lang, history_id)}</span>
                    <input
                        class="field__input mono"
                        type="text"
                        name=parameter::ID
                        maxlength="100"
                        autocomplete="off"
                        spellcheck="false"
                        required
                        value=asked.id
                    />
                </label>
                {day(parameter::ON, say!(lang, history_on), Some(on))}
                <button type="submit" class="button">{say!(lang, history_find)}</button>
            </form>
        </section>
    }
}

/// The answer: what was found at that day, and all that ever changed of it. `now` is the version that
/// is there now.
pub(super) fn answer(
    looked_up: &LookedUp,
    on: time::Date,
    now: u32,
    lang: Lang,
) -> impl IntoView + use<> {
    let member_id = Shown::get().member_id();
    let date = words::day(on, lang);
    let title = say!(lang, history_found, id = looked_up.id.clone(), date = date);
    let found = if looked_up.version.is_none() {
        EitherOf3::A(view! { <p>{say!(lang, history_not_then)}</p> })
    } else if looked_up.found.is_empty() {
        EitherOf3::B(view! { <p>{say!(lang, history_no_such)}</p> })
    } else {
        let rows = looked_up.found.iter().map(|found| row(found, lang));
        EitherOf3::C(rows.collect_view())
    };
    let story = if looked_up.story.is_empty() {
        Either::Left(())
    } else {
        let versions = looked_up.story.iter();
        let versions = versions.map(|one| version(&member_id, &one.mark, &one.changes, now, lang));
        Either::Right(view! {
            <h3 class="history__title">{say!(lang, history_story)}</h3>
            {versions.collect_view()}
        })
    };
    view! {
        <section class="part" aria-labelledby="answer-title">
            <div class="history__answer" role="status">
                <h2 class="part__title" id="answer-title">{title}</h2>
                {found}
            </div>
            {story}
        </section>
    }
}

fn row(found: &RowThen, lang: Lang) -> impl IntoView + use<> {
    let item = &found.row.item;
    let (shade, word) = if found.is_there {
        (Shade::Good, say!(lang, history_there))
    } else {
        (Shade::Bad, say!(lang, history_gone))
    };
    let attributes: Vec<_> = found
        .row
        .attributes
        .iter()
        .map(|(attribute, value)| {
            view! {
                <div class="facts__row"><dt>{attribute.name(lang)}</dt><dd>{value.words(lang)}</dd></div>
            }
        })
        .collect();
    view! {
        <div class="history__row">
            <p>
                {copyable(&item.id, &Query::default())} " "
                <span>{item.words(lang)}</span> " "
                <Badge shade=shade word=word/>
            </p>
            <dl class="facts">{attributes}</dl>
        </div>
    }
}
