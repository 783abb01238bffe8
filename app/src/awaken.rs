//! Hydration: takes the page's data out of the document and brings the page to life.

use leptos::prelude::*;

use crate::api::set_bearer;
use crate::browser;
use crate::data::{EmbeddedData, ISLAND};
use crate::embedded::EmbeddedPage;

/// Brings the page to life. A document without data is left as it is.
pub fn awaken() {
    let Some(data) = take_data() else { return };
    set_bearer(&data.bearer);
    leptos::mount::hydrate_body(move || view! { <EmbeddedPage data/> });
}

/// Takes the data out of the document, so that its secret stays in memory alone (SEC-40).
fn take_data() -> Option<EmbeddedData> {
    let data = browser::take_island(ISLAND)?;
    postcard::from_bytes(&data).ok()
}
