//! REL-52: all portals are read, none of which is quick to answer.

use portal_sim::Fault;
use tokio::time::{Duration, Instant, sleep};

use crate::figures::figure;
use crate::http::Asked;
use crate::town::Town;
use crate::wire::{self, Run, RunOf};

const SCENE: &str = "sync";
const LATENCY_MS: u64 = 100;
/// How long the answer of one reading is that of the next.
const GOOD_FOR: Duration = Duration::from_secs(31);
/// When nobody waits any longer.
const LONGEST: Duration = Duration::from_secs(180);

/// One portal alone, and then all of them at once.
pub async fn sync(town: &Town) -> usize {
    for portal in town.cloud.portals() {
        portal.set_fault(Fault::Latency { ms: LATENCY_MS });
    }
    sleep(GOOD_FOR).await;
    let one = one(town).await;
    sleep(GOOD_FOR).await;
    let cpu = town.server.cpu();
    let all = all(town).await;
    for portal in town.cloud.portals() {
        portal.clear_faults();
    }
    if let Some(one) = one {
        figure(SCENE, "one_portal_seconds", format!("{one:.2}"));
    }
    if let Some(all) = all {
        figure(SCENE, "all_portals_seconds", format!("{all:.2}"));
    }
    town.tell_of_server(SCENE, cpu);
    [one, all].iter().filter(|time| time.is_none()).count()
}

async fn one(town: &Town) -> Option<f64> {
    let owner = &town.sessions[0];
    let began = Instant::now();
    let arguments = (&owner.portals[0], 0_u8);
    let refresh = owner.asks(wire::call("portal/refresh", &arguments));
    let answer = town.wire.ask(&refresh).await.ok()?;
    (answer.status == 200).then(|| began.elapsed().as_secs_f64())
}

async fn all(town: &Town) -> Option<f64> {
    let owner = &town.sessions[0];
    let ask = async |asked: Asked| town.wire.ask(&owner.asks(asked)).await.ok();
    let began = Instant::now();
    ask(wire::call("run/start", &(RunOf::All,))).await?;
    while began.elapsed() < LONGEST {
        let answer = ask(wire::call("run/progress", &()).uncompressed()).await?;
        if let Some(run) = Run::of(&answer.body)
            && run.read == run.total
        {
            let took = began.elapsed().as_secs_f64();
            ask(wire::call("run/put-away", &(run.id,))).await?;
            return Some(took);
        }
        sleep(Duration::from_millis(250)).await;
    }
    None
}
