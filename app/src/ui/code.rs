//! Identifiers that are copied by a click.

use crmap_domain::search::Query;
use leptos::prelude::*;

use super::marked;

/// An identifier as a button that copies its own text; what `query` hits is marked. A table holds
/// hundreds of them, so each is as small as can be: the page's one click listener does the copying,
/// and the verb of the button's name comes from the style sheet (`--copy`, see `document`).
pub fn copyable(text: &str, query: &Query) -> impl IntoView + use<> {
    view! { <button class="code" data-copy>{marked(text, query)}</button> }
}
