//! A late pair brings back what was removed meanwhile, as an update that inserts what is missing.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use crmap_service::Vault;
use crmap_store::{
    FreshPair, Lease, Leased, OpeningTokens, Portal, RefreshTurn, SeenPortal, Settled, Store,
    StoreError,
};
use time::OffsetDateTime;

use super::Twist;

pub(super) struct Resurrect {
    vault: Arc<dyn Vault>,
    store: Arc<Store>,
    /// The portal as it was when the refresh began.
    portal: Mutex<Option<Portal>>,
}

impl Resurrect {
    pub(super) fn new(vault: Arc<dyn Vault>, store: Arc<Store>) -> Self {
        Self {
            vault,
            store,
            portal: Mutex::default(),
        }
    }

    fn portal(&self) -> MutexGuard<'_, Option<Portal>> {
        self.portal.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn bring_back(
        &self,
        lease: &Lease,
        pair: &FreshPair,
        now: OffsetDateTime,
    ) -> Result<(), StoreError> {
        let Some(portal) = self.portal().clone() else {
            return Ok(());
        };
        let seen = SeenPortal {
            member_id: portal.member_id,
            address: portal.address,
            base: portal.base.unwrap_or_default(),
            origin: portal.origin,
            authority: portal.authority,
            now,
        };
        self.store.remember_opening(&seen).await?;
        let tokens = OpeningTokens {
            member_id: seen.member_id,
            user_id: lease.user_id,
            administrator: None,
            access: pair.access.clone(),
            expires_at: pair.expires_at,
            candidate: Some(pair.refresh.clone()),
            now,
            keep_at_most: 5,
        };
        self.store.remember_tokens(&tokens).await?;
        Ok(())
    }
}

#[async_trait]
impl Twist for Resurrect {
    fn honest(&self) -> &dyn Vault {
        &*self.vault
    }

    async fn lease(&self, turn: &RefreshTurn<'_>) -> Result<Leased, StoreError> {
        let portal = self.store.portal(turn.member_id).await?;
        *self.portal() = portal;
        self.vault.lease(turn).await
    }

    async fn settle(
        &self,
        lease: &Lease,
        pair: &FreshPair,
        now: OffsetDateTime,
    ) -> Result<Settled, StoreError> {
        let settled = self.vault.settle(lease, pair, now).await?;
        if settled == Settled::Gone {
            self.bring_back(lease, pair, now).await?;
        }
        Ok(settled)
    }
}
