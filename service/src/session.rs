//! Short-lived sessions of the application inside a portal. They are found by the hash of their
//! bearer, and end with the access token that opened them (SEC-07). A process alone keeps them in
//! memory; where several share a database, it has them too.

mod everywhere;

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use crmap_crm::{Credential, ProvenOpening};
use crmap_domain::{Lang, MemberId};
use secrecy::SecretString;
use sha2::{Digest, Sha256};
use time::{Duration, OffsetDateTime};

use crate::Entropy;
use crate::reading::Slot;

/// The longest that a session may live, whatever the token says (SEC-07).
const LONGEST: Duration = Duration::minutes(60);
/// How many sessions one user of one portal may have at once; the oldest go first.
const PER_USER: usize = 20;

/// What the browser shows to be let in: 256 random bits, base64url. Given out once, kept only as a
/// hash.
pub type Bearer = SecretString;

type Key = [u8; 32];

/// One opening of the application: whose it is and with what rights it reads.
pub struct Session {
    /// What the authority confirmed.
    pub opening: ProvenOpening,
    /// The language of the page and its labels.
    pub lang: Lang,
    /// When it ends.
    pub ends_at: OffsetDateTime,
    /// When it began, as far as this process has begun it.
    pub(crate) began_at: OffsetDateTime,
    pub(crate) reading: Slot,
    /// What is said to renew the access token; unproved (SEC-06).
    pub(crate) refresh_token: Option<SecretString>,
    /// What is said to be the secret of the portal's events; believed of administrators alone
    /// (SEC-16).
    pub(crate) application_token: Option<SecretString>,
    /// The number of the portal's installation that it belongs to, where there is one.
    installation: OnceLock<u32>,
}

impl Session {
    /// Ties it to an installation of its portal, with which it ends. One that is tied after it began
    /// is so in this process alone; to others the database says when its portal has left.
    pub(crate) fn belongs_to(&self, installation: u32) {
        self.installation.get_or_init(|| installation);
    }

    /// The installation that it is tied to.
    pub(crate) fn installation(&self) -> Option<u32> {
        self.installation.get().copied()
    }

    /// A session for a proved opening, with what else the portal handed over.
    pub(crate) fn new(
        opening: ProvenOpening,
        lang: Lang,
        now: OffsetDateTime,
        refresh_token: Option<SecretString>,
        application_token: Option<SecretString>,
    ) -> Self {
        Self {
            ends_at: opening.expires_at.min(now + LONGEST),
            began_at: now,
            opening,
            lang,
            reading: Slot::default(),
            refresh_token,
            application_token,
            installation: OnceLock::new(),
        }
    }

    /// The access token that opened it.
    pub(crate) fn access_token(&self) -> SecretString {
        match &self.opening.access.credential {
            Credential::Token(token) => token.clone(),
            // An opening is proved by a token, never by a webhook.
            Credential::Webhook { code, .. } => code.clone(),
        }
    }
}

#[derive(Default)]
struct Table {
    by_key: HashMap<Key, Arc<Session>>,
    /// Keys by age, oldest first; may name keys that are gone.
    by_age: VecDeque<Key>,
    by_user: HashMap<(String, i64), VecDeque<Key>>,
}

/// The sessions that this process knows.
pub(crate) struct Sessions {
    max: usize,
    table: Mutex<Table>,
}

impl Sessions {
    pub(crate) fn new(max: usize) -> Self {
        Self {
            max,
            table: Mutex::default(),
        }
    }

    /// Takes a session in.
    fn keep(&self, key: Key, session: &Arc<Session>, now: OffsetDateTime) {
        let mut table = self.lock();
        table.remove(&key);
        table.insert(key, session, self.max, now);
    }

    /// The living session of a key.
    fn find(&self, key: &Key, now: OffsetDateTime) -> Option<Arc<Session>> {
        let mut table = self.lock();
        let session = table.by_key.get(key)?;
        if session.ends_at <= now {
            table.remove(key);
            return None;
        }
        Some(Arc::clone(session))
    }

    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        self.lock().by_key.len()
    }

    /// Ends one session.
    fn forget(&self, key: &Key) {
        self.lock().remove(key);
    }

    /// Ends those sessions of a portal that `ends` names (SEC-19).
    pub(crate) fn end_of_portal(&self, member_id: &MemberId, ends: impl Fn(&Session) -> bool) {
        let mut table = self.lock();
        let ended: Vec<Key> = table
            .by_key
            .iter()
            .filter(|(_, session)| session.opening.member_id == *member_id && ends(session))
            .map(|(key, _)| *key)
            .collect();
        for key in ended {
            table.remove(&key);
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Table> {
        // A panic while the lock is held cannot leave the table half changed in a way that matters:
        // at worst an index names a key that is gone, which every reader allows for.
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Table {
    fn insert(&mut self, key: Key, session: &Arc<Session>, max: usize, now: OffsetDateTime) {
        self.drop_ended(now);
        while self.by_key.len() >= max.max(1) {
            let Some(oldest) = self.by_age.pop_front() else {
                break;
            };
            self.remove(&oldest);
        }
        let user = user_of(session);
        let of_user = self.by_user.entry(user).or_default();
        of_user.push_back(key);
        let surplus = if of_user.len() > PER_USER {
            of_user.pop_front()
        } else {
            None
        };
        if let Some(surplus) = surplus {
            self.remove(&surplus);
        }
        self.by_age.push_back(key);
        self.by_key.insert(key, Arc::clone(session));
        if self.by_age.len() > 2 * max.max(PER_USER) {
            let Self { by_key, by_age, .. } = self;
            by_age.retain(|key| by_key.contains_key(key));
        }
    }

    fn remove(&mut self, key: &Key) {
        let Some(session) = self.by_key.remove(key) else {
            return;
        };
        let user = user_of(&session);
        if let Some(of_user) = self.by_user.get_mut(&user) {
            of_user.retain(|known| known != key);
            if of_user.is_empty() {
                self.by_user.remove(&user);
            }
        }
    }

    /// Sessions live equally long at the most, so the ended ones are found at the old end.
    fn drop_ended(&mut self, now: OffsetDateTime) {
        while let Some(key) = self.by_age.front().copied() {
            match self.by_key.get(&key) {
                Some(session) if session.ends_at > now => break,
                _ => {
                    self.by_age.pop_front();
                    self.remove(&key);
                }
            }
        }
    }
}

fn user_of(session: &Session) -> (String, i64) {
    (
        session.opening.member_id.to_string(),
        session.opening.user_id,
    )
}

/// A new bearer, and the key that it is found by.
fn new_bearer(entropy: &dyn Entropy) -> (Bearer, Key) {
    let mut secret = [0_u8; 32];
    entropy.fill(&mut secret);
    let bearer = URL_SAFE_NO_PAD.encode(secret);
    let key = key_of(&bearer);
    (SecretString::from(bearer), key)
}

fn key_of(bearer: &str) -> Key {
    Sha256::digest(bearer.as_bytes()).into()
}

#[cfg(test)]
mod tests;
