//! The use cases as the server puts them together, and the owner of a cabinet.

use std::net::{IpAddr, Ipv4Addr};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crmap_bitrix::{Bitrix24, Opening, Settings as ConnectorSettings};
use crmap_crashbox::OsRandom;
use crmap_crm::{Clock, Doors, SystemClock};
use crmap_domain::Lang;
use crmap_domain::cabinet::Level;
use crmap_service::{Arrival, Entered, LogIn, Registration, Services, Settings, Visitor};
use crmap_store::{KeyRing, Store, StoreSettings};
use secrecy::{ExposeSecret, SecretString};
use sqlx::{AnyConnection, Connection, Row};
use time::OffsetDateTime;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::Opened;

const PASSWORD: &str = "верблюд идёт по мосту";
/// What the secrets of each run are sealed with.
pub fn keys() -> KeyRing {
    KeyRing::generate([7; 32])
}

/// How many portals are installed and linked at a time.
const AT_ONCE: usize = 8;

/// The machine's clock, put forward.
#[derive(Default)]
pub struct Shifted(AtomicU64);

impl Shifted {
    pub fn pass(&self, time: Duration) {
        self.0.fetch_add(time.as_secs(), Ordering::SeqCst);
    }
}

impl Clock for Shifted {
    fn now(&self) -> OffsetDateTime {
        SystemClock.now() + Duration::from_secs(self.0.load(Ordering::SeqCst))
    }
}

pub struct Owner {
    pub entered: Entered,
    token: String,
}

pub struct Machine {
    pub services: Arc<Services>,
    pub clock: Arc<Shifted>,
}

impl Machine {
    pub async fn start(url: &str, folder: &Path, oauth: &str) -> Self {
        let store = StoreSettings {
            url: SecretString::from(url),
            keys: keys(),
            entropy: Arc::new(OsRandom),
            spill_dir: Some(folder.join("spill")),
            connections: 8,
        };
        let store = Arc::new(Store::open(store).await.unwrap());
        let clock = Arc::new(Shifted::default());
        let settings = ConnectorSettings {
            oauth_servers: vec![oauth.parse().unwrap()],
            client_secret: Some("simulated-client-secret".into()),
            allow_loopback: true,
            ..ConnectorSettings::new("app.sim")
        };
        let connector = Bitrix24::new(settings, clock.clone()).unwrap();
        let doors = Doors {
            events: "http://127.0.0.1:3000/bitrix/events".to_owned(),
            app: "http://127.0.0.1:3000/bitrix/app".to_owned(),
        };
        let services = Services::new(
            Arc::new(connector),
            store,
            clock.clone(),
            Arc::new(OsRandom),
            Settings {
                opening_patience: Duration::from_secs(30),
                ..Settings::new(doors)
            },
        );
        Self {
            services: Arc::new(services),
            clock,
        }
    }

    pub async fn owner(&self) -> Owner {
        let (services, visitor) = (&self.services, visitor(0));
        let email = "owner@example.ru".to_owned();
        let form = Registration {
            name: "Анна".to_owned(),
            email: email.clone(),
            password: PASSWORD.into(),
            lang: Lang::Ru,
        };
        services.register(form, &visitor).await.unwrap();
        let form = LogIn {
            email,
            password: PASSWORD.into(),
        };
        let given = services.log_in(form, &visitor, None, None).await.unwrap();
        let cookie = given.cookie.expose_secret();
        let entered = services.enter(cookie, &visitor).await.unwrap();
        let token = services.connection_token(&entered).await.unwrap();
        Owner {
            entered,
            token: token.expose_secret().to_owned(),
        }
    }

    /// Installs every portal and links it, as its administrator does.
    pub async fn link_all(&self, owner: &Owner, portals: Vec<Opened>) {
        let places = Arc::new(Semaphore::new(AT_ONCE));
        let mut linking = JoinSet::new();
        for (number, opened) in portals.into_iter().enumerate() {
            let (services, places) = (Arc::clone(&self.services), Arc::clone(&places));
            let token = owner.token.clone();
            linking.spawn(async move {
                let _place = places.acquire().await.unwrap();
                link(&services, &opened, &token, number).await;
            });
        }
        linking.join_all().await;
    }
}

async fn link(services: &Arc<Services>, opened: &Opened, token: &str, number: usize) {
    let opening = Opening::parse(&opened.query, opened.body.as_bytes()).unwrap();
    let arrival = Arrival {
        claim: opening.claim,
        refresh_token: opening.refresh_token,
        application_token: opening.application_token,
    };
    let installer = services.begin_install(arrival, Lang::Ru).await.unwrap();
    let report = services.install(&installer.session).await;
    assert!(report.finished, "{report:?}");
    // Everybody comes from a network of their own: tries are counted by those.
    let visitor = visitor(number);
    let linked = services
        .link_cabinet(&installer.session, token, Level::Read, &visitor)
        .await;
    linked.unwrap();
}

fn visitor(number: usize) -> Visitor {
    let number = u32::try_from(number).unwrap();
    Visitor {
        ip: IpAddr::V4(Ipv4Addr::from_bits(0xc612_0000 + number)),
        agent: "Firefox".to_owned(),
    }
}

/// How much the database holds.
pub async fn stored_bytes(url: &str) -> i64 {
    let mut connection = AnyConnection::connect(url).await.unwrap();
    let bytes = if url.starts_with("sqlite") {
        let pages = number(&mut connection, "pragma page_count").await
            - number(&mut connection, "pragma freelist_count").await;
        pages * number(&mut connection, "pragma page_size").await
    } else {
        sqlx::query("vacuum")
            .execute(&mut connection)
            .await
            .unwrap();
        let sizes = "select cast(sum(pg_total_relation_size(pg_class.oid)) as bigint) from pg_class \
                     join pg_namespace on pg_namespace.oid = relnamespace \
                     where nspname = current_schema() and relkind = 'r'";
        number(&mut connection, sizes).await
    };
    connection.close().await.unwrap();
    bytes
}

async fn number(connection: &mut AnyConnection, sql: &'static str) -> i64 {
    let row = sqlx::query(sql).fetch_one(connection).await.unwrap();
    row.try_get(0).unwrap()
}
