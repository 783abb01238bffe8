//! Forms and where the page goes after them.

use leptos::ev::SubmitEvent;
use leptos::prelude::window_event_listener;
use wasm_bindgen::JsCast;
use web_sys::{
    Element, FormData, HtmlDetailsElement, HtmlElement, HtmlFormElement, HtmlInputElement,
    UrlSearchParams,
};

/// What a form holds as it is sent.
pub(crate) struct Values(Option<FormData>);

impl Values {
    /// The values of the form that is being sent; a browser may have filled it in by itself.
    pub(crate) fn of(event: &SubmitEvent) -> Self {
        let form = event
            .target()
            .and_then(|target| target.dyn_into::<HtmlFormElement>().ok());
        Self(form.and_then(|form| FormData::new_with_form(&form).ok()))
    }

    /// The value of a field, exactly as it was typed; empty where there is no such field.
    pub(crate) fn take(&self, name: &str) -> String {
        self.0
            .as_ref()
            .and_then(|data| data.get(name).as_string())
            .unwrap_or_default()
    }
}

/// Goes to another page of ours.
pub(crate) fn go(address: &str) {
    if let Some(window) = web_sys::window() {
        // Refused only by a page that is being left.
        let _ = window.location().assign(address);
    }
}

/// Loads the page again.
pub(crate) fn reload() {
    if let Some(window) = web_sys::window() {
        let _ = window.location().reload();
    }
}

/// Has the address of the page name `parameters`, without leaving the page.
pub(crate) fn name_in_address(parameters: &[(&'static str, String)]) {
    let Some(window) = web_sys::window() else {
        return;
    };
    let Ok(query) = UrlSearchParams::new() else {
        return;
    };
    for (name, value) in parameters {
        query.set(name, value);
    }
    let query = String::from(query.to_string());
    let path = window.location().pathname().unwrap_or_default();
    let address = if query.is_empty() {
        path
    } else {
        format!("{path}?{query}")
    };
    if let Ok(history) = window.history() {
        let state = wasm_bindgen::JsValue::NULL;
        // Refused only when it is called hundreds of times within seconds; the next one goes through.
        let _ = history.replace_state_with_url(&state, "", Some(&address));
    }
}

/// The fragment of the address, which no server sees; takes it out of the address.
pub(crate) fn take_fragment() -> Option<String> {
    let window = web_sys::window()?;
    let fragment = window.location().hash().ok()?;
    let fragment = fragment.strip_prefix('#')?.to_owned();
    let path = window.location().pathname().ok()?;
    let state = wasm_bindgen::JsValue::NULL;
    let history = window.history().ok()?;
    let _ = history.replace_state_with_url(&state, "", Some(&path));
    (!fragment.is_empty()).then_some(fragment)
}

/// Has open menus close when somebody clicks elsewhere or presses Escape, as menus do.
pub(crate) fn close_menus_as_usual() {
    let clicks = window_event_listener(leptos::ev::click, |event| {
        let target = event
            .target()
            .and_then(|target| target.dyn_into::<Element>().ok());
        // What was chosen is all that was wanted of a menu.
        let menu = target
            .filter(|element| matches!(element.closest(".menu__item"), Ok(None)))
            .and_then(|element| element.closest("details.menu").ok().flatten());
        close_menus(menu.as_ref());
    });
    let keys = window_event_listener(leptos::ev::keydown, |event| {
        if event.key() == "Escape" {
            close_menus(None);
        }
    });
    // The page lives as long as its window.
    std::mem::forget((clicks, keys));
}

fn close_menus(except: Option<&Element>) {
    let Some(document) = web_sys::window().and_then(|window| window.document()) else {
        return;
    };
    let Ok(open) = document.query_selector_all("details.menu[open]") else {
        return;
    };
    for index in 0..open.length() {
        let menu = open
            .item(index)
            .and_then(|node| node.dyn_into::<HtmlDetailsElement>().ok());
        if let Some(menu) = menu
            && !except.is_some_and(|except| except.is_same_node(Some(&menu)))
        {
            close_menu(&document, &menu);
        }
    }
}

/// Whoever was inside is at its button afterwards.
fn close_menu(document: &web_sys::Document, menu: &HtmlDetailsElement) {
    let is_inside = menu.contains(document.active_element().as_deref());
    menu.set_open(false);
    let button = menu.query_selector("summary").ok().flatten();
    if is_inside
        && let Some(button) = button.and_then(|button| button.dyn_into::<HtmlElement>().ok())
    {
        let _ = button.focus();
    }
}

/// The value of the field that an event is about, where it has this name.
pub(crate) fn value_of(event: &web_sys::Event, name: &str) -> Option<String> {
    let input = event.target()?.dyn_into::<HtmlInputElement>().ok()?;
    (input.name() == name).then(|| input.value())
}

/// The value of the box that was ticked or cleared, where it has this name, and whether it is ticked.
pub(crate) fn tick_of(event: &web_sys::Event, name: &str) -> Option<(String, bool)> {
    let input = event.target()?.dyn_into::<HtmlInputElement>().ok()?;
    (input.name() == name).then(|| (input.value(), input.checked()))
}

/// The values of all boxes of this name that are ticked.
pub(crate) fn ticked(name: &str) -> Vec<String> {
    let selector = format!("input[name=\"{name}\"]:checked");
    let found = web_sys::window()
        .and_then(|window| window.document())
        .and_then(|document| document.query_selector_all(&selector).ok());
    let Some(found) = found else {
        return Vec::new();
    };
    (0..found.length())
        .filter_map(|index| found.item(index)?.dyn_into::<HtmlInputElement>().ok())
        .map(|input| input.value())
        .collect()
}

/// The parameters of these names in a query.
pub(crate) fn parameters_of<const N: usize>(
    query: &str,
    names: [&'static str; N],
) -> Vec<(&'static str, String)> {
    let Ok(parameters) = UrlSearchParams::new_with_str(query) else {
        return Vec::new();
    };
    let named = names.into_iter();
    named
        .filter_map(|name| Some((name, parameters.get(name)?)))
        .collect()
}

/// The value of the field of this id; empty where there is none.
pub(crate) fn value_by_id(id: &str) -> String {
    input(id).map_or_else(String::new, |input| input.value())
}

/// Fills the field of this id in.
pub(crate) fn fill(id: &str, value: &str) {
    if let Some(input) = input(id) {
        input.set_value(value);
    }
}

fn input(id: &str) -> Option<HtmlInputElement> {
    web_sys::window()?
        .document()?
        .get_element_by_id(id)?
        .dyn_into()
        .ok()
}

/// Path and query of the page's address.
pub(crate) fn here() -> String {
    let Some(window) = web_sys::window() else {
        return String::new();
    };
    let location = window.location();
    let path = location.pathname().unwrap_or_default();
    path + &location.search().unwrap_or_default()
}
