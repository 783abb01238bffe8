//! Making an account.

use crmap_domain::cabinet::{Denial, Email, PersonName, check_length};
use leptos::ev::SubmitEvent;
use leptos::prelude::*;

use super::NewPasswordField;
use crate::api::cabinet::register;
use crate::browser::{self, Values};
use crate::cabinet::actions::Submit;
use crate::cabinet::data::RegisterForm;
use crate::cabinet::sending::Sending;
use crate::cabinet::trouble::SendingTrouble;
use crate::say;
use crate::ui::{Field, Kind};
use crate::words::use_lang;

/// The form of registering.
#[component]
pub(super) fn Register(form: RegisterForm) -> impl IntoView {
    let lang = use_lang();
    let sending = Sending::new(lang, form.denial);
    let send = move |event: SubmitEvent| {
        event.prevent_default();
        let values = Values::of(&event);
        let [name, email, password] = ["name", "email", "password"].map(|field| values.take(field));
        if let Some(denial) = flaw_of(&name, &email, &password) {
            return sending.deny(denial);
        }
        let request = register(name, email, password, lang);
        sending.send(request, |()| browser::go("/login?done=registered"));
    };
    view! {
        <section class="card card--narrow">
            <h1 class="card__title">{say!(lang, register_title)}</h1>
            <p class="card__lead">{say!(lang, register_lead)}</p>
            <SendingTrouble sending/>
            <form class="fields" method="post" action="/register" on:submit=send>
                <Field
                    name="name"
                    label=say!(lang, field_name)
                    kind=Kind::Text
                    autocomplete="name"
                    value=form.name
                    flaw=sending.flaw("name")
                    autofocus=true
                    most=100
                />
                <Field
                    name="email"
                    label=say!(lang, field_email)
                    kind=Kind::Email
                    autocomplete="username"
                    value=form.email
                    flaw=sending.flaw("email")
                />
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

/// What the page can see by itself, before it asks the server.
fn flaw_of(name: &str, email: &str, password: &str) -> Option<Denial> {
    if PersonName::parse(name).is_err() {
        return Some(Denial::Name);
    }
    if Email::parse(email).is_err() {
        return Some(Denial::Email);
    }
    check_length(password).map(Denial::Password)
}
