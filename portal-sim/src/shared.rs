//! What all portals and the OAuth server share: the application, tokens, addresses and the clock.

use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};
use std::time::Duration;

use time::OffsetDateTime;

use crate::addresses::AddressBook;
use crate::clock;
use crate::knobs::Knobs;
use crate::ledger::Ledger;
use crate::options::{AppRegistration, Options};
use crate::portal::Portal;
use crate::tokens::TokenBook;

/// What all portals and the OAuth server share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) app: AppRegistration,
    pub(crate) tokens: TokenBook,
    pub(crate) ledger: Ledger,
    knobs: Mutex<Knobs>,
    pub(crate) addresses: AddressBook,
    /// The portals that are there from the start; those behind them wait to be registered.
    pub(crate) first_portals: usize,
    registered: AtomicUsize,
    portals: OnceLock<Vec<Weak<Portal>>>,
    /// Seconds that the cloud's clock is ahead of the machine's.
    ahead: AtomicI64,
    pub(crate) oauth_url: String,
    pub(crate) scheme: &'static str,
    pub(crate) latency: Duration,
    pub(crate) paged: bool,
}

impl Shared {
    pub(crate) fn new(
        options: &Options,
        oauth_url: String,
        scheme: &'static str,
        addresses: AddressBook,
    ) -> Self {
        Self {
            app: options.app.clone(),
            tokens: TokenBook::default(),
            ledger: Ledger::default(),
            knobs: Mutex::new(options.knobs.clone()),
            addresses,
            first_portals: options.portals,
            registered: AtomicUsize::new(options.portals),
            portals: OnceLock::new(),
            ahead: AtomicI64::new(0),
            oauth_url,
            scheme,
            latency: options.latency,
            paged: options.paged,
        }
    }

    /// Lets the portals know each other; only the first time counts.
    pub(crate) fn introduce(&self, portals: &[Arc<Portal>]) {
        self.portals
            .get_or_init(|| portals.iter().map(Arc::downgrade).collect());
    }

    /// The portal of that number.
    pub(crate) fn portal(&self, number: usize) -> Option<Arc<Portal>> {
        let portals = self.portals.get()?;
        portals.get(number.checked_sub(1)?)?.upgrade()
    }

    /// The next portal that nobody has registered yet.
    pub(crate) fn register(&self) -> Option<usize> {
        let number = self.registered.load(Ordering::SeqCst) + 1;
        self.portal(number)?;
        self.registered.store(number, Ordering::SeqCst);
        Some(number)
    }

    /// The OAuth server's host and port.
    pub(crate) fn oauth_host(&self) -> &str {
        let parts = self.oauth_url.split_once("://");
        parts.map_or("", |(_, host)| host)
    }

    pub(crate) fn knobs(&self) -> Knobs {
        let knobs = self.knobs.lock().unwrap_or_else(PoisonError::into_inner);
        knobs.clone()
    }

    pub(crate) fn set_knobs(&self, knobs: Knobs) {
        *self.knobs.lock().unwrap_or_else(PoisonError::into_inner) = knobs;
    }

    /// Puts the clock that tokens and events go by forward.
    pub(crate) fn pass(&self, time: Duration) {
        let seconds = i64::try_from(time.as_secs()).unwrap_or(i64::MAX);
        self.ahead.fetch_add(seconds, Ordering::SeqCst);
    }

    /// The moment that tokens and events go by.
    pub(crate) fn now(&self) -> OffsetDateTime {
        clock::now() + time::Duration::seconds(self.ahead.load(Ordering::SeqCst))
    }

    /// The same in seconds since 1970.
    pub(crate) fn timestamp(&self) -> i64 {
        self.now().unix_timestamp()
    }
}
