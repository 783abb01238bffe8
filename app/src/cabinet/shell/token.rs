//! The connection token at the top: covered until somebody wants to see it, copied by a click,
//! replaced after a question.

use crmap_domain::Lang;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api::cabinet::renew_token;
use crate::browser::{self, Copied};
use crate::cabinet::actions::Confirmation;
use crate::cabinet::sending::Sending;
use crate::cabinet::trouble::SendingTrouble;
use crate::help::Notion;
use crate::say;
use crate::ui::{Dialog, Icon, Look, Toaster, use_toast, what};
use crate::words::use_lang;

const RENEWING: &str = "renew-dialog";
/// What stands for the secret part of a covered token.
const COVER: &str = "crmap_••••••••";

/// The account's connection token, for the whole page.
#[derive(Clone, Copy)]
pub(in crate::cabinet) struct Token {
    text: RwSignal<String>,
    lang: Lang,
    toast: Toaster,
}

impl Token {
    /// Gives a token to everything below.
    pub(in crate::cabinet) fn provide(token: String) {
        provide_context(Self {
            text: RwSignal::new(token),
            lang: use_lang(),
            toast: use_toast(),
        });
    }

    /// Copies it, and says so beside the element of this id.
    pub(in crate::cabinet) fn copy(self, beside: &'static str) {
        let Self { text, lang, toast } = self;
        let text = text.get_untracked();
        spawn_local(async move {
            let at = browser::point_of(beside);
            let told = match browser::copy(&text, None).await {
                Copied::Yes => say!(lang, token_copied),
                Copied::No => say!(lang, token_not_copied),
            };
            toast.tell(told.to_owned(), at);
        });
    }
}

/// The token with what can be done with it.
#[component]
pub(super) fn TokenBar() -> impl IntoView {
    let lang = use_lang();
    let token = expect_context::<Token>();
    let shown = RwSignal::new(false);
    let text = move || {
        if token.text.with(String::is_empty) {
            say!(lang, token_lost).to_owned()
        } else if shown.get() {
            token.text.get()
        } else {
            COVER.to_owned()
        }
    };
    let eye_label = move || {
        if shown.get() {
            say!(lang, token_hide)
        } else {
            say!(lang, token_show)
        }
    };
    view! {
        <div class="token" role="group" aria-label=say!(lang, token_label)>
            <span class="token__label">{say!(lang, token_label)}</span>
            <code class="token__text" class:token__text--shown=move || shown.get()>{text}</code>
            <span class="token__tools">
                <button
                    type="button"
                    class="tool"
                    aria-label=eye_label
                    title=eye_label
                    on:click=move |_| shown.update(|shown| *shown = !*shown)
                >
                    {Icon::Eye.draw()}
                </button>
                <button
                    type="button"
                    class="tool tool--wordy"
                    id="token-copy"
                    aria-label=say!(lang, token_copy)
                    title=say!(lang, token_copy)
                    on:click=move |_| token.copy("token-copy")
                >
                    {Icon::Copy.draw()}
                    <span class="tool__word">{say!(lang, token_copy)}</span>
                </button>
                <button
                    type="button"
                    class="tool"
                    id="token-renew"
                    aria-label=say!(lang, token_renew)
                    title=say!(lang, token_renew)
                    on:click=move |_| browser::show_dialog(RENEWING)
                >
                    {Icon::Refresh.draw()}
                </button>
                {what(Notion::Token, say!(lang, token_label))}
            </span>
        </div>
        <RenewDialog/>
    }
}

#[component]
fn RenewDialog() -> impl IntoView {
    let lang = use_lang();
    let token = expect_context::<Token>();
    let toast = use_toast();
    let sending = Sending::new(lang, None);
    let renew = move |_| {
        sending.send(renew_token(), move |fresh| {
            token.text.set(fresh);
            browser::close_dialog(RENEWING);
            toast.tell(
                say!(lang, token_renewed).to_owned(),
                browser::point_of("token-renew"),
            );
        });
    };
    view! {
        <Dialog id=RENEWING title=say!(lang, renew_title)>
            <p>{say!(lang, renew_text)}</p>
            <SendingTrouble sending/>
            <Confirmation
                dialog=RENEWING
                label=say!(lang, token_renew)
                look=Look::Primary
                sending
                on_confirm=renew
            />
        </Dialog>
    }
}
