//! A whole server on a real port: the real connector over the simulated cloud, a real database, and
//! the worker behind it; on SQLite and on PostgreSQL.

mod schema;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::http::{Method, StatusCode};
use crmap_bitrix::Bitrix24;
use crmap_crm::Clock as _;
use crmap_crm::Doors;
use crmap_domain::{MemberId, PortalState};
use crmap_server::{OsEntropy, Site, router};
use crmap_service::{Mailer, RefreshTimes, Services, StoreJournal, StorePace};
use crmap_store::{Chain, KeyRing, Portal as Known, Store, StoreSettings};
use portal_sim::{AppRegistration, Cloud, Options, Portal, UserRole};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::support::{
    Answer, CLIENT_ID, FORM, Form, TestClock, app, folder, patient, request, send,
};

use schema::url_of_schema;
pub use schema::{ask_schema, dump_of_schema, name_of_schema, new_schema, socket, tamper};

/// Where people find the cabinet.
pub const SITE: &str = "https://crmap.example";

/// The secret of the simulated application.
pub const CLIENT_SECRET: &str = "client-secret-of-the-tests";

/// Which database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Base {
    Sqlite,
    Postgres,
}

/// Runs a story on both databases.
macro_rules! on_both {
    ($($(#[$meta:meta])* $name:ident)+) => {
        mod on_sqlite {
            $($(#[$meta])* #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() { super::$name($crate::house::Base::Sqlite).await; })+
        }
        mod on_postgres {
            $($(#[$meta])* #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() { super::$name($crate::house::Base::Postgres).await; })+
        }
    };
}
pub(crate) use on_both;

/// The server with everything around it.
pub struct House {
    pub cloud: Cloud,
    pub router: Router,
    pub services: Arc<Services>,
    pub store: Arc<Store>,
    pub clock: Arc<TestClock>,
    address: String,
    base: Base,
    folder: PathBuf,
    mailer: Option<Arc<dyn Mailer>>,
    backoff: Duration,
    stop: watch::Sender<bool>,
    working: JoinHandle<()>,
    serving: JoinHandle<()>,
}

/// What a house has beside the usual.
pub struct Furniture {
    /// How many portals there are.
    pub portals: usize,
    /// The way to a mail server.
    pub mailer: Option<Arc<dyn Mailer>>,
    /// How long the authority is left alone after it refused a portal.
    pub backoff: Duration,
}

impl Default for Furniture {
    fn default() -> Self {
        Self {
            portals: 2,
            mailer: None,
            backoff: RefreshTimes::default().backoff,
        }
    }
}

impl House {
    /// Two portals of which none has the application yet.
    pub async fn new(name: &str, base: Base) -> Self {
        Self::furnished(name, base, Furniture::default()).await
    }

    /// As [`new`](Self::new), with other furniture.
    pub async fn furnished(name: &str, base: Base, furniture: Furniture) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let Furniture {
            portals,
            mailer,
            backoff,
        } = furniture;
        let cloud = cloud_of(portals, &address).await;
        let folder = folder(&format!("house-{name}-{base:?}"));
        let store = Arc::new(store(&folder, base).await);
        let clock = Arc::new(TestClock::default());
        let services = services(&cloud, &store, &clock, &address, (mailer.clone(), backoff));
        let router = router(app(Arc::clone(&services), Site::without_files()));
        let (stop, stopped) = watch::channel(false);
        let mut leaving = stopped.clone();
        let working = tokio::spawn(Arc::clone(&services).work(stopped));
        let service = router
            .clone()
            .into_make_service_with_connect_info::<SocketAddr>();
        let leaving = async move { drop(leaving.wait_for(|left| *left).await) };
        let serving = axum::serve(listener, service).with_graceful_shutdown(leaving);
        let serving = tokio::spawn(async move { serving.await.unwrap() });
        Self {
            cloud,
            router,
            services,
            store,
            clock,
            address,
            base,
            folder,
            mailer,
            backoff,
            stop,
            working,
            serving,
        }
    }

    /// Ends the server. What stays is the cloud, and the database in its folder.
    pub async fn move_out(self) -> (Cloud, PathBuf) {
        self.stop.send_replace(true);
        self.working.await.unwrap();
        self.serving.await.unwrap();
        drop((self.router, self.services));
        // What was still to be recorded is written down first.
        let mut store = self.store;
        for _ in 0..400 {
            match Arc::try_unwrap(store) {
                Ok(last) => {
                    last.close().await;
                    return (self.cloud, self.folder);
                }
                Err(shared) => store = shared,
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        panic!("{} still have the database", Arc::strong_count(&store));
    }

    /// Another process over the same database, as far as that can be within one: nothing in memory
    /// is shared; over PostgreSQL, no connection either.
    pub async fn neighbour(&self) -> Router {
        let store = match self.base {
            // A file is one process's.
            Base::Sqlite => Arc::clone(&self.store),
            Base::Postgres => {
                let url = url_of_schema(&self.folder);
                Arc::new(open_store(url, &self.folder.join("neighbour")).await)
            }
        };
        let (clock, mailer) = (&self.clock, self.mailer.clone());
        let services = services(
            &self.cloud,
            &store,
            clock,
            &self.address,
            (mailer, self.backoff),
        );
        router(app(services, Site::without_files()))
    }

    /// A backup of its database, as of now.
    pub async fn backed_up(&self) -> PathBuf {
        let file = self.folder.join("taken.backup");
        Store::back_up(&self.url(), &file).await.unwrap();
        file
    }

    /// The server goes on over a database of that kind, which a backup was brought back into. What
    /// portals tell the old one from now on is lost.
    pub async fn come_back(&mut self, backup: &Path, base: Base) {
        self.stop.send(true).unwrap();
        self.base = base;
        let name = self.folder.file_name().unwrap().to_str().unwrap();
        self.folder = folder(&format!("{name}-back"));
        if base == Base::Postgres {
            new_schema(&self.folder);
        }
        let (url, keys) = (self.url(), KeyRing::generate([7; 32]));
        Store::restore(&url, backup, &keys, None, self.clock.now())
            .await
            .unwrap();
        self.store = Arc::new(open_store(url.expose_secret().to_owned(), &self.folder).await);
        let (clock, mailer) = (&self.clock, self.mailer.clone());
        let way = (mailer, self.backoff);
        self.services = services(&self.cloud, &self.store, clock, &self.address, way);
        self.router = router(app(Arc::clone(&self.services), Site::without_files()));
        let (stop, stopped) = watch::channel(false);
        self.stop = stop;
        self.working = tokio::spawn(Arc::clone(&self.services).work(stopped));
    }

    fn url(&self) -> SecretString {
        match self.base {
            Base::Sqlite => format!("sqlite://{}/crmap.db", self.folder.display()).into(),
            Base::Postgres => url_of_schema(&self.folder).into(),
        }
    }

    /// The first portal, with the application installed as a person does it.
    pub async fn installed(name: &str, base: Base) -> Self {
        let house = Self::new(name, base).await;
        house.install(1).await;
        house
    }

    /// Neither a portal nor the authority was asked anything.
    pub fn has_asked_nobody(&self) {
        assert_eq!(self.cloud.oauth_requests().len(), 0);
        let mut portals = self.cloud.portals();
        assert!(portals.all(|portal| portal.requests().is_empty()));
    }

    pub fn portal(&self) -> &Portal {
        self.cloud.portal(1)
    }

    pub fn member_id(&self) -> MemberId {
        MemberId::parse(self.portal().member_id()).unwrap()
    }

    /// From «Установить» in the portal to the end of the installation.
    pub async fn install(&self, number: usize) {
        let portal = self.cloud.portal(number);
        portal.install(portal.world().user_id(UserRole::Administrator));
        let offer = self
            .open_at("/bitrix/install", portal, UserRole::Administrator)
            .await;
        assert_eq!(offer.status, StatusCode::OK, "{}", offer.text());
        let done = self.consent(&offer).await;
        assert_eq!(done.status, StatusCode::OK, "{}", done.text());
        assert!(
            done.text().contains("data-finish-install"),
            "{}",
            done.text()
        );
        portal.finish_install();
    }

    pub async fn open(&self, role: UserRole) -> Answer {
        self.open_at("/bitrix/app", self.portal(), role).await
    }

    pub async fn open_at(&self, door: &'static str, portal: &Portal, role: UserRole) -> Answer {
        self.post_form(door, &Form::of(portal, role)).await
    }

    pub async fn post_form(&self, door: &'static str, form: &Form) -> Answer {
        let target = form.clone().to(door).target();
        let mut opening = request(Method::POST, &target, form.encoded_body());
        let headers = opening.headers_mut();
        headers.insert(CONTENT_TYPE, FORM.parse().unwrap());
        headers.insert("sec-fetch-site", "cross-site".parse().unwrap());
        send(&self.router, opening).await
    }

    /// Presses the button of the installer's page.
    pub async fn consent(&self, offer: &Answer) -> Answer {
        self.consent_before(&self.router, offer).await
    }

    /// The same before another process.
    pub async fn consent_before(&self, router: &Router, offer: &Answer) -> Answer {
        let fields =
            ["bearer", "lang", "origin", "user_name"].map(|name| (name, hidden(offer, name)));
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(&fields)
            .finish();
        let mut press = request(Method::POST, "/bitrix/install/complete", body);
        let headers = press.headers_mut();
        headers.insert(CONTENT_TYPE, FORM.parse().unwrap());
        headers.insert("sec-fetch-site", "same-origin".parse().unwrap());
        headers.insert("origin", "http://crmap.example".parse().unwrap());
        send(router, press).await
    }

    /// A portal posts an event by hand.
    pub async fn post_event(&self, body: &str) -> Answer {
        let mut event = request(Method::POST, "/bitrix/events", body.to_owned());
        event
            .headers_mut()
            .insert(CONTENT_TYPE, FORM.parse().unwrap());
        send(&self.router, event).await
    }

    pub async fn known(&self) -> Option<Known> {
        self.store.portal(&self.member_id()).await.unwrap()
    }

    pub async fn state(&self) -> Option<PortalState> {
        self.known().await.map(|portal| portal.state)
    }

    /// The chains of tokens that are kept of the first portal.
    pub async fn chains(&self) -> Vec<Chain> {
        self.store.chains(&self.member_id()).await.unwrap()
    }

    /// Waits until the first portal is in this state.
    pub async fn becomes(&self, state: PortalState) {
        self.until(state.code(), async || self.state().await == Some(state))
            .await;
    }

    /// Waits until it is so; the worker looks every few moments.
    pub async fn until<F: AsyncFn() -> bool>(&self, what: &str, so: F) {
        for _ in 0..1_600 {
            if so().await {
                return;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        panic!("it never came about: {what}");
    }

    /// Time passes here and in the cloud.
    pub fn pass(&self, time: Duration) {
        self.clock.pass(time.try_into().unwrap());
        self.cloud.pass(time);
    }

    /// Where its files are, and by which its schema is named.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Does something to the house's schema that no program of ours would do.
    pub fn tamper(&self, sql: &str) {
        tamper(&self.folder, sql);
    }

    /// Everything that stands in the house's schema.
    pub fn dump(&self) -> String {
        String::from_utf8(dump_of_schema(&self.folder)).unwrap()
    }

    /// Everything that the portal wants to tell has been told.
    pub async fn events_told(&self) {
        self.portal().events_settled().await;
    }
}

/// The value of a hidden field of a page.
pub fn hidden(page: &Answer, name: &str) -> String {
    let text = page.text();
    let field = text
        .split("<input")
        .find(|part| part.contains(&format!("name=\"{name}\"")))
        .unwrap_or_else(|| panic!("no field {name} in {text}"));
    let value = field.split_once("value=\"").unwrap().1;
    value.split('"').next().unwrap().replace("&amp;", "&")
}

/// Two portals without the application of the server at `address`.
pub async fn cloud(address: &str) -> Cloud {
    cloud_of(2, address).await
}

async fn cloud_of(portals: usize, address: &str) -> Cloud {
    let options = Options {
        portals,
        not_installed: true,
        spare_addresses: 2,
        app: AppRegistration {
            client_id: CLIENT_ID.to_owned(),
            client_secret: CLIENT_SECRET.to_owned(),
            app_url: format!("http://{address}/bitrix/app"),
            ..AppRegistration::default()
        },
        ..Options::default()
    };
    Cloud::start(options).await.unwrap()
}

pub async fn store(folder: &Path, base: Base) -> Store {
    let url = match base {
        Base::Sqlite => format!("sqlite://{}/crmap.db", folder.display()),
        Base::Postgres => new_schema(folder),
    };
    open_store(url, folder).await
}

/// The database at `url`, with whatever it keeps beside it in `folder`.
pub async fn open_store(url: String, folder: &Path) -> Store {
    let settings = StoreSettings {
        url: url.into(),
        keys: KeyRing::generate([7; 32]),
        entropy: Arc::new(OsEntropy),
        spill_dir: Some(folder.join("spill")),
        connections: 8,
    };
    Store::open(settings).await.unwrap()
}

fn services(
    cloud: &Cloud,
    store: &Arc<Store>,
    clock: &Arc<TestClock>,
    address: &str,
    (mailer, backoff): (Option<Arc<dyn Mailer>>, Duration),
) -> Arc<Services> {
    let settings = crmap_bitrix::Settings {
        oauth_servers: vec![cloud.oauth_url().parse().unwrap()],
        client_secret: Some(CLIENT_SECRET.into()),
        allow_loopback: true,
        ..crmap_bitrix::Settings::new(CLIENT_ID)
    };
    let (journal, _writer) = StoreJournal::start(Arc::clone(store));
    let connector = Bitrix24::new(settings, clock.clone())
        .unwrap()
        .with_journal(Arc::new(journal))
        .with_shared_pace(Arc::new(StorePace::new(Arc::clone(store))));
    let settings = crmap_service::Settings {
        doors: Doors {
            events: format!("http://{address}/bitrix/events"),
            app: format!("http://{address}/bitrix/app"),
        },
        worker_pace: Duration::from_millis(100),
        site: SITE.to_owned(),
        mailer,
        refresh: RefreshTimes {
            backoff,
            ..RefreshTimes::default()
        },
        ..patient()
    };
    Arc::new(Services::new(
        Arc::new(connector),
        Arc::clone(store),
        clock.clone(),
        Arc::new(OsEntropy),
        settings,
    ))
}
