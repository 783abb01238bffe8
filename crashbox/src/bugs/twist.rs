//! A part of the refresh protocol that does some steps in its own way.

use async_trait::async_trait;
use crmap_domain::MemberId;
use crmap_service::Vault;
use crmap_store::{
    Chain, FreshPair, Lease, Leased, Outcome, RefreshTurn, Released, Settled, StoreError,
};
use time::OffsetDateTime;

/// The steps of [`Vault`], each as the honest part does it unless it is done otherwise.
#[async_trait]
pub(crate) trait Twist: Send + Sync {
    /// Who does the steps as they should be done.
    fn honest(&self) -> &dyn Vault;

    async fn chain(&self, member_id: &MemberId, user_id: i64) -> Result<Option<Chain>, StoreError> {
        self.honest().chain(member_id, user_id).await
    }

    async fn lease(&self, turn: &RefreshTurn<'_>) -> Result<Leased, StoreError> {
        self.honest().lease(turn).await
    }

    async fn reserve(&self, lease: &Lease) -> Result<(), StoreError> {
        self.honest().reserve(lease).await
    }

    async fn spill(&self, lease: &Lease, pair: &FreshPair) -> Result<(), StoreError> {
        self.honest().spill(lease, pair).await
    }

    async fn settle(
        &self,
        lease: &Lease,
        pair: &FreshPair,
        now: OffsetDateTime,
    ) -> Result<Settled, StoreError> {
        self.honest().settle(lease, pair, now).await
    }
}

/// A twist as the protocol wants it.
pub(crate) struct Twisted<T>(pub(crate) T);

#[async_trait]
impl<T: Twist> Vault for Twisted<T> {
    async fn chain(&self, member_id: &MemberId, user_id: i64) -> Result<Option<Chain>, StoreError> {
        self.0.chain(member_id, user_id).await
    }

    async fn lease(&self, turn: &RefreshTurn<'_>) -> Result<Leased, StoreError> {
        self.0.lease(turn).await
    }

    async fn reserve(&self, lease: &Lease) -> Result<(), StoreError> {
        self.0.reserve(lease).await
    }

    async fn spill(&self, lease: &Lease, pair: &FreshPair) -> Result<(), StoreError> {
        self.0.spill(lease, pair).await
    }

    async fn settle(
        &self,
        lease: &Lease,
        pair: &FreshPair,
        now: OffsetDateTime,
    ) -> Result<Settled, StoreError> {
        self.0.settle(lease, pair, now).await
    }

    async fn clear(&self, lease: &Lease) -> Result<(), StoreError> {
        self.0.honest().clear(lease).await
    }

    async fn release(
        &self,
        lease: &Lease,
        outcome: Outcome,
        now: OffsetDateTime,
    ) -> Result<Released, StoreError> {
        self.0.honest().release(lease, outcome, now).await
    }
}
