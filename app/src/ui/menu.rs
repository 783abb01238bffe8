//! Menus: a few things to do or to choose, behind a button. The browser's own `<details>` opens them,
//! so they work before the page is alive; `browser::close_menus` closes them again.

use leptos::prelude::*;

use super::{Icon, Look};

/// A menu; what it holds are buttons and links of the class `menu__item`.
#[component]
pub fn Menu<C: IntoView + 'static>(
    /// What its button is called. Where a row of tools is short of room, only the icon shows.
    #[prop(into)]
    label: String,
    /// What its button shows before the words.
    icon: Icon,
    /// How much its button stands out.
    look: Look,
    /// What it holds.
    children: TypedChildren<C>,
) -> impl IntoView {
    let class = format!("menu__button {}", look.class());
    let (name, title) = (label.clone(), label.clone());
    view! {
        <details class="menu">
            <summary class=class aria-label=name title=title>
                {icon.draw()}
                <span class="tool__word">{label}</span>
            </summary>
            <div class="menu__list">{children.into_inner()()}</div>
        </details>
    }
}
