//! The running cloud: binds all addresses, serves them, and stops when it is dropped.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::routing::any;
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::addresses::{AddressBook, Tenant};
use crate::faults::{Fault, Faults};
use crate::front::{self, Front};
use crate::http::{Door, Line, Secured};
use crate::knobs::Knobs;
use crate::ledger::{LedgerEntry, RefreshCount, Waiting};
use crate::log::{RequestLog, RequestLogEntry};
use crate::oauth::OauthServer;
use crate::options::Options;
use crate::portal::Portal;
use crate::shared::Shared;
use crate::tls::{Acceptors, Tls, TlsFlaw};
use crate::tokens::Chain;
use crate::{authorize, control, oauth, page, rest, tls};

/// How often a free port is looked for.
const ATTEMPTS: usize = 50;

/// A simulated Bitrix24 cloud: an OAuth server and its portals. Dropping it stops it.
#[derive(Debug)]
pub struct Cloud {
    oauth: Arc<OauthServer>,
    ca_pem: Option<String>,
    _stop: watch::Sender<bool>,
}

impl Cloud {
    /// Starts the cloud inside the current tokio runtime.
    ///
    /// # Errors
    /// When an address is taken or the certificates cannot be made.
    pub async fn start(options: Options) -> io::Result<Self> {
        let places = options.portals + options.spare_addresses;
        let listeners = bind(options.listen, places).await?;
        let addresses = listeners.iter().map(TcpListener::local_addr);
        let addresses: Vec<SocketAddr> = addresses.collect::<io::Result<_>>()?;
        let tls = make_tls(&options, &addresses)?;
        let scheme = if options.tls { "https" } else { "http" };
        let oauth_url = format!("{scheme}://{}", addresses[0]);
        let book = AddressBook::new(&addresses[1..], options.portals);
        let shared = Arc::new(Shared::new(&options, oauth_url, scheme, book));
        let portal = |number| Arc::new(Portal::new(number, &options, Arc::clone(&shared)));
        let portals: Vec<Arc<Portal>> = (1..=places).map(portal).collect();
        shared.introduce(&portals);
        let oauth = Arc::new(OauthServer {
            shared,
            portals,
            faults: Faults::default(),
            log: RequestLog::default(),
        });
        let (stop, stopped) = watch::channel(false);
        let acceptors = tls.as_ref().map(|tls| &tls.acceptors);
        serve_all(&oauth, listeners, acceptors, &stopped)?;
        Ok(Self {
            oauth,
            ca_pem: tls.map(|tls| tls.ca_pem),
            _stop: stop,
        })
    }

    /// Base address of the OAuth server, without a slash at the end.
    #[must_use]
    pub fn oauth_url(&self) -> &str {
        &self.oauth.shared.oauth_url
    }

    /// The certificate of the authority, when https is served.
    #[must_use]
    pub fn ca_pem(&self) -> Option<&str> {
        self.ca_pem.as_deref()
    }

    /// Portal number `number`, from 1.
    ///
    /// # Panics
    /// When there is no such portal.
    #[must_use]
    pub fn portal(&self, number: usize) -> &Portal {
        &self.oauth.portals[number - 1]
    }

    /// All portals that somebody has registered.
    pub fn portals(&self) -> impl Iterator<Item = &Portal> {
        self.oauth.registered().map(AsRef::as_ref)
    }

    /// Switches a fault of the OAuth server on; its methods are `app.info` and `oauth/token`.
    pub fn set_oauth_fault(&self, fault: Fault) {
        self.oauth.faults.add(fault);
    }

    /// Switches all faults of the OAuth server off.
    pub fn clear_oauth_faults(&self) {
        self.oauth.faults.clear();
    }

    /// The requests to the OAuth server so far.
    #[must_use]
    pub fn oauth_requests(&self) -> Vec<RequestLogEntry> {
        self.oauth.log.entries()
    }

    /// How the cloud behaves where reality is unknown.
    #[must_use]
    pub fn knobs(&self) -> Knobs {
        self.oauth.shared.knobs()
    }

    /// Changes how the cloud behaves, from the next request on.
    pub fn set_knobs(&self, knobs: Knobs) {
        self.oauth.shared.set_knobs(knobs);
    }

    /// Puts the clock that tokens and events go by forward; what waits for a moment is not woken.
    pub fn pass(&self, time: Duration) {
        self.oauth.shared.pass(time);
    }

    /// Every use of every token so far.
    #[must_use]
    pub fn ledger(&self) -> Vec<LedgerEntry> {
        self.oauth.shared.ledger.entries()
    }

    /// Forgets the uses of tokens.
    pub fn clear_ledger(&self) {
        self.oauth.shared.ledger.clear();
    }

    /// The refreshes so far, user by user.
    #[must_use]
    pub fn refreshes(&self) -> Vec<RefreshCount> {
        self.oauth.shared.ledger.refreshes()
    }

    /// The uses of a portal's token on another portal.
    #[must_use]
    pub fn violations(&self) -> Vec<LedgerEntry> {
        let mut entries = self.ledger();
        entries.retain(LedgerEntry::is_violation);
        entries
    }

    /// The newest pair of every user of every portal, by fingerprints.
    #[must_use]
    pub fn chains(&self) -> Vec<Chain> {
        self.oauth.shared.tokens.chains()
    }

    /// Calls back whenever an access token is presented, to a portal or to the OAuth server, and
    /// answers only when the callback is through: what the caller must have stored before can be
    /// looked for then (REL-02). The entry's outcome is still `pending`.
    pub fn on_access<F, W>(&self, callback: F)
    where
        F: Fn(LedgerEntry) -> W + Send + Sync + 'static,
        W: Future<Output = ()> + Send + 'static,
    {
        let callback = Arc::new(move |entry| Box::pin(callback(entry)) as Waiting);
        self.oauth.shared.ledger.on_access(callback);
    }

    /// Forgets the requests to the OAuth server.
    pub fn clear_oauth_requests(&self) {
        self.oauth.log.clear();
    }
}

/// The loopback address of portal `number`: 127.0.0.2 for the first.
fn portal_ip(number: usize) -> IpAddr {
    let offset = u32::try_from(number).unwrap_or(u32::MAX);
    IpAddr::V4(Ipv4Addr::from(
        u32::from(Ipv4Addr::LOCALHOST).saturating_add(offset),
    ))
}

/// Binds the OAuth address and one address for each portal, all at the same port.
async fn bind(listen: SocketAddr, portals: usize) -> io::Result<Vec<TcpListener>> {
    let mut attempts = if listen.port() == 0 { ATTEMPTS } else { 1 };
    loop {
        attempts -= 1;
        match bind_once(listen, portals).await {
            Err(_) if attempts > 0 => {}
            end => return end,
        }
    }
}

async fn bind_once(listen: SocketAddr, portals: usize) -> io::Result<Vec<TcpListener>> {
    let first = bind_one(listen).await?;
    let port = first.local_addr()?.port();
    let mut listeners = vec![first];
    for number in 1..=portals {
        listeners.push(bind_one(SocketAddr::new(portal_ip(number), port)).await?);
    }
    Ok(listeners)
}

/// Binds one address, and names it when that fails.
async fn bind_one(address: SocketAddr) -> io::Result<TcpListener> {
    let bound = TcpListener::bind(address).await;
    bound.map_err(|cause| {
        io::Error::new(cause.kind(), format!("cannot listen on {address}: {cause}"))
    })
}

fn make_tls(options: &Options, addresses: &[SocketAddr]) -> io::Result<Option<Tls>> {
    if !options.tls {
        return Ok(None);
    }
    let ips: Vec<IpAddr> = addresses.iter().map(SocketAddr::ip).collect();
    tls::authority(&ips).map(Some)
}

fn serve_all(
    oauth: &Arc<OauthServer>,
    listeners: Vec<TcpListener>,
    acceptors: Option<&Acceptors>,
    stopped: &watch::Receiver<bool>,
) -> io::Result<()> {
    let with_router = |portal: &Arc<Portal>| (Arc::clone(portal), portal_router(portal));
    let portals = Arc::new(oauth.portals.iter().map(with_router).collect());
    for (place, listener) in listeners.into_iter().enumerate() {
        let shared = Arc::clone(&oauth.shared);
        let front = place.checked_sub(1).map(|index| Front {
            index,
            shared: Arc::clone(&shared),
            portals: Arc::clone(&portals),
        });
        let secured = acceptors.map(|acceptors| Secured {
            acceptors: acceptors.clone(),
            flaw: Arc::new(move || flaw_at(&shared, place)),
        });
        let router = match front {
            None => oauth_router(oauth),
            Some(front) => Router::new().fallback(any(front::serve)).with_state(front),
        };
        let door = Door::open(listener, secured)?;
        let service = router.into_make_service_with_connect_info::<Line>();
        let mut stopped = stopped.clone();
        let stop = async move { while stopped.changed().await.is_ok() {} };
        tokio::spawn(async move {
            axum::serve(door, service)
                .with_graceful_shutdown(stop)
                .await
        });
    }
    Ok(())
}

/// What is wrong with the TLS of whoever lives at that place; the OAuth server is at 0.
fn flaw_at(shared: &Shared, place: usize) -> Option<TlsFlaw> {
    let tenant = shared.addresses.tenant_at(place.checked_sub(1)?);
    match tenant {
        Tenant::Portal(number) => shared.portal(number)?.tls_flaw(),
        Tenant::Former(_) | Tenant::Nobody => None,
    }
}

fn oauth_router(server: &Arc<OauthServer>) -> Router {
    Router::new()
        .route("/", axum::routing::get(page::directory))
        .route("/assets/portal.css", axum::routing::get(page::css))
        .merge(control::of_oauth())
        .fallback(any(oauth::serve))
        .with_state(Arc::clone(server))
}

fn portal_router(portal: &Arc<Portal>) -> Router {
    Router::new()
        .route("/rest/{*method}", any(rest::serve))
        .route("/oauth/authorize/", any(authorize::serve))
        .route("/oauth/authorize", any(authorize::serve))
        .merge(control::of_portal())
        .merge(page::routes())
        .with_state(Arc::clone(portal))
}
