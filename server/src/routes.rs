//! Which address is answered by which room, and who may come there.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::handler::Handler;
use axum::http::{Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get, post};
use crmap_app::document;
use leptos::prelude::provide_context;
use leptos::server_fn::axum::server_fn_paths;

use crate::csp::Framing;
use crate::csrf::from_our_pages;
use crate::page::html;
use crate::router::App;
use crate::{cabinet, embedded, events, install, legal, outside};

/// Who may come to a route, and by what the others are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Access {
    /// Anybody: it only shows.
    Public,
    /// Portals, which post across sites: what they post proves itself.
    Portal,
    /// Pages of ours that nobody has to be logged in for: forms and calls before the door of the
    /// cabinet, and those inside a portal, which show a bearer.
    FirstParty,
    /// Pages of the cabinet of whoever is logged in, and what they post.
    Account,
    /// Anybody: files of the built site.
    Files,
}

/// A route.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// By which method it is asked.
    pub method: Method,
    /// Its address, with names for what varies.
    pub path: &'static str,
    /// Who may come.
    pub access: Access,
}

/// Functions of pages before the door of the cabinet or inside a portal. All others are taken for
/// the cabinet's, so that one that is forgotten here is tested more strictly, not less.
const OPEN_FUNCTIONS: [&str; 8] = [
    "/api/specification/read",
    "/api/session/renew",
    "/api/cabinets",
    "/api/account/register",
    "/api/account/log-in",
    "/api/account/reset/ask",
    "/api/account/reset",
    "/api/account/judge",
];

/// The routes besides the files.
pub(crate) fn table() -> Table {
    use Access::{FirstParty, Portal, Public};
    design(cabinet::lay(Table::default()))
        .get(Public, "/healthz", async || "ok\n")
        .get(Public, "/readyz", ready)
        .get(Public, "/legal/{name}", legal::page)
        .get(Public, "/.well-known/security.txt", legal::security_txt)
        .get(Public, "/bitrix/app", outside::page)
        .get(Public, "/bitrix/install", outside::page)
        .get(Public, "/bitrix/events", outside::page)
        .post(Portal, "/bitrix/app", embedded::open)
        .post(Portal, "/bitrix/install", install::begin)
        .post(Portal, "/bitrix/events", events::receive)
        .post(FirstParty, "/bitrix/install/complete", install::complete)
        .functions()
}

/// The page of the component library, in development builds alone.
fn design(table: Table) -> Table {
    if cfg!(debug_assertions) {
        table.get(Access::Public, "/design", async |State(app): State<App>| {
            html(StatusCode::OK, &app, Framing::Nobody, document::design)
        })
    } else {
        table
    }
}

/// Every route that there is.
#[must_use]
pub fn routes() -> Vec<Route> {
    let files = ["/pkg/{*file}", "/{*file}"].map(|path| Route {
        method: Method::GET,
        path,
        access: Access::Files,
    });
    table().routes.into_iter().chain(files).collect()
}

/// Routes, written down as they are laid.
#[derive(Default)]
pub(crate) struct Table {
    router: Router<App>,
    routes: Vec<Route>,
}

impl Table {
    /// The routes for a server.
    pub(crate) fn router(self) -> Router<App> {
        self.router
    }

    pub(crate) fn get<H: Handler<T, App>, T: 'static>(
        self,
        access: Access,
        path: &'static str,
        room: H,
    ) -> Self {
        self.lay(Method::GET, access, path, get(room))
    }

    pub(crate) fn post<H: Handler<T, App>, T: 'static>(
        self,
        access: Access,
        path: &'static str,
        room: H,
    ) -> Self {
        let room = post(room);
        let room = match access {
            // Its address stands outside the CSRF layer: it is let in by its proof alone.
            Access::Portal => room,
            _ => from_our_pages(room),
        };
        self.lay(Method::POST, access, path, room)
    }

    /// The server functions, each at its own address. They answer to posts, whatever they say of
    /// themselves (SEC-46).
    fn functions(self) -> Self {
        server_fn_paths().fold(self, |table, (path, _method)| {
            let access = if OPEN_FUNCTIONS.contains(&path) {
                Access::FirstParty
            } else {
                Access::Account
            };
            table.post(access, path, call)
        })
    }

    fn lay(
        mut self,
        method: Method,
        access: Access,
        path: &'static str,
        room: MethodRouter<App>,
    ) -> Self {
        self.router = self.router.route(path, room);
        self.routes.push(Route {
            method,
            path,
            access,
        });
        self
    }
}

async fn call(State(app): State<App>, request: Request) -> Response {
    let (mut parts, body) = request.into_parts();
    // Whoever says that it wants a page would be sent back to wherever it says that it comes from,
    // with the error in the address (SEC-52). Pages that work without a script have forms of their
    // own.
    for name in [header::ACCEPT, header::REFERER] {
        parts.headers.remove(name);
    }
    let caller = cabinet::caller(&app, &mut parts).await;
    let services = app.services;
    leptos_axum::handle_server_fns_with_context(
        move || {
            provide_context(Arc::clone(&services));
            provide_context(caller.clone());
        },
        Request::from_parts(parts, body),
    )
    .await
    .into_response()
}

/// Whether this process should be sent visitors: it is not about to stop, and can serve (REL-25).
async fn ready(State(app): State<App>) -> Response {
    let word = if app.leaving.has_begun() {
        "about to stop"
    } else {
        match app.services.readiness().await {
            Ok(()) => return "ok\n".into_response(),
            Err(problem) => problem.word(),
        }
    };
    (StatusCode::SERVICE_UNAVAILABLE, format!("{word}\n")).into_response()
}
