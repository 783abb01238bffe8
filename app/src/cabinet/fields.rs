//! Fields that several forms have, and what is typed into them: a page says what is wrong with it by
//! itself, before it asks the server.

use crmap_domain::cabinet::{Denial, Email, PersonName, check_length};
use leptos::prelude::*;

use super::sending::Sending;
use crate::browser::Values;
use crate::say;
use crate::ui::{Field, Kind};
use crate::words::use_lang;

/// The field `name`: what somebody is called.
#[component]
pub(super) fn NameField(
    /// What is in it at first.
    value: String,
    /// Whether the page begins here.
    #[prop(optional)]
    autofocus: bool,
    /// The form.
    sending: Sending,
) -> impl IntoView {
    let lang = use_lang();
    view! {
        <Field
            name="name"
            label=say!(lang, field_name)
            kind=Kind::Text
            autocomplete="name"
            value=value
            flaw=sending.flaw("name")
            autofocus=autofocus
            most=100
        />
    }
}

/// The field `email`: the address that somebody logs in with.
#[component]
pub(super) fn EmailField(
    /// What is in it at first.
    value: String,
    /// Whether the page begins here.
    #[prop(optional)]
    autofocus: bool,
    /// The form.
    sending: Sending,
) -> impl IntoView {
    let lang = use_lang();
    view! {
        <Field
            name="email"
            label=say!(lang, field_email)
            kind=Kind::Email
            autocomplete="username"
            value=value
            flaw=sending.flaw("email")
            autofocus=autofocus
        />
    }
}

/// A field for the password that somebody has.
#[component]
pub(super) fn PasswordField(
    /// Its name: ids are once in a page.
    name: &'static str,
    /// What is to be typed.
    label: &'static str,
    /// The form.
    sending: Sending,
) -> impl IntoView {
    view! {
        <Field
            name=name
            label=label
            kind=Kind::Password
            autocomplete="current-password"
            flaw=sending.flaw(name)
            most=1024
        />
    }
}

/// What was typed as a name.
pub(super) fn name_in(typed: &Values) -> Result<String, Denial> {
    let name = typed.take("name");
    match PersonName::parse(&name) {
        Ok(_) => Ok(name),
        Err(_) => Err(Denial::Name),
    }
}

/// What was typed as an address.
pub(super) fn email_in(typed: &Values) -> Result<String, Denial> {
    let email = typed.take("email");
    match Email::parse(&email) {
        Ok(_) => Ok(email),
        Err(_) => Err(Denial::Email),
    }
}

/// What was typed as a new password, of the field `password`.
pub(super) fn new_password_in(typed: &Values) -> Result<String, Denial> {
    let password = typed.take("password");
    match check_length(&password) {
        None => Ok(password),
        Some(flaw) => Err(Denial::Password(flaw)),
    }
}
