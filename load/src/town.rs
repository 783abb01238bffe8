//! The simulated cloud, cabinets with portals, and browsers that are logged in to them.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::thread;

use portal_sim::{AppRegistration, Cloud, UserRole};
use tempfile::TempDir;
use tokio::sync::{Semaphore, oneshot};
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::Options;
use crate::figures::figure;
use crate::http::{Asked, Wire};
use crate::server::{Server, free_address};
use crate::wire::{self, LinkAsk};

const PASSWORD: &str = "верблюд идёт по мосту";
/// An account may be logged in to so often at once.
const EACH: usize = 5;
/// How many things are prepared at a time.
const AT_ONCE: usize = 8;
/// So many cabinets after the first have a middling fleet.
const MIDDLING: usize = 10;

/// A browser that is logged in.
#[derive(Clone)]
pub struct Session {
    cookies: String,
    network: String,
    /// The portals of its cabinet.
    pub portals: Arc<Vec<String>>,
}

impl Session {
    /// A browser with these cookies, in this network.
    pub fn of(cookies: &str, network: &str, portals: Arc<Vec<String>>) -> Self {
        Self {
            cookies: cookies.to_owned(),
            network: network.to_owned(),
            portals,
        }
    }

    /// A request of this browser.
    pub fn asks(&self, asked: Asked) -> Asked {
        asked
            .with("cookie", &*self.cookies)
            .with("x-forwarded-for", &*self.network)
    }
}

/// Everything that takes part.
pub struct Town {
    pub cloud: Arc<Cloud>,
    pub server: Server,
    pub wire: Arc<Wire>,
    /// The first one's cabinet has all portals.
    pub sessions: Vec<Session>,
    _folder: TempDir,
}

impl Town {
    /// Starts cloud and server, makes accounts, links portals and logs in.
    pub async fn build(options: &Options) -> Self {
        let began = Instant::now();
        let folder = tempfile::tempdir().unwrap();
        let address = free_address();
        let cloud = cloud(options.portals, format!("http://{address}/bitrix/app")).await;
        let server = Server::start(options, folder.path(), address, cloud.oauth_url()).await;
        let wire = Arc::new(Wire::to(address));
        let sessions = sessions(&wire, &cloud, options.sessions).await;
        link_all(&wire, &cloud, &sessions).await;
        figure(
            "town",
            "built_seconds",
            format!("{:.1}", began.elapsed().as_secs_f64()),
        );
        Self {
            cloud,
            server,
            wire,
            sessions,
            _folder: folder,
        }
    }

    /// Stops the server.
    pub fn end(self) {
        self.server.stop();
    }

    /// Prints what the server took since it had used so much processor time.
    pub fn tell_of_server(&self, scene: &str, cpu_before: f64) {
        let (now, most) = self.server.memory();
        figure(scene, "resident_mib", format!("{now:.0}"));
        figure(scene, "most_resident_mib", format!("{most:.0}"));
        let cpu = self.server.cpu() - cpu_before;
        figure(scene, "server_cpu_seconds", format!("{cpu:.1}"));
    }
}

/// A network of its own for whoever has that number.
pub fn network(kind: u8, number: usize) -> String {
    let number = u32::try_from(number).unwrap();
    Ipv4Addr::from_bits((u32::from(kind) << 24) | number).to_string()
}

/// The cloud, in threads of its own, so that it does not hold up the visitors.
async fn cloud(portals: usize, app_url: String) -> Arc<Cloud> {
    let options = portal_sim::Options {
        portals,
        app: AppRegistration {
            app_url,
            ..AppRegistration::default()
        },
        ..portal_sim::Options::default()
    };
    let (started, starting) = oneshot::channel();
    thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let cloud = Cloud::start(options).await.unwrap();
            let _ = started.send(Arc::new(cloud));
            std::future::pending::<()>().await;
        });
    });
    starting.await.unwrap()
}

/// Which portals the cabinet of that number has: the first one all, a few some, most of them few.
fn portals_of(account: usize, cloud: &Cloud) -> Vec<String> {
    let all: Vec<String> = cloud
        .portals()
        .map(|portal| portal.member_id().to_owned())
        .collect();
    let count = match account {
        0 => return all,
        1..MIDDLING => 20,
        _ => 5,
    };
    let count = count.min(all.len());
    let of = |place: usize| all[(account * count + place) % all.len()].clone();
    (0..count).map(of).collect()
}

fn email(account: usize) -> String {
    format!("owner-{account}@example.ru")
}

async fn sessions(wire: &Arc<Wire>, cloud: &Cloud, count: usize) -> Vec<Session> {
    let accounts = count.div_ceil(EACH);
    let registered = prepared(0..accounts, |account| {
        let wire = Arc::clone(wire);
        async move {
            let email = email(account);
            let fields = [("name", "Анна"), ("email", &*email), ("password", PASSWORD)];
            let form = wire::form("/register", &fields);
            let form = form.with("x-forwarded-for", network(11, account));
            let answer = wire.ask(&form).await.unwrap();
            assert_eq!(answer.status, 303, "an account");
        }
    });
    registered.await;
    let portals: Vec<_> = (0..accounts)
        .map(|account| Arc::new(portals_of(account, cloud)))
        .collect();
    prepared(0..count, |number| {
        let wire = Arc::clone(wire);
        let portals = Arc::clone(&portals[number % accounts]);
        async move { log_in(&wire, number % accounts, number, portals).await }
    })
    .await
}

async fn log_in(wire: &Wire, account: usize, number: usize, portals: Arc<Vec<String>>) -> Session {
    let network = network(12, number);
    let email = email(account);
    let form = wire::form("/login", &[("email", &email), ("password", PASSWORD)]);
    let answer = wire.ask(&form.with("x-forwarded-for", &*network)).await;
    let answer = answer.unwrap();
    assert_eq!(answer.status, 303, "a session");
    let cookies = answer.headers.get_all("set-cookie").iter();
    let cookies: Vec<_> = cookies
        .filter_map(|line| line.to_str().ok()?.split(';').next())
        .collect();
    Session::of(&cookies.join("; "), &network, portals)
}

/// Opens each portal as its administrator does, and links it to its cabinets.
async fn link_all(wire: &Arc<Wire>, cloud: &Arc<Cloud>, sessions: &[Session]) {
    let accounts = sessions.len().div_ceil(EACH);
    let mut cabinets = Vec::new();
    for session in &sessions[..accounts] {
        let page = wire
            .ask(&session.asks(Asked::get("/profile").uncompressed()))
            .await
            .unwrap();
        let token = wire::token(&page.body).expect("a connection token");
        cabinets.push((token, Arc::clone(&session.portals)));
    }
    let cabinets = Arc::new(cabinets);
    let count = cloud.portals().count();
    let linked = prepared(0..count, |number| {
        let (wire, cloud) = (Arc::clone(wire), Arc::clone(cloud));
        let cabinets = Arc::clone(&cabinets);
        async move { link(&wire, &cloud, number, &cabinets).await }
    });
    linked.await;
}

async fn link(wire: &Wire, cloud: &Cloud, number: usize, cabinets: &[(String, Arc<Vec<String>>)]) {
    let portal = cloud.portal(number + 1);
    let (query, body) = portal.opening_form(UserRole::Administrator, "ru");
    let network = network(13, number);
    let opening = wire::opening(&query, body).with("x-forwarded-for", &*network);
    let page = wire.ask(&opening.uncompressed()).await.unwrap();
    assert_eq!(page.status, 200, "the application");
    let bearer = wire::bearer(&page.body).expect("a bearer");
    let member_id = portal.member_id();
    let its = cabinets
        .iter()
        .filter(|(_, portals)| portals.iter().any(|portal| portal == member_id));
    for (token, _) in its {
        let link = wire::call("cabinets", &(LinkAsk::Link(token, 0),))
            .with("authorization", format!("Bearer {bearer}"))
            .with("x-forwarded-for", &*network);
        let answer = wire.ask(&link).await.unwrap();
        assert_eq!(answer.status, 200, "a link");
    }
}

/// Does something for each number, a few at a time; what came of it in their order.
async fn prepared<T, W>(numbers: std::ops::Range<usize>, prepare: impl Fn(usize) -> W) -> Vec<T>
where
    T: Send + 'static,
    W: Future<Output = T> + Send + 'static,
{
    let places = Arc::new(Semaphore::new(AT_ONCE));
    let mut preparing = JoinSet::new();
    for number in numbers {
        let (work, places) = (prepare(number), Arc::clone(&places));
        preparing.spawn(async move {
            let _place = places.acquire().await.unwrap();
            (number, work.await)
        });
    }
    let mut done = preparing.join_all().await;
    done.sort_unstable_by_key(|(number, _)| *number);
    done.into_iter().map(|(_, came)| came).collect()
}
