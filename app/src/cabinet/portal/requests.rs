//! The record of requests to a portal: fetched when somebody wants to see it, older ones on demand.

use crmap_domain::cabinet::{JournalLine, JournalPlace};
use leptos::prelude::*;

use super::Shown;
use crate::api::cabinet::requests_to;
use crate::cabinet::ages::exactly;
use crate::cabinet::sending::Sending;
use crate::cabinet::trouble::SendingTrouble;
use crate::say;
use crate::ui::{self, Button, Column, Look};
use crate::words::use_lang;

/// The part of the page with the record.
#[component]
pub(super) fn Requests() -> impl IntoView {
    let lang = use_lang();
    let shown = Shown::get();
    let sending = Sending::new(lang, None);
    let lines = RwSignal::new(None::<Vec<JournalLine>>);
    let next = RwSignal::new(None::<JournalPlace>);
    let fetch = move |_| {
        let after = next.get_untracked();
        sending.send(
            requests_to(shown.member_id(), after),
            move |(more, place)| {
                lines.update(|lines| lines.get_or_insert_default().extend(more));
                next.set(place);
            },
        );
    };
    let is_more = move || lines.with(Option::is_none) || next.with(Option::is_some);
    let label = move || {
        let words = if lines.with(Option::is_none) {
            say!(lang, requests_show)
        } else {
            say!(lang, requests_more)
        };
        words.to_owned()
    };
    view! {
        <section class="part" aria-labelledby="requests-title">
            <h2 class="part__title" id="requests-title">{say!(lang, requests_title)}</h2>
            <p class="faint">{say!(lang, requests_text)}</p>
            <SendingTrouble sending/>
            {move || lines.get().map(|lines| of_lines(&lines))}
            {move || is_more().then(|| view! {
                <Button
                    look=Look::Plain
                    label=Signal::derive(label)
                    disabled=sending.busy()
                    on_press=fetch
                />
            })}
        </section>
    }
}

fn of_lines(lines: &[JournalLine]) -> impl IntoView + use<> {
    let lang = use_lang();
    if lines.is_empty() {
        return leptos::either::Either::Left(view! { <p>{say!(lang, requests_none)}</p> });
    }
    let rows: Vec<_> = lines.iter().map(row).collect();
    let columns = [
        Column::of(say!(lang, col_moment)),
        Column::of(say!(lang, col_method)),
        Column::of(say!(lang, col_answer)),
        Column::of_numbers(say!(lang, col_took)),
        Column::of(say!(lang, col_bodies)),
    ];
    let body = view! { <tbody>{rows}</tbody> };
    leptos::either::Either::Right(ui::table(
        "table table--requests",
        say!(lang, requests_title),
        &columns,
        body,
    ))
}

fn row(line: &JournalLine) -> impl IntoView + use<> {
    let lang = use_lang();
    let status = line.status.map_or_else(
        || say!(lang, no_answer).to_owned(),
        |status| status.to_string(),
    );
    let error = line
        .error
        .clone()
        .map(|code| view! { " "<code class="standing__code">{code}</code> });
    view! {
        <tr>
            <td>{exactly(line.at, lang)}</td>
            <td class="mono name">{line.method.clone()}</td>
            <td>{status}{error}</td>
            <td class="number">{say!(lang, milliseconds, count = line.duration_ms)}</td>
            <td>
                <details class="bodies">
                    <summary>{say!(lang, bodies_show)}</summary>
                    <pre class="bodies__text" tabindex="0">{line.request.clone()}</pre>
                    <pre class="bodies__text" tabindex="0">{line.response.clone()}</pre>
                </details>
            </td>
        </tr>
    }
}
