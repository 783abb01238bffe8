//! A CRM that answers from memory, for tests and benchmarks of everything above the port.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use crmap_domain::{Lang, MemberId, Specification};
use secrecy::{ExposeSecret, SecretString};
use time::OffsetDateTime;

use crate::{
    Access, AccountStanding, Clock, Credential, CrmAccount, CrmConnector, CrmError, Doors,
    FreshTokens, OpeningClaim, ProvenOpening, RefreshError, RefreshRequest, SetUp, SetUpStep,
    StepOutcome,
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
    pub specification: Arc<Specification>,
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
    specification: Arc<Specification>,
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
        let mut specification = Specification::clone(&self.specification);
        specification.reading.lang = lang;
        Ok(specification)
    }

    async fn standing(&self) -> Result<AccountStanding, CrmError> {
        if let Some(failure) = self.failure {
            return Err(failure());
        }
        let viewer = &self.specification.reading.viewer;
        Ok(AccountStanding {
            user_id: viewer.id,
            user_name: viewer.name.clone(),
            administrator: viewer.administrator,
            installed: Some(true),
            version: Some(1),
            payment_expired: Some(false),
            plan: self.specification.portal.plan.clone(),
            scopes: vec!["crm".to_owned()],
        })
    }

    async fn set_up(&self, _doors: &Doors) -> Result<SetUp, CrmError> {
        let standing = self.standing().await?;
        let steps = if standing.administrator {
            SetUpStep::ALL.map(|step| (step, StepOutcome::Done)).into()
        } else {
            Vec::new()
        };
        Ok(SetUp { standing, steps })
    }
}

#[async_trait]
impl CrmConnector for FakeCrm {
    fn account(&self, _access: &Access) -> Result<Arc<dyn CrmAccount>, CrmError> {
        Ok(Arc::new(FakeAccount {
            specification: Arc::clone(&self.specification),
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
        Ok(self.proven(&claim.access_token, &claim.member_id))
    }

    async fn prove_token(
        &self,
        access_token: &SecretString,
        member_id: &MemberId,
    ) -> Result<ProvenOpening, CrmError> {
        Ok(self.proven(access_token, member_id))
    }

    async fn refresh(&self, _request: &RefreshRequest) -> Result<FreshTokens, RefreshError> {
        Err(RefreshError::Rejected {
            code: "invalid_grant".to_owned(),
        })
    }
}

impl FakeCrm {
    fn proven(&self, access_token: &SecretString, member_id: &MemberId) -> ProvenOpening {
        let address = &self.specification.portal.address;
        let user_id = self.specification.reading.viewer.id;
        ProvenOpening {
            member_id: member_id.clone(),
            address: address.clone(),
            origin: format!("https://{address}"),
            access: Access {
                base: format!("https://{address}/rest/"),
                credential: Credential::Token(access_token.clone()),
                member_id: Some(member_id.clone()),
                user_id: Some(user_id),
            },
            user_id,
            expires_at: self.expires_at,
            authority: "https://oauth.example/".to_owned(),
        }
    }
}
