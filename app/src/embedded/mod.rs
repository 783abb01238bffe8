//! The page of the application inside a portal: the specification's sections as tabs.

mod actions;
mod content;
mod fields;
mod funnels;
mod header;
mod loaded;
mod search;
mod settings;
mod stages;
mod state;
mod tabs;
mod users;

use leptos::prelude::*;

use crate::data::{EmbeddedData, WHOLE_PAGE};
use crate::ui::{Toast, provide_toast};
use crate::words::provide_lang;

use content::Body;
use header::Header;
use search::SearchBar;
use settings::SettingsDialog;
pub use state::Embedded;
use tabs::TabBar;

/// The whole page. Renders the same on both sides from the same `data`.
#[component]
pub fn EmbeddedPage(
    /// What the server knows of the portal and its opening.
    data: EmbeddedData,
) -> impl IntoView {
    provide_lang(data.lang);
    provide_toast();
    let state = Embedded::provide(data);
    Effect::new(move |_| state.come_alive());

    view! {
        <div class="page" id=WHOLE_PAGE on:click=move |event| state.on_click(&event)>
            <Header/>
            <main>
                <div class="bar">
                    <TabBar/>
                    <SearchBar/>
                </div>
                <Body/>
            </main>
            <SettingsDialog/>
            <Toast/>
        </div>
    }
}
