//! A forgotten password: asking for a mail, and setting a new one with the code of that mail.

use leptos::either::EitherOf3;
use leptos::prelude::*;

use super::NewPasswordField;
use crate::api::cabinet::{ask_reset, reset_password};
use crate::browser;
use crate::cabinet::actions::Submit;
use crate::cabinet::data::{NewPasswordForm, PasswordForm};
use crate::cabinet::fields::{EmailField, email_in, new_password_in};
use crate::cabinet::sending::Sending;
use crate::cabinet::trouble::SendingTrouble;
use crate::say;
use crate::ui::{Field, Icon, Kind, Notice, Tone};
use crate::words::use_lang;

/// Asking for a mail.
#[component]
pub(super) fn Forgotten(form: PasswordForm) -> impl IntoView {
    let lang = use_lang();
    let asked = RwSignal::new(form.asked);
    let sending = Sending::new(lang, form.denial);
    let (email, write_to) = (form.email, form.write_to);
    let body = move || match (asked.get(), &write_to) {
        (true, _) => EitherOf3::A(view! {
            <Notice
                tone=Tone::Calm
                icon=Icon::Check
                what=say!(lang, reset_asked)
                cure=say!(lang, reset_asked_next)
            />
        }),
        (false, Some(address)) => EitherOf3::B(view! {
            <Notice
                tone=Tone::Trouble
                icon=Icon::Alert
                what=say!(lang, denied_mail)
                cure=say!(lang, reset_write_to, address = address.clone())
            />
        }),
        (false, None) => EitherOf3::C(view! { <AskForm sending email=email.clone() asked/> }),
    };
    view! {
        <section class="card card--narrow">
            <h1 class="card__title">{say!(lang, reset_title)}</h1>
            {body}
            <p class="card__links"><a href="/login">{say!(lang, to_login)}</a></p>
        </section>
    }
}

#[component]
fn AskForm(sending: Sending, email: String, asked: RwSignal<bool>) -> impl IntoView {
    let lang = use_lang();
    let send = sending.on_submit(
        move |typed| Ok(ask_reset(email_in(typed)?, lang)),
        move |()| asked.set(true),
    );
    view! {
        <p class="card__lead">{say!(lang, reset_lead)}</p>
        <SendingTrouble sending/>
        <form class="fields" method="post" action="/password" on:submit=send>
            <EmailField value=email autofocus=true sending/>
            <Submit label=say!(lang, reset_button) sending class="button button--primary button--wide"/>
        </form>
    }
}

/// Setting a new password. The code stands in the fragment of the mail's link, which no server and
/// no log ever sees, and can be typed where there is no script.
#[component]
pub(super) fn NewPassword(form: NewPasswordForm) -> impl IntoView {
    let lang = use_lang();
    let sending = Sending::new(lang, form.denial);
    Effect::new(move |_| {
        if let Some(code) = browser::take_fragment() {
            browser::fill("code", &code);
            browser::focus("password");
        }
    });
    let send = sending.on_submit(
        |typed| Ok(reset_password(typed.take("code"), new_password_in(typed)?)),
        |()| browser::go("/login?done=password"),
    );
    view! {
        <section class="card card--narrow">
            <h1 class="card__title">{say!(lang, new_title)}</h1>
            <p class="card__lead">{say!(lang, new_lead)}</p>
            <SendingTrouble sending/>
            <form class="fields" method="post" action="/password/new" on:submit=send>
                <Field
                    name="code"
                    label=say!(lang, field_code)
                    kind=Kind::Text
                    autocomplete="one-time-code"
                    flaw=sending.flaw("code")
                />
                <NewPasswordField label=say!(lang, field_new_password) sending/>
                <Submit label=say!(lang, new_button) sending class="button button--primary button--wide"/>
            </form>
            <p class="card__links">
                <a href="/password">{say!(lang, to_password_again)}</a>
                <a href="/login">{say!(lang, to_login)}</a>
            </p>
        </section>
    }
}
