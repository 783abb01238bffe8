//! The place in the page within its address, so that a reload finds it again. It stands in the
//! fragment: a page that a portal has posted for is posted for again at a reload, but no longer once
//! the history interface has touched its address.

use web_sys::UrlSearchParams;

use crate::data::{Place, parameter};

/// Writes `place` into the address without leaving the page or adding to its history.
pub(crate) fn remember(place: &Place) {
    let Some(window) = web_sys::window() else {
        return;
    };
    let location = window.location();
    let fragment = fragment_of(place).unwrap_or_default();
    if location.hash().is_ok_and(|hash| hash != fragment) {
        // Refused only by a page that is being left.
        let _ = location.replace(&fragment);
    }
}

/// The place that the address names, if it names one.
pub(crate) fn recall() -> Option<Place> {
    let hash = web_sys::window()?.location().hash().ok()?;
    let parameters = UrlSearchParams::new_with_str(hash.strip_prefix('#')?).ok()?;
    let named = [parameter::TAB, parameter::QUERY, parameter::FUNNEL]
        .map(|name| (name, parameters.get(name)));
    let named = named
        .iter()
        .filter_map(|(name, value)| Some((*name, value.as_deref()?)));
    Some(Place::from_parameters(named))
}

/// `#tab=stages&q=won`; the tab always stands there, since an empty fragment would scroll the page.
fn fragment_of(place: &Place) -> Option<String> {
    if *place == Place::default() && recall().is_none() {
        return None;
    }
    let parameters = UrlSearchParams::new().ok()?;
    parameters.set(parameter::TAB, place.tab.slug());
    if !place.query.is_empty() {
        parameters.set(parameter::QUERY, &place.query);
    }
    if let Some(funnel) = place.funnel {
        parameters.set(parameter::FUNNEL, &funnel.to_string());
    }
    Some(format!("#{}", String::from(parameters.to_string())))
}
