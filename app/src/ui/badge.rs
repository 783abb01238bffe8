//! Badges: a word about a thing, beside its name.

use leptos::prelude::*;

/// What a badge says by its colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shade {
    /// Nothing.
    Plain,
    /// That all is well.
    Good,
    /// That something is to be done.
    Warning,
    /// That something does not work.
    Bad,
}

impl Shade {
    const fn class(self) -> &'static str {
        match self {
            Self::Plain => "badge",
            Self::Good => "badge badge--good",
            Self::Warning => "badge badge--strong",
            Self::Bad => "badge badge--bad",
        }
    }
}

/// A badge.
#[component]
pub fn Badge(
    /// Its colour, which never says anything alone.
    shade: Shade,
    /// Its word.
    #[prop(into)]
    word: String,
) -> impl IntoView {
    view! { <span class=shade.class()>{word}</span> }
}
