//! The ledger of tokens: what the tests of refreshes count and compare (REL-01, REL-02).

use std::sync::{Arc, Mutex};

use portal_sim::{Issue, Options, RefreshCount, Seed, Server, TokenKind, UserRole, fingerprint};
use serde_json::json;

use crate::client::{cloud, get, refresh, start, try_send, with_token};

const ADMIN: UserRole = UserRole::Administrator;

#[tokio::test]
async fn every_use_is_written_down_without_the_token() {
    let cloud = cloud(Seed::Demo).await;
    let portal = cloud.portal(1);
    let (access, token) = portal.token_pair(UserRole::Employee);
    with_token(portal, &access, "profile").await;
    refresh(&cloud, &token).await;
    refresh(&cloud, &token).await;
    with_token(portal, "bogus", "scope").await;
    let ledger = cloud.ledger();
    assert_eq!(ledger.len(), 4);
    let first = &ledger[0];
    assert_eq!(
        (first.kind, first.portal, first.user, first.generation),
        (TokenKind::Access, Some(1), Some(12), Some(1))
    );
    assert_eq!(
        (
            first.presented_to,
            first.method.as_str(),
            first.outcome.as_str()
        ),
        (Server::Portal(1), "profile", "ok")
    );
    assert_eq!((&first.token, first.status), (&fingerprint(&access), 200));
    assert_eq!(first.issued_by, Some(Issue::Opening));
    assert!(ledger[1].rotated && ledger[1].presented_to == Server::Oauth);
    assert_eq!(
        (ledger[2].outcome.as_str(), ledger[2].rotated),
        ("invalid_grant", false)
    );
    assert_eq!(
        (ledger[3].portal, ledger[3].outcome.as_str()),
        (None, "NO_AUTH_FOUND")
    );
    let counted = RefreshCount {
        portal: 1,
        user: 12,
        asked: 2,
        rotated: 1,
        refused: 1,
    };
    assert_eq!(cloud.refreshes(), [counted]);
    let url = format!("{}/__control/ledger", cloud.oauth_url());
    let page = get(&url).await;
    assert!(!page.body.contains(&access) && !page.body.contains(&token));
    let body = page.json();
    assert_eq!(body["entries"][1]["presented_to"], "oauth");
    assert_eq!(body["entries"][0]["presented_to"], json!({"portal": 1}));
    assert_eq!(body["refreshes"][0]["refused"], 1);
    try_send("DELETE", &url, "text/plain", "").await.unwrap();
    assert!(cloud.ledger().is_empty());
}

#[tokio::test]
async fn a_token_on_a_foreign_portal_is_a_violation() {
    let cloud = start(Options {
        portals: 2,
        ..Options::default()
    })
    .await;
    let token = cloud.portal(1).access_token(ADMIN);
    with_token(cloud.portal(1), &token, "profile").await;
    assert!(cloud.violations().is_empty());
    with_token(cloud.portal(2), &token, "profile")
        .await
        .is_refusal(401, "NO_AUTH_FOUND");
    let violations = cloud.violations();
    assert_eq!(violations.len(), 1);
    assert_eq!(
        (violations[0].portal, violations[0].presented_to),
        (Some(1), Server::Portal(2))
    );
    let url = format!("{}/__control/ledger", cloud.oauth_url());
    assert_eq!(get(&url).await.json()["violations"], 1);
}

#[tokio::test]
async fn rel_02_a_callback_sees_a_token_before_it_is_answered() {
    let cloud = cloud(Seed::Empty).await;
    let (_, token) = cloud.portal(1).token_pair(ADMIN);
    let renewed = refresh(&cloud, &token).await.json();
    let access = renewed["access_token"].as_str().unwrap();
    let chain = &cloud.chains()[0];
    assert_eq!((chain.generation, chain.issued_by), (2, Issue::Refresh));
    assert_eq!(chain.access, fingerprint(access));
    let new = renewed["refresh_token"].as_str().unwrap();
    assert_eq!(chain.refresh, fingerprint(new));

    let seen = Arc::new(Mutex::new(Vec::new()));
    let sink = Arc::clone(&seen);
    cloud.on_access(move |entry| {
        let sink = Arc::clone(&sink);
        async move {
            tokio::task::yield_now().await;
            sink.lock().unwrap().push(entry);
        }
    });
    with_token(cloud.portal(1), access, "profile").await;
    let seen = seen.lock().unwrap();
    assert_eq!((seen.len(), seen[0].outcome.as_str()), (1, "pending"));
    assert_eq!(
        (&seen[0].token, seen[0].issued_by),
        (&chain.access, Some(Issue::Refresh))
    );
}

#[tokio::test]
async fn rel_01_a_hundred_simultaneous_refreshes_rotate_once() {
    let cloud = cloud(Seed::Empty).await;
    let (_, token) = cloud.portal(1).token_pair(ADMIN);
    let asked = (0..100).map(|_| refresh(&cloud, &token));
    let mut good = 0;
    for reply in join_all(asked).await {
        good += usize::from(reply == 200);
    }
    let counts = cloud.refreshes();
    assert_eq!((good, counts[0].asked, counts[0].rotated), (1, 100, 1));
    assert_eq!(counts[0].refused, 99);
}

async fn join_all(
    asked: impl Iterator<Item = impl Future<Output = crate::client::Reply>>,
) -> Vec<u16> {
    let mut waiting: Vec<_> = asked.map(Box::pin).collect();
    let mut done = Vec::new();
    std::future::poll_fn(|context| {
        waiting.retain_mut(|one| match one.as_mut().poll(context) {
            std::task::Poll::Ready(reply) => {
                done.push(reply.status);
                false
            }
            std::task::Poll::Pending => true,
        });
        if waiting.is_empty() {
            std::task::Poll::Ready(())
        } else {
            std::task::Poll::Pending
        }
    })
    .await;
    done
}
