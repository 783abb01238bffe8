//! Tokens over time: when they are refreshed, whose serve, and what an opening may do to them.

use crmap_crm::{Clock as _, CrmError};
use crmap_domain::{Lang, PortalState};
use crmap_service::Arrival;
use crmap_store::ChainStatus;
use secrecy::SecretString;

use crate::support::{ADMIN, EMPLOYEE, Stand};

#[tokio::test]
async fn rel_05_a_token_is_refreshed_when_it_has_run_out_and_never_before() {
    let stand = Stand::installed().await;
    for _ in 0..10 {
        stand.services.check(&stand.portal).await.unwrap();
    }
    assert_eq!(stand.world.count("refresh"), 0);
    stand.world.expire();
    for _ in 0..10 {
        stand.services.check(&stand.portal).await.unwrap();
    }
    assert_eq!(stand.world.count("refresh"), 1);
    assert_eq!(stand.known().await.unwrap().state, PortalState::Ok);
}

#[tokio::test]
async fn rel_05_an_idle_portal_is_left_alone_for_months_and_kept_alive() {
    let stand = Stand::installed().await;
    stand.services.check(&stand.portal).await.unwrap();
    stand.world.forget();
    for _day in 0..119 {
        stand.clock.pass(time::Duration::days(1));
        stand.work().await;
    }
    assert_eq!(stand.world.log(), Vec::<String>::new());
    stand.world.expire();
    for _day in 119..152 {
        stand.clock.pass(time::Duration::days(1));
        stand.work().await;
    }
    assert_eq!(stand.world.count("refresh"), 1);
}

#[tokio::test]
async fn rel_01_a_hundred_who_need_the_same_token_refresh_it_once() {
    let stand = Stand::installed().await;
    for _generation in 0..5 {
        stand.world.forget();
        stand.world.expire();
        let asking = (0..100).map(|_| {
            let (services, portal) = (stand.services.clone(), stand.portal.clone());
            tokio::spawn(async move { services.check(&portal).await.unwrap().unwrap().state })
        });
        for one in asking.collect::<Vec<_>>() {
            assert_eq!(one.await.unwrap(), PortalState::Ok);
        }
        assert_eq!(stand.world.count("refresh"), 1);
    }
}

/// SEC-06: what an opening says of the refresh token is kept apart from what a refresh gave.
#[tokio::test]
async fn sec_06_a_thousand_poisoned_openings_do_not_harm_a_healthy_chain() {
    let stand = Stand::installed().await;
    stand.world.expire();
    stand.services.check(&stand.portal).await.unwrap();
    stand.world.forget();
    for round in 0..1_000 {
        let mut arrival = stand.arrival(ADMIN);
        arrival.refresh_token = Some(SecretString::from(format!("poison-{round}")));
        let _ = stand.services.open(arrival, Lang::Ru).await;
        stand.clock.pass(time::Duration::minutes(21));
    }
    assert_eq!(stand.world.count("refresh"), 0);
    stand.world.expire();
    stand.services.check(&stand.portal).await.unwrap();
    assert_eq!(stand.known().await.unwrap().state, PortalState::Ok);
    assert_eq!(stand.world.count("refresh 1"), 1, "the proved token served");
}

#[tokio::test]
async fn sec_06_a_candidate_serves_when_the_proved_token_is_refused() {
    let stand = Stand::installed().await;
    stand.world.expire();
    stand.services.check(&stand.portal).await.unwrap();
    // The proved token dies, a new opening brings another one, and its access token runs out too.
    stand.world.revoke(None);
    stand.clock.pass(time::Duration::hours(1));
    stand.open(ADMIN).await;
    stand.world.expire();
    stand.world.forget();
    stand.services.check(&stand.portal).await.unwrap();
    assert_eq!(
        stand.world.count("refresh"),
        2,
        "the dead one, then the candidate"
    );
    assert_eq!(stand.known().await.unwrap().state, PortalState::Ok);
}

#[tokio::test]
async fn rel_07_when_one_person_is_gone_the_next_ones_rights_serve() {
    let stand = Stand::installed().await;
    stand.world.revoke(Some(ADMIN));
    stand.services.check(&stand.portal).await.unwrap();
    assert_eq!(stand.known().await.unwrap().state, PortalState::Ok);
    assert_eq!(stand.world.count("standing"), 2, "{:?}", stand.world.log());
    let chain = stand.chain(ADMIN).await;
    assert_eq!(chain.status, ChainStatus::ReauthRequired);
    stand.world.forget();
    stand.services.check(&stand.portal).await.unwrap();
    assert_eq!(
        stand.world.count("standing"),
        1,
        "the dead chain is not tried again"
    );
}

#[tokio::test]
async fn without_any_token_the_next_opening_heals_the_portal() {
    let stand = Stand::installed().await;
    stand.world.revoke(None);
    stand.services.check(&stand.portal).await.unwrap();
    let portal = stand.known().await.unwrap();
    assert_eq!(portal.state, PortalState::Revoked);
    let next = portal.next_probe_at.unwrap() - stand.clock.now();
    assert!(next > time::Duration::days(30), "nobody could be asked");
    stand.clock.pass(time::Duration::hours(1));
    stand.open(EMPLOYEE).await;
    let healed = async || stand.known().await.unwrap().state == PortalState::Ok;
    stand.settle(healed).await;
    stand.world.expire();
    stand.services.check(&stand.portal).await.unwrap();
    assert_eq!(stand.known().await.unwrap().state, PortalState::Ok);
}

#[tokio::test]
async fn the_opening_that_a_portal_asks_for_heals_it_however_soon_it_comes() {
    let stand = Stand::installed().await;
    stand.open(EMPLOYEE).await;
    stand.clock.pass(time::Duration::minutes(1));
    stand.world.revoke(None);
    stand.services.check(&stand.portal).await.unwrap();
    assert_eq!(stand.known().await.unwrap().state, PortalState::Revoked);
    stand.clock.pass(time::Duration::minutes(1));
    stand.open(EMPLOYEE).await;
    let healed = async || stand.known().await.unwrap().state == PortalState::Ok;
    stand.settle(healed).await;
    stand.services.check(&stand.portal).await.unwrap();
    let portal = stand.known().await.unwrap();
    assert_eq!(
        (portal.state, portal.reason.as_str()),
        (PortalState::Ok, "")
    );
}

#[tokio::test]
async fn an_opening_brings_what_a_page_that_went_on_could_not() {
    let stand = Stand::installed().await;
    let candidate = async || stand.chain(50).await.has_candidate;
    let goes_on = Arrival {
        refresh_token: None,
        ..stand.arrival(50)
    };
    stand.open_by(goes_on).await;
    assert!(!candidate().await);
    stand.clock.pass(time::Duration::minutes(1));
    stand.open(50).await;
    assert!(candidate().await);
}

#[tokio::test]
async fn rel_09_somebody_elses_pair_is_neither_stored_nor_used() {
    let stand = Stand::installed().await;
    let before = stand.chain(ADMIN).await;
    stand.world.expire();
    stand.world.mix_up(true);
    stand.services.check(&stand.portal).await.unwrap();
    let chain = stand.chain(ADMIN).await;
    assert_eq!(chain.generation, before.generation);
    assert_eq!(chain.status, ChainStatus::Ambiguous);
    assert_eq!(stand.known().await.unwrap().state, PortalState::Ok);
}

#[tokio::test]
async fn administrators_come_first_and_only_so_many_chains_are_kept() {
    let stand = Stand::installed().await;
    for user in 100..120 {
        stand.open(user).await;
        stand.clock.pass(time::Duration::minutes(1));
    }
    let chains = stand.chains().await;
    assert_eq!(chains.len(), 5);
    assert_eq!(
        chains[0].user_id, ADMIN,
        "an administrator is not pushed out"
    );
    stand.services.check(&stand.portal).await.unwrap();
    assert_eq!(stand.world.count("standing 1"), 1);
}

#[tokio::test]
async fn f18_a_portal_that_takes_no_token_for_fresh_costs_nobody_a_chain() {
    let stand = Stand::installed().await;
    stand.world.portal_says(Some(|| CrmError::Expired));
    stand.services.check(&stand.portal).await.unwrap();
    let portal = stand.known().await.unwrap();
    assert_eq!(
        (portal.state, portal.reason.as_str()),
        (PortalState::Unreachable, "expired_token")
    );
    for chain in stand.chains().await {
        assert_eq!(chain.status, ChainStatus::Active);
    }
    stand.world.portal_says(None);
    stand.services.check(&stand.portal).await.unwrap();
    assert_eq!(stand.known().await.unwrap().state, PortalState::Ok);
}

/// A portal may not know a token for reasons of its own; the authority knows better.
#[tokio::test]
async fn a_token_that_a_portal_does_not_know_is_refreshed_before_it_is_given_up() {
    let stand = Stand::installed().await;
    stand.world.forget_access_tokens();
    stand.services.check(&stand.portal).await.unwrap();
    assert_eq!(stand.world.count("refresh 1"), 1);
    assert_eq!(stand.known().await.unwrap().state, PortalState::Ok);
    let chain = stand.chain(ADMIN).await;
    assert_eq!((chain.status, chain.generation), (ChainStatus::Active, 2));
}
