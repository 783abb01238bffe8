//! Who gets in: webhooks, tokens, scopes, the rate limit, and the OAuth server (§2, §3).

use portal_sim::{AppRegistration, AuthKind, Fault, Options, Seed, UserRole};
use serde_json::{Value, json};

use crate::client::{FORM, ask, cloud, get, post, start};

#[tokio::test]
async fn wrong_webhooks_and_tokens_are_turned_away() {
    let cloud = cloud(Seed::Demo).await;
    let base = cloud.portal(1).client_endpoint();
    for path in [
        "1/wrongcode/profile",
        "5/adminhook0000000/profile",
        "profile",
        "profile?auth=x",
    ] {
        get(&format!("{base}{path}"))
            .await
            .is_refusal(401, "NO_AUTH_FOUND");
    }
    let unknown = ask(&cloud, UserRole::Administrator, "crm.unknown", json!({})).await;
    unknown.is_refusal(404, "ERROR_METHOD_NOT_FOUND");
    assert!(cloud.portal(1).requests()[0].user_id.is_none());
}

#[tokio::test]
async fn a_token_acts_for_its_user_on_its_portal_only() {
    let options = Options {
        portals: 2,
        ..Options::default()
    };
    let cloud = start(options).await;
    let token = cloud.portal(1).access_token(UserRole::Employee);
    let profile = post(
        &format!("{}profile.json", cloud.portal(1).client_endpoint()),
        FORM,
        &format!("auth={token}"),
    )
    .await;
    assert_eq!(profile.json()["result"]["ID"], "12");
    let entry = &cloud.portal(1).requests()[0];
    assert_eq!(
        (entry.auth, entry.role),
        (AuthKind::Token, Some(UserRole::Employee))
    );
    assert_eq!(entry.host, cloud.portal(1).domain());
    let elsewhere = format!("{}profile?auth={token}", cloud.portal(2).client_endpoint());
    get(&elsewhere).await.is_refusal(401, "NO_AUTH_FOUND");
}

#[tokio::test]
async fn an_expired_token_says_so_and_can_be_refreshed_once() {
    let cloud = cloud(Seed::Demo).await;
    let portal = cloud.portal(1);
    let (access, refresh) = portal.token_pair(UserRole::Administrator);
    portal.set_fault(Fault::TokensExpired);
    let url = format!("{}profile", portal.client_endpoint());
    get(&format!("{url}?auth={access}"))
        .await
        .is_refusal(401, "expired_token");
    let info = format!("{}/rest/app.info?auth={access}", cloud.oauth_url());
    get(&info).await.is_refusal(401, "expired_token");

    let token_url = format!("{}/oauth/token/", cloud.oauth_url());
    let form = format!(
        "grant_type=refresh_token&client_id=app.sim&client_secret=simulated-client-secret\
         &refresh_token={refresh}"
    );
    let fresh = post(&token_url, FORM, &form).await.json();
    assert_eq!(fresh["member_id"], portal.member_id());
    assert_eq!(fresh["client_endpoint"], portal.client_endpoint());
    assert_eq!(
        (&fresh["user_id"], &fresh["expires_in"]),
        (&json!(1), &json!(3600))
    );
    let new = fresh["access_token"].as_str().unwrap();
    assert_eq!(get(&format!("{url}?auth={new}")).await.status, 200);
    post(&token_url, FORM, &form)
        .await
        .is_refusal(400, "invalid_grant");
    let wrong = form.replace("simulated", "wrong");
    post(&token_url, FORM, &wrong)
        .await
        .is_refusal(401, "invalid_client");
}

#[tokio::test]
async fn app_info_proves_portal_and_user() {
    let cloud = cloud(Seed::Demo).await;
    let portal = cloud.portal(1);
    let token = portal.access_token(UserRole::Narrow);
    let url = format!("{}/rest/app.info", cloud.oauth_url());
    let info = post(&url, FORM, &format!("auth={token}")).await.json();
    let mut info = info["result"].clone();
    let expires = info["expires"].take();
    assert!(expires.as_str().unwrap().contains("+03:00"), "{expires}");
    assert_eq!(
        info,
        json!({
            "client_id": "app.sim", "scope": "crm,placement,user_brief,department", "expires": null,
            "user_id": "33",
            "install": {
                "installed": true, "version": "1", "status": "F",
                "scope": "crm,placement,user_brief,department", "domain": portal.domain(),
                "uri": portal.base_url(), "client_endpoint": portal.client_endpoint(),
                "member_id": portal.member_id(), "member_type": "",
            },
        })
    );
    get(&url).await.is_refusal(401, "NO_AUTH_FOUND");
    get(&format!("{url}?auth=bogus"))
        .await
        .is_refusal(401, "invalid_token");
    let log = cloud.oauth_requests();
    assert_eq!(log.len(), 3);
    assert_eq!(
        (log[0].rest_method.as_str(), log[0].user_id),
        ("app.info", Some(33))
    );
}

#[tokio::test]
async fn methods_ask_for_their_scope() {
    let app = AppRegistration {
        scope: "crm".to_owned(),
        ..AppRegistration::default()
    };
    let cloud = start(Options {
        app,
        ..Options::default()
    })
    .await;
    let portal = cloud.portal(1);
    let token = portal.access_token(UserRole::Administrator);
    let call = |method: &str| {
        let url = format!("{}{method}?auth={token}", portal.client_endpoint());
        async move { get(&url).await }
    };
    assert_eq!(call("scope").await.json()["result"], json!(["crm"]));
    assert_eq!(call("profile").await.status, 200);
    assert_eq!(
        call("app.info").await.json()["result"]["CODE"],
        "simulated.crmap"
    );
    call("user.get").await.is_refusal(403, "insufficient_scope");
    portal.set_fault(Fault::ScopeWithout {
        scope: "crm".to_owned(),
    });
    call("crm.status.list")
        .await
        .is_refusal(403, "insufficient_scope");
}

#[tokio::test]
async fn the_bucket_holds_fifty_and_leaks_two_a_second() {
    let cloud = cloud(Seed::Empty).await;
    let knock = || ask(&cloud, UserRole::Administrator, "server.time", json!({}));
    let mut admitted = 0;
    while knock().await.status == 200 {
        admitted += 1;
    }
    assert!((50..=55).contains(&admitted), "{admitted}");
    tokio::time::sleep(std::time::Duration::from_millis(1200)).await;
    assert_eq!(knock().await.status, 200);
}

#[tokio::test]
async fn tls_is_trusted_through_the_authority() {
    let cloud = start(Options {
        tls: true,
        ..Options::default()
    })
    .await;
    let portal = cloud.portal(1);
    assert!(portal.base_url().starts_with("https://127.0.0.2:"));
    let reply = crate::secured::profile(&cloud).await.unwrap();
    assert_eq!(reply.json()["result"]["ID"], Value::from("1"));
    assert!(
        portal
            .opening_form(UserRole::Employee, "ru")
            .0
            .contains("PROTOCOL=1")
    );
}
