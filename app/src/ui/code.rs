//! Identifiers that are copied by a click.

use std::ops::Range;

use crmap_domain::search::Query;
use leptos::prelude::*;

use super::{marked, marked_at};

/// An identifier as a button that copies its own text; what `query` hits is marked. A table holds
/// hundreds of them, so each is as small as can be: the page's one click listener does the copying,
/// and the verb of the button's name comes from the style sheet (`--copy`, see `document`).
pub fn copyable(text: &str, query: &Query) -> impl IntoView + use<> {
    view! { <button class="code" data-copy>{marked(text, query)}</button> }
}

/// The same with these parts of it marked.
pub fn copyable_at<I>(text: &str, hits: I) -> impl IntoView + use<I>
where
    I: IntoIterator<Item = Range<usize>>,
{
    view! { <button class="code" data-copy>{marked_at(text, hits)}</button> }
}
