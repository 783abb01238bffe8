//! Rooms behind the door.

use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use crmap_app::api::desk::status_of;
use crmap_app::cabinet::data::{Dashboard, Inside, Page, PortalRoom, PortalView, Profile, Room};
use crmap_app::cabinet::filter::Filter;
use crmap_app::data::Place;
use crmap_domain::MemberId;
use crmap_domain::cabinet::Denial;
use crmap_service::Entered;
use secrecy::{ExposeSecret as _, SecretString};

use super::{Browser, not_let_in, page};
use crate::router::App;

/// How many lines of the log the profile shows.
const LOG_LINES: u32 = 100;

/// `GET /` leads to where somebody belongs.
pub(crate) async fn home(State(app): State<App>, browser: Browser) -> Response {
    let to = match browser.enter(&app).await {
        Ok(_) => "/dashboard",
        Err(_) => "/login",
    };
    Redirect::to(to).into_response()
}

/// `GET /dashboard`
pub(crate) async fn dashboard(
    State(app): State<App>,
    RawQuery(query): RawQuery,
    browser: Browser,
) -> Response {
    shown(&app, &browser, async |entered| {
        dashboard_room(&app, entered, query.as_deref()).await
    })
    .await
}

async fn dashboard_room(app: &App, entered: &Entered, query: Option<&str>) -> Result<Room, Denial> {
    let pairs = pairs_of(query);
    Ok(Room::Dashboard(Dashboard {
        portals: app.services.portals(entered).await?,
        filter: Filter::from_parameters(borrowed(&pairs)),
        news: app.services.news(entered).await?,
    }))
}

/// `GET /portals/{id}`
pub(crate) async fn portal(
    State(app): State<App>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
    browser: Browser,
) -> Response {
    shown(&app, &browser, async |entered| {
        portal_room(&app, entered, &id, query.as_deref()).await
    })
    .await
}

async fn portal_room(
    app: &App,
    entered: &Entered,
    id: &str,
    query: Option<&str>,
) -> Result<Room, Denial> {
    let member_id = MemberId::parse(id).map_err(|_| Denial::NotFound)?;
    let pairs = pairs_of(query);
    let view = pairs
        .iter()
        .find(|(name, _)| name == PortalView::PARAMETER)
        .map_or_else(PortalView::default, |(_, slug)| PortalView::from_slug(slug));
    let details = app.services.portal(entered, &member_id).await?;
    let specification = match view {
        PortalView::Sheet => app.services.snapshot(entered, &member_id).await?,
        PortalView::Connection => None,
    };
    Ok(Room::Portal(Box::new(PortalRoom {
        details,
        specification,
        view,
        place: Place::from_parameters(borrowed(&pairs)),
    })))
}

/// `GET /profile`
pub(crate) async fn profile(State(app): State<App>, browser: Browser) -> Response {
    shown(&app, &browser, async |entered| {
        profile_room(&app, entered).await
    })
    .await
}

async fn profile_room(app: &App, entered: &Entered) -> Result<Room, Denial> {
    let services = &app.services;
    Ok(Room::Profile(Profile {
        account: entered.account.clone(),
        devices: services.devices(entered).await?,
        log: services.account_log(entered, LOG_LINES).await?,
        portals: services.portals(entered).await?.len(),
        sends_mail: services.sends_mail(),
    }))
}

/// A room for whoever is logged in, or the way to where one logs in.
pub(super) async fn shown(
    app: &App,
    browser: &Browser,
    room: impl AsyncFnOnce(&Entered) -> Result<Room, Denial>,
) -> Response {
    match browser.enter(app).await {
        Ok(entered) => {
            let room = room(&entered).await;
            inside(app, browser, &entered, room).await
        }
        Err(denial) => not_let_in(app, browser, &denial),
    }
}

/// A room with what stands around it; what cannot be shown is told in its place.
pub(super) async fn inside(
    app: &App,
    browser: &Browser,
    entered: &Entered,
    room: Result<Room, Denial>,
) -> Response {
    let (status, room) = match room {
        Ok(room) => (StatusCode::OK, room),
        Err(denial) => (status_of(&denial), Room::Trouble(denial)),
    };
    let token = match app.services.connection_token(entered).await {
        Ok(token) => token,
        // One that does not open can be replaced, from this very page.
        Err(Denial::Internal) => SecretString::from(""),
        Err(denial) => return not_let_in(app, browser, &denial),
    };
    let inside = Inside {
        token: token.expose_secret().to_owned(),
        room,
    };
    let lang = browser.lang_for(entered);
    page(app, browser, lang, status, Page::Inside(Box::new(inside)))
}

fn pairs_of(query: Option<&str>) -> Vec<(String, String)> {
    url::form_urlencoded::parse(query.unwrap_or_default().as_bytes())
        .into_owned()
        .collect()
}

fn borrowed(pairs: &[(String, String)]) -> impl Iterator<Item = (&str, &str)> {
    pairs
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
}
