//! The dashboard of somebody who has no portals yet: how to link the first one.

use leptos::prelude::*;

use crate::cabinet::shell::Token;
use crate::say;
use crate::ui::{Button, Icon, Look};
use crate::words::use_lang;

/// Three steps, with the token ready to be copied.
#[component]
pub(super) fn Start() -> impl IntoView {
    let lang = use_lang();
    let token = expect_context::<Token>();
    let steps = [
        (say!(lang, start_open), say!(lang, start_open_text)),
        (say!(lang, start_settings), say!(lang, start_settings_text)),
        (say!(lang, start_paste), say!(lang, start_paste_text)),
    ];
    view! {
        <section class="start">
            <h2 class="start__title">{say!(lang, start_title)}</h2>
            <p class="start__lead">{say!(lang, start_lead)}</p>
            <ol class="steps start__steps">
                {steps.map(|(name, text)| view! {
                    <li class="step">
                        <span class="step__mark" aria-hidden="true"></span>
                        <div class="step__words">
                            <p class="step__name">{name}</p>
                            <p class="step__text">{text}</p>
                        </div>
                    </li>
                })}
            </ol>
            <span id="start-copy">
                <Button
                    look=Look::Primary
                    icon=Icon::Copy
                    label=say!(lang, start_copy)
                    on_press=move |_| token.copy("start-copy")
                />
            </span>
        </section>
    }
}
