//! Portals that move, swap and leave their names to strangers (F01, F04; §2.7).

use portal_sim::{Cloud, Options, Seed, UserRole};
use serde_json::{Value, json};

use crate::client::{control, get, refresh, start, try_send, with_token};

const ADMIN: UserRole = UserRole::Administrator;

async fn with_spare(portals: usize, spare_addresses: usize) -> Cloud {
    start(Options {
        portals,
        spare_addresses,
        seeds: vec![Seed::Demo],
        ..Options::default()
    })
    .await
}

#[tokio::test]
async fn f01_a_renamed_portal_leaves_a_sign_and_the_authority_knows_its_new_name() {
    let cloud = with_spare(1, 1).await;
    let portal = cloud.portal(1);
    let (old, old_member) = (portal.client_endpoint(), portal.member_id().to_owned());
    let (access, token) = portal.token_pair(ADMIN);
    assert!(portal.rename());
    assert_ne!(portal.client_endpoint(), old);
    assert!(!portal.rename(), "no second spare address");

    let moved = get(&format!("{old}profile?x=1")).await;
    assert!(moved.status == 302 && moved.head.contains("text/html"));
    let target = format!("location: {}profile?x=1", portal.client_endpoint());
    assert!(moved.head.contains(&target), "{}", moved.head);
    let entry = portal.requests().pop().unwrap();
    assert_eq!((entry.status, entry.rest_method.as_str()), (302, "profile"));

    assert_eq!(with_token(portal, &access, "profile").await.status, 200);
    let renewed = refresh(&cloud, &token).await.json();
    assert_eq!(renewed["client_endpoint"], portal.client_endpoint());
    assert_eq!(renewed["member_id"], old_member);
    let access = renewed["access_token"].as_str().unwrap();
    let info = format!("{}/rest/app.info?auth={access}", cloud.oauth_url());
    let info = get(&info).await.json();
    assert_eq!(info["result"]["install"]["domain"], portal.domain());
    let (query, _) = portal.opening_form(ADMIN, "ru");
    assert!(query.contains(&portal.domain().replace(':', "%3A")));
    let state = get(&old.replace("/rest/", "/__control/state")).await;
    assert_eq!(
        state.json()["domain"],
        portal.domain(),
        "the switches stay in reach"
    );
}

#[tokio::test]
async fn a_spare_address_answers_nobody() {
    let cloud = with_spare(1, 1).await;
    let spare = cloud.portal(1).base_url().replace("127.0.0.2", "127.0.0.3");
    let nobody = try_send("GET", &format!("{spare}/"), "text/plain", "").await;
    assert!(nobody.is_err());
    assert_eq!(cloud.portals().count(), 1);
}

#[tokio::test]
async fn f01_two_portals_swap_their_names() {
    let cloud = with_spare(2, 0).await;
    let (one, two) = (cloud.portal(1), cloud.portal(2));
    let (first, second) = (one.domain(), two.domain());
    let token = one.access_token(ADMIN);
    one.swap_names(two);
    assert_eq!((one.domain(), two.domain()), (second, first.clone()));
    let stale = get(&format!("http://{first}/rest/profile?auth={token}")).await;
    stale.is_refusal(401, "NO_AUTH_FOUND");
    assert_eq!(cloud.violations().len(), 1);
    assert_eq!(with_token(one, &token, "profile").await.status, 200);
}

#[tokio::test]
async fn f04_a_stranger_registers_the_name_that_was_left() {
    let cloud = with_spare(1, 1).await;
    let portal = cloud.portal(1);
    let old = portal.domain();
    assert_eq!(portal.give_former_name_away(), None, "nothing was left yet");
    portal.rename();
    let stranger = portal.give_former_name_away().unwrap();
    let stranger = cloud.portal(stranger);
    assert_eq!(stranger.domain(), old);
    assert_ne!(stranger.member_id(), portal.member_id());
    assert_eq!(cloud.portals().count(), 2);
    let token = stranger.access_token(ADMIN);
    assert_eq!(with_token(stranger, &token, "profile").await.status, 200);
    assert_eq!(portal.give_former_name_away(), None);
}

#[tokio::test]
async fn names_also_change_over_http() {
    let cloud = with_spare(2, 1).await;
    let (one, two) = (cloud.portal(1), cloud.portal(2));
    let (first, second) = (one.domain(), two.domain());
    let act = |action: Value| {
        let base = one.base_url();
        async move { assert_eq!(control(&base, "do", &action).await.status, 200, "{action}") }
    };
    act(json!({"do": "swap_names", "portal": 2})).await;
    assert_eq!((one.domain(), two.domain()), (second.clone(), first));
    act(json!({"do": "rename"})).await;
    act(json!({"do": "give_former_name_away"})).await;
    assert_eq!(cloud.portal(3).domain(), second);
    for impossible in [
        json!({"do": "rename"}),
        json!({"do": "give_former_name_away"}),
        json!({"do": "swap_names", "portal": 77}),
    ] {
        let reply = control(&one.base_url(), "do", &impossible).await;
        assert_eq!((reply.status, &reply.json()["ok"]), (400, &json!(false)));
    }
    let url = format!("{}/__control/portals", cloud.oauth_url());
    assert_eq!(get(&url).await.json().as_array().unwrap().len(), 3);
}
