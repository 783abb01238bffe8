//! What the connector is told by its operator: whom it trusts, how long it waits and how fast it
//! asks. It decides nothing itself.

use std::time::Duration;

use secrecy::SecretString;
use url::Url;

/// The official authorization servers (bitrix24.md §2.1), in the order in which they are asked.
pub const OFFICIAL_OAUTH_SERVERS: [&str; 2] =
    ["https://oauth.bitrix24.tech/", "https://oauth.bitrix.info/"];

/// How the connector behaves.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The authorization servers that openings are proved at; nobody else is ever asked.
    pub oauth_servers: Vec<Url>,
    /// The application's own identifier; an opening of another application is not ours.
    pub client_id: String,
    /// The application's own secret, which renews tokens at the authorization servers and goes
    /// nowhere else. Without it nothing is renewed.
    pub client_secret: Option<SecretString>,
    /// Whether plain http and loopback addresses may be called: development and tests alone.
    pub allow_loopback: bool,
    /// Ports of portals besides 443 that may be called (SEC-13); loopback addresses may have any.
    pub extra_ports: Vec<u16>,
    /// Certificates of authorities to trust besides those of the system, in PEM: for portals on
    /// premise whose certificates are their owner's.
    pub authorities: Vec<String>,
    /// How the connector introduces itself.
    pub user_agent: String,
    /// How long it waits.
    pub timeouts: Timeouts,
    /// How fast it asks.
    pub pace: Pace,
    /// The largest answer that is taken, in bytes after decompression.
    pub largest_answer: usize,
}

impl Settings {
    /// The usual behaviour for the application `client_id`.
    #[must_use]
    pub fn new(client_id: impl Into<String>) -> Self {
        Self {
            oauth_servers: OFFICIAL_OAUTH_SERVERS
                .iter()
                .filter_map(|address| Url::parse(address).ok())
                .collect(),
            client_id: client_id.into(),
            client_secret: None,
            allow_loopback: false,
            extra_ports: Vec::new(),
            authorities: Vec::new(),
            user_agent: concat!("CRMAP/", env!("CARGO_PKG_VERSION")).to_owned(),
            timeouts: Timeouts::default(),
            pace: Pace::default(),
            largest_answer: 16 * 1024 * 1024,
        }
    }
}

/// How long each step may take (SEC-04, SEC-14).
#[derive(Debug, Clone, Copy)]
pub struct Timeouts {
    /// Until a connection stands.
    pub connect: Duration,
    /// From the request to the head of the answer; a portal may work on a request for 60 s.
    pub first_byte: Duration,
    /// Between two pieces of an answer.
    pub idle: Duration,
    /// One request with its answer.
    pub request: Duration,
    /// A whole reading with its waits and repetitions.
    pub reading: Duration,
    /// A whole proof of an opening, over all authorization servers.
    pub proof: Duration,
    /// A whole renewal of a token, over all authorization servers; well below the time for which
    /// the caller holds the right to renew (security.md §4).
    pub refresh: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            first_byte: Duration::from_secs(65),
            idle: Duration::from_secs(10),
            request: Duration::from_secs(75),
            reading: Duration::from_secs(75),
            proof: Duration::from_millis(5_500),
            refresh: Duration::from_secs(15),
        }
    }
}

/// How fast one portal is asked (bitrix24.md §3.5). The portal's bucket holds 50 and leaks 2 a
/// second for all applications behind one address of ours, so something is left for the others.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// Requests that may go out at once after a silence.
    pub burst: u32,
    /// The time in which one more request becomes allowed.
    pub refill: Duration,
    /// Requests under way at one time.
    pub concurrency: usize,
    /// The first wait after the portal said that it is asked too often; each further one is up to
    /// twice as long.
    pub throttled_wait: Duration,
    /// The longest such wait.
    pub longest_wait: Duration,
    /// The first wait after a broken connection or a failure of the portal.
    pub broken_wait: Duration,
    /// How often a request is repeated after a broken connection or a failure of the portal.
    pub broken_retries: usize,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            burst: 40,
            refill: Duration::from_millis(500),
            concurrency: 2,
            throttled_wait: Duration::from_secs(1),
            longest_wait: Duration::from_secs(60),
            broken_wait: Duration::from_millis(500),
            broken_retries: 2,
        }
    }
}
