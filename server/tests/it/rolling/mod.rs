//! REL-26: two processes over one PostgreSQL are stopped and started in turn under load, and nobody
//! notices.
//!
//! `CRMAP_ROLLING=full` makes it ten restarts, one every ten seconds, under a hundred requests a
//! second; `CRMAP_ROLLING_BINARY` names another program than that of this build, such as a release.

mod balancer;
mod replica;
mod visitors;

use std::sync::Arc;
use std::time::Duration;

use portal_sim::{Cloud, Fault};

use crate::house::{CLIENT_SECRET, new_schema};
use crate::site;
use crate::support::{CLIENT_ID, folder};
use balancer::Balancer;
use replica::{Replica, Setting};
use visitors::Visitors;

/// How a process is told to go.
#[derive(Clone, Copy)]
enum Farewell {
    /// As an operator does it.
    Politely,
    /// As if it knew no draining: the fault that must be noticed.
    Rudely,
}

struct Extent {
    restarts: usize,
    /// From one to the next.
    every: Duration,
    /// Requests a second.
    rate: u32,
}

fn extent() -> Extent {
    if std::env::var("CRMAP_ROLLING").is_ok_and(|extent| extent == "full") {
        return Extent {
            restarts: 10,
            every: Duration::from_secs(10),
            rate: 100,
        };
    }
    Extent {
        restarts: 2,
        every: Duration::from_secs(5),
        rate: 16,
    }
}

/// Restarts processes under load; gives how many requests there were, and what went wrong with which.
async fn roll(name: &str, farewell: Farewell) -> (usize, Vec<String>) {
    let folder = folder(&format!("rolling-{name}"));
    site::build(&folder);
    let database = new_schema(&folder);
    let cloud = cloud().await;
    let addresses = [0, 1].map(|_| replica::free_address());
    let settings = addresses.map(|address| Setting {
        address,
        folder: folder.clone(),
        database: database.clone(),
        authority: cloud.oauth_url().to_owned(),
    });
    let mut replicas = settings.map(Replica::start);
    let balancer = Arc::new(Balancer::new(addresses));
    balancer.watch();
    balancer.all_ready().await;
    let Extent {
        restarts,
        every,
        rate,
    } = extent();
    let visitors = Visitors::come(&cloud, &balancer).await;
    let visiting = visitors.ask_on(rate);
    for number in 0..restarts {
        tokio::time::sleep(every).await;
        let replica = &mut replicas[number % 2];
        replica.end(farewell).await;
        replica.start_again();
        balancer.all_ready().await;
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    visiting.end().await
}

async fn cloud() -> Cloud {
    let cloud = Cloud::start(portal_sim::Options {
        portals: 2,
        app: portal_sim::AppRegistration {
            client_id: CLIENT_ID.to_owned(),
            client_secret: CLIENT_SECRET.to_owned(),
            ..portal_sim::AppRegistration::default()
        },
        rate: portal_sim::RateLimit {
            burst: 10_000.0,
            per_second: 1_000.0,
        },
        ..portal_sim::Options::default()
    });
    let cloud = cloud.await.unwrap();
    // So that there is always somebody in the middle of something.
    cloud.set_oauth_fault(Fault::Latency { ms: 300 });
    cloud
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rel_26_processes_are_restarted_under_load_and_no_request_fails() {
    let (asked, failed) = roll("politely", Farewell::Politely).await;
    eprintln!("{asked} requests, {} failed", failed.len());
    assert!(asked > 40, "too few to tell: {asked}");
    assert!(failed.is_empty(), "{failed:#?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rel_26_catches_a_process_that_does_not_drain() {
    let (asked, failed) = roll("rudely", Farewell::Rudely).await;
    eprintln!("{asked} requests, {} failed", failed.len());
    assert!(!failed.is_empty(), "nobody noticed: {asked} requests");
}
