//! Deleting the account: in words what goes, then the password, then it is gone.

use leptos::prelude::*;

use crate::api::cabinet::delete_account;
use crate::browser;
use crate::cabinet::actions::FormActions;
use crate::cabinet::fields::PasswordField;
use crate::cabinet::sending::Sending;
use crate::cabinet::trouble::SendingTrouble;
use crate::say;
use crate::ui::{Button, Dialog, Look};
use crate::words::use_lang;

const DIALOG: &str = "delete-dialog";

/// The button and its question.
#[component]
pub(super) fn Deletion(portals: usize) -> impl IntoView {
    let lang = use_lang();
    view! {
        <section class="part part--danger" aria-labelledby="delete-title">
            <h2 class="part__title" id="delete-title">{say!(lang, delete_title)}</h2>
            <p>{say!(lang, delete_text)}</p>
            <Button
                look=Look::Danger
                label=say!(lang, delete_title)
                on_press=move |_| browser::show_dialog(DIALOG)
            />
            <DeleteDialog portals/>
        </section>
    }
}

#[component]
fn DeleteDialog(portals: usize) -> impl IntoView {
    let lang = use_lang();
    let sending = Sending::new(lang, None).asking_for("confirm");
    let send = sending.on_submit(
        |typed| Ok(delete_account(typed.take("confirm"))),
        |()| browser::go("/login?done=deleted"),
    );
    let goes = [
        say!(lang, delete_goes_account).to_owned(),
        say!(lang, delete_goes_links, count = portals),
        say!(lang, delete_goes_log).to_owned(),
    ];
    view! {
        <Dialog id=DIALOG title=say!(lang, delete_question)>
            <p>{say!(lang, delete_goes)}</p>
            <ul class="list">{goes.map(|line| view! { <li>{line}</li> })}</ul>
            <p class="remark">{say!(lang, delete_stays)}</p>
            <SendingTrouble sending/>
            <form class="fields" on:submit=send>
                <PasswordField name="confirm" label=say!(lang, field_present) sending/>
                <FormActions dialog=DIALOG label=say!(lang, delete_button) sending class="button button--danger"/>
            </form>
        </Dialog>
    }
}
