//! `check`: many tasks at once that need a portal's tokens.

use std::sync::Arc;

use anyhow::Context;
use crmap_domain::{MemberId, PortalState};
use tokio::task::JoinSet;

use crate::Said;
use crate::machine::Machine;
use crate::outside::next_line;

/// One round, or one for each line that comes in.
pub(crate) async fn run(
    machine: &Machine,
    member: &MemberId,
    tasks: usize,
    waits: bool,
) -> anyhow::Result<()> {
    if !waits {
        return round(machine, member, tasks).await;
    }
    while next_line().await?.is_some() {
        round(machine, member, tasks).await?;
    }
    Ok(())
}

async fn round(machine: &Machine, member: &MemberId, tasks: usize) -> anyhow::Result<()> {
    let mut asking = JoinSet::new();
    for _ in 0..tasks {
        let (services, member) = (Arc::clone(&machine.services), member.clone());
        asking.spawn(async move { services.check(&member).await });
    }
    let (mut ok, mut otherwise, mut failed) = (0, 0, 0);
    while let Some(answered) = asking.join_next().await {
        match answered.context("a task ended by a panic")? {
            Ok(Some(standing)) => {
                if standing.state == PortalState::Ok {
                    ok += 1;
                } else {
                    otherwise += 1;
                }
                Said::Outcome {
                    state: standing.state.code().to_owned(),
                    reason: standing.reason,
                }
                .say();
            }
            Ok(None) => {
                failed += 1;
                Said::Failed("the portal is not known".to_owned()).say();
            }
            Err(error) => {
                failed += 1;
                Said::Failed(error.to_string()).say();
            }
        }
    }
    Said::Counts {
        ok,
        otherwise,
        failed,
    }
    .say();
    Ok(())
}
