//! The page's address, so that a reload finds the same place again.

use crate::data::{Place, Tab, parameter};
use wasm_bindgen::JsValue;

/// Writes `place` into the address without leaving the page. Where the browser forbids it, the
/// address stays as it is: nothing but the memory of the place is lost.
pub(crate) fn remember(place: &Place) {
    let Some(window) = web_sys::window() else {
        return;
    };
    let Ok(href) = window.location().href() else {
        return;
    };
    let Ok(url) = web_sys::Url::new(&href) else {
        return;
    };
    let parameters = url.search_params();
    if place.tab == Tab::default() {
        parameters.delete(parameter::TAB);
    } else {
        parameters.set(parameter::TAB, place.tab.slug());
    }
    if place.query.is_empty() {
        parameters.delete(parameter::QUERY);
    } else {
        parameters.set(parameter::QUERY, &place.query);
    }
    match place.funnel {
        Some(funnel) => parameters.set(parameter::FUNNEL, &funnel.to_string()),
        None => parameters.delete(parameter::FUNNEL),
    }
    if let Ok(history) = window.history() {
        let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(&url.href()));
    }
}
