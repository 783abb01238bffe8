//! Pages before the door: logging in, making an account, a forgotten password.

mod login;
mod password;
mod register;
mod strength;

use leptos::either::EitherOf5;
use leptos::prelude::*;

use super::data::Outside;
use super::shell::{Looks, Switches};
use super::trouble::trouble_page;
use crate::help::Face;
use crate::say;
use crate::ui::Brand;
use crate::words::use_lang;

use login::Login;
use password::{Forgotten, NewPassword};
use register::Register;
pub(super) use strength::NewPasswordField;

/// A page before the door.
#[component]
pub(super) fn EntryPage(looks: Looks, outside: Outside) -> impl IntoView {
    let lang = use_lang();
    let shown = match outside {
        Outside::Login(form) => EitherOf5::A(view! { <Login form/> }),
        Outside::Register(form) => EitherOf5::B(view! { <Register form/> }),
        Outside::Password(form) => EitherOf5::C(view! { <Forgotten form/> }),
        Outside::NewPassword(form) => EitherOf5::D(view! { <NewPassword form/> }),
        Outside::Trouble(denial) => EitherOf5::E(trouble_page(&denial, lang)),
    };
    view! {
        <div class="entry">
            <header class="entry__top">
                <a class="side__brand" href="/login"><Brand/></a>
                <div class="top__tools"><Switches looks/></div>
            </header>
            <main class="entry__main">{shown}</main>
            <footer class="entry__foot">
                <a href=Face::Cabinet.address(lang)>{say!(lang, help)}</a>
                <a href=format!("/legal/license?lang={}", lang.code())>{say!(lang, legal_license)}</a>
                <a href=format!("/legal/privacy?lang={}", lang.code())>{say!(lang, legal_privacy)}</a>
                <a href=format!("/legal/security?lang={}", lang.code())>{say!(lang, legal_security)}</a>
                <a href=format!("/legal/support?lang={}", lang.code())>{say!(lang, legal_support)}</a>
            </footer>
        </div>
    }
}
