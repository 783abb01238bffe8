//! The top of the page: which portal, as of when, as seen by whom; and what can be done with it.

use crmap_domain::Specification;
use leptos::prelude::*;

use super::palette::PaletteButton;
use super::settings;
use super::state::Embedded;
use crate::help::{Face, Notion};
use crate::say;
use crate::sheet::{RefreshButton, Sheet, moment, seen_by};
use crate::ui::{Button, Icon, Look, what};
use crate::words::use_lang;

/// The top of the page.
#[component]
pub(super) fn Header() -> impl IntoView {
    let sheet = Sheet::get();
    let address = Embedded::get()
        .portal
        .with_value(|portal| portal.address.clone());
    view! {
        <header class="head">
            <div class="head__portal">
                <h1 class="head__title">{address}</h1>
                <p class="head__facts">
                    {move || sheet.of_specification(facts)}
                </p>
            </div>
            <HeadActions/>
        </header>
    }
}

#[component]
fn HeadActions() -> impl IntoView {
    let sheet = Sheet::get();
    let state = Embedded::get();
    let lang = use_lang();
    let empty = move || sheet.is_empty();
    view! {
        <div class="head__actions">
            <PaletteButton/>
            <RefreshButton look=Look::Quiet/>
            <span data-save="">
                <Button
                    look=Look::Primary
                    icon=Icon::Download
                    disabled=Signal::derive(empty)
                    label=say!(lang, save_txt)
                    on_press=move |event| sheet.save_text(&event)
                />
            </span>
            <Button
                look=Look::Plain
                icon=Icon::Gear
                label=say!(lang, settings)
                on_press=move |_| settings::open(state)
            />
            <a
                class="button button--quiet head__help"
                href=Face::Portal.address(lang)
                target="_blank"
                aria-label=say!(lang, help)
                title=say!(lang, help)
            >
                {Icon::Help.draw()}
            </a>
        </div>
    }
}

fn facts(specification: &Specification) -> impl IntoView + use<> {
    let lang = use_lang();
    let seen = seen_by(specification, lang);
    let plan = specification
        .portal
        .plan
        .clone()
        .map(|plan| say!(lang, plan, plan = plan));
    let read = say!(lang, read_at, moment = moment(specification, lang));
    view! {
        <span>{read}</span>
        <span>{seen.clone()}{what(Notion::Viewer, &seen)}</span>
        {plan.map(|plan| view! { <span>{plan}</span> })}
    }
}
