//! The sheet: a specification as tabs of tables that can be searched and copied from. Both faces show
//! it, the application inside a portal and the cabinet; each says how the portal is read anew.

mod actions;
mod content;
mod fields;
mod funnels;
mod loaded;
mod refresh;
mod rows;
mod search;
mod stages;
mod state;
mod tabs;
mod users;

use crmap_domain::{Lang, Specification, words};
use leptos::prelude::*;

use crate::say;
use crate::ui::Icon;

pub(crate) use actions::{Reader, copy_clicked};
use content::Body;
pub(crate) use refresh::RefreshButton;
pub(crate) use rows::{FoundRow, Row};
use search::SearchBar;
pub(crate) use state::{Sheet, SheetData};
use tabs::TabBar;
pub(crate) use tabs::tab_name;

/// The tabs, the search and the open table.
#[component]
pub(crate) fn SheetView() -> impl IntoView {
    let sheet = Sheet::get();
    view! {
        <div class="bar">
            <TabBar/>
            <div class="bar__line">
                <SearchBar/>
                {print_button(sheet.lang)}
            </div>
        </div>
        {move || news(sheet)}
        <Body/>
    }
}

/// Prints the open section; the page's one click listener does it.
fn print_button(lang: Lang) -> impl IntoView {
    view! {
        <button type="button" class="button button--quiet bar__print" data-print="">
            {Icon::Printer.draw()}
            {say!(lang, print)}
        </button>
    }
}

/// What is new, in a sentence.
fn news(sheet: Sheet) -> impl IntoView {
    let line = sheet
        .loaded
        .with(|loaded| Some(loaded.as_ref()?.marks.as_ref()?.line.clone()));
    line.map(|line| view! { <p class="news">{line}</p> })
}

/// The moment of a reading in the portal's own time.
pub(crate) fn moment(specification: &Specification, lang: Lang) -> String {
    words::moment(specification.reading.at, lang)
}

/// By whom a specification was seen, and with what rights.
pub(crate) fn seen_by(specification: &Specification, lang: Lang) -> String {
    let viewer = &specification.reading.viewer;
    let name = if viewer.name.is_empty() {
        format!("ID {}", viewer.id)
    } else {
        viewer.name.clone()
    };
    if viewer.administrator {
        say!(lang, seen_by_administrator, name = name)
    } else {
        say!(lang, seen_by_user, name = name)
    }
}
