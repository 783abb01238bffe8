//! Text with the hits of a search marked.

use crmap_domain::search::Query;
use leptos::either::Either;
use leptos::prelude::*;

/// `text` with whatever `query` hits in `<mark>`.
pub fn marked(text: &str, query: &Query) -> impl IntoView + use<> {
    if query.is_empty() {
        return Either::Left(text.to_owned());
    }
    let mut pieces = Vec::new();
    let mut seen = 0;
    for hit in query.highlight(text) {
        if hit.start > seen {
            pieces.push(Either::Left(text[seen..hit.start].to_owned()));
        }
        seen = hit.end;
        pieces.push(Either::Right(view! { <mark>{text[hit].to_owned()}</mark> }));
    }
    if seen < text.len() {
        pieces.push(Either::Left(text[seen..].to_owned()));
    }
    Either::Right(pieces)
}
