//! The last stage of each portal is lost on its way, as by a page of a list that is left out when it
//! does not come.

use std::sync::Arc;

use async_trait::async_trait;
use crmap_crm::{
    Access, AccountStanding, CrmAccount, CrmConnector, CrmError, Doors, FreshTokens, OpeningClaim,
    ProvenOpening, RefreshError, RefreshRequest, SetUp,
};
use crmap_domain::{Lang, MemberId, Section, Specification};
use secrecy::SecretString;

pub(super) struct LosingRows(pub(super) Arc<dyn CrmConnector>);

#[async_trait]
impl CrmConnector for LosingRows {
    fn account(&self, access: &Access) -> Result<Arc<dyn CrmAccount>, CrmError> {
        let account = self.0.account(access)?;
        Ok(Arc::new(Shortened(account)))
    }

    async fn prove_opening(&self, claim: &OpeningClaim) -> Result<ProvenOpening, CrmError> {
        self.0.prove_opening(claim).await
    }

    async fn prove_token(
        &self,
        access_token: &SecretString,
        member_id: &MemberId,
    ) -> Result<ProvenOpening, CrmError> {
        self.0.prove_token(access_token, member_id).await
    }

    async fn refresh(&self, request: &RefreshRequest) -> Result<FreshTokens, RefreshError> {
        self.0.refresh(request).await
    }
}

struct Shortened(Arc<dyn CrmAccount>);

#[async_trait]
impl CrmAccount for Shortened {
    async fn read_specification(&self, lang: Lang) -> Result<Specification, CrmError> {
        let mut read = self.0.read_specification(lang).await?;
        if let Section::Rows(stages) = &mut read.stages {
            stages.pop();
        }
        Ok(read)
    }

    async fn standing(&self) -> Result<AccountStanding, CrmError> {
        self.0.standing().await
    }

    async fn set_up(&self, doors: &Doors) -> Result<SetUp, CrmError> {
        self.0.set_up(doors).await
    }
}
