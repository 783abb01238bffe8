//! A field for a new password, with a word on its strength while somebody types.

use std::time::Duration;

use crmap_domain::cabinet::{Strength, check_length};
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api::cabinet::judge_password;
use crate::browser;
use crate::cabinet::sending::Sending;
use crate::cabinet::words::of_strength;
use crate::say;
use crate::ui::{Field, Kind};
use crate::words::use_lang;

/// How long a pause in typing lasts before the server is asked.
const PAUSE: Duration = Duration::from_millis(250);

/// The field `password` of a form.
#[component]
pub(in crate::cabinet) fn NewPasswordField(
    /// What is to be typed.
    label: &'static str,
    /// The form.
    sending: Sending,
) -> impl IntoView {
    let lang = use_lang();
    let strength = RwSignal::new(None::<Strength>);
    let typed = StoredValue::new(0_u32);
    let judge = move |event: leptos::ev::Event| {
        let Some(password) = browser::value_of(&event, "password") else {
            return;
        };
        sending.forget();
        typed.update_value(|count| *count += 1);
        let mine = typed.get_value();
        if let Some(flaw) = check_length(&password) {
            let score = 0;
            let flaw = Some(flaw);
            strength.set((!password.is_empty()).then_some(Strength { score, flaw }));
            return;
        }
        let about = ["name", "email"].map(browser::value_by_id).to_vec();
        spawn_local(async move {
            browser::sleep(PAUSE).await;
            if typed.get_value() != mine {
                return;
            }
            // Where the server does not say, the form will.
            if let Ok(judged) = judge_password(password, about).await
                && typed.get_value() == mine
            {
                strength.set(Some(judged));
            }
        });
    };
    let score = move || {
        strength
            .get()
            .map(|strength| meter_of(strength).to_string())
    };
    let word = move || strength.get().map(|strength| of_strength(strength, lang));
    view! {
        <div class="new-password" on:input=judge>
            <Field
                name="password"
                label=label
                kind=Kind::Password
                autocomplete="new-password"
                hint=say!(lang, password_hint)
                flaw=sending.flaw("password")
                most=1024
            />
            <p class="meter" data-score=score role="status">
                <span class="meter__bar" aria-hidden="true"></span>
                <span class="meter__word">{word}</span>
            </p>
        </div>
    }
}

/// How many of four parts of the meter are filled: a password that is not taken fills two at most.
fn meter_of(strength: Strength) -> u8 {
    match strength.flaw {
        Some(_) => strength.score.clamp(1, 2),
        None => strength.score.clamp(3, 4),
    }
}
