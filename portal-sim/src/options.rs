//! How the simulated cloud is set up: addresses, portals and their worlds, the application.

use std::net::{Ipv4Addr, SocketAddr};
use std::str::FromStr;
use std::time::Duration;

use crate::knobs::Knobs;
use crate::limits::RateLimit;

/// Everything that [`crate::Cloud::start`] wants to know.
#[derive(Clone, Debug)]
pub struct Options {
    /// Address of the OAuth server. Portal k listens on 127.0.0.(k+1) at the same port. Port 0
    /// picks one that is free on all addresses.
    pub listen: SocketAddr,
    /// How many portals.
    pub portals: usize,
    /// The worlds of the portals, in order; the last one repeats. Demo when empty.
    pub seeds: Vec<Seed>,
    /// Every REST answer comes this much later.
    pub latency: Duration,
    /// Lists that are unpaged in reality come in pages of 50 (§4.1).
    pub paged: bool,
    /// Serve https with a certificate authority of our own.
    pub tls: bool,
    /// The application that is installed on the portals.
    pub app: AppRegistration,
    /// The request rate of each portal (§3.5).
    pub rate: RateLimit,
    /// The portals start without the application.
    pub not_installed: bool,
    /// Addresses that portals can move to; as many portals wait to be registered at addresses that
    /// others have left.
    pub spare_addresses: usize,
    /// Choices where reality is unknown.
    pub knobs: Knobs,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            portals: 1,
            seeds: vec![Seed::Demo],
            latency: Duration::ZERO,
            paged: false,
            tls: false,
            app: AppRegistration::default(),
            rate: RateLimit::default(),
            not_installed: false,
            spare_addresses: 0,
            knobs: Knobs::default(),
        }
    }
}

impl Options {
    /// The world of portal `number` (from 1).
    pub(crate) fn seed(&self, number: usize) -> Seed {
        if number > self.portals {
            return Seed::Empty;
        }
        let chosen = self.seeds.get(number - 1).or(self.seeds.last());
        chosen.copied().unwrap_or(Seed::Demo)
    }
}

/// The application as the vendor registered it (§1.1, §1.2).
#[derive(Clone, Debug)]
pub struct AppRegistration {
    /// Its `client_id`.
    pub client_id: String,
    /// Its `client_secret`, which the OAuth server asks for.
    pub client_secret: String,
    /// Where the portal opens it.
    pub app_url: String,
    /// Where the portal opens it until its installation is finished; the application's address
    /// with `install` for its last part `app` when none.
    pub install_url: Option<String>,
    /// Where the authorization code goes (§2.2); `/bitrix/oauth` of the application's host when
    /// none.
    pub redirect_url: Option<String>,
    /// Its permissions, comma-separated.
    pub scope: String,
}

impl Default for AppRegistration {
    fn default() -> Self {
        Self {
            client_id: "app.sim".to_owned(),
            client_secret: "simulated-client-secret".to_owned(),
            app_url: "http://127.0.0.1:3000/bitrix/app".to_owned(),
            install_url: None,
            redirect_url: None,
            scope: "crm,placement,user_brief,department".to_owned(),
        }
    }
}

impl AppRegistration {
    /// The address of the installation page.
    #[must_use]
    pub fn install_address(&self) -> String {
        self.install_url.clone().unwrap_or_else(|| {
            let (path, query) = match self.app_url.split_once('?') {
                Some((path, query)) => (path, format!("?{query}")),
                None => (self.app_url.as_str(), String::new()),
            };
            match path.strip_suffix("/app") {
                Some(folder) => format!("{folder}/install{query}"),
                None => self.app_url.clone(),
            }
        })
    }

    /// The address that receives authorization codes.
    #[must_use]
    pub fn redirect_address(&self) -> String {
        self.redirect_url.clone().unwrap_or_else(|| {
            let (scheme, rest) = self.app_url.split_once("://").unwrap_or(("http", ""));
            let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
            format!("{scheme}://{host}/bitrix/oauth")
        })
    }

    /// The permissions one by one.
    pub(crate) fn scopes(&self) -> impl Iterator<Item = String> + '_ {
        self.scope
            .split(',')
            .map(|scope| scope.trim().to_owned())
            .filter(|s| !s.is_empty())
    }
}

/// Which world a portal holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seed {
    /// A windows manufacturer: 6 funnels, 50 stages, 60 fields, 25 users.
    Demo,
    /// 50 funnels of 10 stages, 1016 fields for each entity, 1000 users.
    Large,
    /// A portal just registered.
    Empty,
    /// A portal of which every text is an attack on whoever shows it.
    Hostile,
    /// A made-up portal, the same for the same number.
    Random(u64),
}

impl FromStr for Seed {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.trim() {
            "demo" => Ok(Self::Demo),
            "large" => Ok(Self::Large),
            "empty" => Ok(Self::Empty),
            "hostile" => Ok(Self::Hostile),
            number => number
                .parse()
                .map(Self::Random)
                .map_err(|_| format!("`{number}` is not demo, large, empty, hostile or a number")),
        }
    }
}
