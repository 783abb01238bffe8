//! Without the local journal: a pair is nowhere on disk until the database has it.

use std::sync::Arc;

use async_trait::async_trait;
use crmap_service::Vault;
use crmap_store::{FreshPair, Lease, StoreError};

use super::Twist;

pub(super) struct NoSpill(pub(super) Arc<dyn Vault>);

#[async_trait]
impl Twist for NoSpill {
    fn honest(&self) -> &dyn Vault {
        &*self.0
    }

    async fn reserve(&self, _lease: &Lease) -> Result<(), StoreError> {
        Ok(())
    }

    async fn spill(&self, _lease: &Lease, _pair: &FreshPair) -> Result<(), StoreError> {
        Ok(())
    }
}
