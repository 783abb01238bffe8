//! Buttons.

use leptos::ev::MouseEvent;
use leptos::prelude::*;

use super::Icon;

/// How much a button asks for attention.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// The one thing to do here.
    Primary,
    /// One of several things to do.
    Plain,
    /// Something at hand that should not stand out.
    Quiet,
    /// Something that cannot be undone.
    Danger,
}

impl Look {
    pub(super) const fn class(self) -> &'static str {
        match self {
            Self::Primary => "button button--primary",
            Self::Plain => "button",
            Self::Quiet => "button button--quiet",
            Self::Danger => "button button--danger",
        }
    }
}

/// A button with words and, if wanted, an icon before them. One that cannot be pressed keeps the focus:
/// whoever presses it by the keyboard has to wait, not to look for the place again.
#[component]
pub fn Button(
    /// How much it stands out.
    look: Look,
    /// What is drawn before the words.
    #[prop(optional, into)]
    icon: Option<Icon>,
    /// Whether it cannot be pressed now.
    #[prop(optional, into)]
    disabled: Signal<bool>,
    /// What pressing does.
    #[prop(into)]
    on_press: Callback<MouseEvent>,
    /// The words.
    #[prop(into)]
    label: Signal<String>,
) -> impl IntoView {
    view! {
        <button
            type="button"
            class=look.class()
            aria-disabled=move || disabled.get().then_some("true")
            on:click=move |event| if !disabled.get_untracked() { on_press.run(event) }
        >
            {icon.map(Icon::draw)}
            <span>{label}</span>
        </button>
    }
}
