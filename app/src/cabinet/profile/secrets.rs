//! What one logs in with: the address and the password. Either is changed by whoever knows the
//! present password (SEC-62).

use leptos::prelude::*;

use crate::api::cabinet::{change_email, change_password};
use crate::browser;
use crate::cabinet::actions::Submit;
use crate::cabinet::entry::NewPasswordField;
use crate::cabinet::fields::{PasswordField, email_in, new_password_in};
use crate::cabinet::sending::Sending;
use crate::cabinet::trouble::SendingTrouble;
use crate::say;
use crate::ui::{Field, Kind, use_toast};
use crate::words::use_lang;

/// Changing the address and the password.
#[component]
pub(super) fn Secrets(sends_mail: bool) -> impl IntoView {
    let lang = use_lang();
    view! {
        <section class="part" aria-labelledby="secrets-title">
            <h2 class="part__title" id="secrets-title">{say!(lang, secrets_title)}</h2>
            <p class="faint">{if sends_mail {
                say!(lang, secrets_told)
            } else {
                say!(lang, secrets_not_told)
            }}</p>
            <EmailChange/>
            <PasswordChange/>
        </section>
    }
}

#[component]
fn EmailChange() -> impl IntoView {
    let lang = use_lang();
    let sending = Sending::new(lang, None);
    let send = sending.on_submit(
        |typed| Ok(change_email(email_in(typed)?, typed.take("present"))),
        |()| browser::reload(),
    );
    view! {
        <details class="change">
            <summary class="change__open">{say!(lang, change_email)}</summary>
            <SendingTrouble sending/>
            <form class="fields" on:submit=send>
                <Field
                    name="email"
                    label=say!(lang, field_new_email)
                    kind=Kind::Email
                    autocomplete="email"
                    flaw=sending.flaw("email")
                />
                <PasswordField name="present" label=say!(lang, field_present) sending/>
                <Submit label=say!(lang, change_email) sending/>
            </form>
        </details>
    }
}

#[component]
fn PasswordChange() -> impl IntoView {
    let lang = use_lang();
    let toast = use_toast();
    let sending = Sending::new(lang, None).asking_for("old");
    let send = sending.on_submit(
        |typed| Ok(change_password(typed.take("old"), new_password_in(typed)?)),
        move |()| {
            for field in ["old", "password"] {
                browser::fill(field, "");
            }
            toast.tell(
                say!(lang, saved_password).to_owned(),
                browser::point_of("old"),
            );
        },
    );
    view! {
        <details class="change">
            <summary class="change__open">{say!(lang, change_password)}</summary>
            <SendingTrouble sending/>
            <form class="fields" on:submit=send>
                <PasswordField name="old" label=say!(lang, field_present) sending/>
                <NewPasswordField label=say!(lang, field_new_password) sending/>
                <Submit label=say!(lang, change_password) sending/>
            </form>
        </details>
    }
}
