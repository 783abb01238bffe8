//! The request rate of a portal: a leaky bucket that all callers share (§3.5).

use std::sync::{Mutex, PoisonError};

use tokio::time::Instant;

use crate::envelope::Refusal;

/// How many requests a portal takes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RateLimit {
    /// Requests that fit into the bucket (50 on all plans but Enterprise).
    pub burst: f64,
    /// Requests that leave the bucket each second (2 on all plans but Enterprise).
    pub per_second: f64,
}

impl Default for RateLimit {
    fn default() -> Self {
        Self {
            burst: 50.0,
            per_second: 2.0,
        }
    }
}

/// One portal's bucket.
#[derive(Debug)]
pub(crate) struct Bucket {
    limit: RateLimit,
    level: Mutex<(f64, Instant)>,
}

impl Bucket {
    pub(crate) fn new(limit: RateLimit) -> Self {
        Self {
            limit,
            level: Mutex::new((0.0, Instant::now())),
        }
    }

    /// Puts one request into the bucket, or refuses it when the bucket is full.
    pub(crate) fn admit(&self) -> Result<(), Refusal> {
        let mut level = self.level.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        let leaked = now.duration_since(level.1).as_secs_f64() * self.limit.per_second;
        *level = ((level.0 - leaked).max(0.0), now);
        if level.0 + 1.0 > self.limit.burst {
            return Err(Refusal::new(
                503,
                "QUERY_LIMIT_EXCEEDED",
                "Too many requests",
            ));
        }
        level.0 += 1.0;
        Ok(())
    }

    pub(crate) fn drain(&self) {
        let mut level = self.level.lock().unwrap_or_else(PoisonError::into_inner);
        level.0 = 0.0;
    }
}
