//! Tokens and codes show up nowhere: not in errors, not in `Debug`, not in addresses.

use std::error::Error as _;

use crmap_crm::{CrmConnector, CrmError};
use portal_sim::{Effect, Fault, Seed, UserRole};
use serde_json::json;

use crate::stub::{Stub, Told, batch, json_reply, plain};
use crate::support::{by_token, by_webhook, cloud, connector, hasty, read, settings, to_stub, url};

fn shown(error: &CrmError) -> String {
    let mut text = format!("{error:?} {error}");
    let mut source = error.source();
    while let Some(inner) = source {
        text += &format!(" {inner:?} {inner}");
        source = inner.source();
    }
    text
}

#[tokio::test]
async fn no_error_shows_a_token_or_a_code() {
    let cloud = cloud(Seed::Empty).await;
    let portal = cloud.portal(1);
    let connector = connector(hasty());
    let code = UserRole::Administrator.webhook_code();
    for effect in [
        Effect::Reset,
        Effect::Hang,
        Effect::TruncatedJson,
        Effect::Html { status: 500 },
        Effect::error(400, code, &format!("bad hook {code}")),
    ] {
        portal.set_fault(Fault::every(effect.clone()));
        let hook = by_webhook(portal, UserRole::Administrator);
        let error = read(&connector, &hook).await.unwrap_err();
        assert!(
            !shown(&error).contains(code),
            "{effect:?}: {}",
            shown(&error)
        );
        portal.clear_faults();
    }
    let closed = to_stub("http://127.0.0.1:1");
    let error = read(&connector, &closed).await.unwrap_err();
    assert!(!shown(&error).contains("token-of-the-user"));
}

#[tokio::test]
async fn a_portal_that_repeats_the_token_does_not_get_it_into_the_specification() {
    let stub = Stub::start(|request| {
        let body: serde_json::Value = serde_json::from_str(&request.body).unwrap();
        assert!(!request.path.contains("token-of-the-user"));
        json_reply(
            400,
            &json!({"error": body["auth"], "error_description": body["auth"]}),
        )
    })
    .await;
    let error = read(&connector(settings()), &to_stub(&stub.url()))
        .await
        .unwrap_err();
    assert!(matches!(error, CrmError::PortalFailed { .. }));
    assert!(
        !shown(&error).contains("token-of-the-user"),
        "{}",
        shown(&error)
    );
    let echo = json!({"error": "ODD", "error_description": "odd token-of-the-user"});
    let stub = Stub::start(move |request| {
        let answer = batch(request, |method, _| match method {
            "user.get" => Told::Error(echo.clone()),
            other => plain(other),
        });
        json_reply(200, &answer)
    })
    .await;
    let got = read(&connector(settings()), &to_stub(&stub.url()))
        .await
        .unwrap();
    assert!(!format!("{got:?}").contains("token-of-the-user"));
}

#[tokio::test]
async fn debug_of_everything_near_secrets_keeps_them() {
    let cloud = cloud(Seed::Empty).await;
    let portal = cloud.portal(1);
    let mut settings = settings();
    settings.oauth_servers = vec![url(cloud.oauth_url())];
    let connector = connector(settings);
    let token = portal.access_token(UserRole::Administrator);
    let mut access = by_token(portal, UserRole::Administrator);
    access.credential = crmap_crm::Credential::Token(token.clone().into());
    let hook = by_webhook(portal, UserRole::Administrator);
    let claim = crmap_crm::OpeningClaim {
        access_token: token.clone().into(),
        member_id: access.member_id.clone().unwrap(),
        address: portal.domain(),
    };
    let proven = connector.prove_opening(&claim).await.unwrap();
    let shown = format!("{access:?} {hook:?} {claim:?} {proven:?} {connector:?}");
    assert!(!shown.contains(&token) && !shown.contains(UserRole::Administrator.webhook_code()));
}
