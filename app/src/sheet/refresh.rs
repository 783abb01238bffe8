//! The button that reads the portal anew.

use leptos::prelude::*;

use super::state::Sheet;
use crate::say;
use crate::ui::{Button, Icon, Look};
use crate::words::use_lang;

/// «Обновить», at rest while the portal is being read.
#[component]
pub(crate) fn RefreshButton(
    /// How much it stands out.
    look: Look,
) -> impl IntoView {
    let sheet = Sheet::get();
    let lang = use_lang();
    let reading = move || sheet.is_waiting();
    let label = move || {
        let words = if reading() {
            say!(lang, refreshing)
        } else {
            say!(lang, refresh)
        };
        words.to_owned()
    };
    view! {
        <Button
            look=look
            icon=Icon::Refresh
            disabled=Signal::derive(reading)
            label=Signal::derive(label)
            on_press=move |_| sheet.refresh()
        />
    }
}
