//! Tabs: a row of sections of which one is shown, by the pattern that screen readers know. The row
//! is `<div class="tabs" role="tablist">`; arrow keys are its owner's to interpret ([`step`]).

use leptos::prelude::*;

/// A tab with a number beside its name.
#[component]
pub fn Tab(
    /// Names it in ids: `tab-{slug}`.
    slug: &'static str,
    /// Its name.
    label: &'static str,
    /// How many things it holds.
    #[prop(into)]
    count: Signal<Option<String>>,
    /// How many of them are new, and what that number means.
    #[prop(default = None)]
    news: Option<(String, String)>,
    /// Whether it is the one that is shown.
    #[prop(into)]
    selected: Signal<bool>,
    /// Shows it.
    #[prop(into)]
    on_select: Callback<()>,
) -> impl IntoView {
    view! {
        <button
            type="button"
            role="tab"
            class="tab"
            id=format!("tab-{slug}")
            aria-controls="panel"
            aria-selected=move || if selected.get() { "true" } else { "false" }
            tabindex=move || if selected.get() { "0" } else { "-1" }
            on:click=move |_| on_select.run(())
        >
            {label}
            <span class="tab__count">{count}</span>
            {news.map(|(count, told)| view! {
                <span class="tab__news" role="img" aria-label=told.clone() title=told>{count}</span>
            })}
        </button>
    }
}

/// Where a key leads from the tab `at` of `count`, as the ARIA pattern of tabs has it.
#[must_use]
pub fn step(key: &str, at: usize, count: usize) -> Option<usize> {
    Some(match key {
        "ArrowRight" => (at + 1) % count,
        "ArrowLeft" => (at + count - 1) % count,
        "Home" => 0,
        "End" => count - 1,
        _ => return None,
    })
}
