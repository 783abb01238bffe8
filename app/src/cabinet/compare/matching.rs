//! Matching by hand: what a row that stands alone belongs to.

use leptos::either::Either;
use leptos::prelude::*;

use super::bench::{Bench, MATCHING};
use super::model;
use crate::cabinet::actions::Confirmation;
use crate::cabinet::trouble::SendingTrouble;
use crate::say;
use crate::ui::{Dialog, Look};
use crate::words::use_lang;

/// The dialog.
#[component]
pub(super) fn MatchDialog() -> impl IntoView {
    let lang = use_lang();
    let bench = Bench::get();
    let chosen = RwSignal::new(String::new());
    let question = move || {
        let spot = bench.matching.get()?;
        let comparison = bench.comparison();
        let line = model::line_at(&comparison, spot, lang)?;
        Some(say!(
            lang,
            compare_match_what,
            name = line.name().to_owned()
        ))
    };
    let choice = move || {
        let found = bench.matching.get().map_or_else(Vec::new, |spot| {
            model::candidates(&bench.comparison(), spot, lang)
        });
        let first = found.first().map(|shown| shown.key.clone());
        chosen.set(first.unwrap_or_default());
        if found.is_empty() {
            return Either::Left(view! { <p>{say!(lang, compare_match_none)}</p> });
        }
        let options: Vec<_> = found
            .into_iter()
            .map(|shown| {
                let words = format!("{} · {}", shown.name, shown.id);
                let key = shown.key.clone();
                let is_chosen = move || chosen.with(|chosen| *chosen == key);
                view! { <option value=shown.key prop:selected=is_chosen>{words}</option> }
            })
            .collect();
        Either::Right(view! {
            <label class="choice">
                <span class="choice__label">{say!(lang, compare_match_with)}</span>
                <select
                    class="choice__select"
                    on:change:target=move |event| chosen.set(event.target().value())
                >
                    {options}
                </select>
            </label>
        })
    };
    let confirm = move |_| {
        let key = chosen.get_untracked();
        if !key.is_empty() {
            bench.match_with(key);
        }
    };
    view! {
        <Dialog id=MATCHING title=say!(lang, compare_match_title)>
            <p>{question}</p>
            {choice}
            <SendingTrouble sending=bench.sending/>
            {move || chosen.with(|key| !key.is_empty()).then(|| view! {
                <Confirmation
                    dialog=MATCHING
                    label=say!(lang, compare_match_do)
                    look=Look::Primary
                    sending=bench.sending
                    on_confirm=confirm
                />
            })}
        </Dialog>
    }
}
