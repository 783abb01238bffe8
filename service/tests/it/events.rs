//! Events: who is believed, and how often.

use crmap_domain::PortalState;
use crmap_service::{NoticeKind, Reception};
use secrecy::SecretString;

use crate::support::{Stand, member};

#[tokio::test]
async fn sec_15_a_farewell_without_the_portals_secret_changes_nothing() {
    let stand = Stand::installed().await;
    let before = stand.known().await;
    for token in [
        None,
        Some("guessed"),
        Some(""),
        Some("application-token-of-the-porta"),
    ] {
        for clean in [false, true] {
            let mut notice = stand.farewell(clean);
            notice.application_token = token.map(SecretString::from);
            let reception = stand.services.receive(&notice).await.unwrap();
            assert_eq!(reception, Reception::Ignored, "{token:?}");
        }
    }
    let mut unknown = stand.farewell(true);
    unknown.member_id = member(99);
    assert_eq!(
        stand.services.receive(&unknown).await.unwrap(),
        Reception::Ignored
    );
    stand.work().await;
    assert_eq!(stand.known().await, before);
    assert_eq!(stand.chains().await.len(), 2);
}

#[tokio::test]
async fn sec_15_a_portal_without_a_known_secret_is_believed_nothing() {
    let stand = Stand::new().await;
    let mut arrival = stand.arrival(crate::support::ADMIN);
    arrival.application_token = None;
    stand.install_by(arrival).await;
    for token in [None, Some("")] {
        let mut notice = stand.farewell(true);
        notice.application_token = token.map(SecretString::from);
        let reception = stand.services.receive(&notice).await.unwrap();
        assert_eq!(reception, Reception::Ignored, "{token:?}");
    }
}

#[tokio::test]
async fn sec_18_the_same_event_counts_once() {
    let stand = Stand::installed().await;
    let notice = stand.notice(NoticeKind::FieldsChanged);
    let receptions = [
        stand.services.receive(&notice).await.unwrap(),
        stand.services.receive(&notice).await.unwrap(),
    ];
    assert_eq!(receptions, [Reception::Taken, Reception::Known]);
    stand.work().await;
    assert_eq!(
        stand.services.receive(&notice).await.unwrap(),
        Reception::Known,
        "after it was dealt with, too"
    );
}

#[tokio::test]
async fn changed_fields_mark_the_portal_for_reading() {
    let stand = Stand::installed().await;
    assert!(stand.known().await.unwrap().needs_reading_since.is_none());
    let notice = stand.notice(NoticeKind::FieldsChanged);
    stand.services.receive(&notice).await.unwrap();
    stand.work().await;
    assert!(stand.known().await.unwrap().needs_reading_since.is_some());
}

#[tokio::test]
async fn sec_17_a_thousand_hints_make_us_ask_once_in_ten_minutes() {
    let stand = Stand::installed().await;
    let mut notice = stand.notice(NoticeKind::Hint);
    notice.application_token = None;
    let mut taken = 0;
    for _ in 0..1_000 {
        let reception = stand.services.receive(&notice).await.unwrap();
        taken += usize::from(reception == Reception::Taken);
    }
    stand.work().await;
    assert_eq!(taken, 1);
    assert_eq!(stand.world.count("standing"), 1);
    assert_eq!(stand.known().await.unwrap().state, PortalState::Ok);
    stand.clock.pass(time::Duration::minutes(10));
    stand.services.receive(&notice).await.unwrap();
    stand.work().await;
    assert_eq!(stand.world.count("standing"), 2);
}
