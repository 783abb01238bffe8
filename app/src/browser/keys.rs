//! Keys that work on the whole page.

use leptos::prelude::window_event_listener;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlInputElement, KeyboardEvent, UrlSearchParams};

use super::form::tick_of;
use crate::data::SingleKeys;

/// What the page's own keys ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shortcut {
    /// «/»: the search of the page.
    Search,
    /// Ctrl+K or Cmd+K: the palette, to go anywhere from wherever the page is.
    Palette,
    /// «?»: the sheet of all keys.
    Keys,
}

/// The box in the sheet of keys that turns off those which are one character alone.
pub(crate) const SILENT: &str = "keys-silent";

/// Calls `react` whenever one of the page's own keys is pressed. A dialog keeps all keys to itself.
pub(crate) fn on_shortcut(react: impl Fn(Shortcut) + 'static) {
    let handle = window_event_listener(leptos::ev::keydown, move |event| {
        let Some(shortcut) = shortcut_of(&event) else {
            return;
        };
        let is_taken = is_dialog_open();
        // What browsers do at Ctrl+K is never meant.
        if !is_taken || shortcut == Shortcut::Palette {
            event.prevent_default();
        }
        if !is_taken {
            react(shortcut);
        }
    });
    // The page lives as long as its window.
    std::mem::forget(handle);
}

/// Has the server keep whether single keys are turned off, for the pages to come. It hears of it even
/// when the page is left at once.
pub(crate) fn keep_single_keys() {
    let handle = window_event_listener(leptos::ev::change, |event| {
        if let Some((_, is_off)) = tick_of(&event, SILENT) {
            let keys = if is_off {
                SingleKeys::Off
            } else {
                SingleKeys::On
            };
            prefer("keys", keys.code());
        }
    });
    // The page lives as long as its window.
    std::mem::forget(handle);
}

/// Where nothing can be sent, the choice holds on this page alone.
fn prefer(name: &str, code: &str) {
    if let (Some(window), Ok(choice)) = (web_sys::window(), UrlSearchParams::new()) {
        choice.set(name, code);
        let _ = window
            .navigator()
            .send_beacon_with_opt_url_search_params("/preferences", Some(&choice));
    }
}

/// By the place of a key where that is enough: with Russian letters on, the same key gives another
/// character.
fn shortcut_of(event: &KeyboardEvent) -> Option<Shortcut> {
    let with_command = event.ctrl_key() || event.meta_key();
    let code = event.code();
    if event.alt_key() {
        return None;
    }
    if with_command {
        return (code == "KeyK" && !event.shift_key()).then_some(Shortcut::Palette);
    }
    if is_typing(event) || is_silent() {
        return None;
    }
    // With Russian letters on, the key of «/» and «?» gives a full stop and a comma; with German ones
    // another key does, and this one gives something else.
    match (event.key().as_str(), code.as_str()) {
        ("?", _) | (",", "Slash") => Some(Shortcut::Keys),
        ("/", _) | (".", "Slash") => Some(Shortcut::Search),
        _ => None,
    }
}

fn is_typing(event: &KeyboardEvent) -> bool {
    let target = event
        .target()
        .and_then(|target| target.dyn_into::<Element>().ok());
    target.is_some_and(|element| {
        matches!(element.tag_name().as_str(), "INPUT" | "TEXTAREA" | "SELECT")
    })
}

fn is_silent() -> bool {
    element(&format!("#{SILENT}"))
        .and_then(|element| element.dyn_into::<HtmlInputElement>().ok())
        .is_some_and(|input| input.checked())
}

fn is_dialog_open() -> bool {
    element("dialog[open]").is_some()
}

fn element(selector: &str) -> Option<Element> {
    let document = web_sys::window()?.document()?;
    document.query_selector(selector).ok()?
}
