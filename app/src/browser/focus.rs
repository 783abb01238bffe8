//! What has the focus within a part of the page, by where it stands: the part may be drawn anew.

use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

/// The way from an element to what has the focus in it: which child it is, of which child, and so on.
pub(crate) fn focused_in(element: &Element) -> Option<Vec<u32>> {
    let focused = web_sys::window()?.document()?.active_element()?;
    let mut way = Vec::new();
    let mut at = Some(focused);
    while let Some(inside) = at {
        if &inside == element {
            way.reverse();
            return Some(way);
        }
        way.push(before(&inside));
        at = inside.parent_element();
    }
    None
}

/// How many elements stand before one in the same parent.
fn before(element: &Element) -> u32 {
    let mut count = 0;
    let mut at = element.previous_element_sibling();
    while let Some(sibling) = at {
        count += 1;
        at = sibling.previous_element_sibling();
    }
    count
}

/// Moves the focus to where such a way leads from another element, as far as it goes.
pub(crate) fn focus_along(element: &Element, way: &[u32]) {
    let mut at = element.clone();
    for place in way {
        let Some(inside) = at.children().item(*place) else {
            return;
        };
        at = inside;
    }
    if let Ok(found) = at.dyn_into::<HtmlElement>() {
        let _ = found.focus();
    }
}
