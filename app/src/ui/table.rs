//! Tables: a caption for those who cannot see them, the heads of the columns, the rows.

use leptos::prelude::*;

/// The head of a column.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    title: &'static str,
    class: &'static str,
}

impl Column {
    /// A column of words.
    #[must_use]
    pub const fn of(title: &'static str) -> Self {
        Self { title, class: "" }
    }

    /// A column of numbers, which stand at its end.
    #[must_use]
    pub const fn of_numbers(title: &'static str) -> Self {
        let class = "number";
        Self { title, class }
    }

    /// A column of how much there is of something.
    #[must_use]
    pub const fn of_totals(title: &'static str) -> Self {
        let class = "total";
        Self { title, class }
    }

    /// A column of identifiers.
    #[must_use]
    pub const fn of_ids(title: &'static str) -> Self {
        Self { title, class: "id" }
    }
}

/// A table with a body of `<tbody>` elements. A narrow page shows its rows as cards.
pub fn table<B: IntoView>(
    class: &'static str,
    caption: &'static str,
    columns: &[Column],
    body: B,
) -> impl IntoView + use<B> {
    let heads: Vec<_> = columns
        .iter()
        .map(|column| view! { <th scope="col" class=column.class>{column.title}</th> })
        .collect();
    view! {
        <table class=class>
            <caption class="off-screen">{caption}</caption>
            <thead><tr>{heads}</tr></thead>
            {body}
        </table>
    }
}
