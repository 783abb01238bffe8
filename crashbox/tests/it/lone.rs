//! Killed in the middle of a refresh with nobody else's tokens at hand, where a refresh token works
//! once (REL-03): what cannot be saved is known to be lost, and the next opening heals it.

use crmap_crashbox::Said;
use portal_sim::Knobs;

use crate::support::*;

/// How many scenes are played at each point.
const SCENES: u64 = 3;

async fn killed_at(crash: Crash, mut chance: Chance) -> Result<(), Violation> {
    let people = [Person::Administrator];
    let mut scene = Scene::new(Kind::Sqlite, Knobs::default(), &people).await;
    let falls_back = kill_in_refresh(&mut scene, crash, &mut chance).await;
    if chance.either() {
        scene.work("one").await;
    }
    let before = scene.cloud.ledger().len();
    let heard = scene.check("one", None).await;
    let served_before = served(&heard, &scene.cloud.ledger().split_off(before));
    if crash.loses_the_pair() && !falls_back {
        is_known_to_be_lost(served_before)?;
        heals(&mut scene).await?;
    } else {
        served_before?;
    }
    // A pair out of the journal is stored by whoever starts next.
    let store = scene.base.open("one").await;
    scene.note_database(&store).await;
    close(store).await;
    scene.is_served("one").await?;
    scene.only_stored_were_used()
}

/// Somebody has to open the application, and the portal's state says so.
fn is_known_to_be_lost(served: Result<(), Violation>) -> Result<(), Violation> {
    match served {
        Err(Violation::PortalLost { state, reason })
            if state == "revoked" && !reason.is_empty() =>
        {
            Ok(())
        }
        Err(otherwise) => Err(otherwise),
        Ok(()) => Err(Violation::Unexplained),
    }
}

async fn heals(scene: &mut Scene) -> Result<(), Violation> {
    let before = scene.cloud.ledger().len();
    let heard = scene.reopen("one", Person::Administrator).await;
    assert!(
        heard.contains(&Said::Opened("page".to_owned())),
        "{heard:?}"
    );
    served(&heard, &scene.cloud.ledger().split_off(before))
}

macro_rules! rel_03_alone {
    ($($name:ident: $crash:expr;)+) => {$(
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $name() {
            let chance = Chance::new(stringify!($name));
            for number in 0..SCENES {
                killed_at($crash, chance.part(number)).await.unwrap();
            }
        }
    )+};
}

rel_03_alone! {
    rel_03_alone_at_p0_nothing_is_lost: Crash::at("P0");
    rel_03_alone_at_p1_nothing_is_lost: Crash::at("P1");
    rel_03_alone_at_p2_an_untouched_token_is_not_lost:
        Crash { rotated: false, ..Crash::at("P2") };
    rel_03_alone_at_p2_the_next_opening_heals: Crash::at("P2");
    rel_03_alone_at_p3_the_next_opening_heals: Crash::at("P3");
    rel_03_alone_at_p4_nothing_is_lost: Crash::at("P4");
    rel_03_alone_at_p5_nothing_is_lost: Crash::at("P5");
    rel_03_alone_at_p6_nothing_is_lost: Crash::at("P6");
}
