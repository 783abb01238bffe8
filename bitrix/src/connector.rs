//! The port's two traits for Bitrix24. It decides nothing but what is called with what.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use crmap_crm::{
    Access, AccountStanding, Clock, CrmAccount, CrmConnector, CrmError, Doors, FreshTokens,
    Journal, OpeningClaim, OwnPace, ProvenOpening, RefreshError, RefreshRequest, SetUp, SharedPace,
};
use crmap_domain::{Lang, MemberId, Specification};
use secrecy::SecretString;
use tokio::time::Instant;

use crate::context::Context;
use crate::egress::Egress;
use crate::limits::Lanes;
use crate::oauth::Authorities;
use crate::read::{self, Request};
use crate::settings::Settings;
use crate::transport::Channel;
use crate::{setup, standing};

/// The way to Bitrix24 portals. Clones share the limits of each portal.
#[derive(Clone)]
pub struct Bitrix24 {
    context: Context,
}

/// Why the connector cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// An authorization server has an address that may not be called.
    #[error("the authorization server {server} may not be called")]
    OauthServer {
        /// Its host.
        server: String,
        /// What is wrong with it.
        #[source]
        source: CrmError,
    },
    /// The HTTP client cannot be set up.
    #[error("the HTTP client cannot be set up")]
    Client(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl Bitrix24 {
    /// A connector that behaves as `settings` say.
    ///
    /// # Errors
    /// [`SettingsError`] when an authorization server may not be called, or without the system's
    /// certificates.
    pub fn new(mut settings: Settings, clock: Arc<dyn Clock>) -> Result<Self, SettingsError> {
        let egress =
            Egress::new(&settings).map_err(|error| SettingsError::Client(Box::new(error)))?;
        for server in &mut settings.oauth_servers {
            egress
                .check(server)
                .map_err(|source| SettingsError::OauthServer {
                    server: server.host_str().unwrap_or_default().to_owned(),
                    source,
                })?;
            if !server.path().ends_with('/') {
                let path = format!("{}/", server.path());
                server.set_path(&path);
            }
        }
        Ok(Self {
            context: Context {
                lanes: Arc::new(Lanes::new(settings.pace)),
                egress: Arc::new(egress),
                settings: Arc::new(settings),
                clock,
                journal: None,
                shared_pace: Arc::new(OwnPace),
            },
        })
    }

    /// The same connector, which records every request of a known account in `journal`.
    #[must_use]
    pub fn with_journal(mut self, journal: Arc<dyn Journal>) -> Self {
        self.context.journal = Some(journal);
        self
    }

    /// The same connector, which keeps to limits that other processes keep to as well.
    #[must_use]
    pub fn with_shared_pace(mut self, pace: Arc<dyn SharedPace>) -> Self {
        self.context.shared_pace = pace;
        self
    }

    pub(crate) fn authorities(&self) -> Authorities<'_> {
        Authorities {
            context: &self.context,
        }
    }
}

impl fmt::Debug for Bitrix24 {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Bitrix24")
            .field("settings", &self.context.settings)
            .finish_non_exhaustive()
    }
}

#[async_trait]
impl CrmConnector for Bitrix24 {
    fn account(&self, access: &Access) -> Result<Arc<dyn CrmAccount>, CrmError> {
        Ok(Arc::new(Portal {
            channel: Channel::new(&self.context, access)?,
            member_id: access.member_id.clone(),
            context: self.context.clone(),
        }))
    }

    async fn prove_opening(&self, claim: &OpeningClaim) -> Result<ProvenOpening, CrmError> {
        self.authorities().prove_opening(claim).await
    }

    async fn prove_token(
        &self,
        access_token: &SecretString,
        member_id: &MemberId,
    ) -> Result<ProvenOpening, CrmError> {
        self.authorities()
            .prove_token(access_token, member_id)
            .await
    }

    async fn refresh(&self, request: &RefreshRequest) -> Result<FreshTokens, RefreshError> {
        self.authorities().refresh(request).await
    }
}

struct Portal {
    channel: Channel,
    member_id: Option<MemberId>,
    context: Context,
}

impl Portal {
    fn deadline(&self) -> Instant {
        Instant::now() + self.context.settings.timeouts.reading
    }
}

#[async_trait]
impl CrmAccount for Portal {
    async fn read_specification(&self, lang: Lang) -> Result<Specification, CrmError> {
        let request = Request {
            lang,
            member_id: self.member_id.clone(),
            now: self.context.clock.now(),
            deadline: self.deadline(),
        };
        read::specification(&self.channel, request).await
    }

    async fn standing(&self) -> Result<AccountStanding, CrmError> {
        standing::ask(&self.channel, self.deadline()).await
    }

    async fn set_up(&self, doors: &Doors) -> Result<SetUp, CrmError> {
        let wait = self.context.settings.pace.broken_wait;
        setup::set_up(&self.channel, doors, wait, self.deadline()).await
    }
}
