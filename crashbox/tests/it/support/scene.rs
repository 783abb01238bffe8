//! A portal whose people have opened the application, and a database that knows them.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use crmap_bitrix::{Bitrix24, Settings};
use crmap_crashbox::{Bug, Said, fingerprint};
use crmap_crm::{Clock, SystemClock};
use crmap_domain::MemberId;
use crmap_store::{InstallFacts, Store};
use portal_sim::{
    Cloud, Knobs, LedgerEntry, Options, Portal, RateLimit, Seed, TokenKind, UserRole,
};
use secrecy::ExposeSecret;

use super::{
    Base, Kind, Violation, Worker, close, counts, keep_opening, patiently, presented, served,
    unstored,
};

/// Somebody who has opened the application.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Person {
    Administrator,
    Employee,
}

impl Person {
    const fn role(self) -> UserRole {
        match self {
            Self::Administrator => UserRole::Administrator,
            Self::Employee => UserRole::Employee,
        }
    }
}

pub struct Scene {
    pub cloud: Cloud,
    pub base: Base,
    pub member: MemberId,
    /// The access tokens that the database has, or has had.
    pub stored: BTreeSet<String>,
}

impl Scene {
    /// The first of two portals, opened by `people`.
    pub async fn new(kind: Kind, knobs: Knobs, people: &[Person]) -> Self {
        let options = Options {
            portals: 2,
            seeds: vec![Seed::Empty],
            rate: RateLimit {
                burst: 1e9,
                per_second: 1e9,
            },
            knobs,
            ..Options::default()
        };
        let cloud = Cloud::start(options).await.unwrap();
        let base = Base::new(kind).await;
        let member = MemberId::parse(cloud.portal(1).member_id()).unwrap();
        let mut scene = Self {
            cloud,
            base,
            member,
            stored: BTreeSet::new(),
        };
        let store = scene.base.open("test").await;
        for person in people {
            scene.remember(&store, *person).await;
        }
        scene.finish_install(&store).await;
        close(store).await;
        scene
    }

    /// With one-time refresh tokens, an administrator and an employee.
    pub async fn strict(kind: Kind) -> Self {
        let people = [Person::Administrator, Person::Employee];
        Self::new(kind, Knobs::default(), &people).await
    }

    pub fn portal(&self) -> &Portal {
        self.cloud.portal(1)
    }

    pub fn user(&self, person: Person) -> i64 {
        i64::from(self.portal().world().user_id(person.role()))
    }

    /// Keeps what the person's opening brings, as the use case does.
    async fn remember(&mut self, store: &Store, person: Person) {
        let settings = Settings {
            oauth_servers: vec![self.cloud.oauth_url().parse().unwrap()],
            allow_loopback: true,
            ..Settings::new("app.sim")
        };
        let connector = Bitrix24::new(settings, Arc::new(SystemClock)).unwrap();
        let kept = keep_opening(store, &connector, self.portal(), person.role()).await;
        self.stored.insert(fingerprint(kept.access.expose_secret()));
    }

    async fn finish_install(&self, store: &Store) {
        let (member, now) = (&self.member, SystemClock.now());
        store.begin_install(member, now).await.unwrap();
        let token = self.portal().application_token().into();
        store
            .keep_application_token(member, &token, now)
            .await
            .unwrap();
        let facts = InstallFacts {
            version: Some(1),
            plan: None,
            scopes: Vec::new(),
            now,
        };
        assert!(store.finish_install(member, &facts).await.unwrap());
    }

    /// `check` by the process `name`, to its end; once more where the database was too busy.
    pub async fn check(&mut self, name: &str, bug: Option<Bug>) -> Vec<Said> {
        let member = self.member.to_string();
        for _ in 0..3 {
            let worker = Worker::start(self, name, bug, &["check", "--member", &member]).await;
            let heard = worker.end().await;
            self.note(&heard);
            if counts(&heard) != (0, 0, 1) {
                return heard;
            }
        }
        panic!("the portal cannot be asked")
    }

    /// `work` by the process `name`, to its end.
    pub async fn work(&mut self, name: &str) -> Vec<Said> {
        let member = self.member.to_string();
        let heard = Worker::start(self, name, None, &["work", "--member", &member]).await;
        let heard = heard.end().await;
        self.note(&heard);
        heard
    }

    /// Somebody opens the application, and the portal is asked how it stands.
    pub async fn reopen(&mut self, name: &str, person: Person) -> Vec<Said> {
        let (query, body) = self.portal().opening_form(person.role(), "ru");
        let access = form_field(&body, "AUTH_ID");
        self.stored.insert(fingerprint(&access));
        let mut worker = Worker::start(self, name, None, &["open"]).await;
        worker.tell(&query).await;
        worker.tell(&body).await;
        let heard = worker.end().await;
        self.note(&heard);
        heard
    }

    /// Notes what a process says to have stored.
    pub fn note(&mut self, heard: &[Said]) {
        self.stored
            .extend(heard.iter().filter_map(|said| match said {
                Said::Stored(token) => Some(token.clone()),
                _ => None,
            }));
    }

    /// Notes what the database has now.
    pub async fn note_database(&mut self, store: &Store) {
        for chain in patiently(|| store.chains(&self.member)).await {
            if let Some(access) = &chain.access {
                self.stored.insert(fingerprint(access.expose_secret()));
            }
        }
    }

    /// The refreshes that were asked for, of one person.
    pub fn refreshes_of(&self, person: Person) -> Vec<LedgerEntry> {
        let user = u32::try_from(self.user(person)).unwrap();
        let mut entries = self.cloud.ledger();
        entries.retain(|entry| {
            entry.kind == TokenKind::Refresh && entry.portal == Some(1) && entry.user == Some(user)
        });
        entries
    }

    /// Waits until the authority is asked for one more refresh of a person than `before`.
    pub async fn asks_after(&self, person: Person, before: usize) {
        self.refresh_after(person, before, |_| true).await;
    }

    /// Waits until the authority has dealt with one more refresh of a person than `before`.
    pub async fn asked_after(&self, person: Person, before: usize) {
        self.refresh_after(person, before, |entry| entry.outcome != "pending")
            .await;
    }

    async fn refresh_after(
        &self,
        person: Person,
        before: usize,
        is_meant: impl Fn(&LedgerEntry) -> bool,
    ) {
        let asked = async {
            while !self.refreshes_of(person).get(before).is_some_and(&is_meant) {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        let asked = tokio::time::timeout(Duration::from_secs(60), asked).await;
        assert!(asked.is_ok(), "the authority was never asked");
    }

    /// Whether every access token that was used is one that the database had.
    pub fn only_stored_were_used(&self) -> Result<(), Violation> {
        unstored(&self.cloud.ledger(), &self.stored)
    }

    /// Lets all access tokens run out and asks the portal once more: whether it is served then,
    /// by whoever's tokens.
    pub async fn is_served(&mut self, name: &str) -> Result<(), Violation> {
        self.portal().expire_access_tokens();
        let before = self.cloud.ledger().len();
        let heard = self.check(name, None).await;
        let later = self.cloud.ledger().split_off(before);
        served(&heard, &later)
    }

    /// Whether a token was ever presented to anybody.
    pub fn was_presented(&self, token: &str) -> bool {
        presented(&self.cloud.ledger(), token)
    }
}

fn form_field(body: &str, name: &str) -> String {
    let pairs: Vec<(&str, &str)> = body
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .collect();
    let found = pairs.iter().find(|(key, _)| *key == name);
    found.unwrap().1.to_owned()
}
