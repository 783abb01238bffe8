//! The top of the page: which portal, as of when, as seen by whom; and what can be done with it.

use crmap_domain::Specification;
use leptos::prelude::*;
use time::macros::format_description;

use super::settings;
use super::state::Embedded;
use crate::say;
use crate::ui::{Button, Icon, Look};
use crate::words::use_lang;

/// The top of the page.
#[component]
pub(super) fn Header() -> impl IntoView {
    let state = Embedded::get();
    let address = state.portal.with_value(|portal| portal.address.clone());
    view! {
        <header class="head">
            <div class="head__portal">
                <h1 class="head__title">{address}</h1>
                <p class="head__facts">
                    {move || state.loaded.with(|loaded| {
                        loaded.as_ref().map(|loaded| facts(&loaded.specification))
                    })}
                </p>
            </div>
            <HeadActions/>
        </header>
    }
}

#[component]
fn HeadActions() -> impl IntoView {
    let state = Embedded::get();
    let lang = use_lang();
    let reading = move || state.waiting.get().is_some();
    let empty = move || state.loaded.with(Option::is_none);
    view! {
        <div class="head__actions">
            <Button
                look=Look::Quiet
                icon=Icon::Refresh
                disabled=Signal::derive(reading)
                on_press=move |_| state.refresh()
            >
                {move || if reading() { say!(lang, refreshing) } else { say!(lang, refresh) }}
            </Button>
            <span data-save="">
                <Button
                    look=Look::Primary
                    icon=Icon::Download
                    disabled=Signal::derive(empty)
                    on_press=move |event| state.save_text(&event)
                >
                    {say!(lang, save_txt)}
                </Button>
            </span>
            <Button look=Look::Plain icon=Icon::Gear on_press=move |_| settings::open()>
                {say!(lang, settings)}
            </Button>
        </div>
    }
}

fn facts(specification: &Specification) -> impl IntoView + use<> {
    let lang = use_lang();
    let viewer = &specification.reading.viewer;
    let name = if viewer.name.is_empty() {
        format!("ID {}", viewer.id)
    } else {
        viewer.name.clone()
    };
    let seen = if viewer.administrator {
        say!(lang, seen_by_administrator, name = name)
    } else {
        say!(lang, seen_by_user, name = name)
    };
    let plan = specification
        .portal
        .plan
        .clone()
        .map(|plan| say!(lang, plan, plan = plan));
    let read = say!(lang, read_at, moment = moment(specification));
    view! {
        <span>{read}</span>
        <span>{seen}</span>
        {plan.map(|plan| view! { <span>{plan}</span> })}
    }
}

/// The moment of a reading in the portal's own time, as people in both languages read it.
pub(super) fn moment(specification: &Specification) -> String {
    let format = format_description!("[day].[month].[year] [hour]:[minute]");
    specification.reading.at.format(&format).unwrap_or_default()
}
