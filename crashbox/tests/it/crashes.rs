//! Killed in the middle of a refresh, with a second person's tokens at hand (REL-03).

use crmap_crashbox::{Bug, Said, fingerprint};
use crmap_store::ChainStatus;
use futures::{Future, StreamExt};
use secrecy::ExposeSecret;

use crate::support::*;

/// How many are killed at each point in the ordinary run; nine tests make 225 kills.
const KILLS: u64 = 25;
/// How many scenes are played at a time.
const AT_ONCE: usize = 8;

/// Plays a scene `CRASHBOX_KILLS` times.
async fn many<F: Future<Output = Result<(), Violation>>>(
    name: &str,
    scene: impl Fn(Chance) -> F,
) -> Result<(), Violation> {
    let chance = Chance::new(name);
    let kills = number_from("CRASHBOX_KILLS", KILLS);
    let scenes = (0..kills).map(|number| {
        let played = scene(chance.part(number));
        async move { (number, played.await) }
    });
    let mut played = futures::stream::iter(scenes).buffer_unordered(AT_ONCE);
    while let Some((number, outcome)) = played.next().await {
        if let Err(violation) = outcome {
            eprintln!("{name}: scene {number}: {violation:?}");
            return Err(violation);
        }
    }
    Ok(())
}

async fn killed_at(crash: Crash, mut chance: Chance) -> Result<(), Violation> {
    let mut scene = Scene::strict(Kind::Sqlite).await;
    let falls_back = kill_in_refresh(&mut scene, crash, &mut chance).await;
    let ends = crash.loses_the_pair() && !falls_back;
    let refused = recovers(&mut scene, &mut chance).await?;
    if refused > usize::from(crash.loses_the_pair()) {
        return Err(Violation::Refused { count: refused });
    }
    let user = scene.user(Person::Administrator);
    match chain_after(&mut scene).await? {
        ChainStatus::ReauthRequired if ends => {}
        ChainStatus::Active if !ends => {}
        status => return Err(Violation::ChainLost { user, status }),
    }
    scene.is_served("one").await?;
    scene.only_stored_were_used()
}

async fn killed_some_time(mut chance: Chance) -> Result<(), Violation> {
    let mut scene = Scene::strict(Kind::Sqlite).await;
    let falls_back = kill_some_time(&mut scene, &mut chance).await;
    let refused = recovers(&mut scene, &mut chance).await?;
    let user = scene.user(Person::Administrator);
    match chain_after(&mut scene).await? {
        ChainStatus::Active if refused <= 1 => {}
        ChainStatus::ReauthRequired if !falls_back && refused == 1 && used_up(&scene) => {}
        status => return Err(Violation::ChainLost { user, status }),
    }
    scene.is_served("one").await?;
    scene.only_stored_were_used()
}

/// Whether the administrator's last token was used up before it was refused: the authority may have
/// been at it still when the process was dead.
fn used_up(scene: &Scene) -> bool {
    let refreshes = scene.refreshes_of(Person::Administrator);
    let refused = refreshes.iter().rfind(|entry| !entry.rotated);
    refused.is_some_and(|refused| {
        refreshes
            .iter()
            .any(|entry| entry.rotated && entry.token == refused.token)
    })
}

/// Starts anew and lets the doubtful token be looked at, by the worker or by somebody who needs it.
/// Gives how many tokens the authority refused meanwhile.
async fn recovers(scene: &mut Scene, chance: &mut Chance) -> Result<usize, Violation> {
    let refused_before = refused(scene);
    let worker_first = chance.either();
    if worker_first {
        is_calm(&scene.work("one").await)?;
    }
    let before = scene.cloud.ledger().len();
    let heard = scene.check("one", None).await;
    served(&heard, &scene.cloud.ledger().split_off(before))?;
    if !worker_first && chance.either() {
        is_calm(&scene.work("one").await)?;
    }
    Ok(refused(scene) - refused_before)
}

/// What has become of the administrator's chain. An active one must hold the newest pair that the
/// authority gave.
async fn chain_after(scene: &mut Scene) -> Result<ChainStatus, Violation> {
    let user = scene.user(Person::Administrator);
    let store = scene.base.open("one").await;
    scene.note_database(&store).await;
    let chain = patiently(|| store.chain(&scene.member, user))
        .await
        .unwrap();
    close(store).await;
    if chain.status == ChainStatus::Active {
        let access = chain.access.unwrap();
        if fingerprint(access.expose_secret()) != newest_access(&scene.cloud, 1, user) {
            return Err(Violation::NotTheNewest { user });
        }
    }
    Ok(chain.status)
}

fn refused(scene: &Scene) -> usize {
    let refreshes = scene.cloud.refreshes();
    refreshes.iter().map(|count| count.refused).sum()
}

fn is_calm(heard: &[Said]) -> Result<(), Violation> {
    match heard.last() {
        Some(Said::Calm) => Ok(()),
        _ => Err(Violation::InDoubt),
    }
}

macro_rules! rel_03 {
    ($($name:ident: $crash:expr;)+) => {$(
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $name() {
            let scene = |chance| killed_at($crash, chance);
            many(stringify!($name), scene).await.unwrap();
        }
    )+};
}

rel_03! {
    rel_03_killed_at_p0_before_the_lease: Crash::at("P0");
    rel_03_killed_at_p1_before_the_request: Crash::at("P1");
    rel_03_killed_at_p2_while_the_token_is_untouched: Crash { rotated: false, ..Crash::at("P2") };
    rel_03_killed_at_p2_when_the_token_is_used_up: Crash::at("P2");
    rel_03_killed_at_p3_with_the_pair_in_memory: Crash::at("P3");
    rel_03_killed_at_p4_with_the_pair_in_the_journal: Crash::at("P4");
    rel_03_killed_at_p5_with_the_pair_in_the_database: Crash::at("P5");
    rel_03_killed_at_p6_when_all_is_done: Crash::at("P6");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rel_03_killed_at_no_particular_moment() {
    let name = "rel_03_killed_at_no_particular_moment";
    many(name, killed_some_time).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rel_03_catches_a_protocol_without_a_journal() {
    let crash = Crash {
        bug: Some(Bug::NoSpill),
        ..Crash::at("P4")
    };
    let chance = Chance::new("rel_03_catches_a_protocol_without_a_journal");
    let caught = killed_at(crash, chance).await;
    assert_eq!(caught, Err(Violation::Refused { count: 1 }));
}
