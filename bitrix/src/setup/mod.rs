//! Makes a portal know CRMAP: looks at what is bound, binds what is missing, looks again where it is
//! unclear what a call has done (bitrix24.md §1.9, §7). A call that binds is never repeated blindly:
//! another binding follows only upon a look.

mod look;
mod plan;

use std::time::Duration;

use crmap_crm::{CrmError, Doors, SetUp, SetUpStep, StepOutcome};
use crmap_domain::Trouble;
use tokio::time::Instant;
use tracing::warn;

use crate::batch::{self, Command, Outcome};
use crate::classify::{Kind, Said};
use crate::limits::pause;
use crate::transport::Channel;
use look::Look;
use plan::{Bond, PLACE};

/// How often what is missing is bound, each time upon a look.
const ROUNDS: u32 = 3;

/// Binds what is missing, with the rights of an administrator. `wait` lies between two rounds.
pub(crate) async fn set_up(
    channel: &Channel,
    doors: &Doors,
    wait: Duration,
    deadline: Instant,
) -> Result<SetUp, CrmError> {
    let mut look = look::look(channel, deadline).await?;
    let standing = look.standing.clone();
    if !standing.administrator {
        return Ok(SetUp {
            standing,
            steps: Vec::new(),
        });
    }
    let mut states: Vec<State> = plan::bonds(doors).into_iter().map(State::new).collect();
    for round in 1..=ROUNDS {
        states.iter_mut().for_each(|state| state.compare(&look));
        if !states.iter().any(State::is_open) {
            break;
        }
        bind(channel, &mut states, deadline).await?;
        if !states.iter().any(State::is_open) {
            break;
        }
        if round < ROUNDS {
            pause(wait, deadline).await?;
        }
        look = look::look(channel, deadline).await?;
    }
    states.iter_mut().for_each(|state| state.compare(&look));
    unbind_old(channel, &states, &look, deadline).await;
    let steps = SetUpStep::ALL.map(|step| (step, outcome(step, &states)));
    Ok(SetUp {
        standing,
        steps: steps.into(),
    })
}

/// A bond and how far it has come.
struct State {
    bond: Bond,
    /// Whether a call that binds it was sent.
    tried: bool,
    outcome: Option<StepOutcome>,
}

impl State {
    fn new(bond: Bond) -> Self {
        Self {
            bond,
            tried: false,
            outcome: None,
        }
    }

    fn is_open(&self) -> bool {
        self.outcome.is_none()
    }

    /// Settles what the look shows.
    fn compare(&mut self, look: &Look) {
        if self.outcome.is_some() {
            return;
        }
        self.outcome = match look.has(&self.bond) {
            Ok(true) if self.tried => Some(StepOutcome::Done),
            Ok(true) => Some(StepOutcome::AlreadyThere),
            Ok(false) => None,
            Err(outcome) => Some(outcome),
        };
    }

    /// Settles what a call that binds has come to.
    fn settle(&mut self, outcome: Option<Outcome>) {
        self.tried = true;
        self.outcome = match outcome {
            Some(Outcome::Answer { result, .. }) if is_yes(result.get()) => Some(StepOutcome::Done),
            Some(Outcome::Answer { .. }) | None => None,
            Some(Outcome::Refused(said)) => refused(said, &self.bond),
        };
    }
}

async fn bind(channel: &Channel, states: &mut [State], deadline: Instant) -> Result<(), CrmError> {
    let mut open: Vec<&mut State> = states.iter_mut().filter(|state| state.is_open()).collect();
    let commands: Vec<Command> = open.iter().map(|state| state.bond.bind()).collect();
    let outcomes = batch::write(channel, &commands, deadline).await?;
    for (state, outcome) in open.iter_mut().zip(outcomes) {
        state.settle(outcome);
    }
    Ok(())
}

/// A portal answers `true`; anything else that is not an error is unclear.
fn is_yes(result: &str) -> bool {
    matches!(result.trim(), "true" | "1" | "\"1\"" | "\"Y\"")
}

fn refused(said: Said, bond: &Bond) -> Option<StepOutcome> {
    let text = format!("{} {}", said.code, said.message).to_lowercase();
    if text.contains("already binded") || text.contains("already bound") {
        return Some(StepOutcome::AlreadyThere);
    }
    // Somebody else is at it this very moment.
    if text.contains("already started") {
        return None;
    }
    let is_place = matches!(bond, Bond::Place { .. });
    let not_found = said.code.eq_ignore_ascii_case("ERROR_PLACEMENT_NOT_FOUND");
    Some(match &said.kind {
        Kind::Scope(_) if is_place => StepOutcome::NotGranted,
        Kind::NoMethod if is_place => StepOutcome::NotGranted,
        _ if is_place && not_found => StepOutcome::NotGranted,
        _ => StepOutcome::Failed(said.into_error(bond.method(), false).trouble()),
    })
}

/// Takes away the handlers at an address that CRMAP had before, once the new ones are there. One
/// that stays is found again by the next look; it does no harm but noise.
async fn unbind_old(channel: &Channel, states: &[State], look: &Look, deadline: Instant) {
    let is_there = |state: &&State| {
        matches!(
            state.outcome,
            Some(StepOutcome::Done | StepOutcome::AlreadyThere)
        )
    };
    let commands: Vec<Command> = states
        .iter()
        .filter(is_there)
        .flat_map(|state| look.old(&state.bond))
        .collect();
    for part in commands.chunks(batch::LARGEST) {
        let stay = match batch::write(channel, part, deadline).await {
            Ok(outcomes) => outcomes
                .iter()
                .filter(|outcome| !matches!(outcome, Some(Outcome::Answer { .. })))
                .count(),
            Err(error) => {
                warn!(portal.address = channel.address(), %error, "old handlers stay");
                return;
            }
        };
        if stay > 0 {
            warn!(
                portal.address = channel.address(),
                stay, "old handlers stay"
            );
        }
    }
}

/// A step is as good as the worst of its bonds.
fn outcome(step: SetUpStep, states: &[State]) -> StepOutcome {
    let mut worst = StepOutcome::AlreadyThere;
    for state in states.iter().filter(|state| state.bond.step() == step) {
        let outcome = match &state.outcome {
            Some(outcome) => outcome.clone(),
            None => StepOutcome::Failed(Trouble::PortalFailed),
        };
        if badness(&outcome) > badness(&worst) {
            worst = outcome;
        }
    }
    worst
}

fn badness(outcome: &StepOutcome) -> u8 {
    match outcome {
        StepOutcome::AlreadyThere => 0,
        StepOutcome::Done => 1,
        StepOutcome::NotGranted => 2,
        StepOutcome::Failed(_) => 3,
    }
}

/// Whether a scope list says that places may not be bound.
fn lacks_places(scopes: &[String]) -> bool {
    !scopes.is_empty() && !scopes.iter().any(|scope| scope == PLACE.scope)
}
