//! The use cases of CRMAP and their rules: installing and opening the application inside a portal,
//! reading the portal, keeping its tokens alive, hearing its events and letting it go; cabinets and
//! the people who have one. Knows no HTTP server, no HTML and no particular CRM.
//!
//! # Where to begin
//! Every use case is a method of [`Services`], written in the room of its name: `opening`, `install`,
//! `events`, `leaving`, `visiting` for portals; the rooms of `cabinet` for accounts, sessions and
//! links; `fleet`, `history`, `finding` and `comparing` for what cabinets see of many portals.
//! [`Services::work`] is what goes on behind the scenes.
//!
//! Rules that need no database are pure, with time and chance as arguments: `standing` judges how a
//! portal stands, `fleet::schedule` when it is read. The refresh of tokens (`tokens`) has its database
//! behind a port, [`Vault`], and stops at named [`Checkpoints`], so that crash tests and models run the
//! very code.
//!
//! # What comes in from outside
//! The CRM ([`CrmConnector`]), the database ([`crmap_store::Store`]), time and randomness
//! ([`Entropy`]), the way to a mail server ([`Mailer`]), and [`Settings`].
#![warn(missing_docs)]

mod audit;
mod cabinet;
mod comparing;
mod contained;
mod error;
mod events;
mod figures;
mod finding;
mod fleet;
mod history;
mod install;
mod journal;
mod leaving;
mod opening;
mod pace;
mod probing;
mod readiness;
mod reading;
mod recent;
mod remembering;
mod restored;
mod rights;
mod session;
mod shares;
mod standing;
mod tokens;
mod vault;
mod visiting;
mod worker;

use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crmap_crm::{Clock, CrmConnector, Doors};
use crmap_store::Store;
use time::OffsetDateTime;
use tokio::sync::Notify;

pub use cabinet::{
    AccountWanted, Entered, ExportTurn, LogIn, LoggedIn, Mail, MailError, MailTimes, Mailer,
    Operating, OperatingError, PasswordCost, Registration, Visitor,
};
pub use comparing::SidesCompared;
pub use crmap_crm::{SetUpStep, StepOutcome};
pub use crmap_store::Entropy;
pub use error::OpenError;
pub use events::{Notice, NoticeKind, Reception};
pub use figures::FIGURES;
pub use fleet::ReadingTimes;
pub use install::{InstallReport, InstallStep, Installer};
pub use journal::StoreJournal;
pub use opening::{Arrival, Opened, Page};
pub use pace::StorePace;
pub use readiness::NotReady;
pub use reading::Outcome;
pub use session::{Bearer, Session};
pub use tokens::{Checkpoints, Point, RefreshTimes};
pub use vault::Vault;
pub use visiting::Visit;

use cabinet::{Exports, Flights, Hasher};
use finding::Finding;
use fleet::Fleet;
use readiness::Looks;
use recent::Recent;
use session::Sessions;
use tokens::{NoCheckpoints, Refresher};

/// How the use cases behave.
pub struct Settings {
    /// Where portals find CRMAP.
    pub doors: Doors,
    /// How long an opening waits for the portal before the page is shown without data.
    pub opening_patience: Duration,
    /// How long one question for a reading's outcome waits before it says that it goes on.
    pub reading_patience: Duration,
    /// How many sessions are kept in memory at the most; the oldest go first.
    pub max_sessions: usize,
    /// How many people's tokens are kept of each portal.
    pub chains_per_portal: usize,
    /// For how many days requests to portals are kept: 3 to 14 (SEC-38).
    pub journal_days: u16,
    /// How often the worker looks for what is due.
    pub worker_pace: Duration,
    /// How long the steps of a refresh may take.
    pub refresh: RefreshTimes,
    /// How often a linked portal is read by itself.
    pub sync_interval: Duration,
    /// How long the steps of a reading for cabinets may take.
    pub reading: ReadingTimes,
    /// The address of cabinets, without a slash at its end, for links in mails (SEC-69).
    pub site: String,
    /// The way to a mail server; without one, no mails are sent.
    pub mailer: Option<Arc<dyn Mailer>>,
    /// How mails are sent.
    pub mail: MailTimes,
    /// What a hash of a password costs.
    pub password_cost: PasswordCost,
    /// To what multiple of this answers are put off that must not tell whether an address has an
    /// account (SEC-64): more than the work for them takes.
    pub even_answers: Duration,
    /// For how long one answer to whether this process can serve is given to whoever else asks.
    pub readiness_shared: Duration,
    /// How many bytes of what can be found in portals are kept in memory at the most.
    pub search_memory: usize,
}

impl Settings {
    /// The usual behaviour behind `doors`.
    #[must_use]
    pub fn new(doors: Doors) -> Self {
        Self {
            site: origin_of(&doors.app),
            doors,
            opening_patience: Duration::from_secs(2),
            reading_patience: Duration::from_secs(20),
            max_sessions: 20_000,
            chains_per_portal: 5,
            journal_days: 7,
            worker_pace: Duration::from_secs(1),
            refresh: RefreshTimes::default(),
            sync_interval: Duration::from_secs(24 * 60 * 60),
            reading: ReadingTimes::default(),
            mailer: None,
            mail: MailTimes::default(),
            password_cost: PasswordCost::default(),
            even_answers: Duration::from_millis(500),
            readiness_shared: Duration::from_secs(1),
            search_memory: 96 * 1024 * 1024,
        }
    }
}

/// The use cases, ready to be called: in chapters, one for each room that they are written in.
pub struct Services {
    connector: Arc<dyn CrmConnector>,
    store: Arc<Store>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    settings: Settings,
    sessions: Sessions,
    hasher: Hasher,
    refresher: Arc<Refresher>,
    /// Names this process among those that share the database.
    owner: String,
    /// Which portals' bindings were lately looked after.
    looked_at: Recent<()>,
    /// Whose tokens were lately kept, for which base address and installation.
    kept: Recent<remembering::KeptTokens>,
    /// From whom a portal was lately heard, whether they administer it, and in which state.
    heard: Recent<(bool, OffsetDateTime)>,
    /// What somebody lately saw of which installation of a portal.
    sights: visiting::Sights,
    /// For which installation of a portal a reading was lately kept.
    freshened: Recent<u32>,
    /// Who was lately kept from a portal's links, and why.
    refused: Recent<&'static str>,
    /// Readings for cabinets that somebody waits for.
    flights: Flights,
    /// What can be found in portals.
    finding: Finding,
    /// Readings for cabinets under way.
    fleet: Fleet,
    /// Files of portals that are being written.
    exports: Exports,
    /// Whether everything is sealed with the newest key.
    sealed_anew: AtomicBool,
    /// Wakes the worker when something came in.
    arrived: Notify,
    /// What was lately found out of whether this process can serve.
    looks: tokio::sync::Mutex<Looks>,
}

/// # The whole, and its settings
impl Services {
    /// The use cases over one kind of CRM and one database.
    #[must_use]
    pub fn new(
        connector: Arc<dyn CrmConnector>,
        store: Arc<Store>,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
        settings: Settings,
    ) -> Self {
        let parts = Unusual {
            vault: Arc::clone(&store) as Arc<dyn Vault>,
            checkpoints: Arc::new(NoCheckpoints),
        };
        Self::with(connector, store, clock, entropy, settings, parts)
    }

    /// As [`new`](Self::new), with other parts of the refresh protocol: for crash tests alone.
    #[must_use]
    pub fn with(
        connector: Arc<dyn CrmConnector>,
        store: Arc<Store>,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
        settings: Settings,
        parts: Unusual,
    ) -> Self {
        let owner = name_of_process(&*entropy);
        let refresher = Refresher {
            vault: parts.vault,
            connector: Arc::clone(&connector),
            clock: Arc::clone(&clock),
            checkpoints: parts.checkpoints,
            owner: owner.clone(),
            times: settings.refresh,
            flights: Mutex::default(),
            accepted: Mutex::default(),
        };
        Self {
            sessions: Sessions::new(settings.max_sessions),
            hasher: Hasher::new(settings.password_cost, &*entropy),
            finding: Finding::new(settings.search_memory, Arc::clone(&clock)),
            connector,
            store,
            clock,
            entropy,
            settings,
            refresher: Arc::new(refresher),
            owner,
            looked_at: Recent::new(),
            kept: Recent::new(),
            heard: Recent::new(),
            sights: visiting::Sights::new(),
            freshened: Recent::new(),
            refused: Recent::new(),
            flights: Flights::new(),
            fleet: Fleet::new(),
            exports: Exports::new(),
            sealed_anew: AtomicBool::new(false),
            arrived: Notify::new(),
            looks: tokio::sync::Mutex::default(),
        }
    }

    /// What time it is, by the clock that everything here goes by.
    #[must_use]
    pub fn now(&self) -> OffsetDateTime {
        self.clock.now()
    }

    /// Which kind of database it is.
    #[must_use]
    pub fn kind_of_database(&self) -> &'static str {
        if self.store.is_shared() {
            "postgres"
        } else {
            "sqlite"
        }
    }

    /// How many hashes of passwords were worked out since the start, whatever came of them.
    #[must_use]
    pub fn passwords_hashed(&self) -> u64 {
        self.hasher.done()
    }

    /// A random number from 0 to 1.
    fn spread(&self) -> f64 {
        let mut bytes = [0_u8; 4];
        self.entropy.fill(&mut bytes);
        f64::from(u32::from_be_bytes(bytes)) / f64::from(u32::MAX)
    }
}

/// Parts of the refresh protocol that crash tests replace.
pub struct Unusual {
    /// The chains of tokens.
    pub vault: Arc<dyn Vault>,
    /// Is told of each point of the protocol.
    pub checkpoints: Arc<dyn Checkpoints>,
}

/// What stands before the path of an address.
fn origin_of(address: &str) -> String {
    let path = address.match_indices('/').nth(2);
    path.map_or(address, |(place, _)| &address[..place])
        .to_owned()
}

fn name_of_process(entropy: &dyn Entropy) -> String {
    let mut bytes = [0_u8; 16];
    entropy.fill(&mut bytes);
    format!("{:032x}", u128::from_be_bytes(bytes))
}
