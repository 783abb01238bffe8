//! Several methods in one request (bitrix24.md §3.4). It pairs every command with its own outcome,
//! sends alone what failed for the moment, and leaves no command without an outcome.

#[cfg(test)]
mod tests;
mod write;

use crmap_crm::CrmError;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};
use tokio::time::Instant;
use tracing::warn;

use crate::classify::{Failure, Kind, Said};
use crate::decode::{Keyed, Loose};
use crate::envelope::{self, Envelope, Times, count};
use crate::params::Params;
use crate::transport::{Call, Channel};

pub(crate) use write::write;

/// The most commands that one request takes.
pub(crate) const LARGEST: usize = 50;

/// A method to call, with its parameters.
#[derive(Debug, Clone)]
pub(crate) struct Command {
    pub(crate) method: &'static str,
    pub(crate) params: Params,
}

impl Command {
    /// A method without parameters.
    pub(crate) fn bare(method: &'static str) -> Self {
        Self {
            method,
            params: Params::default(),
        }
    }
}

/// What came of a command.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// An answer.
    Answer {
        result: Box<RawValue>,
        total: Option<u64>,
        next: Option<u64>,
    },
    /// The portal refused this command for good.
    Refused(Said),
}

impl From<Envelope> for Outcome {
    fn from(envelope: Envelope) -> Self {
        Self::Answer {
            result: envelope.result,
            total: envelope.total,
            next: envelope.next,
        }
    }
}

/// The outcomes of commands, in the order of the commands, and the portal's time.
pub(crate) struct Outcomes {
    pub(crate) outcomes: Vec<Outcome>,
    pub(crate) times: Times,
}

#[derive(Deserialize)]
struct Wire<'a> {
    #[serde(borrow, default)]
    result: Keyed<'a>,
    #[serde(borrow, default)]
    result_error: Keyed<'a>,
    #[serde(borrow, default)]
    result_total: Keyed<'a>,
    #[serde(borrow, default)]
    result_next: Keyed<'a>,
    #[serde(borrow, default)]
    result_time: Keyed<'a>,
}

#[derive(Deserialize, Default)]
struct WireError {
    #[serde(default)]
    error: Loose,
    #[serde(default)]
    error_description: Loose,
}

/// Runs up to [`LARGEST`] commands.
pub(crate) async fn run(
    channel: &Channel,
    commands: &[Command],
    deadline: Instant,
) -> Result<Outcomes, CrmError> {
    for command in commands {
        channel.lane().wait_for(command.method, deadline).await?;
    }
    let call = Call::reading("batch", body(commands)).of(names(commands));
    let envelope = match channel.call(call, deadline).await {
        Ok(envelope) => envelope,
        Err(Failure::Said(said)) if matches!(said.kind, Kind::NotInBatch | Kind::NoMethod) => {
            return singly(channel, commands, deadline).await;
        }
        Err(failure) => return Err(failure.into_error("batch", channel.is_webhook())),
    };
    let first = paired(commands, &envelope)?;
    let mut outcomes = Vec::with_capacity(commands.len());
    for (command, outcome) in commands.iter().zip(first) {
        note_limits(channel, command, &outcome).await;
        outcomes.push(match outcome.settled {
            Some(Outcome::Refused(said)) => Outcome::Refused(channel.scrubbed(said)),
            Some(answer) => answer,
            None => alone(channel, command, deadline).await?.0,
        });
    }
    Ok(Outcomes {
        outcomes,
        times: envelope.times,
    })
}

/// What a batch said of one command; not settled where it failed for the moment or is missing.
pub(super) struct First {
    pub(super) settled: Option<Outcome>,
    blocked: bool,
    times: Times,
}

fn body(commands: &[Command]) -> Map<String, Value> {
    let cmd: Map<String, Value> = commands
        .iter()
        .enumerate()
        .map(|(index, Command { method, params })| {
            let query = params.to_query();
            let line = if query.is_empty() {
                (*method).to_owned()
            } else {
                format!("{method}?{query}")
            };
            (key(index), Value::from(line))
        })
        .collect();
    [
        ("halt".to_owned(), json!(0)),
        ("cmd".to_owned(), Value::Object(cmd)),
    ]
    .into_iter()
    .collect()
}

fn names(commands: &[Command]) -> Vec<String> {
    commands
        .iter()
        .map(|command| command.method.to_owned())
        .collect()
}

/// Keys are words, so that PHP does not write the answers as lists with gaps.
fn key(index: usize) -> String {
    format!("c{index}")
}

pub(super) fn paired(commands: &[Command], envelope: &Envelope) -> Result<Vec<First>, CrmError> {
    let malformed = || CrmError::Malformed {
        method: "batch".to_owned(),
        place: "result".to_owned(),
    };
    let wire: Wire<'_> = serde_json::from_str(envelope.result.get()).map_err(|_| malformed())?;
    Ok(commands
        .iter()
        .enumerate()
        .map(|(index, _)| first(&wire, &key(index)))
        .collect())
}

fn first(wire: &Wire<'_>, key: &str) -> First {
    let number = |keyed: &Keyed<'_>| {
        let value = keyed
            .get(key)
            .and_then(|raw| serde_json::from_str::<Loose>(raw.get()).ok());
        value.as_ref().and_then(count)
    };
    let times = wire
        .result_time
        .get(key)
        .map(envelope::times_in)
        .unwrap_or_default();
    if let Some(raw) = wire.result_error.get(key).filter(|raw| raw.get() != "null") {
        let said = said(raw);
        let blocked = said.kind == Kind::OperatingLimit;
        let settled = (!said.is_passing()).then_some(Outcome::Refused(said));
        return First {
            settled,
            blocked,
            times,
        };
    }
    let settled = wire.result.get(key).map(|raw| Outcome::Answer {
        result: raw.to_owned(),
        total: number(&wire.result_total),
        next: number(&wire.result_next),
    });
    First {
        settled,
        blocked: false,
        times,
    }
}

fn said(raw: &RawValue) -> Said {
    let wire = serde_json::from_str::<WireError>(raw.get()).unwrap_or_else(|_| WireError {
        error: serde_json::from_str(raw.get()).unwrap_or_default(),
        error_description: Loose::Absent,
    });
    let code = wire.error.text().unwrap_or_default();
    let message = wire.error_description.text().unwrap_or_default();
    // A command has no HTTP status of its own.
    Said::new(200, &code, &message)
}

async fn note_limits(channel: &Channel, command: &Command, outcome: &First) {
    let overloaded = |said: &Said| matches!(said.kind, Kind::Overloaded);
    if outcome.blocked {
        channel.block(command.method, outcome.times.reset).await;
    } else if matches!(&outcome.settled, Some(Outcome::Refused(said)) if overloaded(said)) {
        channel.stop().await;
    } else if let Some(reset) = outcome.times.reset {
        channel.lane().note_reset(command.method, reset);
    }
}

/// Calls one command by itself. A failure that is the whole account's ends the reading.
async fn alone(
    channel: &Channel,
    command: &Command,
    deadline: Instant,
) -> Result<(Outcome, Times), CrmError> {
    warn!(
        portal.address = channel.address(),
        method = command.method,
        "calling a command alone"
    );
    let call = Call::reading(command.method, command.params.to_json());
    match channel.call(call, deadline).await {
        Ok(envelope) => {
            let times = envelope.times;
            Ok((Outcome::from(envelope), times))
        }
        Err(Failure::Said(said)) if !said.is_passing() => {
            Ok((Outcome::Refused(said), Times::default()))
        }
        Err(failure) => Err(failure.into_error(command.method, channel.is_webhook())),
    }
}

/// For portals that do not take batches.
async fn singly(
    channel: &Channel,
    commands: &[Command],
    deadline: Instant,
) -> Result<Outcomes, CrmError> {
    let mut outcomes = Vec::with_capacity(commands.len());
    let mut times = Times::default();
    for command in commands {
        let (outcome, told) = alone(channel, command, deadline).await?;
        times.offset = times.offset.or(told.offset);
        outcomes.push(outcome);
    }
    Ok(Outcomes { outcomes, times })
}
