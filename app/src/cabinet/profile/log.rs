//! What was done to and with the account.

use crmap_domain::Lang;
use crmap_domain::cabinet::Deed;
use leptos::prelude::*;

use crate::cabinet::ages::exactly;
use crate::cabinet::words::of_deed;
use crate::say;
use crate::ui::{self, Column};
use crate::words::use_lang;

/// The log, the newest first.
#[component]
pub(super) fn Log(log: Vec<Deed>) -> impl IntoView {
    let lang = use_lang();
    let rows: Vec<_> = log.into_iter().map(|deed| row(&deed, lang)).collect();
    let columns = [
        Column::of(say!(lang, col_moment)),
        Column::of(say!(lang, col_deed)),
    ];
    let body = view! { <tbody>{rows}</tbody> };
    view! {
        <section class="part" aria-labelledby="log-title">
            <h2 class="part__title" id="log-title">{say!(lang, log_title)}</h2>
            <div class="part__scroll" tabindex="0" role="group" aria-labelledby="log-title">
                {ui::table("table table--log", say!(lang, log_title), &columns, body)}
            </div>
        </section>
    }
}

fn row(deed: &Deed, lang: Lang) -> impl IntoView + use<> {
    view! {
        <tr>
            <td class="log__moment">{exactly(deed.at, lang)}</td>
            <td class="name">{of_deed(&deed.kind, lang)}</td>
        </tr>
    }
}
