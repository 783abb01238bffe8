//! A lease that is shorter than the request it guards, as a lock with a careless time limit.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use crmap_service::Vault;
use crmap_store::{Leased, RefreshTurn, StoreError};

use super::Twist;

const SHORT: Duration = Duration::from_millis(50);

pub(super) struct ShortLease(pub(super) Arc<dyn Vault>);

#[async_trait]
impl Twist for ShortLease {
    fn honest(&self) -> &dyn Vault {
        &*self.0
    }

    async fn lease(&self, turn: &RefreshTurn<'_>) -> Result<Leased, StoreError> {
        let lease = SHORT;
        self.0.lease(&RefreshTurn { lease, ..*turn }).await
    }
}
