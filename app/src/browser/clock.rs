//! The zone of whoever looks. No clock is read here: moments come from the server.

use js_sys::Date;
use leptos::prelude::window_event_listener;
use time::{OffsetDateTime, UtcOffset};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::Element;

/// The moment by the browser's own zone, as that was or will be then.
pub(crate) fn in_own_time(at: OffsetDateTime) -> OffsetDateTime {
    let date = Date::new(&JsValue::from_f64(at.unix_timestamp() as f64 * 1_000.0));
    // How far UTC is ahead, in minutes; no zone is a day away.
    let behind = date.get_timezone_offset() as i32;
    match UtcOffset::from_whole_seconds(-behind * 60) {
        Ok(offset) => at.to_offset(offset),
        Err(_) => at,
    }
}

/// Puts what `write` makes of its moment on each `<time>` that is pointed at, when it is: a list may
/// have a thousand of them.
pub(crate) fn on_pointing_at_time(write: impl Fn(OffsetDateTime) -> String + 'static) {
    let handle = window_event_listener(leptos::ev::pointerover, move |event| {
        let target = event
            .target()
            .and_then(|target| target.dyn_into::<Element>().ok());
        let Some(element) = target.and_then(|target| target.closest("time").ok().flatten()) else {
            return;
        };
        let parsed = element
            .get_attribute("datetime")
            .map(|stamp| Date::parse(&stamp) / 1_000.0)
            .filter(|seconds| seconds.is_finite())
            .and_then(|seconds| OffsetDateTime::from_unix_timestamp(seconds as i64).ok());
        if let Some(at) = parsed {
            let _ = element.set_attribute("title", &write(at));
        }
    });
    // The page lives as long as its window.
    std::mem::forget(handle);
}
