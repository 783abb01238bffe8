//! The account's data: name, address, since when. The name is changed here.

use crmap_domain::cabinet::{AccountData, Denial, PersonName};
use crmap_domain::words::day;
use leptos::prelude::*;

use crate::api::cabinet::rename;
use crate::browser;
use crate::cabinet::actions::Submit;
use crate::cabinet::fields::NameField;
use crate::cabinet::sending::Sending;
use crate::cabinet::trouble::SendingTrouble;
use crate::say;
use crate::ui::use_toast;
use crate::words::use_lang;

/// What is known of the account.
#[component]
pub(super) fn Own(account: AccountData) -> impl IntoView {
    let lang = use_lang();
    let toast = use_toast();
    let sending = Sending::new(lang, None);
    let name = RwSignal::new(account.name.clone());
    let send = sending.on_submit(
        |typed| {
            let parsed = PersonName::parse(&typed.take("name")).map_err(|_| Denial::Name)?;
            let named = parsed.as_str().to_owned();
            Ok(async move { rename(named.clone()).await.map(|()| named) })
        },
        move |named| {
            name.set(named);
            toast.tell(say!(lang, saved_name).to_owned(), browser::point_of("name"));
        },
    );
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
                    <NameField value=account.name sending/>
                    <Submit label=say!(lang, save) sending/>
                </form>
            </details>
        </section>
    }
}
