//! Server functions of the page of a comparison.

use crmap_domain::compare::HandMatch;
use leptos::prelude::*;
use leptos::server_fn::codec::Postcard;

#[cfg(feature = "ssr")]
use super::desk;
use crate::error::Denied;

/// Keeps what somebody says of things of two sides, written as an address writes them: of one pair
/// that they belong together, or of up to two things that nothing belongs to them.
///
/// # Errors
/// A [`Denied`].
#[server(prefix = "/api", endpoint = "compare/match", input = Postcard, output = Postcard)]
pub async fn match_items(left: String, right: String, said: Vec<HandMatch>) -> Result<(), Denied> {
    let (services, entered) = desk::entered().await?;
    let (left, right) = (desk::side(&left)?, desk::side(&right)?);
    desk::answer(services.match_by_hand(&entered, &left, &right, said).await)
}

/// Forgets what somebody said of two things.
///
/// # Errors
/// A [`Denied`].
#[server(prefix = "/api", endpoint = "compare/forget", input = Postcard, output = Postcard)]
pub async fn forget_match(left: String, right: String, said: HandMatch) -> Result<(), Denied> {
    let (services, entered) = desk::entered().await?;
    let (left, right) = (desk::side(&left)?, desk::side(&right)?);
    desk::answer(services.forget_match(&entered, &left, &right, said).await)
}
