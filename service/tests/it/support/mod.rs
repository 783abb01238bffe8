//! The use cases over a database in memory, a clock that the test sets, and a CRM on strings.

mod world;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use crmap_crm::{Clock, Doors, OpeningClaim};
use crmap_domain::{Lang, MemberId};
use crmap_service::{
    Arrival, Entropy, Notice, NoticeKind, Opened, PasswordCost, RefreshTimes, Services, Session,
    Settings,
};
use crmap_store::{Chain, KeyRing, Portal, Store};
use secrecy::SecretString;
use time::OffsetDateTime;
use time::macros::datetime;

pub use world::{Mood, World};

use world::Connector;

pub const START: OffsetDateTime = datetime!(2026-03-01 12:00 UTC);
pub const ADMIN: i64 = 1;
pub const EMPLOYEE: i64 = 12;
pub const EVENTS: &str = "application-token-of-the-portal";

/// Bytes that are different each time.
#[derive(Default)]
pub struct Counting(AtomicI64);

impl Entropy for Counting {
    fn fill(&self, bytes: &mut [u8]) {
        for byte in bytes {
            // Mixed well: names of rows must not come again after some thousands of them.
            let number = self.0.fetch_add(1, Ordering::SeqCst) as u64;
            let mixed = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
            let mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            *byte = (mixed >> 56) as u8;
        }
    }
}

pub struct TestClock(AtomicI64);

impl TestClock {
    pub fn pass(&self, time: time::Duration) {
        self.0.fetch_add(time.whole_seconds(), Ordering::SeqCst);
    }

    /// What it shows.
    pub fn shown(&self) -> OffsetDateTime {
        self.now()
    }
}

impl Clock for TestClock {
    fn now(&self) -> OffsetDateTime {
        START + time::Duration::seconds(self.0.load(Ordering::SeqCst))
    }
}

/// Everything together.
pub struct Stand {
    pub world: Arc<World>,
    pub services: Arc<Services>,
    pub store: Arc<Store>,
    pub clock: Arc<TestClock>,
    pub portal: MemberId,
    entropy: Arc<Counting>,
}

impl Stand {
    pub async fn new() -> Self {
        Self::with(settings()).await
    }

    pub async fn with(settings: Settings) -> Self {
        let portal = member(1);
        let world = Arc::new(World::new(&portal));
        let entropy = Arc::new(Counting::default());
        let keys = KeyRing::generate([7; 32]);
        let store = Store::in_memory(keys, entropy.clone()).await.unwrap();
        let (store, clock) = (Arc::new(store), Arc::new(TestClock(AtomicI64::new(0))));
        let connector = Arc::new(Connector(Arc::clone(&world)));
        let services = Services::new(
            connector,
            Arc::clone(&store),
            clock.clone(),
            entropy.clone(),
            settings,
        );
        Self {
            world,
            services: Arc::new(services),
            store,
            clock,
            portal,
            entropy,
        }
    }

    /// Another process over the same database and the same CRM.
    pub fn another(&self, settings: Settings) -> Arc<Services> {
        Arc::new(Services::new(
            Arc::new(Connector(Arc::clone(&self.world))),
            Arc::clone(&self.store),
            self.clock.clone(),
            self.entropy.clone(),
            settings,
        ))
    }

    /// With the portal installed by its administrator and opened by an employee.
    pub async fn installed() -> Self {
        let stand = Self::new().await;
        stand.install().await;
        stand.open(EMPLOYEE).await;
        stand.world.forget();
        stand
    }

    pub fn arrival(&self, user: i64) -> Arrival {
        self.arrival_at(&self.portal, user)
    }

    pub fn arrival_at(&self, portal: &MemberId, user: i64) -> Arrival {
        let (access, refresh) = self.world.pair(portal, user);
        Arrival {
            claim: OpeningClaim {
                access_token: access.into(),
                member_id: portal.clone(),
                address: "demo.example".to_owned(),
            },
            refresh_token: Some(refresh.into()),
            application_token: Some(SecretString::from(EVENTS)),
        }
    }

    pub async fn install(&self) {
        self.install_by(self.arrival(ADMIN)).await;
    }

    /// From the installer's opening to the end of the installation.
    pub async fn install_by(&self, arrival: Arrival) {
        let installer = self.services.begin_install(arrival, Lang::Ru).await;
        let report = self.services.install(&installer.unwrap().session).await;
        assert!(report.finished, "{report:?}");
    }

    pub async fn open(&self, user: i64) -> Arc<Session> {
        self.open_by(self.arrival(user)).await
    }

    pub async fn open_by(&self, arrival: Arrival) -> Arc<Session> {
        match self.services.open(arrival, Lang::Ru).await {
            Ok(Opened::Page(page)) => page.session,
            Ok(_) => panic!("another page came"),
            Err(error) => panic!("{error}"),
        }
    }

    pub async fn known(&self) -> Option<Portal> {
        self.store.portal(&self.portal).await.unwrap()
    }

    /// One round of the worker.
    pub async fn work(&self) {
        self.services.round(true).await.unwrap();
    }

    /// The portal says farewell, and that is acted upon.
    pub async fn leave(&self, clean: bool) {
        self.services.receive(&self.farewell(clean)).await.unwrap();
        self.work().await;
    }

    /// The chain of one user, which is there.
    pub async fn chain(&self, user: i64) -> Chain {
        let chain = self.store.chain(&self.portal, user).await.unwrap();
        chain.unwrap()
    }

    /// The chains of tokens that are kept of the portal.
    pub async fn chains(&self) -> Vec<Chain> {
        self.store.chains(&self.portal).await.unwrap()
    }

    /// What is done behind the page's back is done.
    pub async fn settle<F: AsyncFn() -> bool>(&self, done: F) {
        for _ in 0..4_000 {
            if done().await {
                return;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        panic!("it never came about");
    }

    pub fn farewell(&self, clean: bool) -> Notice {
        self.notice(NoticeKind::Left { clean })
    }

    /// A notice with the portal's own secret, sent now.
    pub fn notice(&self, kind: NoticeKind) -> Notice {
        let now = self.clock.now();
        let mut digest = [0; 32];
        digest[..8].copy_from_slice(&now.unix_timestamp().to_le_bytes());
        digest[8] = match kind {
            NoticeKind::Left { clean: true } => 1,
            NoticeKind::Left { clean: false } => 2,
            _ => 3,
        };
        Notice {
            member_id: self.portal.clone(),
            kind,
            application_token: Some(SecretString::from(EVENTS)),
            sent_at: Some(now),
            digest,
        }
    }
}

pub fn member(number: u8) -> MemberId {
    MemberId::parse(&format!("{number:032x}")).unwrap()
}

/// Waits long for portals, and hashes passwords fast.
pub fn settings() -> Settings {
    let doors = Doors {
        events: "https://crmap.example/bitrix/events".to_owned(),
        app: "https://crmap.example/bitrix/app".to_owned(),
    };
    Settings {
        opening_patience: Duration::from_secs(20),
        password_cost: PasswordCost {
            memory_kib: 64,
            passes: 1,
            lanes: 1,
        },
        even_answers: Duration::ZERO,
        refresh: RefreshTimes {
            lease: Duration::from_secs(5),
            patience: Duration::from_secs(2),
            backoff: Duration::from_millis(1),
            storing: Duration::from_secs(1),
        },
        ..Settings::new(doors)
    }
}
