//! The account's data: name, address, since when. The name is changed here.

use crmap_domain::cabinet::{AccountData, Denial, PersonName};
use crmap_domain::words::day;
use leptos::ev::SubmitEvent;
use leptos::prelude::*;

use crate::api::cabinet::rename;
use crate::browser::{self, Values};
use crate::cabinet::actions::Submit;
use crate::cabinet::sending::Sending;
use crate::cabinet::trouble::SendingTrouble;
use crate::say;
use crate::ui::{Field, Kind, use_toast};
use crate::words::use_lang;

/// What is known of the account.
#[component]
pub(super) fn Own(account: AccountData) -> impl IntoView {
    let lang = use_lang();
    let toast = use_toast();
    let sending = Sending::new(lang, None);
    let name = RwSignal::new(account.name.clone());
    let send = move |event: SubmitEvent| {
        event.prevent_default();
        let typed = Values::of(&event).take("name");
        let Ok(parsed) = PersonName::parse(&typed) else {
            return sending.deny(Denial::Name);
        };
        sending.send(rename(typed), move |()| {
            name.set(parsed.as_str().to_owned());
            toast.tell(say!(lang, saved_name).to_owned(), browser::point_of("name"));
        });
    };
    view! {
        <section class="part" aria-labelledby="own-title">
            <h2 class="part__title" id="own-title">{say!(lang, own_title)}</h2>
            <dl class="facts">
                <div class="facts__row"><dt>{say!(lang, field_name)}</dt><dd>{name}</dd></div>
                <div class="facts__row"><dt>{say!(lang, field_email)}</dt><dd>{account.email}</dd></div>
                <div class="facts__row">
                    <dt>{say!(lang, own_since)}</dt>
                    <dd>{day(account.made_at.date(), lang)}</dd>
                </div>
            </dl>
            <details class="change">
                <summary class="change__open">{say!(lang, change_name)}</summary>
                <SendingTrouble sending/>
                <form class="fields" on:submit=send>
                    <Field
                        name="name"
                        label=say!(lang, field_name)
                        kind=Kind::Text
                        autocomplete="name"
                        value=account.name
                        flaw=sending.flaw("name")
                        most=100
                    />
                    <Submit label=say!(lang, save) sending/>
                </form>
            </details>
        </section>
    }
}
