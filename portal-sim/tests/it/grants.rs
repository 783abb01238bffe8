//! New tokens: refreshes, their rotation, authorization codes, and what goes wrong (§2.2–2.5).

use std::time::Duration;

use portal_sim::{
    Cloud, Effect, Fault, Knobs, Options, Rotation, Seed, UninstalledOauth, UserRole,
};
use serde_json::{Value, json};

use crate::client::{CLIENT, FORM, Reply, cloud, get, post, refresh, start, try_send, with_token};

const ADMIN: UserRole = UserRole::Administrator;

fn text(answer: &Value, name: &str) -> String {
    answer[name].as_str().unwrap().to_owned()
}

async fn ask(cloud: &Cloud, form: &str) -> Reply {
    post(&format!("{}/oauth/token/", cloud.oauth_url()), FORM, form).await
}

#[tokio::test]
async fn a_refresh_answers_with_everything_and_works_over_get_too() {
    let cloud = cloud(Seed::Demo).await;
    let portal = cloud.portal(1);
    let (_, token) = portal.token_pair(UserRole::Employee);
    let query = format!("grant_type=refresh_token&{CLIENT}&refresh_token={token}");
    let url = format!("{}/oauth/token/?{query}", cloud.oauth_url());
    let mut answer = get(&url).await.json();
    for name in ["access_token", "refresh_token", "expires"] {
        assert_ne!(answer[name].take(), Value::Null, "{name}");
    }
    let host = cloud.oauth_url().strip_prefix("http://").unwrap();
    assert_eq!(
        answer,
        json!({
            "access_token": null, "refresh_token": null, "expires": null, "expires_in": 3600,
            "scope": "crm,placement,user_brief,department", "domain": host,
            "server_endpoint": format!("{}/rest/", cloud.oauth_url()), "status": "F",
            "client_endpoint": portal.client_endpoint(), "member_id": portal.member_id(),
            "user_id": 12,
        })
    );
}

#[tokio::test]
async fn strict_rotation_refuses_a_used_token_at_once() {
    let cloud = cloud(Seed::Empty).await;
    let (_, token) = cloud.portal(1).token_pair(ADMIN);
    assert_eq!(refresh(&cloud, &token).await.status, 200);
    refresh(&cloud, &token)
        .await
        .is_refusal(400, "invalid_grant");
}

#[tokio::test]
async fn lenient_rotation_refuses_it_once_the_new_pair_is_used() {
    let cloud = cloud(Seed::Empty).await;
    cloud.set_knobs(Knobs {
        rotation: Rotation::Lenient,
        ..Knobs::default()
    });
    let (_, token) = cloud.portal(1).token_pair(ADMIN);
    refresh(&cloud, &token).await;
    let second = refresh(&cloud, &token).await.json();
    let access = text(&second, "access_token");
    assert_eq!(
        with_token(cloud.portal(1), &access, "profile").await.status,
        200
    );
    refresh(&cloud, &token)
        .await
        .is_refusal(400, "invalid_grant");
    let next = text(&second, "refresh_token");
    assert_eq!(refresh(&cloud, &next).await.status, 200);
}

#[tokio::test]
async fn a_refresh_token_lives_for_180_days() {
    let cloud = cloud(Seed::Empty).await;
    let portal = cloud.portal(1);
    let (access, token) = portal.token_pair(ADMIN);
    let (_, other) = portal.token_pair(ADMIN);
    cloud.pass(Duration::from_secs(3601));
    with_token(portal, &access, "profile")
        .await
        .is_refusal(401, "expired_token");
    cloud.pass(Duration::from_secs(179 * 86_400));
    assert_eq!(refresh(&cloud, &token).await.status, 200);
    cloud.pass(Duration::from_secs(86_400));
    refresh(&cloud, &other)
        .await
        .is_refusal(400, "invalid_grant");
}

#[tokio::test]
async fn wrong_clients_and_forms_are_refused() {
    let cloud = cloud(Seed::Empty).await;
    let (_, token) = cloud.portal(1).token_pair(ADMIN);
    let wrong = format!(
        "grant_type=refresh_token&client_id=app.sim&client_secret=no&refresh_token={token}"
    );
    ask(&cloud, &wrong).await.is_refusal(401, "invalid_client");
    cloud.set_knobs(Knobs {
        wrong_client: true,
        ..Knobs::default()
    });
    ask(&cloud, &wrong).await.is_refusal(200, "wrong_client");
    let form = format!("{CLIENT}&grant_type=refresh_token");
    ask(&cloud, &form).await.is_refusal(400, "invalid_request");
    ask(&cloud, &format!("{form}&refresh_token=bogus"))
        .await
        .is_refusal(400, "invalid_grant");
    ask(&cloud, &format!("{CLIENT}&grant_type=password"))
        .await
        .is_refusal(400, "invalid_request");
    assert_eq!(refresh(&cloud, &token).await.status, 200, "still unused");
}

#[tokio::test]
async fn an_uninstalled_portal_is_told_in_three_ways() {
    let cloud = cloud(Seed::Empty).await;
    let (_, token) = cloud.portal(1).token_pair(ADMIN);
    cloud.portal(1).uninstall(true);
    for (uninstalled_oauth, code) in [
        (UninstalledOauth::NotInstalled, "NOT_INSTALLED"),
        (UninstalledOauth::InvalidClient, "invalid_client"),
        (UninstalledOauth::PaymentRequired, "PAYMENT_REQUIRED"),
    ] {
        cloud.set_knobs(Knobs {
            uninstalled_oauth,
            ..Knobs::default()
        });
        refresh(&cloud, &token).await.is_refusal(401, code);
    }
}

#[tokio::test]
async fn a_code_goes_to_the_application_and_is_good_once_and_for_30_seconds() {
    let cloud = cloud(Seed::Demo).await;
    let portal = cloud.portal(1);
    let authorize = |query: &str| {
        let url = format!("{}/oauth/authorize/?{query}", portal.base_url());
        async move { get(&url).await }
    };
    let code = |reply: &Reply| {
        let line = reply
            .head
            .lines()
            .find(|line| line.starts_with("location: "));
        let address = line.unwrap().strip_prefix("location: ").unwrap();
        let (target, query) = address.split_once('?').unwrap();
        assert_eq!(target, "http://127.0.0.1:3000/bitrix/oauth");
        let pairs: Vec<(String, String)> = form_urlencoded::parse(query.as_bytes())
            .into_owned()
            .collect();
        let value = |name: &str| pairs.iter().find(|(key, _)| key == name).unwrap().1.clone();
        assert_eq!(
            (value("state"), value("domain")),
            ("abc".into(), portal.domain())
        );
        assert_eq!(value("member_id"), portal.member_id());
        value("code")
    };
    let trade = |code: String| {
        let form = format!("{CLIENT}&grant_type=authorization_code&code={code}");
        let cloud = &cloud;
        async move { ask(cloud, &form).await }
    };
    let reply = authorize("client_id=app.sim&state=abc&user=12").await;
    assert_eq!(reply.status, 302);
    let first = code(&reply);
    let pair = trade(first.clone()).await.json();
    assert_eq!(pair["user_id"], 12);
    let access = text(&pair, "access_token");
    assert_eq!(with_token(portal, &access, "profile").await.status, 200);
    trade(first).await.is_refusal(400, "invalid_grant");

    let late = code(&authorize("client_id=app.sim&state=abc").await);
    cloud.pass(Duration::from_secs(31));
    trade(late).await.is_refusal(400, "invalid_grant");
    assert_eq!(authorize("client_id=other&state=abc").await.status, 400);
    assert_eq!(authorize("client_id=app.sim&user=38").await.status, 400);
    portal.uninstall(false);
    assert_eq!(authorize("client_id=app.sim&state=abc").await.status, 400);
}

/// Sets a fault, asks for a refresh, and tells whether the token was traded in.
async fn rotated_under(cloud: &Cloud, fault: Fault) -> bool {
    let (_, token) = cloud.portal(1).token_pair(ADMIN);
    cloud.clear_ledger();
    cloud.set_oauth_fault(fault);
    let form = format!("grant_type=refresh_token&{CLIENT}&refresh_token={token}");
    let url = format!("{}/oauth/token/", cloud.oauth_url());
    let asked = try_send("POST", &url, FORM, &form);
    let outcome = tokio::time::timeout(Duration::from_secs(1), asked).await;
    let is_good = |reply: &Reply| {
        serde_json::from_str::<Value>(&reply.body)
            .is_ok_and(|body| body["access_token"].is_string())
    };
    assert!(
        !matches!(&outcome, Ok(Ok(reply)) if is_good(reply)),
        "{outcome:?}"
    );
    cloud.clear_oauth_faults();
    let again = refresh(cloud, &token).await.status;
    let rotated = cloud.ledger()[0].rotated;
    assert_eq!(again, if rotated { 400 } else { 200 });
    rotated
}

#[tokio::test]
async fn faults_strike_before_the_rotation_or_after_it() {
    let cloud = cloud(Seed::Empty).await;
    for effect in [
        Effect::Hang,
        Effect::Reset,
        Effect::Html { status: 502 },
        Effect::internal_error(),
    ] {
        let before = Fault::method("oauth/token", effect.clone());
        assert!(!rotated_under(&cloud, before).await, "{effect:?}");
        let after = Fault::after_rotation(1, effect.clone());
        assert!(rotated_under(&cloud, after).await, "{effect:?}");
    }
    let cut = Fault::after_rotation(1, Effect::TruncatedJson);
    assert!(rotated_under(&cloud, cut).await);
    let late = Fault::after_rotation(1, Effect::Delay { ms: 5000 });
    assert!(rotated_under(&cloud, late).await);
    let slow = Fault::method("oauth/token", Effect::Delay { ms: 5000 });
    assert!(!rotated_under(&cloud, slow).await);
}

#[tokio::test]
async fn rel_09_answers_can_be_mixed_up() {
    let cloud = start(Options {
        portals: 2,
        ..Options::default()
    })
    .await;
    let (_, token) = cloud.portal(1).token_pair(ADMIN);
    cloud.set_oauth_fault(Fault::MixedUpPair { times: Some(1) });
    let answer = refresh(&cloud, &token).await.json();
    assert_eq!(answer["member_id"], cloud.portal(2).member_id());
    let access = text(&answer, "access_token");
    assert_eq!(
        with_token(cloud.portal(2), &access, "profile").await.status,
        200
    );
    refresh(&cloud, &token)
        .await
        .is_refusal(400, "invalid_grant");
    let (_, token) = cloud.portal(1).token_pair(ADMIN);
    let honest = refresh(&cloud, &token).await.json();
    assert_eq!(honest["member_id"], cloud.portal(1).member_id());
}
