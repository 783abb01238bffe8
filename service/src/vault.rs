//! What the refresh of a token needs of the database, as a port: the crash tests put faulty ones in
//! its place to prove that they would be caught.

use async_trait::async_trait;
use crmap_domain::MemberId;
use crmap_store::{
    Chain, FreshPair, Lease, Leased, Outcome, RefreshTurn, Released, Settled, Store, StoreError,
};
use time::OffsetDateTime;

/// Chains of tokens, one per portal and user, and the leases that guard their refresh.
#[async_trait]
pub trait Vault: Send + Sync {
    /// One chain.
    async fn chain(&self, member_id: &MemberId, user_id: i64) -> Result<Option<Chain>, StoreError>;

    /// Takes the exclusive right to refresh the chain if its generation is still the one that was
    /// seen, and notes the intent.
    async fn lease(&self, turn: &RefreshTurn<'_>) -> Result<Leased, StoreError>;

    /// Makes sure that a new pair could be written down, before the old one is used up.
    async fn reserve(&self, lease: &Lease) -> Result<(), StoreError>;

    /// Writes the new pair to the local journal, on disk when this returns.
    async fn spill(&self, lease: &Lease, pair: &FreshPair) -> Result<(), StoreError>;

    /// Puts the new pair in place of the old one if nobody else did.
    async fn settle(
        &self,
        lease: &Lease,
        pair: &FreshPair,
        now: OffsetDateTime,
    ) -> Result<Settled, StoreError>;

    /// Forgets what was written to the local journal for this lease.
    async fn clear(&self, lease: &Lease) -> Result<(), StoreError>;

    /// Gives the lease back without a new pair.
    async fn release(
        &self,
        lease: &Lease,
        outcome: Outcome,
        now: OffsetDateTime,
    ) -> Result<Released, StoreError>;
}

#[async_trait]
impl Vault for Store {
    async fn chain(&self, member_id: &MemberId, user_id: i64) -> Result<Option<Chain>, StoreError> {
        self.chain(member_id, user_id).await
    }

    async fn lease(&self, turn: &RefreshTurn<'_>) -> Result<Leased, StoreError> {
        self.lease_chain(turn).await
    }

    async fn reserve(&self, lease: &Lease) -> Result<(), StoreError> {
        self.spill().reserve(lease).await
    }

    async fn spill(&self, lease: &Lease, pair: &FreshPair) -> Result<(), StoreError> {
        self.spill().append(lease, pair).await
    }

    async fn settle(
        &self,
        lease: &Lease,
        pair: &FreshPair,
        now: OffsetDateTime,
    ) -> Result<Settled, StoreError> {
        self.settle_refresh(lease, pair, now).await
    }

    async fn clear(&self, lease: &Lease) -> Result<(), StoreError> {
        self.spill().clear(lease).await
    }

    async fn release(
        &self,
        lease: &Lease,
        outcome: Outcome,
        now: OffsetDateTime,
    ) -> Result<Released, StoreError> {
        self.release_lease(lease, outcome, now).await
    }
}
