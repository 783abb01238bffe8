//! One simulated portal: its world, its application, its faults and its log.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::Value;

use crate::clock;
use crate::faults::{Fault, Faults};
use crate::limits::Bucket;
use crate::log::{RequestLog, RequestLogEntry};
use crate::opening::{self, Opening};
use crate::options::{AppRegistration, Options};
use crate::tokens::{Holder, TokenBook, TokenPair};
use crate::worlds::{UserRole, World, digest};

/// What all portals and the OAuth server share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) app: AppRegistration,
    pub(crate) tokens: TokenBook,
    pub(crate) oauth_url: String,
    pub(crate) scheme: &'static str,
    pub(crate) latency: Duration,
    pub(crate) paged: bool,
}

/// A running portal.
#[derive(Debug)]
pub struct Portal {
    number: usize,
    address: SocketAddr,
    member_id: String,
    world: World,
    shared: Arc<Shared>,
    faults: Faults,
    log: RequestLog,
    pub(crate) bucket: Bucket,
    memory: Mutex<FrameMemory>,
}

/// What the portal page remembers for the application (§6.4).
#[derive(Debug, Default)]
pub(crate) struct FrameMemory {
    pub(crate) app_options: BTreeMap<String, Value>,
    pub(crate) user_options: BTreeMap<u32, BTreeMap<String, Value>>,
    pub(crate) seen_by: Vec<u32>,
}

impl Portal {
    pub(crate) fn new(
        number: usize,
        address: SocketAddr,
        options: &Options,
        shared: Arc<Shared>,
    ) -> Self {
        let seed = options.seed(number);
        Self {
            number,
            address,
            member_id: digest(&format!("portal {number} of {seed:?}")),
            world: World::of(seed),
            shared,
            faults: Faults::default(),
            log: RequestLog::default(),
            bucket: Bucket::new(options.rate),
            memory: Mutex::default(),
        }
    }

    /// Its number, from 1.
    #[must_use]
    pub const fn number(&self) -> usize {
        self.number
    }

    /// Host and port, as in `DOMAIN` (§1.3).
    #[must_use]
    pub fn domain(&self) -> String {
        self.address.to_string()
    }

    /// Where its page is, without a slash at the end.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("{}://{}", self.shared.scheme, self.address)
    }

    /// Base of its REST, with a slash at the end (`client_endpoint`, §2.3).
    #[must_use]
    pub fn client_endpoint(&self) -> String {
        format!("{}/rest/", self.base_url())
    }

    /// The lasting id of the portal, which survives a rename.
    #[must_use]
    pub fn member_id(&self) -> &str {
        &self.member_id
    }

    /// The secret that events carry (§1.8).
    #[must_use]
    pub fn application_token(&self) -> String {
        digest(&format!("application token of {}", self.member_id))
    }

    /// The incoming webhook of that user, with a slash at the end.
    #[must_use]
    pub fn webhook(&self, role: UserRole) -> String {
        let user = self.world.user_id(role);
        format!("{}{user}/{}/", self.client_endpoint(), role.webhook_code())
    }

    /// A fresh access token of that user.
    #[must_use]
    pub fn access_token(&self, role: UserRole) -> String {
        self.issue_tokens(self.world.user_id(role)).access
    }

    /// A fresh access and refresh token of that user.
    #[must_use]
    pub fn token_pair(&self, role: UserRole) -> (String, String) {
        let pair = self.issue_tokens(self.world.user_id(role));
        (pair.access, pair.refresh)
    }

    pub(crate) fn issue_tokens(&self, user: u32) -> TokenPair {
        let holder = Holder {
            portal: self.number,
            user,
        };
        self.shared
            .tokens
            .issue(holder, clock::now().unix_timestamp())
    }

    /// What the portal sends when that user opens the application: query string and form body,
    /// both urlencoded (§1.3). Each call is a new opening with new tokens.
    #[must_use]
    pub fn opening_form(&self, role: UserRole, language: &str) -> (String, String) {
        let opening = Opening::new(self, self.world.user_id(role), language);
        (
            opening::encode(&opening.query),
            opening::encode(&opening.body),
        )
    }

    /// Switches a fault on.
    pub fn set_fault(&self, fault: Fault) {
        if fault == Fault::TokensExpired {
            self.shared
                .tokens
                .expire_portal(self.number, clock::now().unix_timestamp());
        } else {
            self.faults.add(fault);
        }
    }

    /// Switches all faults off and empties the rate limit's bucket.
    pub fn clear_faults(&self) {
        self.faults.clear();
        self.bucket.drain();
    }

    /// The REST requests so far.
    #[must_use]
    pub fn requests(&self) -> Vec<RequestLogEntry> {
        self.log.entries()
    }

    /// Forgets the requests.
    pub fn clear_requests(&self) {
        self.log.clear();
    }

    /// The truth about the portal.
    #[must_use]
    pub const fn world(&self) -> &World {
        &self.world
    }

    pub(crate) const fn faults(&self) -> &Faults {
        &self.faults
    }

    pub(crate) const fn log(&self) -> &RequestLog {
        &self.log
    }

    pub(crate) fn shared(&self) -> &Shared {
        &self.shared
    }

    pub(crate) fn remembered(&self) -> std::sync::MutexGuard<'_, FrameMemory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
