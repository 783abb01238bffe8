//! Reading portals for their cabinets.

use std::time::Duration;

use crmap_crm::CrmError;
use crmap_domain::cabinet::Denial;
use crmap_domain::{Lang, MemberId, PortalState, Trouble};
use crmap_service::{Outcome, Settings};

use super::{Owner, card, link, open, owner, portal};
use crate::support::{ADMIN, EMPLOYEE, Mood, Stand, settings};

/// A linked portal, some time after its only reading.
async fn linked(stand: &Stand) -> (MemberId, Owner) {
    let (portal, owner) = (portal(stand, 1).await, owner(stand, 1).await);
    open(stand, &portal, EMPLOYEE).await;
    link(stand, &portal, &owner).await;
    stand.clock.pass(time::Duration::minutes(30));
    stand.world.forget();
    (portal, owner)
}

async fn refresh(stand: &Stand, owner: &Owner, portal: &MemberId) -> Result<Outcome, Denial> {
    let refreshed = stand
        .services
        .refresh_portal(&owner.entered, portal, Lang::En)
        .await;
    if let Ok(Outcome::Read(read)) = &refreshed {
        assert_eq!(read.portal.member_id.as_ref(), Some(portal));
    }
    refreshed
}

fn failed(trouble: Trouble) -> Result<Outcome, Denial> {
    Ok(Outcome::Failed(trouble))
}

#[tokio::test]
async fn sec_26_a_refresh_reads_with_the_rights_of_an_administrator() {
    let stand = Stand::new().await;
    let (portal, owner) = linked(&stand).await;
    let before = card(&stand, &owner).await.read_at.unwrap();
    let Ok(Outcome::Read(read)) = refresh(&stand, &owner, &portal).await else {
        panic!("it was not read");
    };
    let reads = [stand.world.count("read 1"), stand.world.count("read")];
    assert_eq!(reads, [1, 1], "{:?}", stand.world.log());
    // In the language of its readings so far, whoever asks: labels are compared with each other.
    assert_eq!(
        (read.reading.viewer.id, read.reading.lang),
        (ADMIN, Lang::Ru)
    );
    let after = card(&stand, &owner).await;
    assert_eq!(after.read_at, Some(before + time::Duration::minutes(30)));
    let kept = stand.services.snapshot(&owner.entered, &portal).await;
    assert_eq!(kept.unwrap().unwrap(), read);
}

#[tokio::test]
async fn a_portal_is_read_for_cabinets_once_in_ten_seconds_whatever_came_of_it() {
    let stand = Stand::new().await;
    let (portal, owner) = linked(&stand).await;
    for _ in 0..3 {
        let refreshed = refresh(&stand, &owner, &portal).await;
        assert!(matches!(refreshed, Ok(Outcome::Read(_))), "{refreshed:?}");
        stand.clock.pass(time::Duration::seconds(3));
    }
    assert_eq!(stand.world.count("read"), 1);
    stand.clock.pass(time::Duration::seconds(1));
    stand.world.readings_say(Some(|| CrmError::Blocked));
    for _ in 0..2 {
        assert_eq!(
            refresh(&stand, &owner, &portal).await,
            failed(Trouble::Blocked)
        );
    }
    assert_eq!(stand.world.count("read"), 2);
    stand.world.readings_say(None);
    stand.clock.pass(time::Duration::seconds(10));
    let refreshed = refresh(&stand, &owner, &portal).await;
    assert!(matches!(refreshed, Ok(Outcome::Read(_))), "{refreshed:?}");
}

#[tokio::test]
async fn however_many_ask_a_portal_is_read_once() {
    let stand = Stand::new().await;
    let (portal, one) = linked(&stand).await;
    let two = owner(&stand, 2).await;
    link(&stand, &portal, &two).await;
    stand.world.forget();
    stand.world.reads_late(true);
    let ask = async |owner: &Owner| refresh(&stand, owner, &portal).await;
    let asked = async { tokio::join!(ask(&one), ask(&two), ask(&one), ask(&two), ask(&one)) };
    let answers = async {
        stand.settle(async || stand.world.count("read") > 0).await;
        tokio::time::sleep(Duration::from_millis(50)).await;
        stand.world.reads_late(false);
    };
    let (answers, ()) = tokio::join!(asked, answers);
    for answer in [answers.0, answers.1, answers.2, answers.3, answers.4] {
        assert!(matches!(answer, Ok(Outcome::Read(_))), "{answer:?}");
    }
    assert_eq!(stand.world.count("read"), 1);
}

#[tokio::test]
async fn a_portal_that_is_linked_anew_is_read_anew() {
    let stand = Stand::new().await;
    let (portal, owner) = linked(&stand).await;
    refresh(&stand, &owner, &portal).await.unwrap();
    let ended = stand.services.unlink_portal(&owner.entered, &portal).await;
    assert_eq!(ended, Ok(()));
    stand.world.readings_say(Some(|| CrmError::Blocked));
    link(&stand, &portal, &owner).await;
    stand.world.readings_say(None);
    assert_eq!(card(&stand, &owner).await.read_at, None);
    let refreshed = refresh(&stand, &owner, &portal).await;
    assert!(matches!(refreshed, Ok(Outcome::Read(_))), "{refreshed:?}");
}

#[tokio::test]
async fn a_slow_reading_is_waited_for_in_parts() {
    let stand = Stand::with(Settings {
        reading_patience: Duration::from_millis(20),
        ..settings()
    })
    .await;
    let (portal, owner) = linked(&stand).await;
    stand.world.reads_late(true);
    for _ in 0..3 {
        assert_eq!(refresh(&stand, &owner, &portal).await, Ok(Outcome::Pending));
    }
    stand.world.reads_late(false);
    stand
        .settle(async || {
            let refreshed = refresh(&stand, &owner, &portal).await;
            matches!(refreshed, Ok(Outcome::Read(_)))
        })
        .await;
    assert_eq!(stand.world.count("read"), 1);
}

#[tokio::test]
async fn where_no_administrators_rights_are_left_anothers_serve_and_then_nobodys() {
    let stand = Stand::new().await;
    let (portal, owner) = linked(&stand).await;
    stand.world.revoke(Some(ADMIN));
    let refreshed = refresh(&stand, &owner, &portal).await;
    let Ok(Outcome::Read(read)) = refreshed else {
        panic!("{refreshed:?}");
    };
    assert_eq!(read.reading.viewer.id, EMPLOYEE);
    assert!(!read.reading.viewer.administrator, "and it says so");
    // What an administrator read stays, and who asks again is answered as the first one was.
    let kept = stand.services.snapshot(&owner.entered, &portal).await;
    assert!(kept.unwrap().unwrap().reading.viewer.administrator);
    stand.world.forget();
    let again = refresh(&stand, &owner, &portal).await;
    assert_eq!(again, Ok(Outcome::Read(read)));
    assert_eq!(stand.world.count("read"), 0);
    stand.world.revoke(None);
    stand.clock.pass(time::Duration::minutes(1));
    assert_eq!(
        refresh(&stand, &owner, &portal).await,
        failed(Trouble::Revoked)
    );
    let left = card(&stand, &owner).await;
    assert_eq!(left.standing.state, PortalState::Revoked);
    assert!(left.read_at.is_some(), "what was read is still shown");
    // Somebody opens the application again.
    open(&stand, &portal, ADMIN).await;
    stand
        .settle(async || card(&stand, &owner).await.standing.state == PortalState::Ok)
        .await;
}

#[tokio::test]
async fn an_unpaid_portal_says_so_and_is_read_again_when_it_is_paid() {
    let stand = Stand::new().await;
    let (portal, owner) = linked(&stand).await;
    let unpaid: Mood = || CrmError::NotPaid {
        code: "ACCESS_DENIED".to_owned(),
    };
    stand.world.portal_says(Some(unpaid));
    assert_eq!(
        refresh(&stand, &owner, &portal).await,
        failed(Trouble::NotPaid)
    );
    let unpaid = card(&stand, &owner).await.standing;
    assert_eq!(unpaid.state, PortalState::NeedsPayment);
    assert_eq!(unpaid.reason, "ACCESS_DENIED");
    let probe = stand.known().await.unwrap().next_probe_at;
    stand.clock.pass(time::Duration::minutes(1));
    assert_eq!(
        refresh(&stand, &owner, &portal).await,
        failed(Trouble::NotPaid)
    );
    let known = stand.known().await.unwrap();
    assert_eq!(
        known.next_probe_at, probe,
        "the same once more puts nothing off"
    );
    stand.world.portal_says(None);
    stand.clock.pass(time::Duration::minutes(1));
    let refreshed = refresh(&stand, &owner, &portal).await;
    assert!(matches!(refreshed, Ok(Outcome::Read(_))), "{refreshed:?}");
    assert_eq!(card(&stand, &owner).await.standing.state, PortalState::Ok);
}

#[tokio::test]
async fn a_portal_that_has_moved_is_followed() {
    let stand = Stand::new().await;
    let (portal, owner) = linked(&stand).await;
    stand.world.lives_at(&portal, "new.example");
    let refreshed = refresh(&stand, &owner, &portal).await;
    assert!(matches!(refreshed, Ok(Outcome::Read(_))), "{refreshed:?}");
    assert_eq!(card(&stand, &owner).await.address, "new.example");
    // Nobody says where it is.
    stand.world.lives_at(&portal, "newer.example");
    stand
        .world
        .proofs_say(Some(|| CrmError::NotProved { reason: "unknown" }));
    stand.clock.pass(time::Duration::minutes(1));
    assert_eq!(
        refresh(&stand, &owner, &portal).await,
        failed(Trouble::Moved)
    );
    assert_eq!(
        card(&stand, &owner).await.standing.state,
        PortalState::Moved
    );
}

#[tokio::test]
async fn an_answer_that_cannot_be_used_says_nothing_of_the_portal() {
    let stand = Stand::new().await;
    let (portal, owner) = linked(&stand).await;
    let malformed: Mood = || CrmError::Malformed {
        method: "user.get".to_owned(),
        place: "result[0].ID".to_owned(),
    };
    stand.world.readings_say(Some(malformed));
    let expected = Trouble::Malformed {
        method: "user.get".to_owned(),
        place: "result[0].ID".to_owned(),
    };
    assert_eq!(refresh(&stand, &owner, &portal).await, failed(expected));
    assert_eq!(card(&stand, &owner).await.standing.state, PortalState::Ok);
    stand.world.readings_say(Some(|| CrmError::Unreachable {
        why: crmap_domain::Unreachable::Timeout,
        source: None,
    }));
    stand.clock.pass(time::Duration::minutes(1));
    let silent = Trouble::Unreachable(crmap_domain::Unreachable::Timeout);
    assert_eq!(refresh(&stand, &owner, &portal).await, failed(silent));
    let standing = card(&stand, &owner).await.standing;
    assert_eq!(standing.state, PortalState::Unreachable);
    assert_eq!(standing.reason, "timeout");
}

#[tokio::test]
async fn sec_24_a_link_that_ends_while_the_portal_is_read_gets_nothing_of_it() {
    for is_shared in [false, true] {
        let stand = Stand::new().await;
        let (portal, owner_1) = linked(&stand).await;
        let other = owner(&stand, 2).await;
        if is_shared {
            link(&stand, &portal, &other).await;
        }
        stand.world.forget();
        stand.world.reads_late(true);
        let asked = refresh(&stand, &owner_1, &portal);
        let ended = async {
            stand.settle(async || stand.world.count("read") > 0).await;
            let ended = stand
                .services
                .unlink_portal(&owner_1.entered, &portal)
                .await;
            stand.world.reads_late(false);
            ended
        };
        let (refreshed, ended) = tokio::join!(asked, ended);
        assert_eq!(ended, Ok(()));
        assert_eq!(refreshed, Err(Denial::NotFound));
        // What was read is there for the other cabinet, or for nobody.
        let shown = refresh(&stand, &other, &portal).await;
        assert_eq!(
            matches!(shown, Ok(Outcome::Read(_))),
            is_shared,
            "{shown:?}"
        );
        let findings = stand.store.verify().await.unwrap();
        assert!(findings.is_empty(), "{findings:?}");
    }
}

#[tokio::test]
async fn a_reading_takes_the_mark_of_something_new_off() {
    let stand = Stand::new().await;
    let (portal, owner) = linked(&stand).await;
    let notice = stand.notice(crmap_service::NoticeKind::FieldsChanged);
    stand.services.receive(&notice).await.unwrap();
    stand.work().await;
    let is_marked = async || stand.known().await.unwrap().needs_reading_since.is_some();
    assert!(is_marked().await);
    refresh(&stand, &owner, &portal).await.unwrap();
    assert!(!is_marked().await);
}
