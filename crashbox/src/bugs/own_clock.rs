//! The end of a lease is what the process's own clock makes of it, as with a moment that is worked
//! out outside the database: too soon where that clock is behind, too late where it is ahead
//! (REL-30).

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use crmap_service::Vault;
use crmap_store::{Leased, RefreshTurn, StoreError};

use super::Twist;

pub(super) struct OwnClock {
    pub(super) vault: Arc<dyn Vault>,
    /// By how many seconds the process's clock is ahead of the database's.
    pub(super) ahead: i64,
}

#[async_trait]
impl Twist for OwnClock {
    fn honest(&self) -> &dyn Vault {
        &*self.vault
    }

    async fn lease(&self, turn: &RefreshTurn<'_>) -> Result<Leased, StoreError> {
        let wrong_by = Duration::from_secs(self.ahead.unsigned_abs());
        let lease = if self.ahead < 0 {
            turn.lease
                .saturating_sub(wrong_by)
                .max(Duration::from_millis(1))
        } else {
            turn.lease + wrong_by
        };
        self.vault.lease(&RefreshTurn { lease, ..*turn }).await
    }
}
