//! How fast each portal is asked: a bucket of requests, few at one time, and the methods that the
//! portal has blocked for a while (bitrix24.md §3.5, REL-15, REL-17). It sends nothing itself.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crmap_crm::CrmError;
use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::{Instant, sleep, timeout_at};

use crate::settings::Pace;

/// Above this many portals, those that nobody is reading are forgotten.
const REMEMBERED: usize = 4_096;

/// For how long a portal is left alone that Bitrix24 has blocked by hand (REL-19).
pub(crate) const OVERLOAD_PAUSE: Duration = Duration::from_secs(24 * 3_600);

/// One lane per portal.
pub(crate) struct Lanes {
    pace: Pace,
    lanes: Mutex<HashMap<String, Arc<Lane>>>,
}

/// What one portal allows.
pub(crate) struct Lane {
    bucket: DefaultDirectRateLimiter,
    clock: DefaultClock,
    seats: Semaphore,
    methods: Mutex<Methods>,
}

#[derive(Default)]
struct Methods {
    /// When the portal starts to count a method's time anew, as its last good answer told.
    resets: HashMap<String, Instant>,
    /// Until when a method is blocked.
    blocked: HashMap<String, Instant>,
    /// Until when the portal is left alone altogether.
    stopped: Option<Instant>,
}

impl Lanes {
    pub(crate) fn new(pace: Pace) -> Self {
        Self {
            pace,
            lanes: Mutex::default(),
        }
    }

    /// The lane of the portal at `address`.
    pub(crate) fn lane(&self, address: &str) -> Arc<Lane> {
        let mut lanes = lock(&self.lanes);
        if let Some(lane) = lanes.get(address) {
            return Arc::clone(lane);
        }
        if lanes.len() >= REMEMBERED {
            lanes.retain(|_, lane| Arc::strong_count(lane) > 1 || lane.check().is_err());
        }
        let lane = Arc::new(Lane::new(&self.pace));
        lanes.insert(address.to_owned(), Arc::clone(&lane));
        lane
    }
}

impl Lane {
    fn new(pace: &Pace) -> Self {
        let burst = NonZeroU32::new(pace.burst).unwrap_or(NonZeroU32::MIN);
        let quota = Quota::with_period(pace.refill)
            .unwrap_or_else(|| Quota::per_second(NonZeroU32::MAX))
            .allow_burst(burst);
        Self {
            bucket: RateLimiter::direct(quota),
            clock: DefaultClock::default(),
            seats: Semaphore::new(pace.concurrency.max(1)),
            methods: Mutex::default(),
        }
    }

    /// Waits for a seat and for the bucket; gives up when that would last beyond `deadline`.
    pub(crate) async fn enter(&self, deadline: Instant) -> Result<SemaphorePermit<'_>, CrmError> {
        self.check()?;
        let seat = timeout_at(deadline, self.seats.acquire())
            .await
            .ok()
            .and_then(Result::ok)
            .ok_or(CrmError::RateLimited { retry_after: None })?;
        while let Err(refused) = self.bucket.check() {
            let wait = refused.wait_time_from(self.clock.now());
            pause(wait, deadline).await?;
        }
        Ok(seat)
    }

    /// Leaves the portal alone for `time`.
    pub(crate) fn stop(&self, time: Duration) {
        lock(&self.methods).stopped = Some(Instant::now() + time);
    }

    /// Refuses at once as long as the portal is left alone.
    pub(crate) fn check(&self) -> Result<(), CrmError> {
        match lock(&self.methods).stopped {
            Some(until) if until > Instant::now() => Err(CrmError::Blocked),
            _ => Ok(()),
        }
    }

    /// Remembers what a good answer told of a method's next reset.
    pub(crate) fn note_reset(&self, method: &str, after: Duration) {
        lock(&self.methods)
            .resets
            .insert(method.to_owned(), Instant::now() + after);
    }

    /// Remembers that a method is blocked; until when is known from an answer or from before.
    pub(crate) fn block(&self, method: &str, after: Option<Duration>) -> Option<Instant> {
        let now = Instant::now();
        let mut methods = lock(&self.methods);
        let until = after
            .map(|after| now + after)
            .or_else(|| methods.resets.get(method).copied())
            .filter(|until| *until > now)?;
        methods.blocked.insert(method.to_owned(), until);
        Some(until)
    }

    /// Waits until a blocked method is free again; gives up when that lies beyond `deadline`.
    pub(crate) async fn wait_for(&self, method: &str, deadline: Instant) -> Result<(), CrmError> {
        self.check()?;
        let now = Instant::now();
        let until = {
            let mut methods = lock(&self.methods);
            methods.blocked.retain(|_, until| *until > now);
            methods.blocked.get(method).copied()
        };
        match until {
            Some(until) => pause(until.saturating_duration_since(now), deadline).await,
            None => Ok(()),
        }
    }
}

/// Sleeps for `wait`, or gives up at once when that would last beyond `deadline`.
pub(crate) async fn pause(wait: Duration, deadline: Instant) -> Result<(), CrmError> {
    if Instant::now() + wait > deadline {
        return Err(CrmError::RateLimited {
            retry_after: Some(wait),
        });
    }
    sleep(wait).await;
    Ok(())
}

/// A panic elsewhere leaves these maps whole, so a poisoned lock is still good.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
