//! Rooms behind the door.

use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use crmap_app::api::desk::status_of;
use crmap_app::cabinet::data::{
    Dashboard, HistoryQuestion, HistoryRoom, Inside, Page, PortalRoom, PortalView, Profile, Room,
};
use crmap_app::cabinet::filter::Filter;
use crmap_app::cabinet::history::{day_from, filter_from, parameter, place_from};
use crmap_app::cabinet::search;
use crmap_app::data::Place;
use crmap_domain::MemberId;
use crmap_domain::cabinet::Denial;
use crmap_service::Entered;
use secrecy::{ExposeSecret as _, SecretString};

use super::{Browser, not_let_in, page};
use crate::router::App;
use crate::taking::Named;

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
    let services = &app.services;
    let stale_after = services.stale_after().as_secs();
    // First: a run that is told to be over has its portals' readings shown below it.
    let run = services.run_progress(entered).await?;
    Ok(Room::Dashboard(Dashboard {
        portals: services.portals(entered).await?,
        filter: Filter::from_parameters(borrowed(&pairs)),
        whole: pairs.iter().any(|(name, _)| name == Dashboard::WHOLE),
        news: services.news(entered).await?,
        filters: services.saved_filters(entered).await?,
        run,
        stale_after: u32::try_from(stale_after).unwrap_or(u32::MAX),
    }))
}

/// `GET /portals/{id}`
pub(crate) async fn portal(
    State(app): State<App>,
    Named(id): Named<String>,
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
    let view = value_of(&pairs, PortalView::PARAMETER).map(PortalView::from_slug);
    let view = view.unwrap_or_default();
    let services = &app.services;
    let details = services.portal(entered, &member_id).await?;
    // What comes in between is seen without being noted, and told as news once more.
    let version = services.version_now(entered, &member_id).await?;
    let mut room = PortalRoom {
        details,
        specification: None,
        view,
        place: Place::from_parameters(borrowed(&pairs)),
        version,
        old: None,
        history: None,
    };
    match view {
        PortalView::Sheet => show_sheet(app, entered, &member_id, &pairs, &mut room).await?,
        PortalView::History => {
            room.history = Some(history_room(app, entered, &member_id, &pairs).await?);
        }
        PortalView::Connection => {}
    }
    Ok(Room::Portal(Box::new(room)))
}

/// The sheet as it is now, or as it was in a version that the address names.
async fn show_sheet(
    app: &App,
    entered: &Entered,
    member_id: &MemberId,
    pairs: &[(String, String)],
    room: &mut PortalRoom,
) -> Result<(), Denial> {
    let asked = value_of(pairs, PortalView::VERSION);
    let asked = asked.map(|number| number.parse().map_err(|_| Denial::NotFound));
    match asked.transpose()?.filter(|number| *number != room.version) {
        None => room.specification = app.services.snapshot(entered, member_id).await?,
        Some(number) => {
            let versions = app.services.versions(entered, member_id).await?;
            let mark = versions.into_iter().find(|mark| mark.number == number);
            let services = &app.services;
            let found = services
                .specification_of(entered, member_id, number)
                .await?;
            room.specification = Some(found.ok_or(Denial::NotFound)?);
            room.old = mark;
        }
    }
    Ok(())
}

async fn history_room(
    app: &App,
    entered: &Entered,
    member_id: &MemberId,
    pairs: &[(String, String)],
) -> Result<HistoryRoom, Denial> {
    let services = &app.services;
    let filter = filter_from(borrowed(pairs));
    let after = value_of(pairs, parameter::AFTER).and_then(place_from);
    let page = services.history(entered, member_id, &filter, after).await?;
    let id = value_of(pairs, parameter::ID)
        .unwrap_or_default()
        .trim()
        .to_owned();
    let on = value_of(pairs, parameter::ON).and_then(day_from);
    let on = on.unwrap_or_else(|| services.now().date());
    let looked_up = if id.is_empty() {
        None
    } else {
        Some(services.look_up(entered, member_id, &id, on).await?)
    };
    Ok(HistoryRoom {
        filter,
        page,
        asked: HistoryQuestion {
            id: looked_up.as_ref().map_or(id, |found| found.id.clone()),
            on,
        },
        looked_up,
    })
}

fn value_of<'a>(pairs: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let mut values = pairs.iter().filter(|(known, _)| known == name);
    values.next().map(|(_, value)| value.as_str())
}

/// `GET /search`
pub(crate) async fn search(
    State(app): State<App>,
    RawQuery(query): RawQuery,
    browser: Browser,
) -> Response {
    shown(&app, &browser, async |entered| {
        search_room(&app, entered, query.as_deref()).await
    })
    .await
}

async fn search_room(app: &App, entered: &Entered, query: Option<&str>) -> Result<Room, Denial> {
    let pairs = pairs_of(query);
    let value = |name| borrowed(&pairs).find(|(known, _)| *known == name);
    let wanted = value(search::parameter::QUERY).map_or("", |(_, wanted)| wanted);
    let only = value(search::parameter::ONLY)
        .map(|(_, id)| MemberId::parse(id).map_err(|_| Denial::NotFound))
        .transpose()?;
    let found = app.services.find(entered, wanted, only.as_ref()).await?;
    Ok(Room::Search(Box::new(found)))
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
        // What stands around it would wait for the same database once more (REL-23).
        Err(denial @ Denial::StoreUnavailable) => return not_let_in(app, browser, &denial),
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

pub(super) fn pairs_of(query: Option<&str>) -> Vec<(String, String)> {
    url::form_urlencoded::parse(query.unwrap_or_default().as_bytes())
        .into_owned()
        .collect()
}

pub(super) fn borrowed(pairs: &[(String, String)]) -> impl Iterator<Item = (&str, &str)> {
    pairs
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
}
