//! How much of what all share one account may have at a time, so that it leaves some to the others
//! (REL-13).

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The shares of all accounts.
pub(crate) struct Shares {
    each: usize,
    by_account: Mutex<HashMap<String, Arc<Semaphore>>>,
}

impl Shares {
    /// Each account has so many places.
    pub(crate) fn new(each: usize) -> Self {
        Self {
            each,
            by_account: Mutex::default(),
        }
    }

    /// A place of the account's, if one is free; it is free again when this is dropped.
    pub(crate) fn try_take(&self, account: &str) -> Option<OwnedSemaphorePermit> {
        self.of(account).try_acquire_owned().ok()
    }

    /// A place of the account's, once one is free. The semaphores are never closed.
    pub(crate) async fn take(&self, account: &str) -> Option<OwnedSemaphorePermit> {
        self.of(account).acquire_owned().await.ok()
    }

    /// Accounts that have no place and wait for none are forgotten.
    fn of(&self, account: &str) -> Arc<Semaphore> {
        // Entries are whole or absent, whatever panicked.
        let mut shares = self
            .by_account
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        shares.retain(|_, share| Arc::strong_count(share) > 1);
        let new = || Arc::new(Semaphore::new(self.each));
        Arc::clone(shares.entry(account.to_owned()).or_insert_with(new))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::timeout;

    use super::*;

    #[tokio::test]
    async fn an_account_has_its_share_and_gets_it_back() {
        let shares = Shares::new(2);
        let (first, second) = (shares.try_take("anna"), shares.try_take("anna"));
        assert!(first.is_some() && second.is_some());
        assert!(shares.try_take("anna").is_none());
        assert!(shares.try_take("boris").is_some(), "others have their own");
        let waits = timeout(Duration::from_millis(10), shares.take("anna"));
        assert!(waits.await.is_err());
        drop(first);
        let third = shares.take("anna").await;
        assert!(third.is_some());
        drop((second, third));
        assert!(shares.try_take("clara").is_some());
        assert!(shares.by_account.lock().unwrap().len() <= 1, "forgotten");
    }
}
