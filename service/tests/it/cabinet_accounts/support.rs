//! A door with a clock that the test turns and a mail server that keeps what it is given.

use std::collections::VecDeque;
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use crmap_crm::{
    Access, Clock, CrmAccount, CrmConnector, CrmError, Doors, FreshTokens, OpeningClaim,
    ProvenOpening, RefreshError, RefreshRequest,
};
use crmap_domain::cabinet::{DeedKind, Denial};
use crmap_domain::{Lang, MemberId};
use crmap_service::{
    Entered, LogIn, LoggedIn, Mail, MailError, MailTimes, Mailer, PasswordCost, Registration,
    Services, Settings, Visitor,
};
use crmap_store::{KeyRing, Store};
use secrecy::{ExposeSecret, SecretString};
use time::OffsetDateTime;

use crate::support::{Counting, START};

pub const PASSWORD: &str = "correct horse battery staple";
pub const OTHER: &str = "синий трактор едет в огород";

/// Fast, and weaker than what is used in earnest.
pub const CHEAP: PasswordCost = PasswordCost {
    memory_kib: 64,
    passes: 1,
    lanes: 1,
};

/// A clock that the test turns.
#[derive(Default)]
pub struct Hand(AtomicI64);

impl Hand {
    pub fn pass(&self, time: time::Duration) {
        self.0.fetch_add(time.whole_seconds(), Ordering::SeqCst);
    }
}

impl Clock for Hand {
    fn now(&self) -> OffsetDateTime {
        START + time::Duration::seconds(self.0.load(Ordering::SeqCst))
    }
}

/// A mail server.
#[derive(Default)]
pub struct Postman {
    taken: Mutex<Vec<Mail>>,
    /// What it answers first; then it takes everything.
    answers: Mutex<VecDeque<MailError>>,
    /// It takes mails and does not say so.
    pub is_silent: AtomicBool,
    /// It takes its time, and says so.
    pub is_slow: AtomicBool,
}

impl Postman {
    pub fn taken(&self) -> Vec<Mail> {
        self.taken.lock().unwrap().clone()
    }

    pub fn answers(&self, error: &MailError, times: usize) {
        let mut answers = self.answers.lock().unwrap();
        answers.extend(std::iter::repeat_n(error.clone(), times));
    }
}

#[async_trait]
impl Mailer for Postman {
    async fn send(&self, mail: &Mail) -> Result<(), MailError> {
        if let Some(error) = self.answers.lock().unwrap().pop_front() {
            return Err(error);
        }
        self.taken.lock().unwrap().push(mail.clone());
        if self.is_slow.load(Ordering::SeqCst) {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        if self.is_silent.load(Ordering::SeqCst) {
            std::future::pending::<()>().await;
        }
        Ok(())
    }
}

/// Nobody asks a portal here.
struct NoPortals;

#[async_trait]
impl CrmConnector for NoPortals {
    fn account(&self, _access: &Access) -> Result<Arc<dyn CrmAccount>, CrmError> {
        unreachable!()
    }

    async fn prove_opening(&self, _claim: &OpeningClaim) -> Result<ProvenOpening, CrmError> {
        unreachable!()
    }

    async fn prove_token(
        &self,
        _access_token: &SecretString,
        _member_id: &MemberId,
    ) -> Result<ProvenOpening, CrmError> {
        unreachable!()
    }

    async fn refresh(&self, _request: &RefreshRequest) -> Result<FreshTokens, RefreshError> {
        unreachable!()
    }
}

/// Everything together.
pub struct Door {
    pub services: Arc<Services>,
    pub store: Arc<Store>,
    pub clock: Arc<Hand>,
    pub postman: Arc<Postman>,
    entropy: Arc<Counting>,
}

impl Door {
    pub async fn new() -> Self {
        let entropy = Arc::new(Counting::default());
        let keys = KeyRing::generate([7; 32]);
        let store = Store::in_memory(keys, entropy.clone()).await.unwrap();
        let (store, clock) = (Arc::new(store), Arc::new(Hand::default()));
        let postman = Arc::new(Postman::default());
        let settings = settings(Some(postman.clone()));
        let services = services(&store, &clock, &entropy, settings);
        Self {
            services,
            store,
            clock,
            postman,
            entropy,
        }
    }

    /// With Anna's account, and nothing in the mail.
    pub async fn with_anna() -> Self {
        let door = Self::new().await;
        door.register("anna@example.ru", PASSWORD).await.unwrap();
        door
    }

    /// Another process over the same database.
    pub fn another(&self, change: impl FnOnce(&mut Settings)) -> Arc<Services> {
        let mut settings = settings(Some(self.postman.clone()));
        change(&mut settings);
        services(&self.store, &self.clock, &self.entropy, settings)
    }

    pub async fn register(&self, email: &str, password: &str) -> Result<(), Denial> {
        self.services
            .register(form(email, password), &unseen())
            .await
    }

    /// As a stranger from a network of his own.
    pub async fn log_in(&self, email: &str, password: &str) -> Result<LoggedIn, Denial> {
        self.log_in_from(&unseen(), email, password).await
    }

    pub async fn log_in_from(
        &self,
        visitor: &Visitor,
        email: &str,
        password: &str,
    ) -> Result<LoggedIn, Denial> {
        let log_in = log_in(email, password);
        self.services.log_in(log_in, visitor, None, None).await
    }

    /// Anna in a browser of her own.
    pub async fn anna(&self) -> Entered {
        let logged_in = self.log_in("anna@example.ru", PASSWORD).await.unwrap();
        self.enter(&logged_in).await.unwrap()
    }

    pub async fn enter(&self, logged_in: &LoggedIn) -> Result<Entered, Denial> {
        self.services
            .enter(logged_in.cookie.expose_secret(), &unseen())
            .await
    }

    pub async fn work(&self) {
        self.services.round(true).await.unwrap();
    }

    /// What the mail server has, after all that is due was sent.
    pub async fn mails(&self) -> Vec<Mail> {
        self.work().await;
        self.postman.taken()
    }

    /// The code of the last mail.
    pub async fn code(&self) -> String {
        let mails = self.mails().await;
        let text = &mails.last().unwrap().text;
        let (_, rest) = text.split_once("/password/new#").unwrap();
        rest.split_once('\n').unwrap().0.to_owned()
    }

    /// What an account's log tells, the newest first.
    pub async fn told(&self, entered: &Entered) -> Vec<DeedKind> {
        let log = self.services.account_log(entered, 100).await.unwrap();
        log.into_iter().map(|deed| deed.kind).collect()
    }

    /// How many hashes a deed costs.
    pub async fn work_of<T>(&self, deed: impl Future<Output = T>) -> (T, u64) {
        let before = self.services.passwords_hashed();
        let outcome = deed.await;
        (outcome, self.services.passwords_hashed() - before)
    }
}

pub fn services(
    store: &Arc<Store>,
    clock: &Arc<Hand>,
    entropy: &Arc<Counting>,
    settings: Settings,
) -> Arc<Services> {
    let (store, clock, entropy) = (Arc::clone(store), clock.clone(), entropy.clone());
    let services = Services::new(Arc::new(NoPortals), store, clock, entropy, settings);
    Arc::new(services)
}

pub fn settings(mailer: Option<Arc<dyn Mailer>>) -> Settings {
    let doors = Doors {
        events: "https://crmap.example/bitrix/events".to_owned(),
        app: "https://crmap.example/bitrix/app".to_owned(),
    };
    Settings {
        mailer,
        password_cost: CHEAP,
        // `timing` tests what this is for.
        even_answers: Duration::ZERO,
        mail: MailTimes {
            lease: Duration::from_millis(300),
            patience: Duration::from_millis(100),
            backoff: Duration::from_millis(4),
            kept: Duration::from_secs(7 * 24 * 60 * 60),
        },
        ..Settings::new(doors)
    }
}

pub fn form(email: &str, password: &str) -> Registration {
    Registration {
        name: "Анна Титова".to_owned(),
        email: email.to_owned(),
        password: secret(password),
        lang: Lang::Ru,
    }
}

pub fn log_in(email: &str, password: &str) -> LogIn {
    LogIn {
        email: email.to_owned(),
        password: secret(password),
    }
}

pub fn secret(text: &str) -> SecretString {
    SecretString::from(text)
}

pub fn from(ip: &str) -> Visitor {
    Visitor {
        ip: ip.parse().unwrap(),
        agent: "Firefox".to_owned(),
    }
}

/// Somebody who was never here, from a network of his own.
pub fn unseen() -> Visitor {
    static NEXT: AtomicI64 = AtomicI64::new(1);
    let number = NEXT.fetch_add(1, Ordering::SeqCst) as u128;
    let ip = IpAddr::V6((0x2001_0db8_u128 << 96 | number << 64).into());
    Visitor {
        ip,
        agent: "Firefox".to_owned(),
    }
}

/// Whether somebody was told to wait, and not for longer than this.
pub fn must_wait<T: std::fmt::Debug>(outcome: &Result<T, Denial>, at_most: u32) -> bool {
    matches!(outcome, Err(Denial::TooOften { seconds }) if (1..=at_most).contains(seconds))
}

pub fn minutes(count: i64) -> time::Duration {
    time::Duration::minutes(count)
}
