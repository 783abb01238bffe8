//! Several methods that write in one request. None of them is ever repeated from here: after a
//! failure nobody knows what was executed, so the caller has to look (bitrix24.md §3.4, REL-40).

use crmap_crm::CrmError;
use tokio::time::Instant;
use tracing::warn;

use super::{Command, Outcome, body, names, note_limits, paired};
use crate::classify::{Failure, Kind};
use crate::transport::{Call, Channel};

/// Runs up to [`super::LARGEST`] commands that write. None is repeated: those of which nobody knows
/// what came of them, or which the portal put off, have no outcome, and the caller has to look.
pub(crate) async fn write(
    channel: &Channel,
    commands: &[Command],
    deadline: Instant,
) -> Result<Vec<Option<Outcome>>, CrmError> {
    for command in commands {
        channel.lane().wait_for(command.method, deadline).await?;
    }
    let call = Call::writing("batch", body(commands)).of(names(commands));
    let envelope = match channel.call(call, deadline).await {
        Ok(envelope) => envelope,
        Err(Failure::Said(said)) if matches!(said.kind, Kind::NotInBatch | Kind::NoMethod) => {
            return write_singly(channel, commands, deadline).await;
        }
        Err(failure) => {
            return unclear(failure, channel, "batch")
                .map(|()| commands.iter().map(|_| None).collect());
        }
    };
    let Ok(first) = paired(commands, &envelope) else {
        return Ok(commands.iter().map(|_| None).collect());
    };
    let mut outcomes = Vec::with_capacity(commands.len());
    for (command, outcome) in commands.iter().zip(first) {
        note_limits(channel, command, &outcome).await;
        outcomes.push(outcome.settled.map(|outcome| match outcome {
            Outcome::Refused(said) => Outcome::Refused(channel.scrubbed(said)),
            answer @ Outcome::Answer { .. } => answer,
        }));
    }
    Ok(outcomes)
}

/// For portals that do not take batches.
async fn write_singly(
    channel: &Channel,
    commands: &[Command],
    deadline: Instant,
) -> Result<Vec<Option<Outcome>>, CrmError> {
    let mut outcomes = Vec::with_capacity(commands.len());
    for command in commands {
        let call = Call::writing(command.method, command.params.to_json());
        outcomes.push(match channel.call(call, deadline).await {
            Ok(envelope) => Some(Outcome::from(envelope)),
            Err(Failure::Said(said)) if !said.is_passing() => Some(Outcome::Refused(said)),
            Err(failure) => {
                unclear(failure, channel, command.method)?;
                None
            }
        });
    }
    Ok(outcomes)
}

/// Lets a failure pass after which something may or may not have been executed; any other one
/// concerns the whole account.
fn unclear(failure: Failure, channel: &Channel, method: &str) -> Result<(), CrmError> {
    match failure.into_error(method, channel.is_webhook()) {
        error @ (CrmError::Unreachable { .. }
        | CrmError::PortalFailed { .. }
        | CrmError::Malformed { .. }
        | CrmError::NotAPortal { .. }
        | CrmError::TooLarge { .. }) => {
            warn!(portal.address = channel.address(), method, %error, "what was executed is unclear");
            Ok(())
        }
        error => Err(error),
    }
}
