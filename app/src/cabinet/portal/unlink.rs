//! Ending the link of a portal, after a question.

use leptos::prelude::*;

use super::Shown;
use crate::api::cabinet::unlink_portal;
use crate::browser;
use crate::cabinet::actions::Confirmation;
use crate::cabinet::sending::Sending;
use crate::cabinet::trouble::SendingTrouble;
use crate::say;
use crate::ui::{Button, Dialog, Look};
use crate::words::use_lang;

const UNLINKING: &str = "unlink-dialog";

/// The button and its question.
#[component]
pub(super) fn Unlinking() -> impl IntoView {
    let lang = use_lang();
    let shown = Shown::get();
    let sending = Sending::new(lang, None);
    let unlink = move |_| {
        sending.send(unlink_portal(shown.member_id()), |()| {
            browser::go("/dashboard");
        });
    };
    view! {
        <Button
            look=Look::Danger
            label=say!(lang, unlink)
            on_press=move |_| browser::show_dialog(UNLINKING)
        />
        <Dialog id=UNLINKING title=say!(lang, unlink_question)>
            <p>{move || say!(lang, unlink_question_text, name = shown.name())}</p>
            <SendingTrouble sending/>
            <Confirmation
                dialog=UNLINKING
                label=say!(lang, unlink)
                look=Look::Danger
                sending
                on_confirm=unlink
            />
        </Dialog>
    }
}
