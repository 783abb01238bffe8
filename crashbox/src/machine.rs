//! Puts the use cases together as the server does, with short waits and with what is to go wrong.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use crmap_bitrix::{Bitrix24, Pace, Settings as ConnectorSettings, Timeouts};
use crmap_crm::{CrmConnector, Doors};
use crmap_service::{ReadingTimes, RefreshTimes, Services, Settings, Unusual};
use crmap_store::{KeyRing, Store, StoreSettings};

use crate::Options;
use crate::bugs::{Bug, Spoilt};
use crate::outside::{OsRandom, ShiftedClock};
use crate::points::StopAt;
use crate::recorder::Recorder;

/// How often the database is tried again.
const TRIES: u32 = 5;

/// How long portals are waited for by somebody in a hurry.
const HASTY: Timeouts = Timeouts {
    connect: Duration::from_secs(5),
    first_byte: Duration::from_secs(8),
    idle: Duration::from_secs(3),
    request: Duration::from_secs(10),
    reading: Duration::from_secs(20),
    proof: Duration::from_secs(5),
    refresh: Duration::from_secs(15),
};

/// The use cases and their database.
pub(crate) struct Machine {
    pub(crate) services: Arc<Services>,
    pub(crate) store: Arc<Store>,
}

impl Machine {
    /// Opens the database and puts everything together.
    pub(crate) async fn start(options: &Options) -> anyhow::Result<Self> {
        let store = Arc::new(open(options).await?);
        let clock = Arc::new(ShiftedClock {
            ahead: options.clock_ahead,
        });
        let connector = Bitrix24::new(connector_settings(options)?, clock.clone())?;
        let recorder = Arc::new(Recorder(Arc::clone(&store)));
        let connector: Arc<dyn CrmConnector> = Arc::new(connector);
        let Spoilt { vault, connector } = crate::bugs::spoil(options, recorder, connector, &store);
        let services = Services::with(
            connector,
            Arc::clone(&store),
            clock,
            Arc::new(OsRandom),
            settings_of(options),
            Unusual {
                vault,
                checkpoints: Arc::new(StopAt(options.stop_at)),
            },
        );
        Ok(Self {
            services: Arc::new(services),
            store,
        })
    }
}

/// A machine on which many processes are born at once may be too slow at the first try.
async fn open(options: &Options) -> anyhow::Result<Store> {
    let keys = KeyRing::load(&options.keys).context("the keys cannot be read")?;
    let mut tries = 0;
    loop {
        let settings = StoreSettings {
            url: options.database_url.clone(),
            keys: keys.keys.clone(),
            entropy: Arc::new(OsRandom),
            spill_dir: Some(options.spill_dir.clone()),
            connections: 8,
        };
        match Store::open(settings).await {
            Err(error) if error.is_temporary() && tries < TRIES => tries += 1,
            opened => return opened.context("no database"),
        }
    }
}

/// The portal of a crash test has no limit that would slow it down.
fn connector_settings(options: &Options) -> anyhow::Result<ConnectorSettings> {
    let authorities = options.authority.iter().map(std::fs::read_to_string);
    let authorities = authorities.collect::<Result<_, _>>();
    let usual = if options.hasty {
        HASTY
    } else {
        Timeouts::default()
    };
    Ok(ConnectorSettings {
        oauth_servers: vec![options.oauth.clone()],
        client_secret: Some(options.client_secret.clone()),
        allow_loopback: true,
        authorities: authorities.context("the authority's certificate cannot be read")?,
        timeouts: Timeouts {
            refresh: options.timeout,
            ..usual
        },
        pace: Pace {
            burst: 100_000,
            refill: Duration::from_millis(1),
            concurrency: 16,
            ..Pace::default()
        },
        ..ConnectorSettings::new(options.client_id.as_str())
    })
}

fn settings_of(options: &Options) -> Settings {
    let doors = Doors {
        events: "http://127.0.0.1:3000/bitrix/events".to_owned(),
        app: "http://127.0.0.1:3000/bitrix/app".to_owned(),
    };
    Settings {
        refresh: RefreshTimes {
            lease: options.lease,
            patience: options.patience,
            backoff: options.backoff,
            storing: Duration::from_secs(30),
        },
        reading: reading_times(options),
        worker_pace: options.pace,
        ..Settings::new(doors)
    }
}

/// A lease is prolonged three times before it would run out. Whoever ignores leases has ones that are
/// over at once, and does not mind; so does whoever reckons their end by a clock that is behind.
fn reading_times(options: &Options) -> ReadingTimes {
    let at_once = (Duration::from_millis(1), Duration::from_secs(3_600));
    let (lease, heartbeat) = match options.bug {
        Some(Bug::IgnoreReadingLease) => at_once,
        Some(Bug::LeaseByOwnClock) if options.clock_ahead < 0 => at_once,
        _ => (options.reading_lease, options.reading_lease * 3 / 10),
    };
    ReadingTimes {
        lease,
        heartbeat,
        ..ReadingTimes::default()
    }
}
