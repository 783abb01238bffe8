//! Copying, also in a frame that was not granted `clipboard-write`.

use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{HtmlDocument, HtmlElement, HtmlTextAreaElement};

/// How a copy came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Copied {
    /// The text is on the clipboard.
    Yes,
    /// The browser refused both ways; the text stands selected in the page.
    No,
}

/// Puts `text` on the clipboard: by the copy command, which needs nothing but the click that led
/// here and works in every frame, otherwise by the clipboard interface, which a portal has to grant
/// its frame (and complains to the console where it has not).
pub(crate) async fn copy(text: &str, beside: Option<HtmlElement>) -> Copied {
    if copy_by_command(text).unwrap_or(false) || write(text).await {
        return Copied::Yes;
    }
    if let Some(element) = beside {
        select(&element);
    }
    Copied::No
}

async fn write(text: &str) -> bool {
    let Some(window) = web_sys::window() else {
        return false;
    };
    let navigator = window.navigator();
    // Undefined outside secure contexts.
    let clipboard = js_sys::Reflect::get(&navigator, &"clipboard".into());
    if clipboard.is_ok_and(|value| value.is_undefined()) {
        return false;
    }
    JsFuture::from(navigator.clipboard().write_text(text))
        .await
        .is_ok()
}

fn copy_by_command(text: &str) -> Option<bool> {
    let document = web_sys::window()?
        .document()?
        .dyn_into::<HtmlDocument>()
        .ok()?;
    let focused = document.active_element();
    let area = document
        .create_element("textarea")
        .ok()?
        .dyn_into::<HtmlTextAreaElement>()
        .ok()?;
    area.set_value(text);
    area.set_class_name("off-screen");
    area.set_attribute("readonly", "").ok()?;
    // A modal dialog makes everything outside it inert, so the helper goes where the focus is.
    let host = focused
        .as_ref()
        .and_then(|element| element.closest("dialog").ok().flatten())
        .or_else(|| document.body().map(Into::into))?;
    host.append_child(&area).ok()?;
    area.select();
    let done = document.exec_command("copy").unwrap_or(false);
    area.remove();
    if let Some(element) = focused.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
        let _ = element.focus();
    }
    Some(done)
}

fn select(element: &HtmlElement) {
    let selection = web_sys::window().and_then(|window| window.get_selection().ok().flatten());
    if let Some(selection) = selection {
        let _ = selection.select_all_children(element);
    }
}
