//! The box of the search, and what stands beside it. A form, so that it works before the page is
//! alive.

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;

use super::{BOX, Finder, parameter, step};
use crate::browser;
use crate::say;
use crate::ui::Icon;
use crate::words::use_lang;

/// The box.
#[component]
pub(super) fn Bar() -> impl IntoView {
    let lang = use_lang();
    let finder = Finder::get();
    let only = finder.only().map(|only| {
        view! { <input type="hidden" name=parameter::ONLY value=String::from(only)/> }
    });
    let on_key = move |event: KeyboardEvent| {
        match event.key().as_str() {
            "ArrowDown" => step(1),
            "Escape" => finder.look_for(String::new()),
            _ => return,
        }
        event.prevent_default();
    };
    view! {
        <form
            class="finder"
            method="get"
            action="/search"
            role="search"
            aria-label=say!(lang, find_heading)
            on:submit=move |event| {
                event.prevent_default();
                finder.enter();
            }
        >
            <div class="search finder__box">
                {Icon::Search.draw()}
                <input
                    id=BOX
                    name=parameter::QUERY
                    class="search__input"
                    type="text"
                    inputmode="search"
                    enterkeyhint="search"
                    autocomplete="off"
                    autocapitalize="none"
                    spellcheck="false"
                    maxlength="200"
                    autofocus
                    aria-label=say!(lang, find_box)
                    aria-describedby="find-keys"
                    aria-keyshortcuts="/"
                    placeholder=say!(lang, find_hint)
                    value=finder.typed.get_untracked()
                    prop:value=move || finder.typed.get()
                    on:input:target=move |event| finder.look_for(event.target().value())
                    on:keydown=on_key
                />
                <kbd class="search__key" aria-hidden="true">"/"</kbd>
                <button
                    type="button"
                    class="search__clear"
                    aria-label=say!(lang, find_clear)
                    hidden=move || finder.typed.with(String::is_empty)
                    on:click=move |_| {
                        finder.look_for(String::new());
                        browser::focus(BOX);
                    }
                >
                    {Icon::Cross.draw()}
                </button>
            </div>
            {only}
            <button type="submit" class="off-screen">{say!(lang, find_submit)}</button>
            <p class="finder__keys" id="find-keys">{say!(lang, find_keys)}</p>
        </form>
    }
}
