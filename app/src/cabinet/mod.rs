//! The cabinet: pages before the door and rooms behind it. Pages are documents of their own, written
//! by the server and brought to life in the browser; forms work before that as well.

mod actions;
mod ages;
pub mod compare;
mod dashboard;
pub mod data;
mod entry;
mod fields;
pub mod filter;
pub mod history;
mod palette;
mod portal;
mod profile;
pub mod search;
mod sending;
mod shell;
mod trouble;
mod words;

use leptos::either::Either;
use leptos::prelude::*;

use crate::browser;
use crate::ui::{Toast, provide_toast};
use crate::words::provide_lang;

use ages::{Now, Zone};
use data::{CabinetData, Page};
use entry::EntryPage;
use shell::{Looks, Shell};

/// A whole page. Renders the same on both sides from the same `data`.
#[component]
pub fn CabinetPage(
    /// What the server knows.
    data: CabinetData,
) -> impl IntoView {
    provide_lang(data.lang);
    provide_toast();
    Now::provide(data.now.at());
    Zone::provide(data.lang);
    Effect::new(move |_| browser::close_menus_as_usual());
    let looks = Looks {
        theme: data.theme,
        address: data.address,
    };
    let page = match data.page {
        Page::Outside(outside) => Either::Left(view! { <EntryPage looks outside/> }),
        Page::Inside(inside) => Either::Right(view! { <Shell looks inside=*inside/> }),
    };
    view! {
        {page}
        <Toast/>
    }
}
