//! The guard at the way out (SEC-11, SEC-13): which addresses may be called, as they are written and
//! as names resolve to them. A name is resolved here and nowhere else, every address that it has is
//! looked at, and the connection goes to those addresses: what a name means a moment later is of no
//! importance.

use std::error::Error as StdError;
use std::fmt;
use std::future::Future;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;

use crmap_crm::CrmError;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::Url;

use super::reach;
use crate::address;
use crate::settings::Settings;

/// What may be called.
#[derive(Debug, Clone)]
pub(crate) struct Guard {
    allow_loopback: bool,
    extra_ports: Vec<u16>,
}

impl Guard {
    pub(crate) fn new(settings: &Settings) -> Self {
        Self {
            allow_loopback: settings.allow_loopback,
            extra_ports: settings.extra_ports.clone(),
        }
    }

    /// Refuses an address as it is written.
    pub(crate) fn check(&self, address: &Url) -> Result<(), CrmError> {
        address::check(address, self.allow_loopback)?;
        let local = address::ip(address).is_some_and(reach::is_loopback);
        let port = address.port_or_known_default().unwrap_or_default();
        // Loopback addresses come this far only where they are allowed.
        if local || port == 443 || self.extra_ports.contains(&port) {
            Ok(())
        } else {
            let reason = "its port is not one of a portal";
            Err(CrmError::WrongAddress { reason })
        }
    }

    /// Refuses an address that a name has.
    fn check_ip(&self, ip: IpAddr) -> Result<(), Refused> {
        if self.allow_loopback && reach::is_loopback(ip) {
            return Ok(());
        }
        reach::why_not(ip).map_or(Ok(()), |reason| Err(Refused(reason)))
    }
}

/// A name that leads where nothing may be called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Refused(pub(crate) &'static str);

impl fmt::Display for Refused {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.0)
    }
}

impl StdError for Refused {}

type Found = Result<Vec<IpAddr>, Box<dyn StdError + Send + Sync>>;

/// Whoever knows what names mean.
pub(crate) trait Names: Send + Sync + 'static {
    /// All addresses of a name.
    fn find(&self, name: &str) -> Pin<Box<dyn Future<Output = Found> + Send>>;
}

/// The machine's own way of resolving names.
pub(crate) struct SystemNames;

impl Names for SystemNames {
    fn find(&self, name: &str) -> Pin<Box<dyn Future<Output = Found> + Send>> {
        let name = name.to_owned();
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            Ok(found.map(|address| address.ip()).collect())
        })
    }
}

/// Resolves names for the client, under the eyes of the guard.
#[derive(Clone)]
pub(crate) struct Resolver {
    pub(crate) names: Arc<dyn Names>,
    pub(crate) guard: Guard,
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let (found, guard) = (self.names.find(name.as_str()), self.guard.clone());
        Box::pin(async move {
            let found = found.await?;
            if found.is_empty() {
                return Err("the name has no address".into());
            }
            // One address inside is enough: an honest name has none.
            for ip in &found {
                guard.check_ip(*ip)?;
            }
            let addresses = found.into_iter().map(|ip| SocketAddr::new(ip, 0));
            Ok(Box::new(addresses) as Addrs)
        })
    }
}
