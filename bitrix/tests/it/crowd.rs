//! Many at a time: how much leaves at once, and who waits for whom (REL-20, T24).

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crmap_bitrix::{Bitrix24, Opening, Settings};
use crmap_crm::{Access, CrmConnector, CrmError, OpeningClaim, RefreshError, RefreshRequest};
use crmap_domain::Unreachable;
use portal_sim::{Effect, Fault, Portal, Seed, UserRole};
use secrecy::SecretString;
use serde_json::json;
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::stub::{Stub, hang, json_reply};
use crate::support::{by_webhook, cloud, connector, settings, to_stub, url};

/// Proofs under way at one time, other requests, and those of them that take long.
const OPENINGS: usize = 16;
const ORDINARY: usize = 32;
const SLOW: usize = 16;

fn asking(server: &str) -> Settings {
    let mut settings = settings();
    settings.oauth_servers = vec![url(server)];
    settings.timeouts.proof = Duration::from_secs(15);
    settings.timeouts.first_byte = Duration::from_secs(15);
    settings.timeouts.reading = Duration::from_secs(5);
    settings.pace.concurrency = 200;
    settings.pace.burst = 200;
    settings.pace.broken_retries = 0;
    settings
}

fn opened(portal: &Portal) -> OpeningClaim {
    let (query, body) = portal.opening_form(UserRole::Employee, "ru");
    Opening::parse(&query, body.as_bytes()).unwrap().claim
}

/// `count` proofs of the same opening, all at once.
fn proofs(connector: &Bitrix24, claim: &OpeningClaim, count: usize) -> JoinSet<Option<CrmError>> {
    let mut proofs = JoinSet::new();
    for _ in 0..count {
        let (connector, claim) = (connector.clone(), claim.clone());
        proofs.spawn(async move { connector.prove_opening(&claim).await.err() });
    }
    proofs
}

/// `count` questions to one account, all at once.
fn questions(connector: &Bitrix24, access: &Access, count: usize) -> JoinSet<Option<CrmError>> {
    let mut questions = JoinSet::new();
    for _ in 0..count {
        let account = connector.account(access).unwrap();
        questions.spawn(async move { account.standing().await.err() });
    }
    questions
}

async fn until_asked(stub: &Stub, count: usize) {
    let started = Instant::now();
    while stub.requests().len() < count {
        assert!(
            started.elapsed() < Duration::from_secs(10),
            "{} of {count}",
            stub.requests().len()
        );
        sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn t24_of_100_openings_at_once_only_16_are_asked_about() {
    let cloud = cloud(Seed::Empty).await;
    let connector = connector(asking(cloud.oauth_url()));
    let claim = opened(cloud.portal(1));
    cloud.set_oauth_fault(Fault::every(Effect::Delay { ms: 4_000 }));
    let mut proved = 0;
    for error in proofs(&connector, &claim, 100).join_all().await {
        match error {
            None => proved += 1,
            Some(CrmError::ProofUnavailable { source: None }) => {}
            Some(other) => panic!("{other:?}"),
        }
    }
    assert_eq!((proved, cloud.oauth_requests().len()), (OPENINGS, OPENINGS));
    cloud.clear_oauth_faults();
    for error in proofs(&connector, &claim, OPENINGS).join_all().await {
        assert!(error.is_none(), "{error:?}");
    }
    assert_eq!(cloud.oauth_requests().len(), 2 * OPENINGS);
}

#[tokio::test]
async fn t24_openings_that_wait_for_less_than_a_second_have_their_turn_one_after_the_other() {
    let delay = Duration::from_millis(300);
    let moments: Arc<Mutex<Vec<Instant>>> = Arc::default();
    let arrivals = Arc::clone(&moments);
    let stranger = Stub::start(move |_| {
        arrivals.lock().unwrap().push(Instant::now());
        let refusal = json_reply(401, &json!({"error": "invalid_token"}));
        refusal
            .into_iter()
            .map(|(_, piece)| (delay, piece))
            .collect()
    })
    .await;
    let cloud = cloud(Seed::Empty).await;
    let connector = connector(asking(&stranger.url()));
    let mut heard = 0;
    let all = proofs(&connector, &opened(cloud.portal(1)), 100);
    for error in all.join_all().await {
        match error {
            Some(CrmError::NotProved { .. }) => heard += 1,
            Some(CrmError::ProofUnavailable { source: None }) => {}
            other => panic!("{other:?}"),
        }
    }
    let moments = moments.lock().unwrap();
    assert_eq!(heard, moments.len());
    assert!((OPENINGS + 1..100).contains(&heard), "{heard}");
    // Of any 17 requests the last one came after the first one was answered.
    for pair in moments.windows(OPENINGS + 1) {
        assert!(pair[OPENINGS] - pair[0] >= delay, "{heard}");
    }
}

#[tokio::test]
async fn rel_20_openings_that_wait_keep_no_reading_waiting() {
    let silent = Stub::start(|_| hang()).await;
    let cloud = cloud(Seed::Empty).await;
    let connector = connector(asking(&silent.url()));
    let mut proofs = proofs(&connector, &opened(cloud.portal(1)), 100);
    until_asked(&silent, OPENINGS).await;
    let access = by_webhook(cloud.portal(1), UserRole::Administrator);
    for error in questions(&connector, &access, 5).join_all().await {
        assert!(error.is_none(), "{error:?}");
    }
    // Nobody waits longer than a second for what does not come.
    for _ in OPENINGS..100 {
        let refused = proofs.join_next().await.unwrap().unwrap();
        assert!(
            matches!(refused, Some(CrmError::ProofUnavailable { source: None })),
            "{refused:?}"
        );
    }
    assert_eq!(silent.requests().len(), OPENINGS);
}

#[tokio::test]
async fn rel_20_only_so_many_requests_are_under_way_and_openings_are_proved_meanwhile() {
    let silent = Stub::start(|_| hang()).await;
    let cloud = cloud(Seed::Empty).await;
    let connector = connector(asking(cloud.oauth_url()));
    let questions_at_once = questions(&connector, &to_stub(&silent.url()), 100);
    until_asked(&silent, ORDINARY).await;
    let proof = connector.prove_opening(&opened(cloud.portal(1))).await;
    assert!(proof.is_ok(), "{proof:?}");
    sleep(Duration::from_millis(500)).await;
    assert_eq!(silent.requests().len(), ORDINARY);
    // What takes long makes room, and not without end.
    until_asked(&silent, ORDINARY + SLOW).await;
    let elsewhere = by_webhook(cloud.portal(1), UserRole::Administrator);
    sleep(Duration::from_millis(500)).await;
    assert_eq!(silent.requests().len(), ORDINARY + SLOW);
    for error in questions_at_once.join_all().await {
        let why = Unreachable::Timeout;
        assert!(
            matches!(&error, Some(CrmError::Unreachable { why: is, .. }) if *is == why),
            "{error:?}"
        );
    }
    for error in questions(&connector, &elsewhere, 5).join_all().await {
        assert!(error.is_none(), "{error:?}");
    }
}

#[tokio::test]
async fn rel_20_portals_that_hang_keep_no_other_portal_waiting() {
    let silent = Stub::start(|_| hang()).await;
    let cloud = cloud(Seed::Empty).await;
    let connector = connector(asking(cloud.oauth_url()));
    let _hanging = questions(&connector, &to_stub(&silent.url()), SLOW + 10);
    until_asked(&silent, SLOW + 10).await;
    sleep(Duration::from_secs(2)).await;
    // Sixteen of them have moved, so there is room for more than those that were free.
    let access = by_webhook(cloud.portal(1), UserRole::Administrator);
    cloud
        .portal(1)
        .set_fault(Fault::every(Effect::Delay { ms: 700 }));
    let started = Instant::now();
    for error in questions(&connector, &access, ORDINARY - 10)
        .join_all()
        .await
    {
        assert!(error.is_none(), "{error:?}");
    }
    assert!(started.elapsed() < Duration::from_millis(1_400));
}

#[tokio::test]
async fn rel_20_a_renewal_that_finds_no_seat_in_half_of_its_time_is_not_sent() {
    let silent = Stub::start(|_| hang()).await;
    let server = Stub::start(|_| hang()).await;
    let mut settings = asking(&server.url());
    settings.client_secret = Some(SecretString::from("secret"));
    settings.timeouts.refresh = Duration::from_secs(2);
    let connector = connector(settings);
    let _questions = questions(&connector, &to_stub(&silent.url()), ORDINARY);
    until_asked(&silent, ORDINARY).await;
    let request = RefreshRequest {
        refresh_token: SecretString::from("renews"),
        authority: None,
    };
    let result = connector.refresh(&request).await;
    let Err(RefreshError::NotSent(CrmError::Unreachable { why, .. })) = result else {
        panic!("{result:?}");
    };
    assert_eq!((why, server.connections()), (Unreachable::Timeout, 0));
}
