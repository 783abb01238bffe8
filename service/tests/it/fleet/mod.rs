//! Portals that are read by themselves, and all at once when their owner asks (REL-11 to 20).

mod by_itself;
mod runs;
mod soak;
mod together;

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;

use crmap_domain::MemberId;
use crmap_domain::cabinet::RunProgress;
use crmap_service::{ReadingTimes, Services, Settings, Visitor};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::cabinet_links::{Owner, link_from, owner, portal};
use crate::support::{Stand, settings};

/// Short waits, and leases that last on a slow machine.
fn quick() -> Settings {
    Settings {
        worker_pace: Duration::from_millis(10),
        reading_patience: Duration::from_secs(20),
        reading: ReadingTimes {
            lease: Duration::from_secs(10),
            heartbeat: Duration::from_secs(1),
            look: Duration::from_millis(5),
            slow_after: Duration::from_millis(100),
            grace: Duration::from_millis(50),
        },
        ..settings()
    }
}

/// `count` portals that are linked to one cabinet, an hour after their first readings.
async fn fleet(stand: &Stand, count: u8) -> (Owner, Vec<MemberId>) {
    let owner = owner(stand, 1).await;
    let mut portals = Vec::new();
    for number in 1..=count {
        let portal = portal(stand, number).await;
        // Everybody comes from a network of their own: tries are counted by those.
        link_from(stand, &portal, &owner, &visitor_of(number)).await;
        portals.push(portal);
    }
    stand.clock.pass(time::Duration::hours(1));
    stand.world.forget();
    (owner, portals)
}

fn visitor_of(number: u8) -> Visitor {
    Visitor {
        ip: IpAddr::V4(Ipv4Addr::new(198, 18, number, 1)),
        agent: "Firefox".to_owned(),
    }
}

/// A worker that goes on until it is told to stop.
struct Work {
    stop: watch::Sender<bool>,
    working: JoinHandle<()>,
}

impl Work {
    fn begin(services: &Arc<Services>) -> Self {
        let (stop, stopped) = watch::channel(false);
        let working = tokio::spawn(Arc::clone(services).work(stopped));
        Self { stop, working }
    }

    async fn stop(self) {
        self.stop.send_replace(true);
        self.working.await.unwrap();
    }

    /// As a process that is killed: nothing is given back.
    async fn kill(self) {
        self.working.abort();
        assert!(self.working.await.unwrap_err().is_cancelled());
    }
}

async fn progress(stand: &Stand, owner: &Owner) -> RunProgress {
    let progress = stand.services.run_progress(&owner.entered).await;
    progress.unwrap().unwrap()
}

/// Waits until the cabinet's run is at its end.
async fn finished(stand: &Stand, owner: &Owner) -> RunProgress {
    for _ in 0..2_000 {
        let progress = progress(stand, owner).await;
        if progress.finished_at.is_some() {
            assert_eq!(progress.done(), progress.total);
            return progress;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("it never ends: {:?}", progress(stand, owner).await);
}
