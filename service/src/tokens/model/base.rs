//! The database of the model: one chain, with the rules of `store::credential`, which are compared
//! with the store's own in its tests of histories.

use std::collections::{HashMap, HashSet};

use crmap_domain::MemberId;
use crmap_store::{
    Chain, ChainStatus, FreshPair, Lease, Leased, Outcome, RefreshTurn, Released, Settled,
};
use secrecy::{ExposeSecret, SecretString};
use time::OffsetDateTime;

pub(super) const MEMBER: &str = "00000000000000000000000000000001";

/// A pair as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pair {
    pub(super) access: String,
    pub(super) refresh: String,
}

impl Pair {
    pub(super) fn of(pair: &FreshPair) -> Self {
        Self {
            access: pair.access.expose_secret().to_owned(),
            refresh: pair.refresh.expose_secret().to_owned(),
        }
    }
}

/// The row, and what was ever in it.
pub(super) struct Base {
    status: ChainStatus,
    generation: i64,
    intent: i64,
    access: String,
    refresh: Option<String>,
    expires_at: Option<OffsetDateTime>,
    owner: Option<String>,
    lease_until: Option<OffsetDateTime>,
    ambiguous_since: Option<OffsetDateTime>,
    leases: u64,
    /// All access tokens that were ever stored.
    pub(super) stored: HashSet<String>,
    /// What each generation was.
    pub(super) generations: HashMap<i64, Pair>,
    /// What must never be.
    pub(super) broken: Option<String>,
}

impl Base {
    pub(super) fn new(pair: Pair) -> Self {
        Self {
            status: ChainStatus::Active,
            generation: 1,
            intent: 1,
            stored: HashSet::from([pair.access.clone()]),
            generations: HashMap::from([(1, pair.clone())]),
            access: pair.access,
            refresh: Some(pair.refresh),
            expires_at: None,
            owner: None,
            lease_until: None,
            ambiguous_since: None,
            leases: 0,
            broken: None,
        }
    }

    pub(super) fn chain(&self) -> Chain {
        Chain {
            member_id: MemberId::parse(MEMBER).unwrap(),
            user_id: 1,
            administrator: true,
            status: self.status,
            generation: self.generation,
            access: Some(self.access.clone().into()),
            expires_at: self.expires_at,
            has_refresh: self.refresh.is_some(),
            has_candidate: false,
            lease_until: self.lease_until,
            ambiguous_since: self.ambiguous_since,
            last_used_at: OffsetDateTime::UNIX_EPOCH,
            restored: false,
        }
    }

    /// Whether nothing is in doubt, so that the refresh token must be the one that is good.
    pub(super) fn is_sure(&self) -> bool {
        self.status == ChainStatus::Active && self.intent == self.generation
    }

    pub(super) fn refresh_token(&self) -> Option<&str> {
        self.refresh.as_deref()
    }

    pub(super) fn lease(&mut self, turn: &RefreshTurn<'_>, now: OffsetDateTime) -> Leased {
        if self.generation != turn.seen {
            return Leased::Advanced;
        }
        let usable = matches!(self.status, ChainStatus::Active | ChainStatus::Ambiguous);
        let Some(refresh) = self.refresh.as_ref().filter(|_| usable) else {
            return Leased::NothingToUse;
        };
        if let Some(until) = self.lease_until.filter(|until| *until > now) {
            let wait = (until - now).try_into().unwrap_or_default();
            return Leased::Held { wait };
        }
        if self.intent > self.generation {
            self.status = ChainStatus::Ambiguous;
            self.ambiguous_since.get_or_insert(now);
        }
        self.leases += 1;
        let owner = format!("{}/{}", turn.owner, self.leases);
        self.intent = self.generation + 1;
        self.owner = Some(owner.clone());
        self.lease_until = Some(now + turn.lease);
        Leased::Granted(Box::new(Lease::of_model(
            MemberId::parse(MEMBER).unwrap(),
            self.generation,
            owner,
            SecretString::from(refresh.as_str()),
        )))
    }

    pub(super) fn settle(&mut self, lease: &Lease, pair: &FreshPair, fenced: bool) -> Settled {
        let new = Pair::of(pair);
        let mine = self.owner.is_none() || self.owner.as_deref() == Some(lease.owner.as_str());
        if fenced && (self.generation != lease.generation || !mine) {
            let stored = self.generations.get(&(lease.generation + 1)) == Some(&new);
            return if stored && self.generation == lease.generation + 1 {
                Settled::Stored {
                    generation: self.generation,
                }
            } else {
                Settled::Superseded
            };
        }
        self.put(lease.generation + 1, new, pair.expires_at)
    }

    /// Out of a local journal: by generation alone, since its holder is gone.
    pub(super) fn bring_in(&mut self, generation: i64, new: Pair, expires_at: OffsetDateTime) {
        if self.generation == generation && self.status != ChainStatus::Revoked {
            self.put(generation + 1, new, expires_at);
        }
    }

    fn put(&mut self, generation: i64, new: Pair, expires_at: OffsetDateTime) -> Settled {
        if let Some(other) = self.generations.insert(generation, new.clone())
            && other != new
        {
            self.broken = Some(format!("generation {generation} was stored twice"));
        }
        if generation < self.generation {
            let now = self.generation;
            self.broken = Some(format!("generation {generation} took the place of {now}"));
        }
        self.stored.insert(new.access.clone());
        (self.access, self.refresh) = (new.access, Some(new.refresh));
        self.expires_at = Some(expires_at);
        self.status = ChainStatus::Active;
        (self.generation, self.intent) = (generation, generation);
        (self.owner, self.lease_until, self.ambiguous_since) = (None, None, None);
        Settled::Stored { generation }
    }

    pub(super) fn release(
        &mut self,
        lease: &Lease,
        outcome: Outcome,
        now: OffsetDateTime,
    ) -> Released {
        let held = self.generation == lease.generation
            && self.owner.as_deref() == Some(lease.owner.as_str());
        if !held {
            return Released::Superseded;
        }
        self.owner = None;
        match outcome {
            Outcome::Untouched { retry_after } => {
                self.lease_until = Some(now + retry_after);
                if self.status != ChainStatus::Ambiguous {
                    self.intent = self.generation;
                    self.ambiguous_since = None;
                }
            }
            Outcome::Ambiguous { retry_after } => {
                self.lease_until = Some(now + retry_after);
                self.status = ChainStatus::Ambiguous;
                self.ambiguous_since.get_or_insert(now);
            }
            Outcome::Rejected | Outcome::Revoked => {
                self.status = ChainStatus::ReauthRequired;
                self.refresh = None;
                self.intent = self.generation;
                (self.lease_until, self.ambiguous_since) = (None, None);
            }
        }
        Released::Done(self.status)
    }

    /// A lock of nobody in particular.
    pub(super) fn unlock(&mut self) {
        (self.owner, self.lease_until) = (None, None);
    }
}
