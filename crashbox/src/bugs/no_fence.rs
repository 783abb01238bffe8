//! Without a fence: the last to write wins, as with a final update that compares no generation.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use crmap_service::Vault;
use crmap_store::{FreshPair, Lease, Leased, RefreshTurn, Settled, StoreError};
use time::OffsetDateTime;

use super::Twist;

pub(super) struct NoFence(pub(super) Arc<dyn Vault>);

#[async_trait]
impl Twist for NoFence {
    fn honest(&self) -> &dyn Vault {
        &*self.0
    }

    async fn settle(
        &self,
        lease: &Lease,
        pair: &FreshPair,
        now: OffsetDateTime,
    ) -> Result<Settled, StoreError> {
        let settled = self.0.settle(lease, pair, now).await?;
        if settled != Settled::Superseded {
            return Ok(settled);
        }
        let Some(chain) = self.0.chain(&lease.member_id, lease.user_id).await? else {
            return Ok(settled);
        };
        let turn = RefreshTurn {
            member_id: &lease.member_id,
            user_id: lease.user_id,
            seen: chain.generation,
            owner: &lease.owner,
            lease: Duration::from_secs(5),
        };
        match self.0.lease(&turn).await? {
            Leased::Granted(again) => self.0.settle(&again, pair, now).await,
            _ => Ok(settled),
        }
    }
}
