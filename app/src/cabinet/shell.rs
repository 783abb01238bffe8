//! What stands around every room of a cabinet: the menu at the left, the connection token, the
//! switches and the door at the top.

use crmap_domain::Lang;
use leptos::either::EitherOf7;
use leptos::ev::MouseEvent;
use leptos::prelude::*;

use super::compare::ComparePage;
use super::dashboard::DashboardRoom;
use super::data::{Inside, Room};
use super::palette::{Leader, PaletteButtons};
use super::portal::PortalPage;
use super::profile::ProfileRoom;
use super::search::SearchPage;
use super::trouble::trouble_page;
use crate::browser;
use crate::data::Theme;
use crate::help::Face;
use crate::say;
use crate::ui::{Brand, Dialog, Icon, Look, Menu, place_of_palette};
use crate::words::use_lang;

mod token;

pub(super) use token::Token;
use token::TokenBar;

/// The element around what a page is about; it takes the focus where what had it is gone.
pub(super) const ROOM: &str = "room";
const LEAVING: &str = "leave-dialog";

/// How light a page is, and where its switches lead back to.
#[derive(Clone)]
pub(super) struct Looks {
    pub(super) theme: Theme,
    pub(super) address: String,
}

/// The frame of a cabinet with one of its rooms.
#[component]
pub(super) fn Shell(looks: Looks, inside: Inside) -> impl IntoView {
    let lang = use_lang();
    let Inside { token, room } = inside;
    Token::provide(token);
    Leader::provide(&looks.address, looks.theme);
    let current = match &room {
        Room::Dashboard(_) | Room::Portal(_) | Room::Compare(_) => Some("/dashboard"),
        Room::Search(_) => Some("/search"),
        Room::Profile(_) => Some("/profile"),
        Room::Leave | Room::Trouble(_) => None,
    };
    let shown = match room {
        Room::Dashboard(dashboard) => EitherOf7::A(view! { <DashboardRoom dashboard/> }),
        Room::Portal(portal) => EitherOf7::B(view! { <PortalPage room=*portal/> }),
        Room::Profile(profile) => EitherOf7::C(view! { <ProfileRoom profile/> }),
        Room::Leave => EitherOf7::D(view! { <LeavePage/> }),
        Room::Trouble(denial) => EitherOf7::E(trouble_page(&denial, lang)),
        Room::Search(search) => EitherOf7::F(view! { <SearchPage found=*search/> }),
        Room::Compare(room) => EitherOf7::G(view! { <ComparePage room=*room/> }),
    };
    view! {
        <a class="skip" href="#room">{say!(lang, skip)}</a>
        <div class="cabinet">
            <aside class="side">
                <a class="side__brand" href="/dashboard"><Brand/></a>
                <nav class="side__menu" aria-label=say!(lang, menu_label)>
                    <SideLink href="/dashboard" icon=Icon::Tiles label=say!(lang, menu_dashboard) current/>
                    <SideLink href="/search" icon=Icon::Search label=say!(lang, find_menu) current/>
                    <SideLink href="/profile" icon=Icon::Person label=say!(lang, menu_profile) current/>
                    <SideLink href=Face::Cabinet.path() icon=Icon::Help label=say!(lang, help) current/>
                </nav>
            </aside>
            <header class="top">
                <TokenBar/>
                <div class="top__tools">
                    <PaletteButtons/>
                    <Switches looks/>
                    <DoorLink/>
                </div>
            </header>
            <main class="room" id=ROOM tabindex="-1">{shown}</main>
        </div>
        <LeaveDialog/>
        {place_of_palette(false)}
    }
}

#[component]
fn SideLink(
    href: &'static str,
    icon: Icon,
    label: &'static str,
    /// Where the page stands in the menu.
    current: Option<&'static str>,
) -> impl IntoView {
    let is_current = current == Some(href);
    view! {
        <a
            class="side__link"
            href=href
            aria-current=is_current.then_some("page")
        >
            {icon.draw()}
            <span>{label}</span>
        </a>
    }
}

/// Language and theme. They are forms, so that they work on any page and are kept by the server.
#[component]
pub(super) fn Switches(looks: Looks) -> impl IntoView {
    let lang = use_lang();
    let Looks { theme, address } = looks;
    let back = address.clone();
    view! {
        <Menu label=say!(lang, choose_lang) icon=Icon::Globe look=Look::Quiet>
            <form method="post" action="/preferences" on:submit=move |_| come_back("back-lang")>
                <input type="hidden" name="back" id="back-lang" value=back/>
                {Lang::ALL.map(|choice| view! {
                    <button
                        class="menu__item"
                        name="lang"
                        value=choice.code()
                        lang=choice.code()
                        aria-current=(choice == lang).then_some("true")
                    >
                        {say!(choice, language_name)}
                    </button>
                })}
            </form>
        </Menu>
        <Menu label=say!(lang, choose_theme) icon=Icon::Theme look=Look::Quiet>
            <form method="post" action="/preferences" on:submit=move |_| come_back("back-theme")>
                <input type="hidden" name="back" id="back-theme" value=address/>
                {Theme::ALL.map(|choice| view! {
                    <button
                        class="menu__item"
                        name="theme"
                        value=choice.code()
                        aria-current=(choice == theme).then_some("true")
                    >
                        {theme_name(choice, lang)}
                    </button>
                })}
            </form>
        </Menu>
    }
}

/// Has a form lead back to where the page is by now: its address follows what is searched for.
fn come_back(field: &'static str) {
    browser::fill(field, &browser::here());
}

fn theme_name(theme: Theme, lang: Lang) -> &'static str {
    match theme {
        Theme::Auto => say!(lang, theme_auto),
        Theme::Light => say!(lang, theme_light),
        Theme::Dark => say!(lang, theme_dark),
    }
}

/// The door: a link to the question whether to leave, which a living page asks in a dialog.
#[component]
fn DoorLink() -> impl IntoView {
    let lang = use_lang();
    let ask = move |event: MouseEvent| {
        event.prevent_default();
        browser::show_dialog(LEAVING);
    };
    view! {
        <a
            class="top__door button button--quiet"
            href="/logout"
            aria-label=say!(lang, leave)
            title=say!(lang, leave)
            on:click=ask
        >
            {Icon::Door.draw()}
            <span class="tool__word">{say!(lang, leave)}</span>
        </a>
    }
}

#[component]
fn LeaveDialog() -> impl IntoView {
    let lang = use_lang();
    view! {
        <Dialog id=LEAVING title=say!(lang, leave_title)>
            <p>{say!(lang, leave_text)}</p>
            <form class="dialog__actions" method="post" action="/logout">
                <button
                    type="button"
                    class="button"
                    on:click=move |_| browser::close_dialog(LEAVING)
                >
                    {say!(lang, stay)}
                </button>
                <button type="submit" class="button button--primary">{say!(lang, leave)}</button>
            </form>
        </Dialog>
    }
}

/// The same question for a page without life.
#[component]
fn LeavePage() -> impl IntoView {
    let lang = use_lang();
    view! {
        <section class="card card--narrow">
            <h1 class="card__title">{say!(lang, leave_title)}</h1>
            <p>{say!(lang, leave_text)}</p>
            <form class="dialog__actions" method="post" action="/logout">
                <a class="button" href="/dashboard">{say!(lang, stay)}</a>
                <button type="submit" class="button button--primary">{say!(lang, leave)}</button>
            </form>
        </section>
    }
}
