//! Menus: a few things to do or to choose, behind a button. The browser's own `<details>` opens them,
//! so they work before the page is alive; `browser::close_menus` closes them again.

use leptos::prelude::*;

use super::Icon;

/// A menu; what it holds are buttons and links of the class `menu__item`.
#[component]
pub fn Menu<C: IntoView + 'static>(
    /// What its button is called.
    #[prop(into)]
    label: String,
    /// What its button shows.
    icon: Icon,
    /// What it holds.
    children: TypedChildren<C>,
) -> impl IntoView {
    view! {
        <details class="menu">
            <summary class="menu__button" aria-label=label.clone() title=label>
                {icon.draw()}
            </summary>
            <div class="menu__list">{children.into_inner()()}</div>
        </details>
    }
}

/// A menu whose button says in words what is in it.
#[component]
pub fn WordMenu<C: IntoView + 'static>(
    /// What its button says.
    #[prop(into)]
    label: String,
    /// What its button shows before the words.
    icon: Icon,
    /// What it holds.
    children: TypedChildren<C>,
) -> impl IntoView {
    view! {
        <details class="menu">
            <summary class="menu__word button button--primary">
                {icon.draw()}
                <span>{label}</span>
            </summary>
            <div class="menu__list">{children.into_inner()()}</div>
        </details>
    }
}
