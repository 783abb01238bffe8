//! The product's sign with its name.

use leptos::prelude::*;

/// The product's sign with its name; the same drawing as `public/favicon.svg`.
#[component]
pub fn Brand() -> impl IntoView {
    view! {
        <p class="brand">
            <svg class="brand__sign" viewBox="0 0 32 32" width="32" height="32" aria-hidden="true">
                <rect width="32" height="32" rx="8"></rect>
                <path d="M7 9h18l-6.5 7.5V24l-5-2.5v-5z"></path>
            </svg>
            "CRMAP"
        </p>
    }
}
