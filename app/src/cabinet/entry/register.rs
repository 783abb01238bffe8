//! Making an account.

use leptos::prelude::*;

use super::NewPasswordField;
use crate::api::cabinet::register;
use crate::browser;
use crate::cabinet::actions::Submit;
use crate::cabinet::data::RegisterForm;
use crate::cabinet::fields::{EmailField, NameField, email_in, name_in, new_password_in};
use crate::cabinet::sending::Sending;
use crate::cabinet::trouble::SendingTrouble;
use crate::say;
use crate::words::use_lang;

/// The form of registering.
#[component]
pub(super) fn Register(form: RegisterForm) -> impl IntoView {
    let lang = use_lang();
    let sending = Sending::new(lang, form.denial);
    let send = sending.on_submit(
        move |typed| {
            let (name, email) = (name_in(typed)?, email_in(typed)?);
            Ok(register(name, email, new_password_in(typed)?, lang))
        },
        |()| browser::go("/login?done=registered"),
    );
    view! {
        <section class="card card--narrow">
            <h1 class="card__title">{say!(lang, register_title)}</h1>
            <p class="card__lead">{say!(lang, register_lead)}</p>
            <SendingTrouble sending/>
            <form class="fields" method="post" action="/register" on:submit=send>
                <NameField value=form.name autofocus=true sending/>
                <EmailField value=form.email sending/>
                <NewPasswordField label=say!(lang, field_password) sending/>
                <Submit label=say!(lang, register_button) sending class="button button--primary button--wide"/>
            </form>
            <p class="card__note">
                {say!(lang, register_terms)}" "
                <a href=format!("/legal/license?lang={}", lang.code())>{say!(lang, legal_license)}</a>
                ", "
                <a href=format!("/legal/privacy?lang={}", lang.code())>{say!(lang, legal_privacy)}</a>
            </p>
            <p class="card__links"><a href="/login">{say!(lang, to_login)}</a></p>
        </section>
    }
}
