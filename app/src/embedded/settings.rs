//! «Настройки»: where a portal is linked to a cabinet by a connection token.

use crmap_domain::{ConnectionToken, Lang, TokenFlaw};
use leptos::either::Either;
use leptos::ev::SubmitEvent;
use leptos::prelude::*;

use super::state::Embedded;
use crate::browser;
use crate::say;
use crate::ui::Dialog;
use crate::words::use_lang;

const DIALOG: &str = "settings-dialog";

/// Opens the dialog.
pub(super) fn open() {
    browser::show_dialog(DIALOG);
}

/// The dialog itself.
#[component]
pub(super) fn SettingsDialog() -> impl IntoView {
    let state = Embedded::get();
    let lang = use_lang();
    let administrator = move || {
        state.loaded.with(|loaded| {
            loaded
                .as_ref()
                .is_some_and(|loaded| loaded.specification.reading.viewer.administrator)
        })
    };
    view! {
        <Dialog id=DIALOG title=say!(lang, settings_title)>
            <p>{say!(lang, settings_intro)}</p>
            {move || if administrator() {
                Either::Left(view! { <TokenForm/> })
            } else {
                Either::Right(view! { <p class="remark">{say!(lang, settings_admins_only)}</p> })
            }}
            <h3 class="dialog__part">{say!(lang, links_title)}</h3>
            <p class="faint">{say!(lang, links_none)}</p>
        </Dialog>
    }
}

#[component]
fn TokenForm() -> impl IntoView {
    let lang = use_lang();
    let token = RwSignal::new(String::new());
    let verdict = RwSignal::new(None::<Result<(), TokenFlaw>>);
    let check = move |event: SubmitEvent| {
        event.prevent_default();
        verdict.set(Some(
            token.with(|token| ConnectionToken::parse(token).map(|_| ())),
        ));
    };
    let flawed = move || matches!(verdict.get(), Some(Err(_)));
    view! {
        <form class="form" on:submit=check>
            <label class="form__label" for="token">{say!(lang, token_label)}</label>
            <div class="form__row">
                <input
                    id="token"
                    class="form__input mono"
                    type="text"
                    autocomplete="off"
                    spellcheck="false"
                    maxlength="200"
                    placeholder=say!(lang, token_hint)
                    aria-describedby="token-verdict"
                    aria-invalid=move || if flawed() { "true" } else { "false" }
                    prop:value=move || token.get()
                    on:input:target=move |event| {
                        token.set(event.target().value());
                        verdict.set(None);
                    }
                />
                <button type="submit" class="button button--primary">{say!(lang, token_check)}</button>
            </div>
            <p
                id="token-verdict"
                role="status"
                class=move || if flawed() { "form__verdict form__verdict--flaw" } else { "form__verdict" }
            >
                {move || verdict.get().map(|verdict| sentence(verdict, lang))}
            </p>
        </form>
    }
}

fn sentence(verdict: Result<(), TokenFlaw>, lang: Lang) -> &'static str {
    match verdict {
        Ok(()) => say!(lang, token_fine),
        Err(TokenFlaw::Empty) => say!(lang, token_empty),
        Err(TokenFlaw::Prefix) => say!(lang, token_prefix),
        Err(TokenFlaw::Length) => say!(lang, token_length),
        Err(TokenFlaw::Characters) => say!(lang, token_characters),
        Err(TokenFlaw::Checksum) => say!(lang, token_checksum),
    }
}
