//! Text with the hits of a search marked.

use std::ops::Range;

use crmap_domain::search::Query;
use leptos::either::Either;
use leptos::prelude::*;

/// `text` with whatever `query` hits in `<mark>`.
pub fn marked(text: &str, query: &Query) -> impl IntoView + use<> {
    if query.is_empty() {
        return Either::Left(text.to_owned());
    }
    Either::Right(marked_at(text, query.highlight(text)))
}

/// `text` with these parts of it in `<mark>`: in order, on boundaries of characters.
pub fn marked_at<I>(text: &str, hits: I) -> impl IntoView + use<I>
where
    I: IntoIterator<Item = Range<usize>>,
{
    let mut pieces = Vec::new();
    let mut seen = 0;
    for hit in hits {
        // What another side says of a text is not trusted to fit it.
        let (Some(before), Some(found)) = (text.get(seen..hit.start), text.get(hit.clone())) else {
            continue;
        };
        if !before.is_empty() {
            pieces.push(Either::Left(before.to_owned()));
        }
        seen = hit.end;
        pieces.push(Either::Right(view! { <mark>{found.to_owned()}</mark> }));
    }
    if seen < text.len() {
        pieces.push(Either::Left(text[seen..].to_owned()));
    }
    pieces
}
