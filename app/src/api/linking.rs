//! The server function of «Настройки»: the cabinets that a portal is linked to. One function for all
//! that can be asked, since each adds to what a portal's page has to load.

use crmap_domain::cabinet::{CabinetPreview, Level, LinkOnPortal};
use leptos::prelude::*;
use leptos::server_fn::codec::Postcard;
use serde::{Deserialize, Serialize};

use super::BearerClient;
#[cfg(feature = "ssr")]
use super::desk;
use crate::error::Denied;

/// What is asked of the cabinets of a portal.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum LinkAsk {
    /// Which there are.
    List,
    /// Whose a connection token is.
    Preview(String),
    /// That the portal be linked to the cabinet of a token.
    Link(String, Level),
    /// That the link of this name be ended.
    Unlink(String),
}

/// What is answered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum LinkAnswer {
    /// The cabinets that the portal is linked to by now.
    Links(Vec<LinkOnPortal>),
    /// The cabinet of the token.
    Preview(CabinetPreview),
}

/// Asks of the cabinets of the session's portal, for its administrators alone (SEC-21).
///
/// # Errors
/// A [`Denied`].
#[server(prefix = "/api", endpoint = "cabinets", input = Postcard, output = Postcard, client = BearerClient)]
pub async fn cabinets(ask: LinkAsk) -> Result<LinkAnswer, Denied> {
    desk::cabinets(ask).await
}
