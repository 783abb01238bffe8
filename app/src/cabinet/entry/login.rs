//! Logging in.

use leptos::ev::SubmitEvent;
use leptos::prelude::*;

use crate::api::cabinet::log_in;
use crate::browser::{self, Values};
use crate::cabinet::actions::Submit;
use crate::cabinet::data::{Done, LoginForm};
use crate::cabinet::sending::Sending;
use crate::cabinet::trouble::SendingTrouble;
use crate::say;
use crate::ui::{Field, Icon, Kind, Notice, Tone};
use crate::words::use_lang;

/// The form of logging in.
#[component]
pub(super) fn Login(form: LoginForm) -> impl IntoView {
    let lang = use_lang();
    let sending = Sending::new(lang, form.denial);
    let send = move |event: SubmitEvent| {
        event.prevent_default();
        let values = Values::of(&event);
        let request = log_in(values.take("email"), values.take("password"));
        sending.send(request, |()| browser::go("/dashboard"));
    };
    view! {
        <section class="card card--narrow">
            <h1 class="card__title">{say!(lang, login_title)}</h1>
            {form.done.map(|done| view! { <DoneNotice done/> })}
            <SendingTrouble sending/>
            <form class="fields" method="post" action="/login" on:submit=send>
                <Field
                    name="email"
                    label=say!(lang, field_email)
                    kind=Kind::Email
                    autocomplete="username"
                    value=form.email
                    flaw=sending.flaw("email")
                    autofocus=true
                />
                <Field
                    name="password"
                    label=say!(lang, field_password)
                    kind=Kind::Password
                    autocomplete="current-password"
                    flaw=sending.flaw("password")
                    most=1024
                />
                <Submit label=say!(lang, login_button) sending class="button button--primary button--wide"/>
            </form>
            <p class="card__links">
                <a href="/register">{say!(lang, to_register)}</a>
                <a href="/password">{say!(lang, to_password)}</a>
            </p>
        </section>
    }
}

#[component]
fn DoneNotice(done: Done) -> impl IntoView {
    let lang = use_lang();
    let (what, cure) = match done {
        Done::Registered => (
            say!(lang, done_registered),
            say!(lang, done_registered_next),
        ),
        Done::PasswordSet => (say!(lang, done_password), say!(lang, done_password_next)),
        Done::LoggedOut => (say!(lang, done_left), say!(lang, done_left_next)),
        Done::Deleted => (say!(lang, done_deleted), say!(lang, done_deleted_next)),
    };
    view! { <Notice tone=Tone::Calm icon=Icon::Check what=what cure=cure/> }
}
