//! The use cases of CRMAP and their rules: opening the application inside a portal and reading the
//! portal for its session. Knows no HTTP server, no HTML and no particular CRM.
#![warn(missing_docs)]

mod entropy;
mod opening;
mod reading;
mod session;

use std::sync::Arc;
use std::time::Duration;

use crmap_crm::{Clock, CrmConnector};

pub use entropy::Entropy;
pub use opening::Opened;
pub use reading::Outcome;
pub use session::{Bearer, Session};

use session::Sessions;

/// What the use cases need from outside, and how patient they are.
pub struct Settings {
    /// How long an opening waits for the portal before the page is shown without data.
    pub opening_patience: Duration,
    /// How long one question for a reading's outcome waits before it says that it goes on.
    pub reading_patience: Duration,
    /// How many sessions are kept at the most; the oldest go first.
    pub max_sessions: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            opening_patience: Duration::from_secs(2),
            reading_patience: Duration::from_secs(20),
            max_sessions: 20_000,
        }
    }
}

/// The use cases, ready to be called.
pub struct Services {
    connector: Arc<dyn CrmConnector>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    settings: Settings,
    sessions: Sessions,
}

impl Services {
    /// The use cases over one kind of CRM.
    #[must_use]
    pub fn new(
        connector: Arc<dyn CrmConnector>,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
        settings: Settings,
    ) -> Self {
        let sessions = Sessions::new(settings.max_sessions);
        Self {
            connector,
            clock,
            entropy,
            settings,
            sessions,
        }
    }

    /// The session that a bearer stands for, unless it is unknown or over.
    #[must_use]
    pub fn session(&self, bearer: &str) -> Option<Arc<Session>> {
        self.sessions.find(bearer, self.clock.now())
    }
}
