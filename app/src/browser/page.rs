//! Clicks, focus, dialogs, sizes and waiting.

use std::time::Duration;

use leptos::prelude::{IntoView, set_timeout};
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{
    Element, HtmlDialogElement, HtmlElement, ResizeObserver, ScrollIntoViewOptions,
    ScrollLogicalPosition,
};

/// Where on the page something happened, in CSS pixels from its top left.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Point {
    pub(crate) x: f64,
    pub(crate) y: f64,
}

/// The nearest element around a click's target that carries `data-{name}`, and its value. Lets one
/// listener serve a table of any length.
pub(crate) fn click_data(event: &web_sys::Event, name: &str) -> Option<(String, HtmlElement)> {
    let target = event.target()?.dyn_into::<Element>().ok()?;
    let attribute = format!("data-{name}");
    let element = target.closest(&format!("[{attribute}]")).ok()??;
    let value = element.get_attribute(&attribute)?;
    Some((value, element.dyn_into().ok()?))
}

/// Whether a click on a link asks for nothing else than to follow it here: with these keys it opens
/// elsewhere.
pub(crate) fn is_plain(event: &web_sys::MouseEvent) -> bool {
    !(event.ctrl_key() || event.meta_key() || event.shift_key())
}

/// Where to tell of something that was done to `element`: just below it.
pub(crate) fn pointer_of(element: &HtmlElement) -> Point {
    let bounds = element.get_bounding_client_rect();
    let window = web_sys::window();
    let scroll = |read: fn(&web_sys::Window) -> Result<f64, wasm_bindgen::JsValue>| {
        window
            .as_ref()
            .and_then(|window| read(window).ok())
            .unwrap_or(0.0)
    };
    Point {
        x: bounds.left() + scroll(web_sys::Window::scroll_x),
        y: bounds.bottom() + scroll(web_sys::Window::scroll_y),
    }
}

/// Where to tell of something that was done to the element of this id.
pub(crate) fn point_of(id: &str) -> Option<Point> {
    by_id::<HtmlElement>(id).map(|element| pointer_of(&element))
}

/// Moves the focus among links, of which each row has one: by so many rows, from the row that has the
/// focus or else from before the first. Says whether there is a row to go to.
pub(crate) fn step_among(row: &str, link: &str, step: i32) -> bool {
    let Some(document) = web_sys::window().and_then(|window| window.document()) else {
        return false;
    };
    let focused = document
        .active_element()
        .and_then(|element| element.closest(row).ok().flatten());
    let Ok(rows) = document.query_selector_all(row) else {
        return false;
    };
    let count = i32::try_from(rows.length()).unwrap_or(i32::MAX);
    let at = |place: i32| {
        rows.item(u32::try_from(place).ok()?)?
            .dyn_into::<Element>()
            .ok()
    };
    let present = (0..count).find(|place| focused.is_some() && at(*place) == focused);
    let next = present
        .map_or(step - 1, |place| place + step)
        .min(count - 1);
    let found = at(next)
        .and_then(|row| row.query_selector(link).ok().flatten())
        .and_then(|link| link.dyn_into::<HtmlElement>().ok());
    found.is_some_and(|link| link.focus().is_ok())
}

/// Moves the focus to the element of this id.
pub(crate) fn focus(id: &str) {
    if let Some(element) = by_id::<HtmlElement>(id) {
        let _ = element.focus();
    }
}

/// Moves the focus to the element whose `data-{name}` is `value`; says whether there is one. The value
/// is an ID of ours: letters and digits.
pub(crate) fn focus_marked(name: &str, value: &str) -> bool {
    focus_first(&format!("[data-{name}=\"{value}\"]"))
}

/// Moves the focus to the first element of `inner` in the row whose `data-id` is `id`, whatever signs
/// that has; says whether there is one. `rows` selects all rows.
pub(crate) fn focus_in_row(rows: &str, id: &str, inner: &str) -> bool {
    let Some(rows) = web_sys::window()
        .and_then(|window| window.document())
        .and_then(|document| document.query_selector_all(rows).ok())
    else {
        return false;
    };
    let row = (0..rows.length())
        .filter_map(|place| rows.item(place)?.dyn_into::<Element>().ok())
        .find(|row| row.get_attribute("data-id").as_deref() == Some(id));
    let found = row
        .and_then(|row| row.query_selector(inner).ok().flatten())
        .and_then(|element| element.dyn_into::<HtmlElement>().ok());
    found.is_some_and(|element| element.focus().is_ok())
}

/// Moves the focus to the first element of this selector; says whether there is one.
pub(crate) fn focus_first(selector: &str) -> bool {
    first(selector).is_some_and(|element| element.focus().is_ok())
}

/// Moves the focus to the selected tab among the tabs.
pub(crate) fn focus_first_tab_sibling() {
    focus_first("[role=tab][aria-selected=true]");
}

/// Presses the first element of this selector, as a click does; says whether there is one.
pub(crate) fn press(selector: &str) -> bool {
    let found = first(selector);
    if let Some(element) = &found {
        element.click();
    }
    found.is_some()
}

/// Whether the page has an element of this selector.
pub(crate) fn is_there(selector: &str) -> bool {
    first(selector).is_some()
}

/// Scrolls as little as shows the first element of this selector.
pub(crate) fn reveal(selector: &str) {
    if let Some(element) = first(selector) {
        let options = ScrollIntoViewOptions::new();
        options.set_block(ScrollLogicalPosition::Nearest);
        element.scroll_into_view_with_scroll_into_view_options(&options);
    }
}

/// Moves the focus to the element at this place among those of this selector, counted from nothing.
pub(crate) fn focus_nth(selector: &str, place: usize) {
    let found = web_sys::window()
        .and_then(|window| window.document())
        .and_then(|document| document.query_selector_all(selector).ok())
        .and_then(|found| found.item(u32::try_from(place).ok()?))
        .and_then(|element| element.dyn_into::<HtmlElement>().ok());
    if let Some(element) = found {
        let _ = element.focus();
    }
}

fn first(selector: &str) -> Option<HtmlElement> {
    let document = web_sys::window()?.document()?;
    let element = document.query_selector(selector).ok()??;
    element.dyn_into().ok()
}

/// Opens a dialog over everything else, unless it is open.
pub(crate) fn show_dialog(id: &str) {
    if let Some(dialog) = by_id::<HtmlDialogElement>(id)
        && !dialog.open()
    {
        let _ = dialog.show_modal();
    }
}

/// Closes a dialog.
pub(crate) fn close_dialog(id: &str) {
    if let Some(dialog) = by_id::<HtmlDialogElement>(id) {
        dialog.close();
    }
}

/// Prints the page; within a frame, the frame alone.
pub(crate) fn print() {
    if let Some(window) = web_sys::window() {
        let _ = window.print();
    }
}

/// Tells `react` that the page is about to be printed, and when it has been.
pub(crate) fn on_print(react: impl Fn(bool) + Copy + 'static) {
    let before =
        leptos::prelude::window_event_listener(leptos::ev::beforeprint, move |_| react(true));
    let after =
        leptos::prelude::window_event_listener(leptos::ev::afterprint, move |_| react(false));
    // The page lives as long as its window.
    std::mem::forget((before, after));
}

/// Calls `react` with the height of the element of this id, now and whenever it changes.
pub(crate) fn on_resize(id: &'static str, react: impl Fn(f64) + 'static) {
    let Some(element) = by_id::<HtmlElement>(id) else {
        return;
    };
    let observed = element.clone();
    let callback = Closure::<dyn Fn()>::new(move || {
        react(observed.get_bounding_client_rect().height());
    });
    if let Ok(observer) = ResizeObserver::new(callback.as_ref().unchecked_ref()) {
        observer.observe(&element);
        // The page lives as long as its window.
        callback.forget();
        std::mem::forget(observer);
    }
}

/// What the page holds before it comes to life, which takes the place of what was typed and ticked
/// meanwhile; nothing while rendering on the server.
pub(crate) fn before_life<T: Default>(look: impl FnOnce() -> T) -> T {
    if cfg!(feature = "hydrate") {
        look()
    } else {
        T::default()
    }
}

/// Takes the element of this id out of the page and gives the bytes that its base64 stands for.
#[cfg(feature = "hydrate")]
pub(crate) fn take_island(id: &str) -> Option<Vec<u8>> {
    let element = by_id::<Element>(id)?;
    let text = element.text_content()?;
    element.remove();
    let binary = web_sys::window()?.atob(&text).ok()?;
    binary
        .chars()
        .map(|character| u8::try_from(u32::from(character)).ok())
        .collect()
}

/// The value of the page's first attribute `data-{name}`.
#[cfg(feature = "hydrate")]
pub(crate) fn page_data(name: &str) -> Option<String> {
    let attribute = format!("data-{name}");
    let document = web_sys::window()?.document()?;
    let element = document.query_selector(&format!("[{attribute}]")).ok()??;
    element.get_attribute(&attribute)
}

/// Lets every form with `data-busy` show these words on its button while it is being sent, and keeps
/// it from being sent twice.
#[cfg(feature = "hydrate")]
pub(crate) fn on_submit_say_busy() {
    let handle = leptos::prelude::window_event_listener(leptos::ev::submit, |event| {
        let form = event
            .target()
            .and_then(|target| target.dyn_into::<Element>().ok());
        if let Some(form) = form
            && let Some(words) = form.get_attribute("data-busy")
            && let Ok(Some(button)) = form.query_selector("button")
        {
            button.set_text_content(Some(&words));
            let _ = button.set_attribute("disabled", "");
        }
    });
    // The page lives as long as its window.
    std::mem::forget(handle);
}

/// Whether nobody sees the page: it is in a tab behind another one.
pub(crate) fn is_hidden() -> bool {
    let document = web_sys::window().and_then(|window| window.document());
    document.is_some_and(|document| document.hidden())
}

/// Waits.
pub(crate) async fn sleep(duration: Duration) {
    let promise = js_sys::Promise::new(&mut |resolve, _| {
        set_timeout(
            move || {
                let _ = resolve.call0(&wasm_bindgen::JsValue::UNDEFINED);
            },
            duration,
        );
    });
    let _ = wasm_bindgen_futures::JsFuture::from(promise).await;
}

fn by_id<T: JsCast>(id: &str) -> Option<T> {
    web_sys::window()?
        .document()?
        .get_element_by_id(id)?
        .dyn_into()
        .ok()
}

/// Whether nothing is in the element of this id.
pub(crate) fn is_blank(id: &str) -> bool {
    by_id::<Element>(id).is_some_and(|element| element.first_element_child().is_none())
}

/// Fills the element of this id with a view, in place of what was in it.
pub(crate) fn fill_with<V: IntoView + 'static>(id: &str, view: impl FnOnce() -> V + 'static) {
    if let Some(element) = by_id::<HtmlElement>(id) {
        element.set_text_content(None);
        // It lives until the dialog is filled again, and there is only the one.
        leptos::mount::mount_to(element, view).forget();
    }
}
