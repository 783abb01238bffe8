//! The port's two traits for Bitrix24. It decides nothing but what is called with what.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use crmap_crm::{
    Access, Clock, Credential, CrmAccount, CrmConnector, CrmError, OpeningClaim, ProvenOpening,
};
use crmap_domain::{Lang, MemberId, Specification};
use secrecy::ExposeSecret;
use tokio::time::Instant;
use url::Url;

use crate::egress::Egress;
use crate::limits::Lanes;
use crate::read::{self, Request};
use crate::settings::Settings;
use crate::transport::Channel;
use crate::{oauth, webhook};

/// The way to Bitrix24 portals. Clones share the limits of each portal.
#[derive(Clone)]
pub struct Bitrix24 {
    settings: Arc<Settings>,
    clock: Arc<dyn Clock>,
    egress: Arc<Egress>,
    lanes: Arc<Lanes>,
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
            lanes: Arc::new(Lanes::new(settings.pace)),
            egress: Arc::new(egress),
            settings: Arc::new(settings),
            clock,
        })
    }
}

impl fmt::Debug for Bitrix24 {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Bitrix24")
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

#[async_trait]
impl CrmConnector for Bitrix24 {
    fn account(&self, access: &Access) -> Result<Arc<dyn CrmAccount>, CrmError> {
        let Ok(base) = Url::parse(&access.base) else {
            return Err(CrmError::WrongAddress {
                reason: "it is not an address",
            });
        };
        // The code becomes part of an address and must not be able to change its meaning.
        if let Credential::Webhook { code, .. } = &access.credential
            && !webhook::is_code(code.expose_secret())
        {
            return Err(CrmError::WrongAddress {
                reason: "the code in it is not one",
            });
        }
        let credential = access.credential.clone();
        let channel = Channel::new(
            &self.egress,
            &self.lanes,
            self.settings.pace,
            base,
            credential,
        )?;
        Ok(Arc::new(Portal {
            channel,
            member_id: access.member_id.clone(),
            clock: Arc::clone(&self.clock),
            settings: Arc::clone(&self.settings),
        }))
    }

    async fn prove_opening(&self, claim: &OpeningClaim) -> Result<ProvenOpening, CrmError> {
        oauth::prove(&self.egress, &self.settings, claim, self.clock.now()).await
    }
}

struct Portal {
    channel: Channel,
    member_id: Option<MemberId>,
    clock: Arc<dyn Clock>,
    settings: Arc<Settings>,
}

#[async_trait]
impl CrmAccount for Portal {
    async fn read_specification(&self, lang: Lang) -> Result<Specification, CrmError> {
        let request = Request {
            lang,
            member_id: self.member_id.clone(),
            now: self.clock.now(),
            deadline: Instant::now() + self.settings.timeouts.reading,
        };
        read::specification(&self.channel, request).await
    }
}
