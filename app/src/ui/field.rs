//! Fields of forms: a label, the input, a hint, and the sentence that says what is wrong, in that
//! order for the eye and for screen readers.

use leptos::prelude::*;

use super::Icon;
use crate::browser;
use crate::say;
use crate::words::use_lang;

/// What a field takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Any line.
    Text,
    /// An email address.
    Email,
    /// A password, which can be shown.
    Password,
}

impl Kind {
    const fn of_input(self) -> &'static str {
        match self {
            // A browser's own check of addresses speaks the browser's language and looks otherwise.
            Self::Text | Self::Email => "text",
            Self::Password => "password",
        }
    }

    const fn of_keyboard(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Text | Self::Password => "text",
        }
    }
}

/// A field. Its value stays in the page's own input, from where a form takes it when it is sent: a
/// browser may have filled it in before the page came to life.
#[component]
pub fn Field(
    /// Its name in the form, and its id.
    name: &'static str,
    /// What is to be typed.
    #[prop(into)]
    label: String,
    /// What it takes.
    kind: Kind,
    /// What a browser may fill in, by the names of HTML: `username`, `new-password`.
    autocomplete: &'static str,
    /// What is in it at first.
    #[prop(optional, into)]
    value: String,
    /// What helps to fill it in.
    #[prop(optional, into)]
    hint: String,
    /// What is wrong with it, if anything.
    #[prop(into)]
    flaw: Signal<Option<String>>,
    /// Whether the page begins here.
    #[prop(optional)]
    autofocus: bool,
    /// The most characters.
    #[prop(default = 254)]
    most: u16,
) -> impl IntoView {
    let lang = use_lang();
    let shown = RwSignal::new(false);
    let is_password = kind == Kind::Password;
    let kind_now = move || {
        if shown.get() { "text" } else { kind.of_input() }
    };
    let describes = format!("{name}-hint {name}-flaw");
    let eye = is_password.then(|| {
        view! {
            <button
                type="button"
                class="field__eye"
                aria-pressed=move || if shown.get() { "true" } else { "false" }
                aria-label=say!(lang, show_password)
                on:click=move |_| {
                    shown.update(|shown| *shown = !*shown);
                    browser::focus(name);
                }
            >
                {Icon::Eye.draw()}
            </button>
        }
    });
    view! {
        <div class="field" class:field--secret=is_password>
            <label class="field__label" for=name>{label}</label>
            <div class="field__box">
                <input
                    id=name
                    name=name
                    class="field__input"
                    type=kind_now
                    inputmode=kind.of_keyboard()
                    autocomplete=autocomplete
                    autocapitalize=if kind == Kind::Text { "sentences" } else { "none" }
                    spellcheck="false"
                    maxlength=most
                    autofocus=autofocus
                    value=value
                    aria-describedby=describes
                    aria-invalid=move || if flaw.with(Option::is_some) { "true" } else { "false" }
                />
                {eye}
            </div>
            <p class="field__hint" id=format!("{name}-hint")>{hint}</p>
            <p class="field__flaw" id=format!("{name}-flaw") role="alert">{flaw}</p>
        </div>
    }
}
