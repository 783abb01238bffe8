//! What the application has bound on a portal: handlers of events and of placements (§1.9, §7).

use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};

use crate::envelope::Refusal;

/// The bindings of one portal.
#[derive(Debug, Default)]
pub(crate) struct Bindings(Mutex<Bound>);

/// What is bound now, and who ever was.
#[derive(Clone, Debug, Default)]
pub(crate) struct Bound {
    pub(crate) events: Vec<EventHandler>,
    pub(crate) placements: Vec<PlacementHandler>,
    /// Every address that events were bound to; forged events find their way by it.
    pub(crate) known_addresses: Vec<String>,
    next_id: u32,
}

/// An event's handler.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct EventHandler {
    pub(crate) id: u32,
    /// In capitals.
    pub(crate) event: String,
    pub(crate) address: String,
    /// Whose token the event carries; 0 for whoever caused it.
    pub(crate) auth_type: u32,
    /// Waits on the portal until it is fetched.
    pub(crate) offline: bool,
}

/// A placement's handler.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct PlacementHandler {
    pub(crate) id: u32,
    pub(crate) placement: String,
    pub(crate) address: String,
    pub(crate) user: u32,
    pub(crate) title: String,
    pub(crate) description: String,
    /// By language: `TITLE`, `DESCRIPTION`, `GROUP_NAME`.
    pub(crate) languages: Value,
    pub(crate) options: Value,
}

impl Bindings {
    pub(crate) fn now(&self) -> MutexGuard<'_, Bound> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The online handlers of an event, in the order of their binding.
    pub(crate) fn handlers_of(&self, event: &str) -> Vec<EventHandler> {
        let mut handlers = self.now().events.clone();
        handlers.retain(|handler| handler.event == event && !handler.offline);
        handlers
    }
}

impl Bound {
    /// A number for the next binding.
    pub(crate) const fn take_id(&mut self) -> u32 {
        self.next_id += 1;
        self.next_id
    }

    /// What is bound now, for the control interface.
    pub(crate) fn listed(&self) -> Value {
        let events = self.events.iter().map(|bound| {
            json!({"event": bound.event, "handler": bound.address,
                "auth_type": bound.auth_type, "offline": bound.offline})
        });
        let placements = self.placements.iter().map(|bound| {
            json!({"placement": bound.placement, "handler": bound.address, "user": bound.user,
                "title": bound.title})
        });
        json!({"events": events.collect::<Value>(), "placements": placements.collect::<Value>()})
    }

    /// Removes everything, as uninstalling does.
    pub(crate) fn clear(&mut self) {
        self.events.clear();
        self.placements.clear();
    }
}

/// Refuses the address of a handler that the portal would refuse (§1.9).
pub(crate) fn check_address(address: &str) -> Result<(), Refusal> {
    let Some((scheme, rest)) = address.split_once("://") else {
        return Err(wrong_address());
    };
    if !matches!(scheme.to_lowercase().as_str(), "http" | "https") {
        let text = "Unsupported event handler protocol";
        return Err(Refusal::new(400, "ERROR_UNSUPPORTED_PROTOCOL", text));
    }
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    let host = host.split(':').next().unwrap_or_default();
    if !host.trim_matches('.').contains('.') {
        return Err(wrong_address());
    }
    Ok(())
}

fn wrong_address() -> Refusal {
    Refusal::new(400, "ERROR_WRONG_HANDLER_URL", "Wrong handler URL")
}
