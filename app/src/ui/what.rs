//! «Что это?»: a small button beside a notion that not everybody knows. What it opens is the browser's
//! own popover, which the server wrote beside the page (`document::help`): no word of it is in the
//! module, and it opens before the page is alive.

use leptos::prelude::*;

use crate::help::Notion;
use crate::say;
use crate::words::use_lang;

/// The button beside `name`, which is what the page calls the notion.
pub fn what(notion: Notion, name: &str) -> impl IntoView + use<> {
    let lang = use_lang();
    let label = [name, ": ", say!(lang, what_is)].concat();
    let told = notion.popover();
    view! {
        <button
            type="button"
            class="what"
            popovertarget=told.clone()
            aria-label=label
            aria-describedby=told
        ></button>
    }
}
