//! A CRM that answers from memory, for tests and benchmarks of everything above the port.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use crmap_domain::{Lang, Specification};
use secrecy::ExposeSecret;
use time::OffsetDateTime;

use crate::{
    Access, Clock, Credential, CrmAccount, CrmConnector, CrmError, OpeningClaim, ProvenOpening,
};

/// A clock that stands still.
#[derive(Debug, Clone, Copy)]
pub struct FixedClock(pub OffsetDateTime);

impl Clock for FixedClock {
    fn now(&self) -> OffsetDateTime {
        self.0
    }
}

/// A CRM with one account, one valid access token and one specification.
pub struct FakeCrm {
    /// What every reading gives.
    pub specification: Specification,
    /// The only token that proves an opening; any token does where there is none.
    pub token: Option<&'static str>,
    /// When the token runs out.
    pub expires_at: OffsetDateTime,
    /// How long a reading takes.
    pub reading_takes: Duration,
    /// The failure of every reading, where there is to be one.
    pub failure: Option<fn() -> CrmError>,
}

struct FakeAccount {
    specification: Specification,
    takes: Duration,
    failure: Option<fn() -> CrmError>,
}

#[async_trait]
impl CrmAccount for FakeAccount {
    async fn read_specification(&self, lang: Lang) -> Result<Specification, CrmError> {
        if !self.takes.is_zero() {
            tokio::time::sleep(self.takes).await;
        }
        if let Some(failure) = self.failure {
            return Err(failure());
        }
        let mut specification = self.specification.clone();
        specification.reading.lang = lang;
        Ok(specification)
    }
}

#[async_trait]
impl CrmConnector for FakeCrm {
    fn account(&self, _access: &Access) -> Result<Arc<dyn CrmAccount>, CrmError> {
        Ok(Arc::new(FakeAccount {
            specification: self.specification.clone(),
            takes: self.reading_takes,
            failure: self.failure,
        }))
    }

    async fn prove_opening(&self, claim: &OpeningClaim) -> Result<ProvenOpening, CrmError> {
        let token = claim.access_token.expose_secret();
        if self.token.is_some_and(|only| only != token) {
            return Err(CrmError::NotProved {
                reason: "the token is not known",
            });
        }
        let portal = &self.specification.portal;
        Ok(ProvenOpening {
            member_id: claim.member_id.clone(),
            address: portal.address.clone(),
            origin: format!("https://{}", portal.address),
            access: Access {
                base: format!("https://{}/rest/", portal.address),
                credential: Credential::Token(claim.access_token.clone()),
                member_id: portal.member_id.clone(),
            },
            user_id: self.specification.reading.viewer.id,
            expires_at: self.expires_at,
        })
    }
}
