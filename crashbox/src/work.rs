//! `work`: what the worker behind the scenes does, until nothing is left in doubt.

use std::time::Duration;

use crmap_crm::{Clock, SystemClock};
use crmap_domain::MemberId;
use crmap_store::{ChainStatus, StoreError};
use tokio::time::{Instant, sleep};

use crate::Said;
use crate::machine::Machine;

const PACE: Duration = Duration::from_millis(100);

/// Rounds until nothing of the portal is in doubt; at least one.
pub(crate) async fn run(machine: &Machine, member: &MemberId, seconds: u64) -> anyhow::Result<()> {
    let until = Instant::now() + Duration::from_secs(seconds);
    loop {
        match calm_after_a_round(machine, member).await {
            Ok(true) => {
                Said::Calm.say();
                return Ok(());
            }
            Ok(false) => {}
            // As the worker, which tries on.
            Err(error) if error.is_temporary() => tracing::warn!(%error, "the database is away"),
            Err(error) => return Err(error.into()),
        }
        if Instant::now() > until {
            Said::Failed("something is still in doubt".to_owned()).say();
            return Ok(());
        }
        sleep(PACE).await;
    }
}

async fn calm_after_a_round(machine: &Machine, member: &MemberId) -> Result<bool, StoreError> {
    machine.services.round(true).await?;
    is_calm(machine, member).await
}

/// A lease that nobody gave back hides a doubt until it has run out.
async fn is_calm(machine: &Machine, member: &MemberId) -> Result<bool, StoreError> {
    if !machine.store.ambiguous_chains(1).await?.is_empty() {
        return Ok(false);
    }
    let now = SystemClock.now();
    let chains = machine.store.chains(member).await?;
    Ok(chains.iter().all(|chain| {
        chain.status != ChainStatus::Ambiguous && chain.lease_until.is_none_or(|until| until <= now)
    }))
}
