//! Short names for what tests say often.

use std::time::Duration;

use crmap_domain::MemberId;
use crmap_store::{
    FreshPair, JournalRow, Lease, Leased, OpeningTokens, RefreshTurn, SeenPortal, Store,
};
use secrecy::SecretString;
use time::OffsetDateTime;

pub const LEASE: Duration = Duration::from_secs(45);

/// `seconds` after a moment that all tests share.
pub fn at(seconds: i64) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(1_800_000_000 + seconds).unwrap()
}

pub fn member(number: u32) -> MemberId {
    MemberId::parse(&format!("{number:032x}")).unwrap()
}

pub fn secret(text: &str) -> SecretString {
    SecretString::from(text)
}

pub fn seen(number: u32, address: &str, seconds: i64) -> SeenPortal {
    SeenPortal {
        member_id: member(number),
        address: address.to_owned(),
        base: format!("https://{address}/rest/"),
        origin: format!("https://{address}"),
        authority: "https://oauth.bitrix.info".to_owned(),
        now: at(seconds),
    }
}

pub fn opening(number: u32, user_id: i64, seconds: i64) -> OpeningTokens {
    OpeningTokens {
        member_id: member(number),
        user_id,
        administrator: Some(true),
        access: secret(&format!("access-{number}-{user_id}-{seconds}")),
        expires_at: at(seconds + 3600),
        candidate: Some(secret(&format!("candidate-{number}-{user_id}-{seconds}"))),
        now: at(seconds),
        keep_at_most: 5,
    }
}

pub fn pair(name: &str, seconds: i64) -> FreshPair {
    FreshPair {
        access: secret(&format!("access-{name}")),
        refresh: secret(&format!("refresh-{name}")),
        expires_at: at(seconds + 3600),
    }
}

/// Portal `number`, opened once by its user 1.
pub async fn opened(store: &Store, number: u32) {
    let address = format!("p{number}.bitrix24.ru");
    store
        .remember_opening(&seen(number, &address, 0))
        .await
        .unwrap();
    assert!(store.remember_tokens(&opening(number, 1, 0)).await.unwrap());
}

/// Asks for the right to refresh the chain of a portal's user whose generation was `seen`.
pub fn asking<'a>(
    (member_id, user_id): (&'a MemberId, i64),
    seen: i64,
    owner: &'a str,
    lease: Duration,
) -> RefreshTurn<'a> {
    RefreshTurn {
        member_id,
        user_id,
        seen,
        owner,
        lease,
    }
}

/// The right to refresh, which must be granted.
pub async fn leased(store: &Store, number: u32, user_id: i64, owner: &str) -> Lease {
    let generation = generation(store, number, user_id).await;
    let asked = store
        .lease_chain(&asking(
            (&member(number), user_id),
            generation,
            owner,
            LEASE,
        ))
        .await
        .unwrap();
    match asked {
        Leased::Granted(lease) => *lease,
        other => panic!("not granted: {other:?}"),
    }
}

pub async fn generation(store: &Store, number: u32, user_id: i64) -> i64 {
    let chain = store.chain(&member(number), user_id).await.unwrap();
    chain.unwrap().generation
}

/// A request to a portal that was answered.
pub fn request(number: u32, seconds: i64) -> JournalRow {
    JournalRow {
        member_id: member(number),
        user_id: Some(1),
        at: at(seconds),
        method: "crm.category.list".to_owned(),
        status: Some(200),
        duration: Duration::from_millis(120),
        error: None,
        request: "{\"a\":1}".to_owned(),
        response: format!("answer {seconds}"),
        response_bytes: 77,
    }
}
