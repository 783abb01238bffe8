//! Server functions of the page inside a portal. Each authenticates by the bearer in the
//! `Authorization` header, calls one use case and maps its error.

mod bearer;
pub mod cabinet;
pub mod comparing;
#[cfg(feature = "ssr")]
pub mod desk;
pub mod fleet;
#[cfg(feature = "ssr")]
mod guard;
mod linking;
#[cfg(feature = "ssr")]
mod news;

use leptos::prelude::*;
use leptos::server_fn::codec::Postcard;

use crate::data::{Content, Marks};
use crate::error::AppError;

pub use bearer::{BearerClient, set_bearer};
#[cfg(feature = "ssr")]
pub use guard::content_of;
pub use linking::{Cabinets, LinkAnswer, LinkAsk, cabinets};
#[cfg(feature = "ssr")]
pub use news::marks_for;

/// Reads the portal with the rights of the session's user, or joins the reading under way; with what
/// is new in it to the user.
///
/// # Errors
/// [`AppError::SessionOver`] when the bearer is not good any more.
#[server(prefix = "/api", endpoint = "specification/read", input = Postcard, output = Postcard, client = BearerClient)]
pub async fn read_specification() -> Result<(Content, Option<Marks>), AppError> {
    let (services, session) = guard::session().await?;
    let outcome = services.read(&session).await;
    let marks = marks_for(&services, &session, &outcome).await;
    Ok((guard::content_of(outcome), marks))
}

/// Prolongs the session with a fresh access token, which the portal gave to its page (SEC-43);
/// gives the new bearer.
///
/// # Errors
/// [`AppError::Portal`] when the authority does not confirm the token for this portal.
#[server(prefix = "/api", endpoint = "session/renew", input = Postcard, output = Postcard, client = BearerClient)]
pub async fn renew_session(
    access_token: String,
    member_id: String,
    address: String,
    lang: crmap_domain::Lang,
) -> Result<String, AppError> {
    guard::renew(access_token, &member_id, address, lang).await
}
