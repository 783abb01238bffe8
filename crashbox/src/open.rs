//! `open`: somebody opens the application inside the portal.

use anyhow::Context;
use crmap_bitrix::Opening;
use crmap_domain::Lang;
use crmap_service::{Arrival, Opened};

use crate::Said;
use crate::machine::Machine;
use crate::outside::next_line;

/// Takes the form of one opening: its query and its body, a line each.
pub(crate) async fn run(machine: &Machine) -> anyhow::Result<()> {
    let query = next_line().await?.context("the query is missing")?;
    let body = next_line().await?.context("the body is missing")?;
    let opening = Opening::parse(&query, body.as_bytes())?;
    let arrival = Arrival {
        claim: opening.claim,
        refresh_token: opening.refresh_token,
        application_token: opening.application_token,
    };
    let member = arrival.claim.member_id.clone();
    let opened = match machine.services.open(arrival, Lang::Ru).await? {
        Opened::Page(_) => "page",
        Opened::Installer(_) => "installer",
        Opened::NotFinished { .. } => "not_finished",
    };
    Said::Opened(opened.to_owned()).say();
    crate::check::run(machine, &member, 1, false).await
}
