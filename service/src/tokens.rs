//! Refreshing tokens (security.md §4, REL-01 to REL-09): lazily, when one that is needed has run out;
//! one at a time per portal and user over all processes; fenced by generation; and on disk before the
//! new pair is used.
//!
//! The points P0 to P6 are those of security.md's table, at which the crash tests kill the process.

#[cfg(test)]
mod model;

use std::collections::{HashMap, VecDeque};
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crmap_crm::{Clock, CrmConnector, FreshTokens, RefreshError, RefreshRequest};
use crmap_domain::MemberId;
use crmap_store::{
    Chain, ChainStatus, FreshPair, Lease, Leased, Outcome, RefreshTurn, Released, Settled,
    StoreError,
};
use futures::FutureExt as _;
use time::OffsetDateTime;
use tokio::time::{Instant, sleep};

use crate::figures;
use crate::vault::Vault;

/// How often somebody else's refresh is looked at: first and last wait.
const FIRST_LOOK: Duration = Duration::from_millis(100);
const LAST_LOOK: Duration = Duration::from_secs(1);
/// How many portals are remembered for which the authority took our secret, and for how long.
const ACCEPTED: usize = 8;
const LATELY: time::Duration = time::Duration::hours(24);

/// How long the steps of a refresh may take.
#[derive(Debug, Clone, Copy)]
pub struct RefreshTimes {
    /// How long a lease lasts. It must be well above the time that the connector gives a request.
    pub lease: Duration,
    /// How long to wait for somebody else's refresh, or for a dead one's lease to run out.
    pub patience: Duration,
    /// How long a token is left alone after the authority gave no sensible answer.
    pub backoff: Duration,
    /// How long a pair that cannot be stored is kept and tried again before the lease is given up;
    /// it stays in the local journal either way.
    pub storing: Duration,
}

impl Default for RefreshTimes {
    fn default() -> Self {
        Self {
            lease: Duration::from_secs(45),
            patience: Duration::from_secs(50),
            backoff: Duration::from_secs(30),
            storing: Duration::from_secs(300),
        }
    }
}

/// A moment of the protocol, for crash tests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Point {
    /// Before the lease.
    P0,
    /// After the lease, before the request is sent.
    P1,
    /// The request was sent and no answer came yet; reached inside the connector's call, so crash
    /// tests use an authority that does not answer.
    P2,
    /// The answer is in memory alone.
    P3,
    /// The pair is in the local journal.
    P4,
    /// The pair is in the database, the local journal still has it.
    P5,
    /// All done.
    P6,
}

/// Is told of each point of the protocol.
pub trait Checkpoints: Send + Sync {
    /// The protocol has come to `point`.
    fn reached(&self, point: Point);
}

/// Lets the protocol run.
pub(crate) struct NoCheckpoints;

impl Checkpoints for NoCheckpoints {
    fn reached(&self, _point: Point) {}
}

/// Why there is no token of a user.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NoToken {
    /// The chain does not exist any more.
    #[error("the chain of tokens is gone")]
    Gone,
    /// The chain has come to an end; its user has to open the application.
    #[error("the chain of tokens has come to an end ({0})")]
    Ended(String),
    /// The application is not installed there, the authority says.
    #[error("the application is not installed ({0})")]
    NotInstalled(String),
    /// The authority refuses the application.
    #[error("the authority refuses the application ({0})")]
    ClientRefused(String),
    /// The portal's subscription has ended.
    #[error("the subscription has ended ({0})")]
    NotPaid(String),
    /// The portal does not exist any more.
    #[error("the authority does not know the portal")]
    PortalGone,
    /// The authority does not answer, or somebody else's refresh takes too long.
    #[error("the authority is not available")]
    AuthorityAway,
    /// The database does not answer.
    #[error("the database is not available")]
    Store(#[from] StoreError),
}

/// Who refreshes what in this process.
pub(crate) type Flights = Mutex<HashMap<(MemberId, i64), Arc<tokio::sync::Mutex<()>>>>;

/// Refreshes tokens.
pub(crate) struct Refresher {
    pub(crate) vault: Arc<dyn Vault>,
    pub(crate) connector: Arc<dyn CrmConnector>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) checkpoints: Arc<dyn Checkpoints>,
    /// Names this process among others.
    pub(crate) owner: String,
    pub(crate) times: RefreshTimes,
    pub(crate) flights: Flights,
    /// The portals for which the authority lately took our secret.
    pub(crate) accepted: Mutex<VecDeque<(MemberId, OffsetDateTime)>>,
}

impl Refresher {
    /// A chain whose access token is younger than that of `stale`. `authority` is the one that
    /// knows the portal.
    ///
    /// The work goes on when the caller goes away: a pair on its way must reach the disk.
    pub(crate) async fn fresh(
        self: &Arc<Self>,
        stale: &Chain,
        authority: Option<String>,
    ) -> Result<Chain, NoToken> {
        let (this, stale) = (Arc::clone(self), stale.clone());
        let work = tokio::spawn(async move { this.one_at_a_time(&stale, authority).await });
        match work.await {
            Ok(result) => result,
            Err(panicked) => {
                tracing::error!(%panicked, "a refresh was broken off");
                Err(NoToken::AuthorityAway)
            }
        }
    }

    async fn one_at_a_time(
        &self,
        stale: &Chain,
        authority: Option<String>,
    ) -> Result<Chain, NoToken> {
        let key = (stale.member_id.clone(), stale.user_id);
        let flight = Arc::clone(lock(&self.flights).entry(key.clone()).or_default());
        let turn = flight.lock().await;
        // A panic must not leave the flight behind for ever.
        let result = AssertUnwindSafe(self.refreshed(stale, authority));
        let result = result.catch_unwind().await;
        drop(turn);
        drop(flight);
        lock(&self.flights).retain(|_, flight| Arc::strong_count(flight) > 1);
        result.unwrap_or_else(|_told_by_the_hook| {
            tracing::error!(portal.member_id = %stale.member_id, "a refresh ended by a panic");
            Err(NoToken::AuthorityAway)
        })
    }

    /// Takes the lease, or waits for whoever has it.
    async fn refreshed(&self, stale: &Chain, authority: Option<String>) -> Result<Chain, NoToken> {
        let patience = Instant::now() + self.times.patience;
        let mut look = FIRST_LOOK;
        loop {
            if Instant::now() > patience {
                return Err(NoToken::AuthorityAway);
            }
            self.checkpoints.reached(Point::P0);
            let chain = self.vault.chain(&stale.member_id, stale.user_id).await?;
            let chain = chain.ok_or(NoToken::Gone)?;
            if is_younger(&chain, stale) {
                return Ok(chain);
            }
            if chain.status == ChainStatus::Ambiguous
                && chain.lease_until.is_some()
                && look > FIRST_LOOK
            {
                // Somebody asks the authority again, or it is too early to.
                return Err(NoToken::AuthorityAway);
            }
            let turn = RefreshTurn {
                member_id: &chain.member_id,
                user_id: chain.user_id,
                seen: chain.generation,
                owner: &self.owner,
                lease: self.times.lease,
            };
            match self.vault.lease(&turn).await? {
                Leased::Granted(lease) => match self
                    .use_up(*lease, authority.clone(), self.backoff(&chain))
                    .await?
                {
                    Some(chain) => return Ok(chain),
                    None => continue,
                },
                Leased::Advanced => continue,
                Leased::Gone => return Err(NoToken::Gone),
                Leased::NothingToUse => return Err(NoToken::Ended("no_token".to_owned())),
                Leased::Held { .. } => {}
            }
            if Instant::now() + look > patience {
                return Err(NoToken::AuthorityAway);
            }
            sleep(look).await;
            look = (look * 2).min(LAST_LOOK);
        }
    }

    /// Uses the lease's token up. None when another token of the chain is to be tried.
    async fn use_up(
        &self,
        lease: Lease,
        authority: Option<String>,
        backoff: Duration,
    ) -> Result<Option<Chain>, NoToken> {
        if let Err(error) = self.vault.reserve(&lease).await {
            // A pair that could not be written down must not be asked for (REL-24).
            self.give_back(&lease, untouched(backoff)).await;
            return Err(error.into());
        }
        self.checkpoints.reached(Point::P1);
        let request = RefreshRequest {
            authority,
            refresh_token: lease.refresh.clone(),
        };
        let answer = self.connector.refresh(&request).await;
        self.checkpoints.reached(Point::P3);
        figures::refresh(match &answer {
            Ok(fresh) if belongs(fresh, &lease) => "rotated",
            Ok(_foreign) => "foreign",
            Err(error) => figures::refused_as(error),
        });
        match answer {
            Ok(fresh) if belongs(&fresh, &lease) => {
                self.note_accepted(&lease.member_id);
                self.keep(lease, fresh).await.map(Some)
            }
            Ok(_foreign) => {
                tracing::error!(
                    portal.member_id = %lease.member_id, portal.user = lease.user_id,
                    "the authority answered with somebody else's tokens; they are not used"
                );
                self.give_back(&lease, ambiguous(backoff)).await;
                Err(NoToken::AuthorityAway)
            }
            Err(error) => self.refused(&lease, error, backoff).await,
        }
    }

    /// Writes the pair down, twice, and only then gives it out (REL-02).
    async fn keep(&self, lease: Lease, fresh: FreshTokens) -> Result<Chain, NoToken> {
        let pair = FreshPair {
            access: fresh.access_token,
            refresh: fresh.refresh_token,
            expires_at: self.clock.now() + fresh.expires_in,
        };
        if let Err(error) = self.vault.spill(&lease, &pair).await {
            tracing::error!(%error, portal.member_id = %lease.member_id,
                "a new pair of tokens could not be written to the local journal");
        }
        self.checkpoints.reached(Point::P4);
        let settled = self.settle(&lease, &pair).await?;
        self.checkpoints.reached(Point::P5);
        // A pair that nobody has use for is not kept either.
        if let Err(error) = self.vault.clear(&lease).await {
            tracing::warn!(%error, "the local journal keeps an entry that is done with");
        }
        self.checkpoints.reached(Point::P6);
        match settled {
            Settled::Stored { .. } => {
                let chain = self.vault.chain(&lease.member_id, lease.user_id).await?;
                chain.ok_or(NoToken::Gone)
            }
            // The portal was removed meanwhile: nothing comes back to life (REL-06).
            Settled::Gone => Err(NoToken::Gone),
            Settled::Superseded => {
                tracing::error!(
                    portal.member_id = %lease.member_id, portal.user = lease.user_id,
                    "another process refreshed the same chain; this pair is not used"
                );
                Err(NoToken::AuthorityAway)
            }
        }
    }

    /// Puts the pair into the database, however long that is away.
    async fn settle(&self, lease: &Lease, pair: &FreshPair) -> Result<Settled, NoToken> {
        let until = Instant::now() + self.times.storing;
        let mut wait = FIRST_LOOK;
        loop {
            match self.vault.settle(lease, pair, self.clock.now()).await {
                Ok(settled) => return Ok(settled),
                Err(error) if Instant::now() + wait > until => return Err(error.into()),
                Err(error) => {
                    tracing::error!(%error, portal.member_id = %lease.member_id,
                        "a new pair of tokens cannot be stored; trying on");
                }
            }
            sleep(wait).await;
            wait = (wait * 2).min(Duration::from_secs(5));
        }
    }

    async fn refused(
        &self,
        lease: &Lease,
        error: RefreshError,
        backoff: Duration,
    ) -> Result<Option<Chain>, NoToken> {
        let cause = std::error::Error::source(&error).map(ToString::to_string);
        tracing::warn!(%error, cause, portal.member_id = %lease.member_id,
            portal.user = lease.user_id, "a token was not refreshed");
        let (outcome, end) = match error {
            RefreshError::NotSent(_) => (untouched(backoff), NoToken::AuthorityAway),
            RefreshError::Ambiguous(_) => (ambiguous(backoff), NoToken::AuthorityAway),
            RefreshError::Rejected { code } => (Outcome::Rejected, NoToken::Ended(code)),
            RefreshError::NotInstalled { code } => {
                (untouched(backoff), NoToken::NotInstalled(code))
            }
            RefreshError::ClientRefused { code } => {
                (untouched(backoff), NoToken::ClientRefused(code))
            }
            RefreshError::NotPaid { code } => (untouched(backoff), NoToken::NotPaid(code)),
            RefreshError::Gone => (untouched(backoff), NoToken::PortalGone),
        };
        match (self.give_back(lease, outcome).await, outcome) {
            // A newer token of the same user is left, which an opening brought (SEC-06).
            (Some(Released::Done(ChainStatus::Active)), Outcome::Rejected) => Ok(None),
            // Somebody else used the token up before us: theirs is the pair to be used.
            (Some(Released::Superseded), Outcome::Rejected) => Ok(None),
            _ => Err(end),
        }
    }

    /// Waits until nothing is being refreshed, as long as `patience`. Says whether it came to that.
    pub(crate) async fn comes_to_rest(&self, patience: Duration) -> bool {
        let until = Instant::now() + patience;
        while !lock(&self.flights).is_empty() {
            if Instant::now() >= until {
                return false;
            }
            sleep(FIRST_LOOK / 2).await;
        }
        true
    }

    fn note_accepted(&self, member_id: &MemberId) {
        let mut accepted = lock(&self.accepted);
        accepted.retain(|(known, _)| known != member_id);
        accepted.push_back((member_id.clone(), self.clock.now()));
        if accepted.len() > ACCEPTED {
            accepted.pop_front();
        }
    }

    /// Whether the authority lately took our secret for another portal: then a refusal says
    /// something of this one.
    pub(crate) fn accepted_for_others(&self, member_id: &MemberId) -> bool {
        let since = self.clock.now() - LATELY;
        lock(&self.accepted)
            .iter()
            .any(|(known, at)| known != member_id && *at >= since)
    }

    /// How long the authority is left alone after it gave no sensible answer: longer, the longer
    /// that has been so (REL-08).
    fn backoff(&self, chain: &Chain) -> Duration {
        let so_far = chain.ambiguous_since.map(|since| self.clock.now() - since);
        let so_far = so_far.and_then(|time| Duration::try_from(time).ok());
        let longest = self.times.backoff * 10;
        (so_far.unwrap_or_default() / 2).clamp(self.times.backoff, longest)
    }

    async fn give_back(&self, lease: &Lease, outcome: Outcome) -> Option<Released> {
        let released = self.vault.release(lease, outcome, self.clock.now()).await;
        if let Err(error) = self.vault.clear(lease).await {
            tracing::warn!(%error, "the local journal keeps an entry that is done with");
        }
        match released {
            Ok(released) => Some(released),
            Err(error) => {
                // It runs out by itself.
                tracing::warn!(%error, portal.member_id = %lease.member_id, "a lease stays until it runs out");
                None
            }
        }
    }
}

const fn untouched(retry_after: Duration) -> Outcome {
    Outcome::Untouched { retry_after }
}

const fn ambiguous(retry_after: Duration) -> Outcome {
    Outcome::Ambiguous { retry_after }
}

/// Whether somebody has brought a younger access token since.
fn is_younger(chain: &Chain, stale: &Chain) -> bool {
    chain.access.is_some()
        && (chain.generation > stale.generation || chain.expires_at > stale.expires_at)
}

fn belongs(fresh: &FreshTokens, lease: &Lease) -> bool {
    fresh.member_id == lease.member_id && fresh.user_id == lease.user_id
}

/// The map is whole after a panic elsewhere.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
