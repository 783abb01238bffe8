//! What is pressed at the end of forms and dialogs.

use leptos::ev::MouseEvent;
use leptos::prelude::*;

use super::sending::Sending;
use crate::browser;
use crate::say;
use crate::ui::{Button, Look};
use crate::words::use_lang;

/// The button that sends a form, at rest while it is being sent.
#[component]
pub(super) fn Submit(
    /// What it does.
    #[prop(into)]
    label: String,
    /// The form.
    sending: Sending,
    /// How it looks: `button--primary`, `button--wide`.
    #[prop(default = "button")]
    class: &'static str,
) -> impl IntoView {
    view! {
        <button type="submit" class=class disabled=move || sending.is_busy()>{label}</button>
    }
}

/// The end of a dialog with a form: away from it, or on.
#[component]
pub(super) fn FormActions(
    /// The dialog.
    dialog: &'static str,
    /// What its form does.
    label: &'static str,
    /// The form.
    sending: Sending,
    /// How the button looks that sends the form.
    class: &'static str,
) -> impl IntoView {
    view! {
        <div class="dialog__actions">
            <Cancel dialog/>
            <Submit label sending class/>
        </div>
    }
}

/// The end of a dialog that asks for a yes.
#[component]
pub(super) fn Confirmation(
    /// The dialog.
    dialog: &'static str,
    /// What a yes does.
    label: &'static str,
    /// How the yes looks.
    look: Look,
    /// What waits for the server.
    sending: Sending,
    /// Does it.
    #[prop(into)]
    on_confirm: Callback<MouseEvent>,
) -> impl IntoView {
    view! {
        <div class="dialog__actions">
            <Cancel dialog/>
            <Button look label=label disabled=sending.busy() on_press=on_confirm/>
        </div>
    }
}

#[component]
fn Cancel(dialog: &'static str) -> impl IntoView {
    let lang = use_lang();
    view! {
        <Button
            look=Look::Plain
            label=say!(lang, cancel)
            on_press=move |_| browser::close_dialog(dialog)
        />
    }
}
