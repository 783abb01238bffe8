//! What is bound in a portal at this moment, and how the portal stands, in one request.

use crmap_crm::{AccountStanding, CrmError, StepOutcome};
use crmap_domain::Trouble;
use tokio::time::Instant;

use super::lacks_places;
use super::plan::{Bond, PLACE};
use crate::batch::{self, Command, Outcome};
use crate::classify::{Kind, Said};
use crate::decode::{BoundEvent, BoundPlace};
use crate::read::{malformed, understood};
use crate::standing;
use crate::transport::Channel;

const EVENTS: &str = "event.get";
const PLACES: &str = "placement.get";

/// What a look shows.
pub(super) struct Look {
    pub(super) standing: AccountStanding,
    events: Result<Vec<BoundEvent>, Trouble>,
    /// What became of the step where the places cannot be seen.
    places: Result<Vec<BoundPlace>, StepOutcome>,
}

/// Looks.
pub(super) async fn look(channel: &Channel, deadline: Instant) -> Result<Look, CrmError> {
    let mut commands = standing::commands();
    commands.extend([EVENTS, PLACES].map(Command::bare));
    let answers = batch::run(channel, &commands, deadline).await?;
    let mut outcomes = answers.outcomes.into_iter();
    let standing = standing::read(channel, &mut outcomes)?;
    let mut next = |method| {
        outcomes
            .next()
            .ok_or_else(|| malformed(method, "result".to_owned()))
    };
    let events = match next(EVENTS)? {
        Outcome::Answer { result, .. } => {
            understood(EVENTS, BoundEvent::read(&result)).map_err(|error| error.trouble())
        }
        Outcome::Refused(said) => Err(said.into_error(EVENTS, channel.is_webhook()).trouble()),
    };
    let places = match next(PLACES)? {
        _ if lacks_places(&standing.scopes) => Err(StepOutcome::NotGranted),
        Outcome::Answer { result, .. } => understood(PLACES, BoundPlace::read(&result))
            .map_err(|error| StepOutcome::Failed(error.trouble())),
        Outcome::Refused(said) => Err(unseen(said, channel.is_webhook())),
    };
    Ok(Look {
        standing,
        events,
        places,
    })
}

fn unseen(said: Said, webhook: bool) -> StepOutcome {
    match said.kind {
        Kind::Scope(_) | Kind::NoMethod => StepOutcome::NotGranted,
        _ => StepOutcome::Failed(said.into_error(PLACES, webhook).trouble()),
    }
}

impl Look {
    /// Whether the bond is there; how its step ended where that cannot be seen.
    pub(super) fn has(&self, bond: &Bond) -> Result<bool, StepOutcome> {
        match bond {
            Bond::Event { name, handler } => match &self.events {
                Ok(events) => Ok(events
                    .iter()
                    .any(|bound| bound.event == *name && bound.handler == *handler)),
                Err(trouble) => Err(StepOutcome::Failed(trouble.clone())),
            },
            Bond::Place { handler } => match &self.places {
                Ok(places) => Ok(places
                    .iter()
                    .any(|bound| bound.place == PLACE.code && bound.handler == *handler)),
                Err(outcome) => Err(outcome.clone()),
            },
        }
    }

    /// The calls that take the same thing away from addresses that CRMAP had before.
    pub(super) fn old(&self, bond: &Bond) -> Vec<Command> {
        let bound: Vec<&str> = match bond {
            Bond::Event { name, .. } => self
                .events
                .iter()
                .flatten()
                .filter(|bound| bound.event == *name)
                .map(|bound| bound.handler.as_str())
                .collect(),
            Bond::Place { .. } => self
                .places
                .iter()
                .flatten()
                .filter(|bound| bound.place == PLACE.code)
                .map(|bound| bound.handler.as_str())
                .collect(),
        };
        bound
            .into_iter()
            .filter(|handler| bond.is_old(handler))
            .map(|handler| bond.unbind(handler))
            .collect()
    }
}
