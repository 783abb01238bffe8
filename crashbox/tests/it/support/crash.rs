//! Killing a process in the middle of a refresh.

use std::time::Duration;

use crmap_crashbox::{Bug, Said};
use portal_sim::{Effect, Fault};

use super::{Chance, Person, Scene, Worker};

/// For how many milliseconds a killed process seems to be alive to others.
const SHORT: &str = "1000";

/// Where and how a process is killed.
#[derive(Debug, Clone, Copy)]
pub struct Crash {
    /// The point of the protocol (security.md §4).
    pub point: &'static str,
    /// At P2: whether the authority has used the token up.
    pub rotated: bool,
    /// What is wrong with the process.
    pub bug: Option<Bug>,
}

impl Crash {
    pub const fn at(point: &'static str) -> Self {
        Self {
            point,
            rotated: true,
            bug: None,
        }
    }

    /// Whether nobody can know the new pair any more: the token is used up, and the pair was in
    /// memory.
    pub fn loses_the_pair(self) -> bool {
        self.point == "P3" || self.point == "P2" && self.rotated
    }
}

/// Lets the tokens run out, asks the portal, and kills whoever refreshes the administrator's chain
/// at the crash's point. Gives whether the chain has another refresh token to fall back on.
pub async fn kill_in_refresh(scene: &mut Scene, crash: Crash, chance: &mut Chance) -> bool {
    let falls_back = expire(scene, chance).await;
    let before = scene.refreshes_of(Person::Administrator).len();
    let member = scene.member.to_string();
    let asking = ["--lease", SHORT, "check", "--member", &member];
    let heard = if crash.point == "P2" {
        scene.cloud.set_oauth_fault(if crash.rotated {
            Fault::after_rotation(1, Effect::Hang)
        } else {
            Fault::next(1, Effect::Hang)
        });
        let worker = Worker::start(scene, "one", crash.bug, &asking).await;
        scene.asked_after(Person::Administrator, before).await;
        worker.kill().await
    } else {
        let stopping = [&["--stop-at", crash.point], &asking[..]].concat();
        let mut worker = Worker::start(scene, "one", crash.bug, &stopping).await;
        let reached = Said::Reached(crash.point.to_owned());
        worker.until(|said| *said == reached).await;
        worker.kill().await
    };
    scene.note(&heard);
    let asked = scene.refreshes_of(Person::Administrator).len() - before;
    let expected = usize::from(!matches!(crash.point, "P0" | "P1"));
    assert_eq!(asked, expected, "it died elsewhere");
    falls_back
}

/// The same at no particular moment.
pub async fn kill_some_time(scene: &mut Scene, chance: &mut Chance) -> bool {
    let falls_back = expire(scene, chance).await;
    scene
        .cloud
        .set_oauth_fault(Fault::next(1, Effect::Delay { ms: 20 }));
    scene
        .cloud
        .set_oauth_fault(Fault::after_rotation(1, Effect::Delay { ms: 20 }));
    let member = scene.member.to_string();
    let waiting = ["--lease", SHORT, "check", "--member", &member, "--waits"];
    let mut worker = Worker::start(scene, "one", None, &waiting).await;
    worker.until(|said| *said == Said::Ready).await;
    worker.tell("now").await;
    tokio::time::sleep(Duration::from_millis(chance.below(200))).await;
    let heard = worker.kill().await;
    scene.note(&heard);
    scene.cloud.clear_oauth_faults();
    falls_back
}

/// Lets the tokens run out. The chain has a refresh token of an opening, one that a refresh gave, or
/// both; then it gives `true`.
async fn expire(scene: &mut Scene, chance: &mut Chance) -> bool {
    let kind = chance.below(3);
    if kind > 0 {
        scene.portal().expire_access_tokens();
        scene.check("one", None).await;
    }
    if kind > 1 {
        scene.reopen("one", Person::Administrator).await;
    }
    scene.portal().expire_access_tokens();
    kind > 1
}
