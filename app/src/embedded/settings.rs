//! «Настройки»: where a portal is linked to cabinets by their connection tokens.

use crmap_domain::cabinet::Denial;
use crmap_domain::{Lang, TokenFlaw, Trouble};
use leptos::either::Either;
use leptos::prelude::*;

use super::linking::{LinkForm, Linking, Links};
use super::state::Embedded;
use crate::browser;
use crate::say;
use crate::sheet::Sheet;
use crate::ui::Dialog;
use crate::words::{provide_lang, use_lang};

const DIALOG: &str = "settings-dialog";
const BODY: &str = "settings-body";

/// Opens the dialog.
pub(super) fn open(state: Embedded) {
    fill(state);
    browser::show_dialog(DIALOG);
}

/// The dialog itself, empty until it is opened: what few people see need not be written by the
/// server, nor the module know how to take it over.
#[component]
pub(super) fn SettingsDialog() -> impl IntoView {
    let lang = use_lang();
    view! {
        <Dialog id=DIALOG title=say!(lang, settings_title)>
            <div class="dialog__filling" id=BODY></div>
        </Dialog>
    }
}

/// Fills the dialog anew.
fn fill(state: Embedded) {
    let sheet = Sheet::get();
    browser::fill_with(BODY, move || {
        provide_lang(state.lang);
        provide_context(state);
        let administrator = sheet
            .of_specification(|specification| specification.reading.viewer.administrator)
            .unwrap_or(false);
        view! { <Body administrator/> }
    });
}

#[component]
fn Body(administrator: bool) -> impl IntoView {
    let lang = use_lang();
    let links = if administrator {
        let linking = Linking::provide();
        linking.list();
        Either::Left(view! {
            <LinkForm/>
            <Links/>
        })
    } else {
        Either::Right(view! { <p class="remark">{say!(lang, settings_admins_only)}</p> })
    };
    view! {
        <p>{say!(lang, settings_intro)}</p>
        {links}
    }
}

/// What to tell of a denial.
pub(super) fn sentence(denial: &Denial, lang: Lang) -> String {
    let of_trouble = |trouble: &Trouble| {
        let advice = trouble.advice(lang);
        format!("{} {}", advice.what, advice.cure)
    };
    match denial {
        Denial::Token(flaw) => of_token(*flaw, lang).to_owned(),
        Denial::UnknownToken => say!(lang, link_unknown).to_owned(),
        Denial::NotAdministrator => say!(lang, settings_admins_only).to_owned(),
        Denial::TooOften { seconds } => {
            say!(lang, link_often, count = seconds.div_ceil(60).max(1))
        }
        Denial::SignedOut => [say!(lang, session_over), say!(lang, session_over_cure)].join(". "),
        Denial::Connection => [
            say!(lang, unreachable_server),
            say!(lang, unreachable_server_cure),
        ]
        .join(". "),
        Denial::Portal(trouble) => of_trouble(trouble),
        Denial::StoreUnavailable => of_trouble(&Trouble::StoreUnavailable),
        _ => of_trouble(&Trouble::Internal),
    }
}

fn of_token(flaw: TokenFlaw, lang: Lang) -> &'static str {
    match flaw {
        TokenFlaw::Empty => say!(lang, token_empty),
        TokenFlaw::Prefix => say!(lang, token_prefix),
        TokenFlaw::Length => say!(lang, token_length),
        TokenFlaw::Characters => say!(lang, token_characters),
        TokenFlaw::Checksum => say!(lang, token_checksum),
    }
}
