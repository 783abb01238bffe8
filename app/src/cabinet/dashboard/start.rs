//! The dashboard of somebody who has no portals yet: how to link the first one, and that it is there.

use std::time::Duration;

use crmap_domain::cabinet::Denial;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api::fleet::portal_cards;
use crate::browser;
use crate::cabinet::shell::Token;
use crate::error::Denied;
use crate::help::Face;
use crate::say;
use crate::ui::{Button, Icon, Look};
use crate::words::use_lang;

/// How often it is asked whether a portal was linked meanwhile, and how many times.
const PAUSE: Duration = Duration::from_secs(5);
const LOOKS: u32 = 120;

/// Three steps, with the token ready to be copied.
#[component]
pub(super) fn Start() -> impl IntoView {
    let lang = use_lang();
    let token = expect_context::<Token>();
    let is_linked = RwSignal::new(false);
    Effect::new(move |_| spawn_local(wait_for_a_portal(is_linked)));
    view! {
        <section class="start">
            <h2 class="start__title">{say!(lang, start_title)}</h2>
            <p class="start__lead">{say!(lang, start_lead)}</p>
            <Steps done=0/>
            <p class="start__arrived" role="status">
                {move || is_linked.get().then(|| view! {
                    {say!(lang, start_arrived)}" "
                    <a href="/dashboard">{say!(lang, start_show)}</a>
                })}
            </p>
            <div class="start__deeds" id="start-copy">
                <Button
                    look=Look::Primary
                    icon=Icon::Copy
                    label=say!(lang, start_copy)
                    on_press=move |_| token.copy("start-copy")
                />
                <a class="button button--quiet" href=[Face::Cabinet.address(lang), "#start".to_owned()].concat()>
                    {say!(lang, start_help)}
                </a>
            </div>
        </section>
    }
}

/// The way to the first portal, of which so many steps are done.
#[component]
pub(super) fn Steps(done: usize) -> impl IntoView {
    let lang = use_lang();
    let steps = [
        (say!(lang, start_open), say!(lang, start_open_text)),
        (say!(lang, start_paste), say!(lang, start_paste_text)),
        (say!(lang, start_look), say!(lang, start_look_text)),
    ];
    let steps: Vec<_> = steps
        .into_iter()
        .enumerate()
        .map(|(index, (name, text))| {
            let is_done = index < done;
            let class = if is_done { "step step--done" } else { "step" };
            let state = is_done.then(|| view! { <span class="off-screen">{say!(lang, install_done)}</span> });
            view! {
                <li class=class>
                    <span class="step__mark" aria-hidden="true">{is_done.then(|| Icon::Check.draw())}</span>
                    <div class="step__words">
                        <p class="step__name">{name}{state}</p>
                        {(!is_done).then(|| view! { <p class="step__text">{text}</p> })}
                    </div>
                </li>
            }
        })
        .collect();
    view! { <ol class="steps start__steps">{steps}</ol> }
}

/// Looks for a while whether a portal was linked; whoever does it does so in another tab.
async fn wait_for_a_portal(is_linked: RwSignal<bool>) {
    for _ in 0..LOOKS {
        browser::sleep(PAUSE).await;
        match portal_cards().await {
            Ok(cards) if cards.portals.is_empty() => {}
            Ok(_) => return is_linked.set(true),
            Err(Denied(Denial::SignedOut)) => return,
            // A server that starts anew is back at the next look.
            Err(_) => {}
        }
    }
}
