//! The budget of run time: each method of each caller has its own, in ten buckets of a minute
//! (§3.5).

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

use crate::envelope::Refusal;

/// Seconds that a bucket covers.
const BUCKET: i64 = 60;

/// Seconds that are looked back on.
const WINDOW: i64 = 600;

/// How much run time a method has.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OperatingLimit {
    /// Seconds that a method may use up within ten minutes.
    pub seconds: f64,
    /// Seconds that each call pretends to take, on top of its real ones.
    pub cost: f64,
}

impl Default for OperatingLimit {
    fn default() -> Self {
        Self {
            seconds: 480.0,
            cost: 0.0,
        }
    }
}

/// What a method has used up, as `time` tells it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Used {
    pub(crate) seconds: f64,
    pub(crate) reset_at: i64,
}

/// One portal's budgets.
#[derive(Debug, Default)]
pub(crate) struct Operating(Mutex<Budgets>);

#[derive(Debug, Default)]
struct Budgets {
    limit: OperatingLimit,
    /// By caller and method: the buckets, each with its beginning.
    spent: HashMap<(String, String), Vec<(i64, f64)>>,
}

impl Operating {
    pub(crate) fn set(&self, limit: OperatingLimit) {
        self.budgets().limit = limit;
    }

    pub(crate) fn limit(&self) -> OperatingLimit {
        self.budgets().limit
    }

    /// Refuses a method that has used up its time.
    pub(crate) fn admit(&self, caller: &str, method: &str, now: i64) -> Result<(), Refusal> {
        let mut budgets = self.budgets();
        let limit = budgets.limit.seconds;
        if budgets.used(caller, method, now).seconds < limit {
            return Ok(());
        }
        let text = "Method is blocked due to operation time limit";
        Err(Refusal::new(429, "OPERATION_TIME_LIMIT", text))
    }

    /// Notes that a call took so many seconds.
    pub(crate) fn spend(&self, caller: &str, method: &str, seconds: f64, now: i64) -> Used {
        let mut budgets = self.budgets();
        let spent = seconds + budgets.limit.cost;
        let begin = now - now.rem_euclid(BUCKET);
        let buckets = budgets.buckets(caller, method);
        match buckets.last_mut() {
            Some(bucket) if bucket.0 == begin => bucket.1 += spent,
            _ => buckets.push((begin, spent)),
        }
        budgets.used(caller, method, now)
    }

    pub(crate) fn clear(&self) {
        self.budgets().spent.clear();
    }

    fn budgets(&self) -> MutexGuard<'_, Budgets> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Budgets {
    fn buckets(&mut self, caller: &str, method: &str) -> &mut Vec<(i64, f64)> {
        let key = (caller.to_owned(), method.to_lowercase());
        self.spent.entry(key).or_default()
    }

    fn used(&mut self, caller: &str, method: &str, now: i64) -> Used {
        let buckets = self.buckets(caller, method);
        buckets.retain(|bucket| bucket.0 + WINDOW > now);
        let oldest = buckets.first().map_or(now, |bucket| bucket.0);
        Used {
            seconds: buckets.iter().map(|bucket| bucket.1).sum(),
            reset_at: oldest + WINDOW,
        }
    }
}
