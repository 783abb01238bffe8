//! Notices: what happened and what to do, in the place where it matters.

use leptos::ev::MouseEvent;
use leptos::prelude::*;

use super::{Button, Icon, Look};

/// How serious a notice is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// Something to know.
    Calm,
    /// Something stands in the way.
    Trouble,
}

/// A notice: a sentence that says what happened, one that says what to do, and perhaps a way to do it.
#[component]
pub fn Notice(
    /// How serious it is.
    tone: Tone,
    /// Drawn beside it.
    icon: Icon,
    /// What happened.
    #[prop(into)]
    what: String,
    /// What to do.
    #[prop(into)]
    cure: String,
    /// What can be done at once: the words of a button and what it does.
    #[prop(optional)]
    action: Option<(&'static str, Callback<MouseEvent>)>,
) -> impl IntoView {
    let (class, role) = match tone {
        Tone::Calm => ("notice", "status"),
        Tone::Trouble => ("notice notice--trouble", "alert"),
    };
    view! {
        <div class=class role=role>
            {icon.draw()}
            <div class="notice__words">
                <p class="notice__what">{what}</p>
                <p class="notice__cure">{cure}</p>
            </div>
            {action.map(|(label, on_press)| view! {
                <Button look=Look::Plain icon=Icon::Refresh label=label on_press=on_press/>
            })}
        </div>
    }
}
