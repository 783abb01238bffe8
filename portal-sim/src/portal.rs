//! One simulated portal: its world, its application, its faults and its log.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::Value;

use crate::bindings::Bindings;
use crate::crowd::Crowd;
use crate::envelope::ServerClock;
use crate::events::{self, Post};
use crate::faults::{Fault, Faults};
use crate::life::{AppStanding, Life};
use crate::limits::Bucket;
use crate::log::{RequestLog, RequestLogEntry};
use crate::opening::{self, Opening, Place};
use crate::operating::Operating;
use crate::options::Options;
use crate::shared::Shared;
use crate::tls::TlsFlaw;
use crate::tokens::{Holder, Issue, TokenPair};
use crate::worlds::{History, UserRole, World, digest};

/// The page of the funnels, where one placement is.
pub(crate) const FUNNELS_PATH: &str = "/crm/deal/funnels/";

/// A running portal.
#[derive(Debug)]
pub struct Portal {
    number: usize,
    member_id: String,
    world: History,
    life: Mutex<Life>,
    shared: Arc<Shared>,
    faults: Faults,
    log: RequestLog,
    pub(crate) bucket: Bucket,
    memory: Mutex<FrameMemory>,
    bindings: Bindings,
    post: Post,
    operating: Operating,
    crowd: Crowd,
}

/// What the portal page remembers for the application (§6.4).
#[derive(Debug, Default)]
pub(crate) struct FrameMemory {
    pub(crate) app_options: BTreeMap<String, Value>,
    pub(crate) user_options: BTreeMap<u32, BTreeMap<String, Value>>,
    pub(crate) seen_by: Vec<u32>,
}

impl Portal {
    pub(crate) fn new(number: usize, options: &Options, shared: Arc<Shared>) -> Self {
        let seed = options.seed(number);
        let member_id = digest(&format!("portal {number} of {seed:?}"));
        Self {
            number,
            world: History::new(World::of(seed)),
            life: Mutex::new(Life::new(&member_id, options)),
            member_id,
            shared,
            faults: Faults::default(),
            log: RequestLog::default(),
            bucket: Bucket::new(options.rate),
            memory: Mutex::default(),
            bindings: Bindings::default(),
            post: events::start(),
            operating: Operating::default(),
            crowd: Crowd::default(),
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
        self.address()
    }

    /// A portal that nobody has registered yet has none.
    fn address(&self) -> String {
        let address = self.shared.addresses.of(self.number);
        address.map_or_else(|| "unregistered.invalid".to_owned(), |one| one.to_string())
    }

    /// Where its page is, without a slash at the end.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("{}://{}", self.shared.scheme, self.address())
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

    /// The secret that events carry (§1.8): of the installation that is there, or was there last;
    /// empty when there was none.
    #[must_use]
    pub fn application_token(&self) -> String {
        self.life().app.application_token.clone()
    }

    /// The incoming webhook of that user, with a slash at the end.
    #[must_use]
    pub fn webhook(&self, role: UserRole) -> String {
        let user = self.world().user_id(role);
        format!("{}{user}/{}/", self.client_endpoint(), role.webhook_code())
    }

    /// A fresh access token of that user.
    #[must_use]
    pub fn access_token(&self, role: UserRole) -> String {
        self.issue_tokens(self.world().user_id(role)).access
    }

    /// A fresh access and refresh token of that user.
    #[must_use]
    pub fn token_pair(&self, role: UserRole) -> (String, String) {
        let pair = self.issue_tokens(self.world().user_id(role));
        (pair.access, pair.refresh)
    }

    /// Tokens for somebody who opens the application; dead ones when it is not installed.
    pub(crate) fn issue_tokens(&self, user: u32) -> TokenPair {
        let (holder, now) = (self.holder(user), self.shared.timestamp());
        let tokens = &self.shared.tokens;
        match self.life().app.standing {
            AppStanding::NotInstalled => tokens.issue_dead(holder, now),
            _ => tokens.issue(holder, Issue::Opening, now),
        }
    }

    pub(crate) const fn holder(&self, user: u32) -> Holder {
        Holder {
            portal: self.number,
            user,
        }
    }

    /// What the portal sends when that user opens the application: query string and form body,
    /// both urlencoded (§1.3). Each call is a new opening with new tokens.
    #[must_use]
    pub fn opening_form(&self, role: UserRole, language: &str) -> (String, String) {
        let opening = Opening::new(
            self,
            self.world().user_id(role),
            language,
            &Place::own_page(),
        );
        (
            opening::encode(&opening.query),
            opening::encode(&opening.body),
        )
    }

    /// The same for a placement that the application has bound (§7): the handler's address, the
    /// query string and the form body. None when it is not bound.
    #[must_use]
    pub fn placement_form(
        &self,
        placement: &str,
        role: UserRole,
        language: &str,
    ) -> Option<(String, String, String)> {
        let handlers = self.bindings.now().placements.clone();
        let handler = handlers
            .into_iter()
            .find(|one| one.placement == placement)?;
        let place = Place::of(placement, FUNNELS_PATH);
        let opening = Opening::new(self, self.world().user_id(role), language, &place);
        let (query, body) = (
            opening::encode(&opening.query),
            opening::encode(&opening.body),
        );
        Some((handler.address, query, body))
    }

    /// Switches a fault on.
    pub fn set_fault(&self, fault: Fault) {
        if fault == Fault::TokensExpired {
            self.expire_access_tokens();
        } else {
            self.faults.add(fault);
        }
    }

    /// Switches all faults off, empties the rate limit's bucket and forgets the run times.
    pub fn clear_faults(&self) {
        self.faults.clear();
        self.bucket.drain();
        self.operating.clear();
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

    /// How many REST requests were under way at one time, at the most, since this was last forgotten.
    #[must_use]
    pub fn most_at_once(&self) -> usize {
        self.crowd.most()
    }

    /// How many REST requests are under way.
    #[must_use]
    pub fn under_way(&self) -> usize {
        self.crowd.now()
    }

    /// Forgets how many were under way at one time.
    pub fn forget_crowds(&self) {
        self.crowd.forget();
    }

    pub(crate) const fn crowd(&self) -> &Crowd {
        &self.crowd
    }

    /// The truth about the portal, as it is now.
    #[must_use]
    pub fn world(&self) -> &World {
        self.world.now()
    }

    pub(crate) fn change_world<T>(&self, change: impl FnOnce(&mut World) -> T) -> T {
        self.world.change(change)
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

    pub(crate) const fn operating(&self) -> &Operating {
        &self.operating
    }

    /// How the portal's clock goes.
    pub(crate) fn server_clock(&self) -> ServerClock {
        let ahead = self.faults.find(|fault| match fault {
            Fault::ServerTime { ahead } => Some(ahead),
            _ => None,
        });
        ServerClock {
            ahead: ahead.unwrap_or(0),
            hidden: self.faults.active().contains(&Fault::NoTime),
        }
    }

    /// What is wrong with the portal's TLS.
    pub(crate) fn tls_flaw(&self) -> Option<TlsFlaw> {
        self.faults.find(|fault| match fault {
            Fault::Tls { flaw } => Some(flaw),
            _ => None,
        })
    }

    pub(crate) const fn bindings(&self) -> &Bindings {
        &self.bindings
    }

    pub(crate) const fn post_office(&self) -> &Post {
        &self.post
    }

    pub(crate) fn life(&self) -> MutexGuard<'_, Life> {
        self.life.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn remembered(&self) -> MutexGuard<'_, FrameMemory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
