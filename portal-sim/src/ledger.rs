//! The ledger of tokens: who presented which token where, and how it ended. Tokens stand in it as
//! fingerprints only.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

use serde::Serialize;
use sha2::{Digest as _, Sha256};

use crate::tokens::{Issue, Origin};

/// The first 16 hexadecimal digits of a token's SHA-256, by which the ledger calls it.
#[must_use]
pub fn fingerprint(token: &str) -> String {
    let digest = Sha256::digest(token.as_bytes());
    digest[..8]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// The two kinds of tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenKind {
    /// For REST, one hour long.
    Access,
    /// For a new pair, once, within 180 days.
    Refresh,
}

/// Whom a token was presented to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Server {
    /// The OAuth server.
    Oauth,
    /// The portal of that number.
    Portal(usize),
}

/// One use of one token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LedgerEntry {
    /// Its [`fingerprint`].
    pub token: String,
    /// Its kind.
    pub kind: TokenKind,
    /// The portal that it belongs to; none when nobody issued it.
    pub portal: Option<usize>,
    /// The user that it belongs to.
    pub user: Option<u32>,
    /// The how manyth pair of that user of that portal it is from, from 1; 0 for an event's token.
    pub generation: Option<u32>,
    /// How its pair came about.
    pub issued_by: Option<Issue>,
    /// When it was presented, ISO 8601.
    pub used_at: String,
    /// Whom it was presented to.
    pub presented_to: Server,
    /// The REST method, `app.info`, or `oauth/token`.
    pub method: String,
    /// The HTTP status of the answer; 0 when none was given.
    pub status: u16,
    /// `ok`, or the error code; `not_json` for an answer that was spoilt or never came; `pending`
    /// as long as the answer is not yet known.
    pub outcome: String,
    /// The presented refresh token was traded in, whatever the answer said.
    pub rotated: bool,
}

impl LedgerEntry {
    /// A token of one portal was given to another portal.
    #[must_use]
    pub fn is_violation(&self) -> bool {
        match (self.portal, self.presented_to) {
            (Some(home), Server::Portal(there)) => home != there,
            _ => false,
        }
    }
}

/// The refreshes of one user of one portal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct RefreshCount {
    /// The portal's number.
    pub portal: usize,
    /// The user.
    pub user: u32,
    /// How often the OAuth server was asked.
    pub asked: usize,
    /// How often the token was traded in.
    pub rotated: usize,
    /// How often the answer refused: an error in the JSON.
    pub refused: usize,
}

/// What a callback gives back.
pub(crate) type Waiting = Pin<Box<dyn Future<Output = ()> + Send>>;

type Callback = Arc<dyn Fn(LedgerEntry) -> Waiting + Send + Sync>;

/// All uses of all tokens.
#[derive(Default)]
pub(crate) struct Ledger {
    book: Mutex<Book>,
    callback: Mutex<Option<Callback>>,
}

#[derive(Default)]
struct Book {
    entries: Vec<(u64, LedgerEntry)>,
    next: u64,
}

impl fmt::Debug for Ledger {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Ledger").finish_non_exhaustive()
    }
}

/// A token that is being presented.
pub(crate) struct Presented<'a> {
    pub(crate) token: &'a str,
    pub(crate) kind: TokenKind,
    pub(crate) origin: Option<Origin>,
    pub(crate) used_at: String,
    pub(crate) server: Server,
    pub(crate) method: &'a str,
}

impl Presented<'_> {
    pub(crate) fn entry(self) -> LedgerEntry {
        LedgerEntry {
            token: fingerprint(self.token),
            kind: self.kind,
            portal: self.origin.map(|origin| origin.holder.portal),
            user: self.origin.map(|origin| origin.holder.user),
            generation: self.origin.map(|origin| origin.generation),
            issued_by: self.origin.map(|origin| origin.issue),
            used_at: self.used_at,
            presented_to: self.server,
            method: self.method.to_owned(),
            status: 0,
            outcome: "pending".to_owned(),
            rotated: false,
        }
    }
}

impl Ledger {
    pub(crate) fn on_access(&self, callback: Callback) {
        *lock(&self.callback) = Some(callback);
    }

    /// Writes a use down before anything is answered, and lets the callback look at it when it is
    /// an access token's. The number that comes back is for [`Self::finish`].
    pub(crate) async fn begin(&self, entry: LedgerEntry) -> u64 {
        let number = {
            let mut book = lock(&self.book);
            book.next += 1;
            let number = book.next;
            book.entries.push((number, entry.clone()));
            number
        };
        let callback = lock(&self.callback).clone();
        if let Some(callback) = callback.filter(|_| entry.kind == TokenKind::Access) {
            callback(entry).await;
        }
        number
    }

    /// Notes how a use ended, unless it has been forgotten in between.
    pub(crate) fn finish(&self, number: u64, status: u16, outcome: &str, rotated: bool) {
        let mut book = lock(&self.book);
        if let Some((_, entry)) = book.entries.iter_mut().rev().find(|(n, _)| *n == number) {
            entry.status = status;
            outcome.clone_into(&mut entry.outcome);
            entry.rotated = rotated;
        }
    }

    pub(crate) fn entries(&self) -> Vec<LedgerEntry> {
        let book = lock(&self.book);
        book.entries
            .iter()
            .map(|(_, entry)| entry.clone())
            .collect()
    }

    pub(crate) fn clear(&self) {
        lock(&self.book).entries.clear();
    }

    pub(crate) fn refreshes(&self) -> Vec<RefreshCount> {
        let mut counts: Vec<RefreshCount> = Vec::new();
        for (_, entry) in &lock(&self.book).entries {
            let (TokenKind::Refresh, Some(portal), Some(user)) =
                (entry.kind, entry.portal, entry.user)
            else {
                continue;
            };
            let is_it = |count: &RefreshCount| (count.portal, count.user) == (portal, user);
            let index = counts.iter().position(is_it).unwrap_or_else(|| {
                counts.push(RefreshCount {
                    portal,
                    user,
                    ..RefreshCount::default()
                });
                counts.len() - 1
            });
            counts[index].asked += 1;
            counts[index].rotated += usize::from(entry.rotated);
            let is_refused = !matches!(entry.outcome.as_str(), "ok" | "not_json" | "pending");
            counts[index].refused += usize::from(is_refused);
        }
        counts
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
