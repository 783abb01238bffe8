//! Identifiers that are copied by a click.

use crmap_domain::Lang;
use crmap_domain::search::Query;
use leptos::prelude::*;

use super::marked;
use crate::say;

/// An identifier as a button that copies it; the page's own click listener does the copying, so
/// that a table of any length needs no listeners. What `query` hits is marked.
pub fn copyable(text: &str, query: &Query, lang: Lang) -> impl IntoView + use<> {
    view! {
        <button type="button" class="code" data-copy=text.to_owned() aria-label=say!(lang, copy, text = text.to_owned())>
            {marked(text, query)}
        </button>
    }
}
