//! Server functions of the dashboard: order among many portals, and reading several of them at once.
//! Each authenticates by the session's cookie and is for the portals of its account alone.

use crmap_domain::cabinet::{RunOf, RunProgress, SavedFilter, TagChange, Tagged};
use leptos::prelude::*;
use leptos::server_fn::codec::Postcard;

#[cfg(feature = "ssr")]
use super::desk;
use crate::cabinet::data::Cards;
use crate::cabinet::filter::Filter;
use crate::error::Denied;

/// The portals as they are by now.
///
/// # Errors
/// A [`Denied`].
#[server(prefix = "/api", endpoint = "fleet/cards", input = Postcard, output = Postcard)]
pub async fn portal_cards() -> Result<Cards, Denied> {
    let (services, entered) = desk::entered().await?;
    Ok(Cards {
        portals: desk::answer(services.portals(&entered).await)?,
        now: services.now().into(),
    })
}

/// Keeps portals among the favourites, or not any more.
///
/// # Errors
/// A [`Denied`].
#[server(prefix = "/api", endpoint = "portal/favour", input = Postcard, output = Postcard)]
pub async fn favour_portals(portals: Vec<String>, favourite: bool) -> Result<(), Denied> {
    let (services, entered, portals) = desk::portals(&portals).await?;
    let favoured = services.favour_portals(&entered, &portals, favourite).await;
    desk::answer(favoured)
}

/// Puts tags on portals and takes others off; says what was kept, and where it did not fit.
///
/// # Errors
/// A [`Denied`].
#[server(prefix = "/api", endpoint = "portal/tag", input = Postcard, output = Postcard)]
pub async fn tag_portals(portals: Vec<String>, change: TagChange) -> Result<Tagged, Denied> {
    let (services, entered, portals) = desk::portals(&portals).await?;
    desk::answer(services.tag_portals(&entered, &portals, change).await)
}

/// Keeps a filter of the dashboard under a name.
///
/// # Errors
/// A [`Denied`].
#[server(prefix = "/api", endpoint = "filter/save", input = Postcard, output = Postcard)]
pub async fn save_filter(name: String, filter: Filter) -> Result<SavedFilter, Denied> {
    let (services, entered) = desk::entered().await?;
    let query = filter.tidy().to_query();
    desk::answer(services.save_filter(&entered, &name, &query).await)
}

/// Calls a filter something else.
///
/// # Errors
/// A [`Denied`].
#[server(prefix = "/api", endpoint = "filter/rename", input = Postcard, output = Postcard)]
pub async fn rename_filter(id: String, name: String) -> Result<SavedFilter, Denied> {
    let (services, entered) = desk::entered().await?;
    desk::answer(services.rename_filter(&entered, &id, &name).await)
}

/// Keeps a filter no longer.
///
/// # Errors
/// A [`Denied`].
#[server(prefix = "/api", endpoint = "filter/delete", input = Postcard, output = Postcard)]
pub async fn delete_filter(id: String) -> Result<(), Denied> {
    let (services, entered) = desk::entered().await?;
    desk::answer(services.delete_filter(&entered, &id).await)
}

/// Has portals read anew, one after another and several at once.
///
/// # Errors
/// A [`Denied`].
#[server(prefix = "/api", endpoint = "run/start", input = Postcard, output = Postcard)]
pub async fn start_run(which: RunOf) -> Result<RunProgress, Denied> {
    let (services, entered) = desk::entered().await?;
    desk::answer(services.start_run(&entered, which).await)
}

/// How far the reading of several portals has come; the last one stays until it is put away.
///
/// # Errors
/// A [`Denied`].
#[server(prefix = "/api", endpoint = "run/progress", input = Postcard, output = Postcard)]
pub async fn look_at_run() -> Result<Option<RunProgress>, Denied> {
    let (services, entered) = desk::entered().await?;
    desk::answer(services.run_progress(&entered).await)
}

/// Stops reading several portals; what is being read right now is read to its end.
///
/// # Errors
/// A [`Denied`].
#[server(prefix = "/api", endpoint = "run/stop", input = Postcard, output = Postcard)]
pub async fn stop_run(id: String) -> Result<RunProgress, Denied> {
    let (services, entered) = desk::entered().await?;
    desk::answer(services.stop_run(&entered, &id).await)
}

/// Tells of a run no longer.
///
/// # Errors
/// A [`Denied`].
#[server(prefix = "/api", endpoint = "run/put-away", input = Postcard, output = Postcard)]
pub async fn put_run_away(id: String) -> Result<(), Denied> {
    let (services, entered) = desk::entered().await?;
    desk::answer(services.put_run_away(&entered, &id).await)
}
