//! Server functions of the cabinet. Each but those before the door authenticates by the session's
//! cookie, calls one use case for the account of that session, and maps its error.

use crmap_domain::Lang;
use crmap_domain::cabinet::{
    Description, Found, HistoryFilter, HistoryPage, HistoryPlace, JournalLine, JournalPlace,
    PortalCard, Strength,
};
use leptos::prelude::*;
use leptos::server_fn::codec::Postcard;

#[cfg(feature = "ssr")]
use super::desk;
use crate::data::Content;
use crate::error::Denied;

/// Lines of the record of requests, and where to read on.
pub type JournalPart = (Vec<JournalLine>, Option<JournalPlace>);

/// Makes an account.
///
/// # Errors
/// A [`Denied`] for what cannot be taken; none for an address that is known (SEC-64).
#[server(prefix = "/api", endpoint = "account/register", input = Postcard, output = Postcard)]
pub async fn register(
    name: String,
    email: String,
    password: String,
    lang: Lang,
) -> Result<(), Denied> {
    desk::register(name, email, password, lang).await
}

/// Logs in: the answer sets the session's cookie.
///
/// # Errors
/// A [`Denied`].
#[server(prefix = "/api", endpoint = "account/log-in", input = Postcard, output = Postcard)]
pub async fn log_in(email: String, password: String) -> Result<(), Denied> {
    desk::log_in(email, password).await
}

/// Asks for a mail to set a new password; says nothing of whether there is such an account.
///
/// # Errors
/// A [`Denied`].
#[server(prefix = "/api", endpoint = "account/reset/ask", input = Postcard, output = Postcard)]
pub async fn ask_reset(email: String, lang: Lang) -> Result<(), Denied> {
    desk::ask_reset(email, lang).await
}

/// Sets a new password with the code of a mail.
///
/// # Errors
/// A [`Denied`].
#[server(prefix = "/api", endpoint = "account/reset", input = Postcard, output = Postcard)]
pub async fn reset_password(code: String, password: String) -> Result<(), Denied> {
    desk::reset_password(code, password).await
}

/// Says how well a password stands up to guessing by somebody who knows what it is `about`.
///
/// # Errors
/// [`Denied`] only where the server is not to be had.
#[server(prefix = "/api", endpoint = "account/judge", input = Postcard, output = Postcard)]
pub async fn judge_password(password: String, about: Vec<String>) -> Result<Strength, Denied> {
    desk::judge_password(password, about).await
}

/// Changes the name.
///
/// # Errors
/// A [`Denied`].
#[server(prefix = "/api", endpoint = "account/rename", input = Postcard, output = Postcard)]
pub async fn rename(name: String) -> Result<(), Denied> {
    let (services, entered) = desk::entered().await?;
    desk::answer(services.rename(&entered, &name).await)
}

/// Changes the address by which one logs in.
///
/// # Errors
/// A [`Denied`].
#[server(prefix = "/api", endpoint = "account/email", input = Postcard, output = Postcard)]
pub async fn change_email(email: String, password: String) -> Result<(), Denied> {
    desk::change_email(email, password).await
}

/// Changes the password; every other browser is signed out.
///
/// # Errors
/// A [`Denied`].
#[server(prefix = "/api", endpoint = "account/password", input = Postcard, output = Postcard)]
pub async fn change_password(present: String, password: String) -> Result<(), Denied> {
    desk::change_password(present, password).await
}

/// Signs another browser out.
///
/// # Errors
/// A [`Denied`].
#[server(prefix = "/api", endpoint = "account/devices/end", input = Postcard, output = Postcard)]
pub async fn end_device(id: String) -> Result<(), Denied> {
    let (services, entered) = desk::entered().await?;
    desk::answer(services.end_device(&entered, &id).await)
}

/// Signs every other browser out; says how many there were.
///
/// # Errors
/// A [`Denied`].
#[server(prefix = "/api", endpoint = "account/devices/end-others", input = Postcard, output = Postcard)]
pub async fn end_other_devices() -> Result<u32, Denied> {
    let (services, entered) = desk::entered().await?;
    desk::answer(services.end_other_devices(&entered).await)
}

/// Deletes the account with everything of it.
///
/// # Errors
/// A [`Denied`].
#[server(prefix = "/api", endpoint = "account/delete", input = Postcard, output = Postcard)]
pub async fn delete_account(password: String) -> Result<(), Denied> {
    desk::delete_account(password).await
}

/// Replaces the connection token; the old one links nothing any more.
///
/// # Errors
/// A [`Denied`].
#[server(prefix = "/api", endpoint = "account/token/renew", input = Postcard, output = Postcard)]
pub async fn renew_token() -> Result<String, Denied> {
    desk::renew_token().await
}

/// Notes that the account's news were seen up to a moment, in unix milliseconds.
///
/// # Errors
/// A [`Denied`].
#[server(prefix = "/api", endpoint = "account/news/seen", input = Postcard, output = Postcard)]
pub async fn news_seen(until_ms: i64) -> Result<(), Denied> {
    desk::news_seen(until_ms).await
}

/// Writes on a portal what its cabinet's owner wants to know it by; gives what was kept.
///
/// # Errors
/// A [`Denied`].
#[server(prefix = "/api", endpoint = "portal/describe", input = Postcard, output = Postcard)]
pub async fn describe_portal(
    member_id: String,
    description: Description,
) -> Result<Description, Denied> {
    let (services, entered, member_id) = desk::portal(&member_id).await?;
    desk::answer(
        services
            .describe_portal(&entered, &member_id, description)
            .await,
    )
}

/// Reads a portal anew, or joins the reading under way; with how the portal stands after it.
///
/// # Errors
/// A [`Denied`].
#[server(prefix = "/api", endpoint = "portal/refresh", input = Postcard, output = Postcard)]
pub async fn refresh_portal(
    member_id: String,
    lang: Lang,
) -> Result<(Content, PortalCard), Denied> {
    let (services, entered, member_id) = desk::portal(&member_id).await?;
    let outcome = services.refresh_portal(&entered, &member_id, lang).await;
    let content = super::content_of(desk::answer(outcome)?);
    let details = desk::answer(services.portal(&entered, &member_id).await)?;
    Ok((content, details.card))
}

/// Ends the link of a portal.
///
/// # Errors
/// A [`Denied`].
#[server(prefix = "/api", endpoint = "portal/unlink", input = Postcard, output = Postcard)]
pub async fn unlink_portal(member_id: String) -> Result<(), Denied> {
    let (services, entered, member_id) = desk::portal(&member_id).await?;
    desk::answer(services.unlink_portal(&entered, &member_id).await)
}

/// Notes that the owner of the cabinet looked at a portal, which was at that version.
///
/// # Errors
/// A [`Denied`].
#[server(prefix = "/api", endpoint = "portal/looked-at", input = Postcard, output = Postcard)]
pub async fn looked_at(member_id: String, version: u32) -> Result<(), Denied> {
    let (services, entered, member_id) = desk::portal(&member_id).await?;
    desk::answer(services.looked_at(&entered, &member_id, version).await)
}

/// What changed in a portal, the newest first, after a place.
///
/// # Errors
/// A [`Denied`].
#[server(prefix = "/api", endpoint = "portal/history", input = Postcard, output = Postcard)]
pub async fn history_of(
    member_id: String,
    filter: HistoryFilter,
    after: Option<HistoryPlace>,
) -> Result<HistoryPage, Denied> {
    let (services, entered, member_id) = desk::portal(&member_id).await?;
    let page = services.history(&entered, &member_id, &filter, after).await;
    desk::answer(page)
}

/// The requests that were sent to a portal in the last days, the newest first.
///
/// # Errors
/// A [`Denied`].
#[server(prefix = "/api", endpoint = "portal/requests", input = Postcard, output = Postcard)]
pub async fn requests_to(
    member_id: String,
    after: Option<JournalPlace>,
) -> Result<JournalPart, Denied> {
    let (services, entered, member_id) = desk::portal(&member_id).await?;
    desk::answer(services.requests_to(&entered, &member_id, after).await)
}

/// Looks for rows by label or ID in all portals, or in one of them.
///
/// # Errors
/// A [`Denied`].
#[server(prefix = "/api", endpoint = "search", input = Postcard, output = Postcard)]
pub async fn find(query: String, only: Option<String>) -> Result<Found, Denied> {
    let (services, entered) = desk::entered().await?;
    let only = only.map(|id| desk::member(&id)).transpose()?;
    desk::answer(services.find(&entered, &query, only.as_ref()).await)
}
