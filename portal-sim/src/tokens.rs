//! Access and refresh tokens of all portals, and authorization codes: opaque, per portal and user
//! (§2.2, §2.4).

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, PoisonError};

use serde::Serialize;

use crate::knobs::Rotation;
use crate::ledger::fingerprint;

/// Seconds that an access token lives.
pub(crate) const LIFETIME: i64 = 3600;

/// Seconds that a refresh token lives: 180 days.
const REFRESH_LIFETIME: i64 = 180 * 24 * 3600;

/// Seconds that an authorization code lives.
const CODE_LIFETIME: i64 = 30;

/// Whom a token stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Holder {
    /// The portal's number, from 1.
    pub(crate) portal: usize,
    pub(crate) user: u32,
}

/// How a pair of tokens came about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Issue {
    /// The user opened the application, or its frame asked for new tokens.
    Opening,
    /// A refresh token was traded in.
    Refresh,
    /// An authorization code was traded in.
    Code,
    /// An event carried it.
    Event,
}

/// A fresh pair.
#[derive(Clone, Debug)]
pub(crate) struct TokenPair {
    pub(crate) access: String,
    pub(crate) refresh: String,
    pub(crate) expires_at: i64,
}

/// Why a token is dead before its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Death {
    Revoked,
    Uninstalled,
}

/// What is known about an access token.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Standing {
    Valid { holder: Holder, expires_at: i64 },
    Expired { holder: Holder },
    Dead { holder: Holder, death: Death },
    Unknown,
}

/// Where a token comes from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Origin {
    pub(crate) holder: Holder,
    pub(crate) generation: u32,
    pub(crate) issue: Issue,
    pub(crate) death: Option<Death>,
}

/// The newest pair of one user of one portal, by its fingerprints.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Chain {
    /// The portal's number.
    pub portal: usize,
    /// The user.
    pub user: u32,
    /// How many pairs this user of this portal has got so far.
    pub generation: u32,
    /// How the newest pair came about.
    pub issued_by: Issue,
    /// [`crate::fingerprint`] of the newest access token.
    pub access: String,
    /// [`crate::fingerprint`] of the newest refresh token.
    pub refresh: String,
}

/// The tokens that were handed out.
#[derive(Debug, Default)]
pub(crate) struct TokenBook(Mutex<Pages>);

#[derive(Debug, Default)]
struct Pages {
    pairs: Vec<Pair>,
    access: HashMap<String, usize>,
    refresh: HashMap<String, usize>,
    codes: HashMap<String, (Holder, i64)>,
    chains: BTreeMap<Holder, Chain>,
}

#[derive(Debug)]
struct Pair {
    origin: Origin,
    access_until: i64,
    refresh_until: i64,
    /// Somebody presented its access or refresh token.
    used: bool,
    /// The pairs that its refresh token was traded for.
    successors: Vec<usize>,
}

impl TokenBook {
    pub(crate) fn issue(&self, holder: Holder, issue: Issue, now: i64) -> TokenPair {
        self.pages().issue(holder, issue, now).1
    }

    /// A pair that is dead from the start, as of a portal that has uninstalled the application.
    pub(crate) fn issue_dead(&self, holder: Holder, now: i64) -> TokenPair {
        let mut pages = self.pages();
        let (index, pair) = pages.issue(holder, Issue::Opening, now);
        pages.pairs[index].origin.death = Some(Death::Uninstalled);
        pair
    }

    /// Looks at an access token that somebody presents.
    pub(crate) fn present(&self, access: &str, now: i64) -> Standing {
        let mut pages = self.pages();
        let Some(&index) = pages.access.get(access) else {
            return Standing::Unknown;
        };
        let pair = &mut pages.pairs[index];
        pair.used = true;
        let holder = pair.origin.holder;
        match pair.origin.death {
            Some(death) => Standing::Dead { holder, death },
            None if pair.access_until > now => Standing::Valid {
                holder,
                expires_at: pair.access_until,
            },
            None => Standing::Expired { holder },
        }
    }

    pub(crate) fn origin_of_access(&self, access: &str) -> Option<Origin> {
        let pages = self.pages();
        let index = pages.access.get(access)?;
        Some(pages.pairs[*index].origin)
    }

    pub(crate) fn origin_of_refresh(&self, refresh: &str) -> Option<Origin> {
        let pages = self.pages();
        let index = pages.refresh.get(refresh)?;
        Some(pages.pairs[*index].origin)
    }

    /// Trades a refresh token for a new pair, or says why not.
    pub(crate) fn refresh(
        &self,
        refresh: &str,
        rotation: Rotation,
        now: i64,
    ) -> Result<(Holder, TokenPair), &'static str> {
        let mut pages = self.pages();
        let Some(&index) = pages.refresh.get(refresh) else {
            return Err("Invalid refresh token");
        };
        pages.may_be_traded(index, rotation, now)?;
        pages.pairs[index].used = true;
        let holder = pages.pairs[index].origin.holder;
        let (successor, pair) = pages.issue(holder, Issue::Refresh, now);
        pages.pairs[index].successors.push(successor);
        Ok((holder, pair))
    }

    /// A code that can be traded once, within 30 seconds.
    pub(crate) fn issue_code(&self, holder: Holder, now: i64) -> String {
        let code = opaque();
        let entry = (holder, now + CODE_LIFETIME);
        self.pages().codes.insert(code.clone(), entry);
        code
    }

    /// Trades a code in; a second time it is unknown.
    pub(crate) fn take_code(&self, code: &str, now: i64) -> Option<Holder> {
        let (holder, until) = self.pages().codes.remove(code)?;
        (until > now).then_some(holder)
    }

    /// Expires the access tokens of a portal, or of one of its users; refresh tokens stay good.
    pub(crate) fn expire(&self, portal: usize, user: Option<u32>, now: i64) {
        self.each(portal, user, |pair| pair.access_until = now);
    }

    /// Kills the tokens of a portal, or of one of its users.
    pub(crate) fn kill(&self, portal: usize, user: Option<u32>, death: Death) {
        self.each(portal, user, |pair| pair.origin.death = Some(death));
        let mut pages = self.pages();
        let concerns = |holder: &Holder| holder.portal == portal && is_one(user, holder.user);
        pages.codes.retain(|_, (holder, _)| !concerns(holder));
    }

    /// How many access tokens of a portal are good.
    pub(crate) fn count(&self, portal: usize, now: i64) -> usize {
        let pages = self.pages();
        let is_good = |pair: &&Pair| {
            pair.origin.holder.portal == portal
                && pair.origin.death.is_none()
                && pair.access_until > now
        };
        pages.pairs.iter().filter(is_good).count()
    }

    pub(crate) fn chains(&self) -> Vec<Chain> {
        self.pages().chains.values().cloned().collect()
    }

    /// Changes the living pairs of a portal, or of one of its users.
    fn each(&self, portal: usize, user: Option<u32>, change: impl Fn(&mut Pair)) {
        let concerns = |pair: &&mut Pair| {
            let holder = pair.origin.holder;
            let is_concerned = holder.portal == portal && is_one(user, holder.user);
            is_concerned && pair.origin.death.is_none()
        };
        self.pages()
            .pairs
            .iter_mut()
            .filter(concerns)
            .for_each(change);
    }

    fn pages(&self) -> std::sync::MutexGuard<'_, Pages> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pages {
    fn issue(&mut self, holder: Holder, issue: Issue, now: i64) -> (usize, TokenPair) {
        let pair = TokenPair {
            access: opaque(),
            refresh: opaque(),
            expires_at: now + LIFETIME,
        };
        let before = self.chains.get(&holder).map_or(0, |chain| chain.generation);
        let generation = if issue == Issue::Event { 0 } else { before + 1 };
        let chain = Chain {
            portal: holder.portal,
            user: holder.user,
            generation,
            issued_by: issue,
            access: fingerprint(&pair.access),
            refresh: fingerprint(&pair.refresh),
        };
        if issue != Issue::Event {
            self.chains.insert(holder, chain);
        }
        let index = self.pairs.len();
        self.pairs.push(Pair {
            origin: Origin {
                holder,
                generation,
                issue,
                death: None,
            },
            access_until: pair.expires_at,
            refresh_until: now + REFRESH_LIFETIME,
            used: false,
            successors: Vec::new(),
        });
        self.access.insert(pair.access.clone(), index);
        self.refresh.insert(pair.refresh.clone(), index);
        (index, pair)
    }

    fn may_be_traded(
        &self,
        index: usize,
        rotation: Rotation,
        now: i64,
    ) -> Result<(), &'static str> {
        let pair = &self.pairs[index];
        if pair.origin.death.is_some() {
            return Err("Refresh token is revoked");
        }
        if pair.refresh_until <= now {
            return Err("Refresh token is expired");
        }
        let is_spent = match rotation {
            Rotation::Strict => !pair.successors.is_empty(),
            Rotation::Lenient => pair.successors.iter().any(|&next| self.pairs[next].used),
        };
        if is_spent {
            return Err("Invalid refresh token");
        }
        Ok(())
    }
}

fn is_one(wanted: Option<u32>, user: u32) -> bool {
    wanted.is_none_or(|wanted| wanted == user)
}

/// A token that says nothing: 70 characters, as long as the real ones.
fn opaque() -> String {
    let parts: [u64; 5] = rand::random();
    parts
        .iter()
        .map(|part| format!("{:014x}", part >> 8))
        .collect()
}

/// A new `APP_SID`: 32 hexadecimal digits (§1.3).
pub(crate) fn app_sid() -> String {
    format!("{:032x}", rand::random::<u128>())
}
