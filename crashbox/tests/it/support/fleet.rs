//! Many portals that are linked to one cabinet.

use std::sync::Arc;
use std::time::Duration;

use crmap_bitrix::{Bitrix24, Settings};
use crmap_crm::{Clock, SystemClock};
use crmap_domain::cabinet::{Email, Level, PersonName, RunProgress};
use crmap_domain::{ConnectionToken, Lang, MemberId};
use crmap_store::{
    Grant, InstallFacts, Linking, NewAccount, NewSession, SeenPortal, Store, Tenant,
};
use portal_sim::{Cloud, Options, Portal, RateLimit, Seed, UserRole};
use secrecy::ExposeSecret;
use tokio::time::Instant;

use super::{Base, Kind, Violation, keep_opening, patiently};

pub struct Fleet {
    pub cloud: Cloud,
    pub base: Base,
    pub store: Store,
    pub tenant: Tenant,
    /// Secrets that portals have handed over, each with what it is.
    pub secrets: Vec<(&'static str, String)>,
}

impl Fleet {
    /// `count` portals that are alike, installed and linked, and never read.
    pub async fn new(count: usize, latency: Duration) -> Self {
        Self::of(Options {
            portals: count,
            seeds: vec![Seed::Empty],
            latency,
            ..Options::default()
        })
        .await
    }

    /// The portals of `options`, installed and linked, and never read.
    pub async fn of(options: Options) -> Self {
        let options = Options {
            rate: RateLimit {
                burst: 1e9,
                per_second: 1e9,
            },
            ..options
        };
        let cloud = Cloud::start(options).await.unwrap();
        let base = Base::new(Kind::Postgres).await;
        let store = base.open("test").await;
        let token = ConnectionToken::from_symbols(&[7; 30]);
        let tenant = cabinet(&store, "anna@example.ru", &token).await;
        let connector = connector(&cloud);
        let mut secrets = Vec::new();
        for portal in cloud.portals() {
            secrets.extend(take_in(&store, &connector, portal, &token).await);
        }
        Self {
            cloud,
            base,
            store,
            tenant,
            secrets,
        }
    }

    /// A second cabinet, with one of the portals.
    pub async fn second_cabinet(&self, portal: &Portal) -> Tenant {
        let token = ConnectionToken::from_symbols(&[8; 30]);
        let tenant = cabinet(&self.store, "boris@example.ru", &token).await;
        let user_id = portal.world().user_id(UserRole::Administrator).into();
        let member_id = MemberId::parse(portal.member_id()).unwrap();
        link(&self.store, &token, member_id, user_id).await;
        tenant
    }

    /// From now on, CRMAP knows the portal by a name that does not resolve.
    pub async fn lose_name(&self, portal: &Portal) {
        let name = format!("portal-{}.invalid", portal.number());
        let seen = SeenPortal {
            member_id: MemberId::parse(portal.member_id()).unwrap(),
            address: name.clone(),
            base: format!("https://{name}/rest/"),
            origin: format!("https://{name}"),
            authority: String::new(),
            now: SystemClock.now(),
        };
        self.store.remember_opening(&seen).await.unwrap();
    }

    /// Has all portals read, but those that were read since `since`.
    pub async fn start_run(&self) -> String {
        let now = SystemClock.now();
        let begin = || {
            self.store
                .begin_run(&self.tenant, None, now, now, now, |_| None)
        };
        patiently(begin).await.0
    }

    pub async fn progress(&self) -> Option<RunProgress> {
        patiently(|| self.store.run_progress(&self.tenant, None)).await
    }

    /// Waits until the run is at its end, and says whether all its portals were read.
    pub async fn all_read(&self, patience: Duration) -> Result<(), Violation> {
        let started = Instant::now();
        loop {
            let progress = self.progress().await.unwrap();
            self.nothing_read_twice()?;
            if progress.finished_at.is_some() {
                return all_of(&progress);
            }
            if started.elapsed() > patience {
                eprintln!("still: {progress:?}");
                return all_of(&progress);
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// No portal ever had two requests under way: a reading sends one after the other.
    pub fn nothing_read_twice(&self) -> Result<(), Violation> {
        let twice = self.cloud.portals().find(|one| one.most_at_once() > 1);
        match twice {
            None => Ok(()),
            Some(portal) => Err(Violation::ReadTwiceAtOnce {
                portal: portal.number(),
                requests: portal.most_at_once(),
            }),
        }
    }

    /// Every snapshot is there as a whole: the portals are alike, and so are their snapshots.
    pub async fn snapshots_are_whole(&self) {
        assert_eq!(self.store.verify().await.unwrap(), []);
        let mut first = None;
        for portal in self.cloud.portals() {
            let member = MemberId::parse(portal.member_id()).unwrap();
            let found = patiently(|| self.store.snapshot(&self.tenant, &member)).await;
            let read = found.unwrap().specification;
            assert_eq!(read.portal.member_id.as_ref(), Some(&member));
            let funnels = read.totals().funnels;
            assert_eq!(funnels, Some(portal.world().funnels.len()));
            let held = (read.funnels, read.stages, read.fields, read.users);
            assert_eq!(*first.get_or_insert_with(|| held.clone()), held);
        }
    }
}

fn all_of(progress: &RunProgress) -> Result<(), Violation> {
    let (read, total) = (progress.read, progress.total);
    if read == total {
        Ok(())
    } else {
        eprintln!("not all: {progress:?}");
        Err(Violation::NotRead { read, total })
    }
}

fn connector(cloud: &Cloud) -> Bitrix24 {
    let settings = Settings {
        oauth_servers: vec![cloud.oauth_url().parse().unwrap()],
        allow_loopback: true,
        authorities: cloud.ca_pem().map(str::to_owned).into_iter().collect(),
        ..Settings::new("app.sim")
    };
    Bitrix24::new(settings, Arc::new(SystemClock)).unwrap()
}

async fn cabinet(store: &Store, email: &str, token: &ConnectionToken) -> Tenant {
    let (email, now) = (Email::parse(email).unwrap(), SystemClock.now());
    let account = NewAccount {
        email: &email,
        name: &PersonName::parse("Анна").unwrap(),
        password_hash: &"hash".into(),
        lang: Lang::Ru,
        connection_token: token,
        now,
    };
    store.create_account(&account).await.unwrap();
    let login = store.login(&email.key()).await.unwrap().unwrap();
    let session = NewSession {
        digest: rand::random(),
        device: rand::random(),
        agent: "Firefox",
        ip: "192.0.2.1",
        now,
        ends_at: now + Duration::from_secs(86_400),
    };
    let started = store.start_session(&login, &session, None, None).await;
    started.unwrap().unwrap()
}

/// As an administrator's opening, installation and link do it. Gives the secrets that came in.
async fn take_in(
    store: &Store,
    connector: &Bitrix24,
    portal: &Portal,
    token: &ConnectionToken,
) -> Vec<(&'static str, String)> {
    let kept = keep_opening(store, connector, portal, UserRole::Administrator).await;
    let (member_id, now) = (kept.member_id, SystemClock.now());
    let secrets = [
        ("access token", kept.access),
        ("refresh token", kept.candidate.unwrap()),
        ("application token", portal.application_token().into()),
    ];
    store
        .keep_application_token(&member_id, &secrets[2].1, now)
        .await
        .unwrap();
    let facts = InstallFacts {
        version: Some(1),
        plan: None,
        scopes: Vec::new(),
        now,
    };
    assert!(store.finish_install(&member_id, &facts).await.unwrap());
    link(store, token, member_id, kept.user_id).await;
    secrets
        .map(|(what, secret)| (what, secret.expose_secret().to_owned()))
        .to_vec()
}

async fn link(store: &Store, token: &ConnectionToken, member_id: MemberId, user_id: i64) {
    let cabinet = store.cabinet_of_token(token).await.unwrap().unwrap();
    let now = SystemClock.now();
    let grant = Grant {
        member_id,
        installs: 1,
        level: Level::Read,
        user_id,
        now,
        first_reading_at: now,
    };
    let linked = store.link(&cabinet.id, &grant, None).await.unwrap();
    assert_eq!(linked, Linking::Made);
}
