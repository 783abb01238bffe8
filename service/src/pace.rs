//! The limits of portals, kept in the database by all processes together (REL-15).

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use crmap_crm::{Rate, SharedPace, Turn};
use crmap_store::Store;

/// The shared limits.
pub struct StorePace(Arc<Store>);

impl StorePace {
    /// Limits that all processes over `store` keep together.
    #[must_use]
    pub const fn new(store: Arc<Store>) -> Self {
        Self(store)
    }
}

#[async_trait]
impl SharedPace for StorePace {
    async fn turn(&self, account: &str, methods: &[String], rate: Rate) -> Turn {
        match self.ask(account, methods, rate).await {
            Ok(wait) if wait.is_zero() => Turn::Go,
            Ok(wait) => Turn::Wait(wait),
            Err(error) => {
                tracing::warn!(%error, portal.address = account, "the common limits are not available");
                Turn::Go
            }
        }
    }

    async fn block(&self, account: &str, method: &str, time: Duration) {
        if let Err(error) = self.0.block(account, method, time).await {
            tracing::warn!(%error, portal.address = account, method, "a block could not be shared");
        }
    }
}

impl StorePace {
    async fn ask(
        &self,
        account: &str,
        methods: &[String],
        rate: Rate,
    ) -> Result<Duration, crmap_store::StoreError> {
        let blocked = self.0.blocked_for(account, methods).await?;
        if !blocked.is_zero() {
            return Ok(blocked);
        }
        self.0.take_turn(account, rate.burst, rate.refill).await
    }
}
