//! The portal's limits: kept by ourselves, and survived when others use them up (REL-15 to REL-17).

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crmap_bitrix::Settings;
use crmap_crm::CrmError;
use portal_sim::{Cloud, Effect, Fault, Options, Portal, RateLimit, Seed, UserRole};
use serde_json::json;

use crate::stub::{Stub, Told, batch_with_times, json_reply, plain};
use crate::support::{by_token, by_webhook, cloud, connector, read, settings, to_stub};

async fn limited(burst: f64, per_second: f64) -> Cloud {
    let rate = RateLimit { burst, per_second };
    let options = Options {
        seeds: vec![Seed::Empty],
        rate,
        ..Options::default()
    };
    Cloud::start(options).await.unwrap()
}

fn refused(portal: &Portal) -> usize {
    let code = Some("QUERY_LIMIT_EXCEEDED");
    portal
        .requests()
        .iter()
        .filter(|request| request.error.as_deref() == code)
        .count()
}

#[tokio::test]
async fn rel_15_the_limit_is_never_broken_by_ourselves() {
    let cloud = limited(6.0, 25.0).await;
    let portal = cloud.portal(1);
    let mut settings = settings();
    settings.pace.burst = 5;
    settings.pace.refill = Duration::from_millis(50);
    let connector = connector(settings);
    let started = Instant::now();
    let readings = (0..25).map(|_| {
        let (connector, access) = (connector.clone(), by_webhook(portal, UserRole::Narrow));
        tokio::spawn(async move { read(&connector, &access).await.map(|_| ()) })
    });
    for reading in readings.collect::<Vec<_>>() {
        reading.await.unwrap().unwrap();
    }
    assert_eq!((portal.requests().len(), refused(portal)), (25, 0));
    assert!(
        started.elapsed() >= Duration::from_millis(950),
        "20 of them had to wait"
    );
}

#[tokio::test]
async fn rel_16_a_bucket_that_others_have_filled_is_waited_for() {
    let cloud = limited(1.0, 4.0).await;
    let portal = cloud.portal(1);
    let access = by_token(portal, UserRole::Administrator);
    let connector = connector(settings());
    for _ in 0..3 {
        read(&connector, &access).await.unwrap();
    }
    assert!(refused(portal) > 0);
}

#[tokio::test]
async fn rel_16_a_portal_that_is_busy_for_good_is_given_up_in_time() {
    let cloud = cloud(Seed::Empty).await;
    cloud
        .portal(1)
        .set_fault(Fault::every(Effect::query_limit()));
    let mut settings = settings();
    settings.timeouts.reading = Duration::from_secs(2);
    settings.pace.throttled_wait = Duration::from_secs(60);
    settings.pace.longest_wait = Duration::from_secs(60);
    let access = by_token(cloud.portal(1), UserRole::Administrator);
    let started = Instant::now();
    let error = read(&connector(settings), &access).await.unwrap_err();
    assert!(matches!(error, CrmError::RateLimited { .. }), "{error:?}");
    // A wait that would outlast the reading is not begun.
    assert!(started.elapsed() < Duration::from_secs(4));
}

/// With the usual settings a storm of five minutes costs a portal less than a request in 5 s.
#[test]
fn rel_16_the_usual_waits_grow_to_a_minute() {
    let pace = Settings::new("app").pace;
    assert_eq!(pace.throttled_wait, Duration::from_secs(1));
    assert_eq!(pace.longest_wait, Duration::from_secs(60));
    assert!(pace.burst <= 40 && pace.refill >= Duration::from_millis(500));
    assert!(pace.concurrency <= 2);
}

#[tokio::test]
async fn rel_20_no_more_than_two_requests_to_one_portal_are_under_way() {
    let flying = Arc::new(AtomicUsize::new(0));
    let most = Arc::new(AtomicUsize::new(0));
    let (now, peak) = (Arc::clone(&flying), Arc::clone(&most));
    let stub = Stub::start(move |request| {
        peak.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        let answer = batch_with_times(request, |method, _| (plain(method), None));
        let mut reply = json_reply(200, &answer);
        reply[0].0 = Duration::from_millis(50);
        let now = Arc::clone(&now);
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(45)).await;
            now.fetch_sub(1, Ordering::SeqCst);
        });
        reply
    })
    .await;
    let connector = connector(settings());
    let readings = (0..8).map(|_| {
        let (connector, access) = (connector.clone(), to_stub(&stub.url()));
        tokio::spawn(async move { read(&connector, &access).await.map(|_| ()) })
    });
    for reading in readings.collect::<Vec<_>>() {
        reading.await.unwrap().unwrap();
    }
    assert_eq!((stub.requests().len(), most.load(Ordering::SeqCst)), (8, 2));
}

/// A portal whose `crm.status.list` is blocked for the first `blocked` times.
async fn blocking(reset_after: f64, blocked: usize) -> Stub {
    let calls = AtomicUsize::new(0);
    Stub::start(move |request| {
        let time =
            json!({"finish": 1_767_225_600.0, "operating_reset_at": 1_767_225_600.0 + reset_after});
        let blocked_now = || calls.fetch_add(1, Ordering::SeqCst) < blocked;
        let error = json!({"error": "OPERATION_TIME_LIMIT", "error_description": "blocked"});
        if request.path.ends_with("/crm.status.list") {
            return if blocked_now() {
                json_reply(429, &json!({"error": "OPERATION_TIME_LIMIT", "time": time}))
            } else {
                json_reply(200, &json!({"result": [], "total": 0, "time": time}))
            };
        }
        let answer = batch_with_times(request, |method, _| {
            if method == "crm.status.list" && blocked_now() {
                return (Told::Error(error.clone()), Some(time.clone()));
            }
            (plain(method), None)
        });
        json_reply(200, &answer)
    })
    .await
}

#[tokio::test]
async fn rel_17_a_blocked_method_is_not_called_before_its_reset() {
    let stub = blocking(0.4, 1).await;
    let started = Instant::now();
    read(&connector(settings()), &to_stub(&stub.url()))
        .await
        .unwrap();
    assert!(started.elapsed() >= Duration::from_millis(400));
    let paths: Vec<String> = stub
        .requests()
        .into_iter()
        .map(|request| request.path)
        .collect();
    assert_eq!(paths, ["/rest/batch", "/rest/crm.status.list"]);
}

#[tokio::test]
async fn rel_17_a_reset_beyond_the_deadline_is_told_to_the_caller_and_remembered() {
    let stub = blocking(600.0, 1).await;
    let connector = connector(settings());
    let error = read(&connector, &to_stub(&stub.url())).await.unwrap_err();
    match error {
        CrmError::RateLimited {
            retry_after: Some(wait),
        } => {
            assert!(wait > Duration::from_secs(590) && wait <= Duration::from_secs(600));
        }
        other => panic!("{other:?}"),
    }
    assert!(read(&connector, &to_stub(&stub.url())).await.is_err());
    assert_eq!(
        stub.requests().len(),
        1,
        "the second reading did not even ask"
    );
}
