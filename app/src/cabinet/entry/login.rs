//! Logging in.

use leptos::prelude::*;

use crate::api::cabinet::log_in;
use crate::browser;
use crate::cabinet::actions::Submit;
use crate::cabinet::data::{Done, LoginForm};
use crate::cabinet::fields::{EmailField, PasswordField};
use crate::cabinet::sending::Sending;
use crate::cabinet::trouble::SendingTrouble;
use crate::say;
use crate::ui::{Icon, Notice, Tone};
use crate::words::use_lang;

/// The form of logging in.
#[component]
pub(super) fn Login(form: LoginForm) -> impl IntoView {
    let lang = use_lang();
    let sending = Sending::new(lang, form.denial);
    let send = sending.on_submit(
        |typed| Ok(log_in(typed.take("email"), typed.take("password"))),
        |()| browser::go("/dashboard"),
    );
    view! {
        <section class="card card--narrow">
            <h1 class="card__title">{say!(lang, login_title)}</h1>
            {form.done.map(|done| view! { <DoneNotice done/> })}
            <SendingTrouble sending/>
            <form class="fields" method="post" action="/login" on:submit=send>
                <EmailField value=form.email autofocus=true sending/>
                <PasswordField name="password" label=say!(lang, field_password) sending/>
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
