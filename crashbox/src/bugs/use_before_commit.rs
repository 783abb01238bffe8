//! A pair counts as stored before it is: it is used out of memory, and the database gets it a
//! little later, as with writes behind the caller's back.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use crmap_domain::MemberId;
use crmap_service::Vault;
use crmap_store::{Chain, ChainStatus, FreshPair, Lease, Settled, StoreError};
use time::OffsetDateTime;

use super::Twist;

const LATER: Duration = Duration::from_millis(100);

pub(super) struct UseBeforeCommit {
    vault: Arc<dyn Vault>,
    latest: Mutex<Option<(Lease, FreshPair)>>,
}

impl UseBeforeCommit {
    pub(super) fn new(vault: Arc<dyn Vault>) -> Self {
        Self {
            vault,
            latest: Mutex::default(),
        }
    }

    fn latest(&self) -> MutexGuard<'_, Option<(Lease, FreshPair)>> {
        self.latest.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Twist for UseBeforeCommit {
    fn honest(&self) -> &dyn Vault {
        &*self.vault
    }

    async fn chain(&self, member_id: &MemberId, user_id: i64) -> Result<Option<Chain>, StoreError> {
        let chain = self.vault.chain(member_id, user_id).await?;
        let Some(mut chain) = chain else {
            return Ok(None);
        };
        if let Some((lease, pair)) = &*self.latest()
            && lease.user_id == user_id
            && lease.generation == chain.generation
        {
            chain.generation += 1;
            chain.status = ChainStatus::Active;
            chain.access = Some(pair.access.clone());
            chain.expires_at = Some(pair.expires_at);
        }
        Ok(Some(chain))
    }

    async fn settle(
        &self,
        lease: &Lease,
        pair: &FreshPair,
        now: OffsetDateTime,
    ) -> Result<Settled, StoreError> {
        *self.latest() = Some((lease.clone(), pair.clone()));
        let (vault, lease, pair) = (Arc::clone(&self.vault), lease.clone(), pair.clone());
        let generation = lease.generation + 1;
        tokio::spawn(async move {
            tokio::time::sleep(LATER).await;
            if let Err(error) = vault.settle(&lease, &pair, now).await {
                tracing::error!(%error, "a pair was used and never stored");
            }
        });
        Ok(Settled::Stored { generation })
    }
}
