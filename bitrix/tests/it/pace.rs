//! Limits that several processes keep together, and portals that are blocked by hand (REL-15,
//! REL-17, REL-19).

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use crmap_bitrix::Bitrix24;
use crmap_crm::{CrmConnector, CrmError, Rate, SharedPace, Turn};
use portal_sim::{Effect, Fault, Seed, UserRole};
use serde_json::json;

use crate::stub::{Stub, Told, batch, batch_with_times, json_reply, plain};
use crate::support::{by_token, cloud, connector, read, settings, to_stub};

#[derive(Default)]
struct Common {
    /// What is said to the next questions; then it is everybody's turn.
    says: Mutex<Vec<Turn>>,
    turns: Mutex<Vec<(String, Vec<String>, Rate)>>,
    blocks: Mutex<Vec<(String, String, Duration)>>,
}

#[async_trait]
impl SharedPace for Common {
    async fn turn(&self, account: &str, methods: &[String], rate: Rate) -> Turn {
        let asked = (account.to_owned(), methods.to_vec(), rate);
        self.turns.lock().unwrap().push(asked);
        self.says.lock().unwrap().pop().unwrap_or(Turn::Go)
    }

    async fn block(&self, account: &str, method: &str, time: Duration) {
        let block = (account.to_owned(), method.to_owned(), time);
        self.blocks.lock().unwrap().push(block);
    }
}

fn sharing(says: &[Turn]) -> (Bitrix24, Arc<Common>) {
    let common = Arc::new(Common::default());
    *common.says.lock().unwrap() = says.to_vec();
    let connector = connector(settings()).with_shared_pace(common.clone());
    (connector, common)
}

#[tokio::test]
async fn rel_15_every_request_has_a_place_in_the_common_bucket() {
    let cloud = cloud(Seed::Empty).await;
    let portal = cloud.portal(1);
    let (connector, common) = sharing(&[]);
    let access = by_token(portal, UserRole::Administrator);
    read(&connector, &access).await.unwrap();
    connector
        .account(&access)
        .unwrap()
        .standing()
        .await
        .unwrap();
    let turns = common.turns.lock().unwrap().clone();
    assert_eq!(turns.len(), portal.requests().len());
    let (account, methods, rate) = turns.last().unwrap();
    assert_eq!(*account, portal.domain());
    assert_eq!(methods, &["profile", "app.info", "scope"]);
    assert_eq!((rate.burst, rate.refill), (40, Duration::from_millis(500)));
}

#[tokio::test]
async fn rel_15_nothing_is_sent_before_its_turn() {
    let stub =
        Stub::start(|request| json_reply(200, &batch(request, |method, _| plain(method)))).await;
    let (connector, common) = sharing(&[
        Turn::Wait(Duration::ZERO),
        Turn::Wait(Duration::from_millis(300)),
    ]);
    let started = Instant::now();
    read(&connector, &to_stub(&stub.url())).await.unwrap();
    assert!(started.elapsed() >= Duration::from_millis(300));
    let requests = stub.requests().len();
    assert_eq!(common.turns.lock().unwrap().len(), requests + 2);
    // A wait that would outlast the reading is told at once.
    let (connector, _) = sharing(&[Turn::Wait(Duration::from_secs(600))]);
    let error = read(&connector, &to_stub(&stub.url())).await.unwrap_err();
    assert!(
        matches!(
            error,
            CrmError::RateLimited {
                retry_after: Some(_)
            }
        ),
        "{error:?}"
    );
    assert_eq!(stub.requests().len(), requests);
}

#[tokio::test]
async fn rel_17_a_method_that_has_used_up_its_time_is_noted_for_all_processes() {
    let stub = Stub::start(|request| {
        let time = json!({"finish": 100.0, "operating_reset_at": 700.0});
        let told = |method: &str, _: &str| match method {
            "user.get" => (
                Told::Error(json!({"error": "OPERATION_TIME_LIMIT"})),
                Some(time.clone()),
            ),
            other => (plain(other), None),
        };
        json_reply(200, &batch_with_times(request, told))
    })
    .await;
    let (connector, common) = sharing(&[]);
    let error = read(&connector, &to_stub(&stub.url())).await.unwrap_err();
    assert!(matches!(error, CrmError::RateLimited { .. }), "{error:?}");
    let blocks = common.blocks.lock().unwrap().clone();
    let (account, method, time) = &blocks[0];
    assert_eq!((account, method.as_str()), (&stub.address(), "user.get"));
    assert!(
        *time > Duration::from_secs(590) && *time <= Duration::from_secs(600),
        "{time:?}"
    );
}

#[tokio::test]
async fn rel_19_a_portal_that_is_blocked_by_hand_is_left_alone_for_a_day() {
    let cloud = cloud(Seed::Empty).await;
    let portal = cloud.portal(1);
    portal.set_fault(Fault::next(1, Effect::overload()));
    let (connector, common) = sharing(&[]);
    let access = by_token(portal, UserRole::Administrator);
    for _ in 0..10 {
        let error = read(&connector, &access).await.unwrap_err();
        assert!(matches!(error, CrmError::Blocked), "{error:?}");
    }
    assert_eq!(portal.requests().len(), 1, "never hammer");
    let day = Duration::from_secs(86_400);
    let expected = (portal.domain(), String::new(), day);
    assert_eq!(*common.blocks.lock().unwrap(), [expected]);
    // Other processes hear of it by their turn.
    let (other, _) = sharing(&[Turn::Wait(day)]);
    let error = read(&other, &access).await.unwrap_err();
    assert!(matches!(error, CrmError::Blocked), "{error:?}");
    assert_eq!(portal.requests().len(), 1);
}

#[tokio::test]
async fn rel_19_a_block_is_noticed_inside_of_a_batch_too() {
    let stub = Stub::start(|request| {
        let told = |method: &str, _: &str| match method {
            "user.get" => Told::Error(json!({"error": "OVERLOAD_LIMIT"})),
            other => plain(other),
        };
        json_reply(200, &batch(request, told))
    })
    .await;
    let (connector, common) = sharing(&[]);
    for _ in 0..3 {
        let error = read(&connector, &to_stub(&stub.url())).await.unwrap_err();
        assert!(matches!(error, CrmError::Blocked), "{error:?}");
    }
    assert_eq!(
        (stub.requests().len(), common.blocks.lock().unwrap().len()),
        (1, 1)
    );
}
