//! What an opening brings is kept.

use crmap_bitrix::{Bitrix24, Opening};
use crmap_crm::{Clock, CrmConnector, SystemClock};
use crmap_store::{OpeningTokens, SeenPortal, Store};
use portal_sim::{Portal, UserRole};

/// Has somebody open the application, and keeps what that brings as the use case does; gives the
/// tokens.
pub async fn keep_opening(
    store: &Store,
    connector: &Bitrix24,
    portal: &Portal,
    role: UserRole,
) -> OpeningTokens {
    let (query, body) = portal.opening_form(role, "ru");
    let opening = Opening::parse(&query, body.as_bytes()).unwrap();
    let proven = connector.prove_opening(&opening.claim).await.unwrap();
    let now = SystemClock.now();
    let seen = SeenPortal {
        member_id: proven.member_id.clone(),
        address: proven.address,
        base: proven.access.base,
        origin: proven.origin,
        authority: proven.authority,
        now,
    };
    store.remember_opening(&seen).await.unwrap();
    let tokens = OpeningTokens {
        member_id: proven.member_id,
        user_id: proven.user_id,
        administrator: Some(matches!(role, UserRole::Administrator)),
        access: opening.claim.access_token,
        expires_at: proven.expires_at,
        candidate: opening.refresh_token,
        now,
        keep_at_most: 5,
    };
    assert!(store.remember_tokens(&tokens).await.unwrap());
    tokens
}
