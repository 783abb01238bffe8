//! The pages of the cabinet: who is there, what is to be shown, and the forms that work without any
//! script. The same forms are sent by server functions once a page is alive.

mod bare;
mod browser;
mod comparing;
mod entry;
mod exports;
mod files;
mod help;
mod leaving;
mod pipe;
mod preferences;
mod rooms;
mod writer;

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use crmap_app::api::desk::{retry_after, status_of};
use crmap_app::cabinet::data::{CabinetData, Outside, Page};
use crmap_app::document;
use crmap_app::help::Face;
use crmap_domain::Lang;
use crmap_domain::cabinet::Denial;

use crate::csp::Framing;
use crate::headers::naming_its_origin;
use crate::page::{html, try_html};
use crate::router::App;
use crate::routes::{Access, Table};

pub(crate) use bare::for_people;
pub(crate) use browser::Browser;
pub(crate) use writer::caller;

/// Lays the routes of the cabinet.
pub(crate) fn lay(table: Table) -> Table {
    use Access::{Account, FirstParty, Public};
    table
        .get(Public, "/", rooms::home)
        .get(Public, Face::Cabinet.path(), help::of_cabinet)
        .get(Public, Face::Portal.path(), help::of_portal)
        .get(Public, "/login", entry::login)
        .get(Public, "/register", entry::registration)
        .get(Public, "/password", entry::password)
        .get(Public, "/password/new", entry::new_password)
        .post(FirstParty, "/login", entry::log_in)
        .post(FirstParty, "/register", entry::register)
        .post(FirstParty, "/password", entry::ask_reset)
        .post(FirstParty, "/password/new", entry::set_password)
        .post(FirstParty, "/preferences", preferences::prefer)
        .get(Account, "/dashboard", rooms::dashboard)
        .get(Account, "/search", rooms::search)
        .get(Account, "/profile", rooms::profile)
        .get(Account, "/portals/{id}", rooms::portal)
        .get(Account, "/portals/{id}/{file}", files::specification)
        .post(Account, "/portals/export", exports::export)
        .get(Account, "/compare", comparing::page)
        .get(Account, "/compare/{file}", comparing::file)
        .get(Account, "/logout", leaving::leave)
        .post(FirstParty, "/logout", leaving::log_out)
}

/// A page of the cabinet.
fn page(app: &App, browser: &Browser, lang: Lang, status: StatusCode, page: Page) -> Response {
    let data = data_of(app, browser, lang, page);
    let answer = try_html(status, app, Framing::Nobody, |frame| {
        document::cabinet(data, browser.keys, frame)
    });
    naming_its_origin(answer)
}

/// What a page is drawn from.
fn data_of(app: &App, browser: &Browser, lang: Lang, page: Page) -> CabinetData {
    CabinetData {
        lang,
        theme: browser.theme,
        address: browser.address.clone(),
        now: app.services.now().into(),
        page,
    }
}

/// A page for whoever is not logged in.
fn outside(app: &App, browser: &Browser, status: StatusCode, outside: Outside) -> Response {
    page(app, browser, browser.lang, status, Page::Outside(outside))
}

/// A page for whoever is not logged in, about what was denied.
fn refused(app: &App, browser: &Browser, denial: &Denial, page: Outside) -> Response {
    let mut answer = outside(app, browser, status_of(denial), page);
    if let Some(seconds) = retry_after(denial) {
        answer.headers_mut().insert(header::RETRY_AFTER, seconds);
    }
    answer
}

/// What is shown where nobody could be let in: the form of logging in, unless it is our own fault.
fn not_let_in(app: &App, browser: &Browser, denial: &Denial) -> Response {
    if *denial == Denial::SignedOut {
        return Redirect::to("/login").into_response();
    }
    let page = Outside::Trouble(denial.clone());
    refused(app, browser, denial, page)
}
