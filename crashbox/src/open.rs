//! `open`: somebody opens the application inside the portal.

use anyhow::Context;
use crmap_bitrix::Opening;
use crmap_domain::Lang;
use crmap_service::{Arrival, Opened};

use crate::Said;
use crate::machine::Machine;
use crate::outside::next_line;

/// Takes the form of one opening, its query and its body, a line each; then asks the portal how it
/// stands.
pub(crate) async fn run(machine: &Machine) -> anyhow::Result<()> {
    let query = next_line().await?.context("the query is missing")?;
    let body = next_line().await?.context("the body is missing")?;
    let member = Opening::parse(&query, body.as_bytes())?.claim.member_id;
    let opened = let_in(machine, &query, &body).await?;
    Said::Opened(opened.to_owned()).say();
    crate::check::run(machine, &member, 1, false).await
}

/// What became of an opening.
pub(crate) async fn let_in(
    machine: &Machine,
    query: &str,
    body: &str,
) -> anyhow::Result<&'static str> {
    let opening = Opening::parse(query, body.as_bytes())?;
    let arrival = Arrival {
        claim: opening.claim,
        refresh_token: opening.refresh_token,
        application_token: opening.application_token,
    };
    Ok(match machine.services.open(arrival, Lang::Ru).await? {
        Opened::Page(_) => "page",
        Opened::Installer(_) => "installer",
        Opened::NotFinished { .. } => "not_finished",
    })
}
