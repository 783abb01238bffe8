//! Access and refresh tokens of all portals: opaque, per portal and user, one hour long (§2.4).

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// Seconds that an access token lives.
pub(crate) const LIFETIME: i64 = 3600;

/// Whom a token stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Holder {
    /// The portal's number, from 1.
    pub(crate) portal: usize,
    pub(crate) user: u32,
}

/// A fresh pair.
#[derive(Clone, Debug)]
pub(crate) struct TokenPair {
    pub(crate) access: String,
    pub(crate) refresh: String,
    pub(crate) expires_at: i64,
}

/// What is known about an access token.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Standing {
    Valid { holder: Holder, expires_at: i64 },
    Expired { holder: Holder },
    Unknown,
}

/// The tokens that were handed out.
#[derive(Debug, Default)]
pub(crate) struct TokenBook(Mutex<Pages>);

#[derive(Debug, Default)]
struct Pages {
    access: HashMap<String, (Holder, i64)>,
    refresh: HashMap<String, Holder>,
}

impl TokenBook {
    pub(crate) fn issue(&self, holder: Holder, now: i64) -> TokenPair {
        let pair = TokenPair {
            access: opaque(),
            refresh: opaque(),
            expires_at: now + LIFETIME,
        };
        let mut pages = self.pages();
        pages
            .access
            .insert(pair.access.clone(), (holder, pair.expires_at));
        pages.refresh.insert(pair.refresh.clone(), holder);
        pair
    }

    pub(crate) fn standing(&self, access: &str, now: i64) -> Standing {
        match self.pages().access.get(access) {
            Some(&(holder, expires_at)) if expires_at > now => {
                Standing::Valid { holder, expires_at }
            }
            Some(&(holder, _)) => Standing::Expired { holder },
            None => Standing::Unknown,
        }
    }

    /// Trades a refresh token for a new pair; the old one is dead afterwards.
    pub(crate) fn refresh(&self, refresh: &str, now: i64) -> Option<(Holder, TokenPair)> {
        let holder = self.pages().refresh.remove(refresh)?;
        Some((holder, self.issue(holder, now)))
    }

    /// Expires every access token of a portal; refresh tokens stay good.
    pub(crate) fn expire_portal(&self, portal: usize, now: i64) {
        for (holder, expires_at) in self.pages().access.values_mut() {
            if holder.portal == portal {
                *expires_at = now;
            }
        }
    }

    pub(crate) fn count(&self, portal: usize, now: i64) -> usize {
        let pages = self.pages();
        let valid = pages
            .access
            .values()
            .filter(|(h, end)| h.portal == portal && *end > now);
        valid.count()
    }

    fn pages(&self) -> std::sync::MutexGuard<'_, Pages> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
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
