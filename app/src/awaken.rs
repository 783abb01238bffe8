//! What the browser does with a document: it hydrates one that carries data, and attends to one that
//! the server has written alone.

use leptos::prelude::*;
use serde::de::DeserializeOwned;

use crate::api::set_bearer;
use crate::browser;
use crate::browser::frame::Frame;
use crate::cabinet::CabinetPage;
use crate::cabinet::data::CabinetData;
use crate::data::{EmbeddedData, ISLAND, WHOLE_PAGE};
use crate::embedded::EmbeddedPage;

/// Brings a page inside a portal to life.
pub fn awaken() {
    let Some(data) = take_data::<EmbeddedData>() else {
        return attend();
    };
    set_bearer(&data.bearer);
    leptos::mount::hydrate_body(move || view! { <EmbeddedPage data/> });
}

/// Brings a page of the cabinet to life.
pub fn awaken_cabinet() {
    if let Some(data) = take_data::<CabinetData>() {
        leptos::mount::hydrate_body(move || view! { <CabinetPage data/> });
    }
}

/// Takes the data out of the document, so that its secret stays in memory alone (SEC-40).
fn take_data<T: DeserializeOwned>() -> Option<T> {
    let data = browser::take_island(ISLAND)?;
    postcard::from_bytes(&data).ok()
}

/// Pages of the installation: a form says that it is being sent, the frame gets the page's height,
/// and a page that says so finishes the installation. The origins in the page are the ones that the
/// server has proved (SEC-44).
fn attend() {
    browser::on_submit_say_busy();
    let finish = browser::page_data("finish-install");
    let finishes = finish.is_some();
    let origin = finish.or_else(|| browser::page_data("portal-origin"));
    let Some(frame) = origin.and_then(|origin| Frame::meet(&origin)) else {
        return;
    };
    if finishes {
        frame.finish_install();
    }
    browser::on_resize(WHOLE_PAGE, move |height| frame.set_height(height));
}
