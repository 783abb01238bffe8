//! What stands in a page when it cannot be shown, has nothing to work with, or a form could not be sent.

use crmap_domain::Lang;
use crmap_domain::cabinet::Denial;
use leptos::prelude::*;

use super::sending::Sending;
use super::words::{Told, sentence};
use crate::say;
use crate::ui::{Icon, Notice, Tone};

/// Why what was sent was denied as a whole.
#[component]
pub(super) fn SendingTrouble(sending: Sending) -> impl IntoView {
    move || {
        sending.trouble().map(|told| {
            view! { <Notice tone=Tone::Trouble icon=Icon::Alert what=told.what cure=told.cure/> }
        })
    }
}

/// A page that is not there or cannot be shown.
pub(super) fn trouble_page(denial: &Denial, lang: Lang) -> impl IntoView + use<> {
    let Told { what, cure } = sentence(denial, lang);
    view! {
        <section class="empty" role="alert">
            {Icon::Alert.draw()}
            <h1 class="empty__title">{what}</h1>
            <p>{cure}</p>
            <a class="button" href="/dashboard">{say!(lang, to_dashboard)}</a>
        </section>
    }
}

/// What stands in a room that is of use once a portal is linked; `cure` says of what use.
pub(super) fn no_portals(cure: &'static str, lang: Lang) -> impl IntoView {
    view! {
        <div class="empty">
            {Icon::Chain.draw()}
            <h2 class="empty__title">{say!(lang, no_portals)}</h2>
            <p>{cure}</p>
            <a class="button" href="/dashboard">{say!(lang, to_dashboard)}</a>
        </div>
    }
}
