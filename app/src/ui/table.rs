//! Tables: a caption for those who cannot see them, the heads of the columns, the rows.

use leptos::prelude::*;

use super::what;
use crate::help::Notion;

/// The head of a column.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    title: &'static str,
    class: &'static str,
    about: Option<Notion>,
}

impl Column {
    /// A column of words.
    #[must_use]
    pub const fn of(title: &'static str) -> Self {
        Self {
            title,
            class: "",
            about: None,
        }
    }

    /// A column of numbers, which stand at its end.
    #[must_use]
    pub const fn of_numbers(title: &'static str) -> Self {
        Self {
            class: "number",
            ..Self::of(title)
        }
    }

    /// A column of how much there is of something.
    #[must_use]
    pub const fn of_totals(title: &'static str) -> Self {
        Self {
            class: "total",
            ..Self::of(title)
        }
    }

    /// A column of identifiers.
    #[must_use]
    pub const fn of_ids(title: &'static str) -> Self {
        Self {
            class: "id",
            ..Self::of(title)
        }
    }

    /// The same with an explanation of what the column shows.
    #[must_use]
    pub const fn about(mut self, notion: Notion) -> Self {
        self.about = Some(notion);
        self
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
        .map(|column| {
            let what = column.about.map(|notion| what(notion, column.title));
            view! { <th scope="col" class=column.class>{column.title}{what}</th> }
        })
        .collect();
    view! {
        <table class=class>
            <caption class="off-screen">{caption}</caption>
            <thead><tr>{heads}</tr></thead>
            {body}
        </table>
    }
}
