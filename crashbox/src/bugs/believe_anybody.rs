//! Whatever pair the authority answers with counts as that of the chain which was asked for.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use crmap_crm::{
    Access, CrmAccount, CrmConnector, CrmError, FreshTokens, OpeningClaim, ProvenOpening,
    RefreshError, RefreshRequest,
};
use crmap_domain::MemberId;
use crmap_service::Vault;
use crmap_store::{Leased, RefreshTurn, StoreError};
use secrecy::{ExposeSecret, SecretString};

use super::{Spoilt, Twist, Twisted};

/// Whose each refresh token is.
type Owners = Arc<Mutex<HashMap<String, (MemberId, i64)>>>;

pub(super) fn spoilt(vault: Arc<dyn Vault>, connector: Arc<dyn CrmConnector>) -> Spoilt {
    let owners = Owners::default();
    let asked = Asked {
        vault,
        owners: Arc::clone(&owners),
    };
    Spoilt {
        vault: Arc::new(Twisted(asked)),
        connector: Arc::new(Credulous { connector, owners }),
    }
}

/// Notes whose token is used.
struct Asked {
    vault: Arc<dyn Vault>,
    owners: Owners,
}

#[async_trait]
impl Twist for Asked {
    fn honest(&self) -> &dyn Vault {
        &*self.vault
    }

    async fn lease(&self, turn: &RefreshTurn<'_>) -> Result<Leased, StoreError> {
        let leased = self.vault.lease(turn).await?;
        if let Leased::Granted(lease) = &leased {
            let token = lease.refresh.expose_secret().to_owned();
            let mut owners = self.owners.lock().unwrap_or_else(PoisonError::into_inner);
            owners.insert(token, (turn.member_id.clone(), turn.user_id));
        }
        Ok(leased)
    }
}

/// Says of every pair that it belongs to whoever asked.
struct Credulous {
    connector: Arc<dyn CrmConnector>,
    owners: Owners,
}

#[async_trait]
impl CrmConnector for Credulous {
    fn account(&self, access: &Access) -> Result<Arc<dyn CrmAccount>, CrmError> {
        self.connector.account(access)
    }

    async fn prove_opening(&self, claim: &OpeningClaim) -> Result<ProvenOpening, CrmError> {
        self.connector.prove_opening(claim).await
    }

    async fn prove_token(
        &self,
        access_token: &SecretString,
        member_id: &MemberId,
    ) -> Result<ProvenOpening, CrmError> {
        self.connector.prove_token(access_token, member_id).await
    }

    async fn refresh(&self, request: &RefreshRequest) -> Result<FreshTokens, RefreshError> {
        let mut fresh = self.connector.refresh(request).await?;
        let owners = self.owners.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((member_id, user_id)) = owners.get(request.refresh_token.expose_secret()) {
            fresh.member_id = member_id.clone();
            fresh.user_id = *user_id;
        }
        Ok(fresh)
    }
}
