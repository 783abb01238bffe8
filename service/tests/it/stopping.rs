//! REL-26: a process that stops gives back what it had taken; others go on within two seconds.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crmap_service::{Services, Settings};
use tokio::sync::watch;

use crate::support::{Stand, settings};

/// Works until it is told to stop.
fn work(services: &Arc<Services>) -> (watch::Sender<bool>, tokio::task::JoinHandle<()>) {
    let (stop, stopped) = watch::channel(false);
    (stop, tokio::spawn(Arc::clone(services).work(stopped)))
}

#[tokio::test]
async fn rel_26_a_portal_that_is_asked_how_it_stands_is_given_back_at_once() {
    let stand = Stand::new().await;
    stand.install().await;
    stand.world.answers_late(true);
    stand.clock.pass(time::Duration::days(200));
    let (stop, working) = work(&stand.services);
    stand.settle(async || stand.world.is_waiting()).await;
    let (lease, now) = (Duration::from_secs(60), stand.clock.shown());
    let taken = async || {
        let taken = stand.store.due_portals("another", lease, 8, now).await;
        taken.unwrap().len()
    };
    assert_eq!(taken().await, 0, "it is being asked");
    let told = Instant::now();
    stop.send_replace(true);
    working.await.unwrap();
    assert_eq!(taken().await, 1);
    assert!(told.elapsed() < Duration::from_secs(2));
}

#[tokio::test]
async fn rel_26_a_refresh_that_was_sent_is_waited_for() {
    let stand = Stand::installed().await;
    stand.world.expire();
    stand.world.refreshes_late(true);
    let (asking, portal) = (Arc::clone(&stand.services), stand.portal.clone());
    let asked = tokio::spawn(async move { asking.check(&portal).await });
    let held = async || {
        let chains = stand.chains().await;
        chains.iter().any(|chain| chain.lease_until.is_some())
    };
    stand.settle(held).await;
    // Whoever asked goes away; the process ends after the token has come.
    asked.abort();
    let answer = async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        stand.world.refreshes_late(false);
    };
    tokio::join!(stand.services.close(), answer);
    assert_eq!(stand.world.count("refresh"), 1);
    let chains = stand.chains().await;
    let renewed = chains.iter().find(|chain| chain.generation == 1);
    assert!(
        renewed.is_some_and(|chain| chain.lease_until.is_none()),
        "{chains:?}"
    );
}

#[tokio::test]
async fn rel_26_a_process_at_rest_ends_at_once() {
    let stand = Stand::with(Settings {
        worker_pace: Duration::from_secs(60),
        ..settings()
    })
    .await;
    stand.install().await;
    let (stop, working) = work(&stand.services);
    tokio::time::sleep(Duration::from_millis(50)).await;
    let told = Instant::now();
    stop.send_replace(true);
    working.await.unwrap();
    stand.services.close().await;
    assert!(told.elapsed() < Duration::from_secs(1));
}
