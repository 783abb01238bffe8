//! How many requests are under way at one time: two readings of one portal at once show here.

use std::sync::atomic::{AtomicUsize, Ordering};

/// The counts of one portal.
#[derive(Debug, Default)]
pub(crate) struct Crowd {
    now: AtomicUsize,
    most: AtomicUsize,
}

/// A request that is under way until this is dropped, also where its caller goes away.
pub(crate) struct UnderWay<'a>(&'a Crowd);

impl Crowd {
    pub(crate) fn enter(&self) -> UnderWay<'_> {
        let now = self.now.fetch_add(1, Ordering::SeqCst) + 1;
        self.most.fetch_max(now, Ordering::SeqCst);
        UnderWay(self)
    }

    pub(crate) fn now(&self) -> usize {
        self.now.load(Ordering::SeqCst)
    }

    pub(crate) fn most(&self) -> usize {
        self.most.load(Ordering::SeqCst)
    }

    /// Those that are under way count on.
    pub(crate) fn forget(&self) {
        self.most.store(self.now(), Ordering::SeqCst);
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.0.now.fetch_sub(1, Ordering::SeqCst);
    }
}
