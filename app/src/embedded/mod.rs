//! The page of the application inside a portal: the sheet of the portal, with what only a portal's
//! page has around it.

mod actions;
mod header;
mod linking;
mod palette;
mod settings;
mod state;

use leptos::prelude::*;

use crate::data::{EmbeddedData, WHOLE_PAGE};
use crate::sheet::{Sheet, SheetView};
use crate::ui::{Toast, place_of_palette, provide_toast};
use crate::words::provide_lang;

use header::Header;
use palette::Leader;
use settings::SettingsDialog;
use state::Embedded;

/// The whole page. Renders the same on both sides from the same `data`.
#[component]
pub fn EmbeddedPage(
    /// What the server knows of the portal and its opening.
    data: EmbeddedData,
) -> impl IntoView {
    provide_lang(data.lang);
    provide_toast();
    let state = Embedded::provide(data);
    let sheet = Sheet::get();
    let leader = Leader::provide(state);
    Effect::new(move |_| {
        state.come_alive();
        leader.come_alive();
    });

    view! {
        <div class="page" id=WHOLE_PAGE on:click=move |event| sheet.on_click(&event)>
            <Header/>
            <main>
                <SheetView/>
            </main>
            <SettingsDialog/>
            {place_of_palette(true)}
            <Toast/>
        </div>
    }
}
