//! An authority that answers with another portal's pair (REL-09).

use crmap_crashbox::{Bug, Said, fingerprint};
use crmap_store::{Chain, ChainStatus};
use portal_sim::Fault;
use secrecy::ExposeSecret;

use crate::support::*;

async fn mixed_up(bug: Option<Bug>) -> Result<(), Violation> {
    let mut scene = Scene::strict(Kind::Sqlite).await;
    let user = scene.user(Person::Administrator);
    scene.portal().expire_access_tokens();
    scene
        .cloud
        .set_oauth_fault(Fault::MixedUpPair { times: Some(1) });
    let before = scene.cloud.ledger().len();
    let heard = scene.check("one", bug).await;
    let foreign = newest_access(&scene.cloud, 2, 1);
    let chain = chain_of(&scene, user).await;
    let kept = chain
        .access
        .as_ref()
        .is_some_and(|access| fingerprint(access.expose_secret()) == foreign);
    if kept || scene.was_presented(&foreign) || !scene.cloud.violations().is_empty() {
        return Err(Violation::Foreign);
    }
    let status = chain.status;
    if status != ChainStatus::Ambiguous {
        return Err(Violation::ChainLost { user, status });
    }
    served(&heard, &scene.cloud.ledger().split_off(before))?;
    // The token was used up for nothing, as the second try finds.
    if scene.work("one").await.last() != Some(&Said::Calm) {
        return Err(Violation::InDoubt);
    }
    let status = chain_of(&scene, user).await.status;
    if status != ChainStatus::ReauthRequired {
        return Err(Violation::ChainLost { user, status });
    }
    scene.is_served("one").await?;
    scene.only_stored_were_used()
}

async fn chain_of(scene: &Scene, user: i64) -> Chain {
    let store = scene.base.open("one").await;
    let chain = patiently(|| store.chain(&scene.member, user)).await;
    close(store).await;
    chain.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rel_09_another_portals_pair_is_neither_stored_nor_used() {
    mixed_up(None).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rel_09_catches_a_process_that_believes_anybody() {
    let caught = mixed_up(Some(Bug::BelieveAnybody)).await;
    assert_eq!(caught, Err(Violation::Foreign));
}
