//! The database's part of the protocol, which says aloud what was stored.

use std::sync::Arc;

use async_trait::async_trait;
use crmap_service::Vault;
use crmap_store::{FreshPair, Lease, Settled, Store, StoreError};
use secrecy::ExposeSecret;
use time::OffsetDateTime;

use crate::bugs::{Twist, Twisted};
use crate::{Said, fingerprint};

/// Says [`Said::Stored`] as soon as the database has a pair, before anybody else knows.
pub(crate) struct Recorder(pub(crate) Arc<Store>);

impl Recorder {
    /// As a part of the protocol.
    pub(crate) fn into_vault(self: Arc<Self>) -> Arc<dyn Vault> {
        Arc::new(Twisted(self))
    }
}

#[async_trait]
impl Twist for Arc<Recorder> {
    fn honest(&self) -> &dyn Vault {
        &*self.0
    }

    async fn settle(
        &self,
        lease: &Lease,
        pair: &FreshPair,
        now: OffsetDateTime,
    ) -> Result<Settled, StoreError> {
        let settled = self.honest().settle(lease, pair, now).await?;
        if matches!(settled, Settled::Stored { .. }) {
            Said::Stored(fingerprint(pair.access.expose_secret())).say();
        }
        Ok(settled)
    }
}
