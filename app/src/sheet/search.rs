//! The search box, which filters the open table at every key.

use leptos::prelude::*;

use super::state::Sheet;
use crate::browser;
use crate::say;
use crate::ui::Icon;
use crate::words::use_lang;

/// The search box.
#[component]
pub(super) fn SearchBar() -> impl IntoView {
    let sheet = Sheet::get();
    let lang = use_lang();
    view! {
        <div class="search" role="search" aria-label=say!(lang, search_label)>
            {Icon::Search.draw()}
            <input
                id="search"
                class="search__input"
                type="text"
                inputmode="search"
                enterkeyhint="search"
                autocomplete="off"
                spellcheck="false"
                maxlength="200"
                aria-label=say!(lang, search_label)
                aria-keyshortcuts="/"
                placeholder=say!(lang, search_hint)
                prop:value=move || sheet.query.get()
                value=sheet.query.get_untracked()
                on:input:target=move |event| sheet.look_for(event.target().value())
                on:keydown=move |event| {
                    if event.key() == "Escape" {
                        sheet.look_for(String::new());
                    }
                }
            />
            <kbd class="search__key" aria-hidden="true">"/"</kbd>
            <button
                type="button"
                class="search__clear"
                aria-label=say!(lang, search_clear)
                hidden=move || sheet.query.with(String::is_empty)
                on:click=move |_| {
                    sheet.look_for(String::new());
                    browser::focus("search");
                }
            >
                {Icon::Cross.draw()}
            </button>
        </div>
    }
}
