//! A server over a simulated cloud, and what tests ask of it over and over.

mod form;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::http::{HeaderMap, Method, Request, StatusCode};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use crmap_app::api::{ReadSpecification, RenewSession};
use crmap_app::data::{Content, EmbeddedData};
use crmap_app::document::Operator;
use crmap_app::error::AppError;
use crmap_bitrix::Bitrix24;
use crmap_crm::sample::{Size, sample};
use crmap_crm::{Clock, Doors, FakeCrm, SystemClock};
use crmap_domain::{Lang, Specification};
use crmap_server::router::Leaving;
use crmap_server::{App, Front, OsEntropy, Site, TrustedProxies, router};
use crmap_service::{PasswordCost, Services};
use crmap_store::{KeyRing, Store};
use portal_sim::{Cloud, Options, Portal};
use time::OffsetDateTime;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tower::ServiceExt as _;

pub use form::Form;

pub const CLIENT_ID: &str = "app.sim";
pub const FORM: &str = "application/x-www-form-urlencoded";
pub const POSTCARD: &str = "application/x-postcard";
pub const READ: &str = "/api/specification/read";
pub const RENEW: &str = "/api/session/renew";

/// The machine's clock, which a test can put forward.
#[derive(Default)]
pub struct TestClock(AtomicI64);

impl TestClock {
    pub fn pass(&self, time: time::Duration) {
        self.0.fetch_add(time.whole_seconds(), Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> OffsetDateTime {
        SystemClock.now() + time::Duration::seconds(self.0.load(Ordering::SeqCst))
    }
}

/// Patient enough for a busy machine, so that no test sees a waiting page by accident.
pub fn patient() -> crmap_service::Settings {
    crmap_service::Settings {
        opening_patience: Duration::from_secs(20),
        // What it really costs is measured elsewhere.
        password_cost: PasswordCost {
            memory_kib: 8,
            passes: 1,
            lanes: 1,
        },
        even_answers: Duration::ZERO,
        // What a test changes shows at once.
        readiness_shared: Duration::ZERO,
        ..crmap_service::Settings::new(doors())
    }
}

/// Where the portals of tests are told to find us.
pub fn doors() -> Doors {
    Doors {
        events: "http://127.0.0.1:1/bitrix/events".to_owned(),
        app: "http://127.0.0.1:1/bitrix/app".to_owned(),
    }
}

/// An empty database.
pub async fn store() -> Arc<Store> {
    let keys = KeyRing::generate([7; 32]);
    Arc::new(Store::in_memory(keys, Arc::new(OsEntropy)).await.unwrap())
}

/// A server whose authority and portals are simulated.
pub struct Stand {
    pub cloud: Cloud,
    pub router: Router,
    pub clock: Arc<TestClock>,
}

impl Stand {
    /// Two portals of the demo company.
    pub async fn start() -> Self {
        Self::with(patient()).await
    }

    pub async fn with(settings: crmap_service::Settings) -> Self {
        let cloud = cloud(2).await;
        let clock = Arc::new(TestClock::default());
        let connector = connector(&[cloud.oauth_url()]);
        let router = over(&connector, &clock, settings).await;
        Self {
            cloud,
            router,
            clock,
        }
    }

    pub async fn open(&self, form: &Form) -> Answer {
        open(&self.router, form).await
    }

    pub async fn read(&self, bearer: &str) -> Answer {
        read(&self.router, bearer).await
    }

    /// The names of the REST methods that anybody in the cloud was asked for.
    pub fn outbound(&self) -> Vec<String> {
        let portals = self.cloud.portals().flat_map(Portal::requests);
        let all = self.cloud.oauth_requests().into_iter().chain(portals);
        all.map(|entry| entry.rest_method).collect()
    }
}

pub async fn cloud(portals: usize) -> Cloud {
    let options = Options {
        portals,
        ..Options::default()
    };
    Cloud::start(options).await.unwrap()
}

/// The real connector with the product's own patience, asking `authorities`.
pub fn connector(authorities: &[&str]) -> Bitrix24 {
    let settings = crmap_bitrix::Settings {
        oauth_servers: authorities.iter().map(|url| url.parse().unwrap()).collect(),
        allow_loopback: true,
        ..crmap_bitrix::Settings::new(CLIENT_ID)
    };
    Bitrix24::new(settings, Arc::new(SystemClock)).unwrap()
}

pub async fn over(
    connector: &Bitrix24,
    clock: &Arc<TestClock>,
    settings: crmap_service::Settings,
) -> Router {
    let connector = Arc::new(connector.clone());
    let entropy = Arc::new(OsEntropy);
    let services = Services::new(connector, store().await, clock.clone(), entropy, settings);
    serving(services, Site::without_files())
}

pub fn serving(services: Services, site: Site) -> Router {
    router(app(Arc::new(services), site))
}

/// What the rooms of a server need.
pub fn app(services: Arc<Services>, site: Site) -> App {
    App {
        services,
        site: Arc::new(site),
        front: Arc::new(Front::new(
            &"https://crmap.example".parse().unwrap(),
            TrustedProxies::default(),
        )),
        operator: Arc::new(Operator {
            name: "CRMAP".to_owned(),
            email: "support@crmap.example".to_owned(),
            site: "https://crmap.example".to_owned(),
        }),
        leaving: Leaving::default(),
    }
}

/// A server over a tiny account in memory, whose tokens last for `lifetime`; any token is let in.
pub async fn without_portals(lifetime: time::Duration) -> (Router, Arc<TestClock>) {
    let clock = Arc::new(TestClock::default());
    let services = in_memory(&clock, lifetime).await;
    (serving(services, Site::without_files()), clock)
}

/// The use cases over a tiny account in memory.
pub async fn in_memory(clock: &Arc<TestClock>, lifetime: time::Duration) -> Services {
    over_store(store().await, clock, lifetime)
}

/// The same over a database.
pub fn over_store(store: Arc<Store>, clock: &Arc<TestClock>, lifetime: time::Duration) -> Services {
    let crm = FakeCrm {
        specification: Arc::new(tiny()),
        token: None,
        expires_at: clock.now() + lifetime,
        reading_takes: Duration::ZERO,
        failure: None,
    };
    let entropy = Arc::new(OsEntropy);
    let crm = Arc::new(crm);
    Services::new(crm, store, clock.clone(), entropy, patient())
}

pub fn tiny() -> Specification {
    sample(Size {
        funnels: 1,
        stages: 1,
        fields: 1,
        users: 1,
    })
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value.map_or("", |value| value.to_str().unwrap())
    }

    pub fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }

    /// The data that the page holds for its scripts, where it holds any.
    pub fn island(&self) -> Option<EmbeddedData> {
        let bytes = self.island_bytes()?;
        Some(postcard::from_bytes(&bytes).unwrap())
    }

    /// The same as it is.
    pub fn island_bytes(&self) -> Option<Vec<u8>> {
        let text = String::from_utf8_lossy(&self.body);
        let island = text.split_once("id=\"crmap-data\">")?.1;
        Some(STANDARD.decode(island.split_once('<')?.0).unwrap())
    }

    pub fn bearer(&self) -> String {
        self.island().expect("a page with a session").bearer
    }

    /// What a reading's answer or page says of the portal.
    pub fn specification(&self) -> Specification {
        let content = match self.island() {
            Some(data) => data.content,
            None => panic!("no data in {}", self.text()),
        };
        read_of(content)
    }

    /// The nonce that the policy names.
    pub fn nonce(&self) -> String {
        let policy = self.header("content-security-policy");
        let nonce = policy.split_once("script-src 'nonce-").unwrap().1;
        nonce.split_once('\'').unwrap().0.to_owned()
    }

    /// Whoever may frame the page.
    pub fn ancestors(&self) -> &str {
        let policy = self.header("content-security-policy");
        policy.rsplit_once("frame-ancestors ").unwrap().1
    }

    pub fn content(&self) -> Content {
        assert_eq!(self.status, StatusCode::OK);
        postcard::from_bytes(&self.body).unwrap()
    }

    pub fn app_error(&self) -> AppError {
        assert!(!self.status.is_success());
        postcard::from_bytes(&self.body).unwrap()
    }
}

pub fn read_of(content: Content) -> Specification {
    match content {
        Content::Read(specification) => Specification::clone(&specification),
        other => panic!("the portal was not read: {other:?}"),
    }
}

pub async fn send(router: &Router, request: Request<Body>) -> Answer {
    let response = router.clone().oneshot(request).await.unwrap();
    let (head, body) = response.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap().to_vec();
    Answer {
        status: head.status,
        headers: head.headers,
        body,
    }
}

pub fn request(method: Method, target: &str, body: impl Into<Body>) -> Request<Body> {
    let builder = Request::builder().method(method).uri(target);
    builder
        .header("host", "crmap.example")
        .body(body.into())
        .unwrap()
}

pub async fn open(router: &Router, form: &Form) -> Answer {
    let mut opening = request(Method::POST, &form.target(), form.encoded_body());
    opening
        .headers_mut()
        .insert(CONTENT_TYPE, FORM.parse().unwrap());
    // The browser says so of every form that a portal posts.
    for (name, value) in [
        ("origin", "https://demo.bitrix24.ru"),
        ("sec-fetch-site", "cross-site"),
    ] {
        opening.headers_mut().insert(name, value.parse().unwrap());
    }
    send(router, opening).await
}

/// A call of a server function as the page's script makes it.
pub fn call(target: &str, bearer: Option<&str>, arguments: Vec<u8>) -> Request<Body> {
    let mut call = request(Method::POST, target, arguments);
    let headers = call.headers_mut();
    headers.insert(CONTENT_TYPE, POSTCARD.parse().unwrap());
    headers.insert("origin", "https://crmap.example".parse().unwrap());
    headers.insert("sec-fetch-site", "same-origin".parse().unwrap());
    if let Some(bearer) = bearer {
        headers.insert(AUTHORIZATION, format!("Bearer {bearer}").parse().unwrap());
    }
    call
}

pub fn nothing() -> Vec<u8> {
    postcard::to_allocvec(&ReadSpecification {}).unwrap()
}

pub async fn read(router: &Router, bearer: &str) -> Answer {
    send(router, call(READ, Some(bearer), nothing())).await
}

/// Asks for a new session with `token`, for the portal that the page belongs to.
pub async fn renew(router: &Router, token: &str, member_id: &str, address: &str) -> Answer {
    let arguments = RenewSession {
        access_token: token.to_owned(),
        member_id: member_id.to_owned(),
        address: address.to_owned(),
        lang: Lang::Ru,
    };
    let arguments = postcard::to_allocvec(&arguments).unwrap();
    send(router, call(RENEW, None, arguments)).await
}

/// Puts the server on a real port.
pub async fn listen(router: Router) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = router.into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

/// Sends bytes as they are and gives back whatever comes until the server closes; nothing when it
/// closes without a word.
pub async fn exchange(server: SocketAddr, bytes: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(server).await.unwrap();
    // A server that has heard enough may close in the middle.
    let _ = stream.write_all(bytes).await;
    let mut answer = Vec::new();
    let read = tokio::time::timeout(Duration::from_secs(10), stream.read_to_end(&mut answer));
    let _ = read.await.expect("the server neither answers nor closes");
    answer
}

/// The status of an answer as it came over the wire.
pub fn status_of(answer: &[u8]) -> Option<u16> {
    let line = answer.split(|byte| *byte == b'\r').next()?;
    let line = std::str::from_utf8(line).ok()?;
    line.split(' ').nth(1)?.parse().ok()
}

/// Somebody who should never hear anything, on a loopback address of its own.
pub struct Canary {
    address: SocketAddr,
    heard: Arc<AtomicUsize>,
}

impl Canary {
    pub async fn listen() -> Self {
        let listener = TcpListener::bind("127.0.0.99:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let heard = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&heard);
        tokio::spawn(async move {
            while let Ok(_connection) = listener.accept().await {
                count.fetch_add(1, Ordering::SeqCst);
            }
        });
        Self { address, heard }
    }

    pub fn address(&self) -> String {
        self.address.to_string()
    }

    /// How often somebody connected, let alone spoke. Connections are heard in their order: when
    /// our own one was, so were all before it, and it shows that the canary does hear.
    pub async fn heard(&self) -> usize {
        let before = self.heard.load(Ordering::SeqCst);
        let _own = TcpStream::connect(self.address).await.unwrap();
        for _ in 0..1_000 {
            tokio::time::sleep(Duration::from_millis(5)).await;
            let now = self.heard.load(Ordering::SeqCst);
            if now > before {
                return now - 1;
            }
        }
        panic!("the canary is deaf");
    }
}

/// An empty folder that belongs to one test.
pub fn folder(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}
