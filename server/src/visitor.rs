//! Where a request comes from: the address that limits go by (SEC-66), and what its browser calls
//! itself.

use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use crmap_domain::visible;
use crmap_service::Visitor;
use ipnet::IpNet;

use crate::router::App;

/// The header in which proxies say for whom they ask, each behind the one before.
const FORWARDED_FOR: &str = "x-forwarded-for";
/// How much of what a browser calls itself is kept.
const LONGEST_AGENT: usize = 200;

/// The proxies that are believed.
#[derive(Debug, Clone, Default)]
pub struct TrustedProxies(Vec<IpNet>);

impl TrustedProxies {
    /// Believes the machines of these networks.
    #[must_use]
    pub fn new(networks: Vec<IpNet>) -> Self {
        Self(networks)
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The address of whoever asks: that of `peer`, unless it is a proxy that is believed; then the
    /// nearest one that it names and that is none. What stands further to the left may be made up
    /// by the visitor, and so may everything that comes with other peers.
    #[must_use]
    pub fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut nearest = peer.to_canonical();
        let named = headers.get_all(FORWARDED_FOR).iter();
        let lines: Vec<&[u8]> = named.map(|value| value.as_bytes()).collect();
        let mut named = lines
            .iter()
            .rev()
            .flat_map(|line| line.rsplit(|byte| *byte == b','));
        while self.trusts(nearest) {
            let Some(before) = named.next().and_then(address) else {
                break;
            };
            nearest = before;
        }
        nearest
    }

    fn trusts(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }
}

/// An address as proxies write it, some with a port.
fn address(text: &[u8]) -> Option<IpAddr> {
    let text = std::str::from_utf8(text).ok()?.trim();
    let address = text
        .parse::<IpAddr>()
        .or_else(|_| text.parse::<SocketAddr>().map(|address| address.ip()));
    address.ok().map(|address| address.to_canonical())
}

/// A network, or one machine, as `CRMAP_TRUSTED_PROXIES` names it.
///
/// # Errors
/// For what is neither, and for the network of everybody.
pub(crate) fn network(text: &str) -> Result<IpNet, &'static str> {
    let text = text.trim();
    let network = text
        .parse::<IpNet>()
        .or_else(|_| text.parse::<IpAddr>().map(IpNet::from))
        .map_err(|_| "neither an address nor a network like 10.0.0.0/8")?;
    if network.prefix_len() == 0 {
        return Err("whoever believes everybody can be told any address");
    }
    Ok(network)
}

impl FromRequestParts<App> for Visitor {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Infallible> {
        Ok(visitor(app, parts))
    }
}

/// Who sends a request. A server that does not know its peers takes all for one.
pub(crate) fn visitor(app: &App, parts: &Parts) -> Visitor {
    let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
    let peer = peer.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.0.ip());
    Visitor {
        ip: app.front.proxies().client(peer, &parts.headers),
        agent: agent(&parts.headers),
    }
}

/// What a browser calls itself, on one line and with nothing hidden in it.
fn agent(headers: &HeaderMap) -> String {
    let said = headers
        .get(header::USER_AGENT)
        .map_or(&[][..], |value| value.as_bytes());
    // A character has up to four bytes.
    let said = String::from_utf8_lossy(&said[..said.len().min(4 * LONGEST_AGENT)]);
    visible(&said).chars().take(LONGEST_AGENT).collect()
}
