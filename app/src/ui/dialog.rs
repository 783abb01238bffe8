//! Dialogs, on the browser's own `<dialog>`: it keeps the focus inside and closes by Escape.

use crmap_domain::Lang;
use leptos::prelude::*;

use super::Icon;
use crate::browser;
use crate::say;
use crate::words::use_lang;

/// A dialog that `browser::show_dialog` opens by its id.
#[component]
pub fn Dialog<C: IntoView + 'static>(
    /// Its id in the page.
    id: &'static str,
    /// Its heading.
    title: &'static str,
    /// What it holds.
    children: TypedChildren<C>,
) -> impl IntoView {
    let lang = use_lang();
    let heading = format!("{id}-title");
    let label = heading.clone();
    view! {
        <dialog class="dialog" id=id aria-labelledby=label>
            <div class="dialog__head">
                <h2 class="dialog__title" id=heading>{title}</h2>
                {close_button(id, lang)}
            </div>
            <div class="dialog__body">{children.into_inner()()}</div>
        </dialog>
    }
}

/// The cross that closes the dialog of this id.
pub(super) fn close_button(id: &'static str, lang: Lang) -> impl IntoView {
    view! {
        <button
            type="button"
            class="dialog__close"
            aria-label=say!(lang, close)
            on:click=move |_| browser::close_dialog(id)
        >
            {Icon::Cross.draw()}
        </button>
    }
}
