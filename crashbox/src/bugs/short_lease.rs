//! A lease that is shorter than the request it guards, as a lock with a careless time limit.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use crmap_domain::MemberId;
use crmap_service::Vault;
use crmap_store::{Leased, StoreError};

use super::Twist;

const SHORT: Duration = Duration::from_millis(50);

pub(super) struct ShortLease(pub(super) Arc<dyn Vault>);

#[async_trait]
impl Twist for ShortLease {
    fn honest(&self) -> &dyn Vault {
        &*self.0
    }

    async fn lease(
        &self,
        member_id: &MemberId,
        user_id: i64,
        seen: i64,
        owner: &str,
        _time: Duration,
    ) -> Result<Leased, StoreError> {
        self.0.lease(member_id, user_id, seen, owner, SHORT).await
    }
}
