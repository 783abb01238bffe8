//! Hashes of passwords: argon2id, a few at a time, so that nobody takes the machine down by guessing
//! (SEC-35, 65).

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{Error, PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use crmap_domain::cabinet::Denial;
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::{Entropy, figures};

/// How many wait for their turn at the most; whoever comes then is told to come back.
const MOST_WAITING: usize = 64;
/// How many passwords are judged for forms at once, waiting ones included: it is done at each pause
/// in typing, and must not keep anybody from logging in.
const MOST_JUDGED: usize = 4;
const SALT_BYTES: usize = 16;

/// What one hash of a password costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PasswordCost {
    /// Memory, in KiB.
    pub memory_kib: u32,
    /// How many times the memory is gone through.
    pub passes: u32,
    /// How many parts of it could be gone through at once.
    pub lanes: u32,
}

impl Default for PasswordCost {
    /// 46 MiB, once: 40 to 60 ms of one core.
    fn default() -> Self {
        Self {
            memory_kib: 47_104,
            passes: 1,
            lanes: 1,
        }
    }
}

impl PasswordCost {
    /// What argon2 cannot do is taken for the default.
    fn params(self) -> Params {
        Params::new(self.memory_kib, self.passes, self.lanes, None).unwrap_or_default()
    }
}

/// What comparing a password came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Compared {
    /// It is the one.
    Right {
        /// Whether its hash was made with other parameters than are used now.
        outdated: bool,
    },
    /// It is another one.
    Wrong,
}

/// Makes and compares hashes, as many at once as leave a core to others.
pub(crate) struct Hasher {
    params: Params,
    /// A hash of no password, for addresses without an account.
    dummy: SecretString,
    hashes: Places,
    /// Of their own: whoever has passwords judged keeps nobody from logging in.
    judgements: Places,
    forms: Arc<Semaphore>,
    done: Arc<AtomicU64>,
}

impl Hasher {
    pub(crate) fn new(cost: PasswordCost, entropy: &dyn Entropy) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let at_once = cores.saturating_sub(1).max(1);
        let params = cost.params();
        Self {
            dummy: dummy(&params, entropy),
            params,
            hashes: Places::new(at_once),
            judgements: Places::new(1),
            forms: Arc::new(Semaphore::new(MOST_JUDGED)),
            done: Arc::default(),
        }
    }

    /// How many hashes were worked out.
    pub(crate) fn done(&self) -> u64 {
        self.done.load(Ordering::Relaxed)
    }

    /// The hash of a password, with its parameters.
    pub(super) async fn hash(
        &self,
        password: &SecretString,
        entropy: &dyn Entropy,
    ) -> Result<SecretString, Denial> {
        let mut salt = [0_u8; SALT_BYTES];
        entropy.fill(&mut salt);
        let (password, argon) = (password.clone(), self.argon());
        self.run(move || {
            argon
                .hash_password_with_salt(password.expose_secret().as_bytes(), &salt)
                .map(|hash: PasswordHash| SecretString::from(hash.to_string()))
        })
        .await
    }

    /// Compares a password with a hash, or with none: the work is the same (SEC-64).
    pub(super) async fn compare(
        &self,
        password: &SecretString,
        hash: Option<&SecretString>,
    ) -> Result<Compared, Denial> {
        let hash = hash.unwrap_or(&self.dummy).clone();
        let (password, argon) = (password.clone(), self.argon());
        self.run(move || {
            let hash = PasswordHash::new(hash.expose_secret())?;
            match argon.verify_password(password.expose_secret().as_bytes(), &hash) {
                Ok(()) => Ok(Compared::Right {
                    outdated: is_outdated(&hash, argon.params()),
                }),
                Err(Error::PasswordInvalid) => Ok(Compared::Wrong),
                Err(error) => Err(error),
            }
        })
        .await
    }

    fn argon(&self) -> Argon2<'static> {
        Argon2::new(Algorithm::Argon2id, Version::V0x13, self.params.clone())
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Denial> {
        let done = Arc::clone(&self.done);
        let worked = self.hashes.work(move || {
            done.fetch_add(1, Ordering::Relaxed);
            work()
        });
        worked.await?.map_err(|error| {
            tracing::error!(%error, "a hash of a password could not be worked out");
            Denial::Internal
        })
    }

    /// Says so early where there is no room for another hash: whoever is sent away anyway should not
    /// take the database's time from others before (REL-53).
    pub(super) fn has_room(&self) -> Result<(), Denial> {
        if self.hashes.queue.available_permits() > 0 {
            return Ok(());
        }
        figures::hash_refused();
        Err(Denial::Busy)
    }

    /// Judges a password, when there is a place.
    pub(super) async fn judge<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Denial> {
        self.judgements.work(work).await
    }

    /// As [`judge`](Self::judge), for a form that can do without: there are few places.
    pub(super) async fn judge_aside<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Denial> {
        let place = Arc::clone(&self.forms)
            .try_acquire_owned()
            .map_err(|_full| Denial::Busy)?;
        self.judge(move || {
            let _place = place;
            work()
        })
        .await
    }
}

/// Where work of one kind is done, a few at a time.
struct Places {
    running: Arc<Semaphore>,
    queue: Arc<Semaphore>,
}

impl Places {
    fn new(at_once: usize) -> Self {
        Self {
            running: Arc::new(Semaphore::new(at_once)),
            queue: Arc::new(Semaphore::new(at_once + MOST_WAITING)),
        }
    }

    /// Does what takes a while in a thread of its own, when there is a place. The place goes with the
    /// work, not with whoever waits for it: a browser that goes away does not make room for the next
    /// while its work goes on.
    async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Denial> {
        let place = self.place().await?;
        let worked = tokio::task::spawn_blocking(move || {
            let _place = place;
            work()
        });
        worked.await.map_err(|error| {
            tracing::error!(%error, "the work on a password broke off");
            Denial::Internal
        })
    }

    async fn place(&self) -> Result<(OwnedSemaphorePermit, OwnedSemaphorePermit), Denial> {
        let came = Instant::now();
        let queued = Arc::clone(&self.queue)
            .try_acquire_owned()
            .map_err(|_full| Denial::Busy)
            .inspect_err(|_busy| figures::hash_refused())?;
        let running = Arc::clone(&self.running)
            .acquire_owned()
            .await
            .map_err(|_closed| Denial::Internal)?;
        figures::hash_waited(came.elapsed());
        Ok((queued, running))
    }
}

fn is_outdated(hash: &PasswordHash, now: &Params) -> bool {
    let same = hash.algorithm == Algorithm::Argon2id.ident()
        && hash.version == Some(Version::V0x13.into())
        && Params::try_from(hash).is_ok_and(|params| {
            (params.m_cost(), params.t_cost(), params.p_cost())
                == (now.m_cost(), now.t_cost(), now.p_cost())
        });
    !same
}

/// Nobody knows a password that gives these bytes.
fn dummy(params: &Params, entropy: &dyn Entropy) -> SecretString {
    let mut bytes = [0_u8; SALT_BYTES + Params::DEFAULT_OUTPUT_LEN];
    entropy.fill(&mut bytes);
    let (salt, hash) = bytes.split_at(SALT_BYTES);
    let (m, t, p) = (params.m_cost(), params.t_cost(), params.p_cost());
    let (salt, hash) = (STANDARD_NO_PAD.encode(salt), STANDARD_NO_PAD.encode(hash));
    SecretString::from(format!("$argon2id$v=19$m={m},t={t},p={p}${salt}${hash}"))
}

#[cfg(test)]
mod tests;
