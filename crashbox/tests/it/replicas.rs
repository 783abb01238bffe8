//! Another process meets what a killed one left behind (REL-03), in the database that they share.

use crmap_crashbox::{Said, fingerprint};
use crmap_store::{Chain, ChainStatus};
use secrecy::ExposeSecret;

use crate::support::*;

/// Kills the process `one` at a point and lets the process `other` look after the portal. Gives the
/// administrator's chain, and whether it had another refresh token to fall back on.
async fn taken_over(crash: Crash, chance: &mut Chance) -> (Scene, Chain, bool) {
    let mut scene = Scene::strict(Kind::Postgres).await;
    let falls_back = kill_in_refresh(&mut scene, crash, chance).await;
    let before = scene.cloud.ledger().len();
    let heard = scene.check("other", None).await;
    served(&heard, &scene.cloud.ledger().split_off(before)).unwrap();
    assert_eq!(scene.work("other").await.last(), Some(&Said::Calm));
    let chain = chain_of(&mut scene).await;
    (scene, chain, falls_back)
}

async fn chain_of(scene: &mut Scene) -> Chain {
    let user = scene.user(Person::Administrator);
    let store = scene.base.open("test").await;
    scene.note_database(&store).await;
    let chain = patiently(|| store.chain(&scene.member, user)).await;
    close(store).await;
    chain.unwrap()
}

fn holds_the_newest(scene: &Scene, chain: &Chain) -> bool {
    let newest = newest_access(&scene.cloud, 1, chain.user_id);
    let access = chain.access.as_ref();
    access.is_some_and(|access| fingerprint(access.expose_secret()) == newest)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rel_03_another_process_goes_on_where_nothing_is_lost() {
    let mut chance = Chance::new("rel_03_another_process_goes_on_where_nothing_is_lost");
    let untouched = Crash {
        rotated: false,
        ..Crash::at("P2")
    };
    let crashes = [Crash::at("P0"), Crash::at("P1"), untouched, Crash::at("P5")];
    for crash in crashes {
        let (mut scene, chain, _) = taken_over(crash, &mut chance).await;
        assert_eq!(chain.status, ChainStatus::Active, "{crash:?}");
        assert!(holds_the_newest(&scene, &chain), "{crash:?}");
        scene.is_served("other").await.unwrap();
        scene.only_stored_were_used().unwrap();
    }
}

/// The pair lies in the journal of the process that is away: the other one finds the old token used
/// up and goes on with another token, of this person or the next, until the first is back.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rel_03_a_pair_in_the_journal_comes_back_with_its_process() {
    let mut chance = Chance::new("rel_03_a_pair_in_the_journal_comes_back_with_its_process");
    for _ in 0..4 {
        let (mut scene, chain, falls_back) = taken_over(Crash::at("P4"), &mut chance).await;
        if falls_back {
            assert_eq!(chain.status, ChainStatus::Active);
        } else {
            assert_eq!(chain.status, ChainStatus::ReauthRequired);
        }
        scene.check("one", None).await;
        let chain = chain_of(&mut scene).await;
        assert_eq!(chain.status, ChainStatus::Active);
        assert!(holds_the_newest(&scene, &chain));
        let before = scene.refreshes_of(Person::Administrator).len();
        scene.is_served("one").await.unwrap();
        let refreshes = scene.refreshes_of(Person::Administrator);
        assert_eq!(refreshes.len(), before + 1);
        assert_eq!(refreshes[before].outcome, "ok");
        scene.only_stored_were_used().unwrap();
    }
}
