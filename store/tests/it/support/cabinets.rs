//! Accounts and their browsers.

use std::time::Duration;

use crmap_domain::cabinet::{Email, PersonName};
use crmap_domain::{ConnectionToken, Lang};
use crmap_store::{
    Creation, LoginRow, NewAccount, NewReset, NewSession, SecretDigest, SeenSession, Store, Tenant,
    Visit,
};

use super::given::{at, secret};

pub const IDLE: Duration = Duration::from_secs(24 * 60 * 60);

pub fn email(number: u32) -> Email {
    Email::parse(&format!("Anna{number}@example.ru")).unwrap()
}

pub fn digest(number: u8) -> SecretDigest {
    [number; 32]
}

/// A connection token that no other number gives.
pub fn token(number: u8) -> ConnectionToken {
    ConnectionToken::from_symbols(&[number; 30])
}

/// Account `number`, made a minute before the moment that all tests share.
pub async fn created(store: &Store, number: u8) -> Creation {
    created_with(store, number, &token(number)).await
}

/// The same, with a connection token of one's choice.
pub async fn created_with(
    store: &Store,
    number: u8,
    connection_token: &ConnectionToken,
) -> Creation {
    store
        .create_account(&NewAccount {
            email: &email(number.into()),
            name: &PersonName::parse(&format!("Анна {number}")).unwrap(),
            password_hash: &secret(&format!("hash-{number}")),
            lang: Lang::Ru,
            connection_token,
            now: at(-60),
        })
        .await
        .unwrap()
}

pub async fn login(store: &Store, number: u8) -> LoginRow {
    let found = store.login(&email(number.into()).key()).await.unwrap();
    found.unwrap()
}

/// A browser whose cookie and secret have this digest.
pub fn browser(number: u8, seconds: i64) -> NewSession<'static> {
    NewSession {
        digest: digest(number),
        device: digest(number),
        agent: "Firefox",
        ip: "192.0.2.1",
        now: at(seconds),
        ends_at: at(seconds) + Duration::from_secs(30 * 24 * 60 * 60),
    }
}

/// Account `number`, with a browser of that digest logged in.
pub async fn entered(store: &Store, number: u8) -> Tenant {
    assert_eq!(created(store, number).await, Creation::Created);
    let login = login(store, number).await;
    let started = store
        .start_session(&login, &browser(number, 0), None, None)
        .await
        .unwrap();
    started.unwrap()
}

/// What the cookie of a digest stands for.
pub async fn seen_by(store: &Store, number: u8, seconds: i64) -> Option<SeenSession> {
    let visit = Visit {
        digest: digest(number),
        ip: "192.0.2.7",
        now: at(seconds),
        idle: IDLE,
    };
    store.session(&visit).await.unwrap()
}

/// A code of a digest is mailed to account `number`; it is good for half an hour.
pub async fn reset_asked(store: &Store, number: u8, code: u8, seconds: i64) {
    let login = login(store, number).await;
    let new = NewReset {
        digest: digest(code),
        ends_at: at(seconds + 1800),
        mail: &secret("a mail with a code"),
        now: at(seconds),
    };
    assert!(store.start_reset(&login, &new).await.unwrap());
}
