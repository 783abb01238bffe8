//! A backup was brought back, and some of its portals cannot be proved, or have left meanwhile.

use std::time::Duration;

use crmap_domain::{MemberId, PortalState};
use crmap_store::SeenPortal;

use crate::house::{Base, Furniture, House, on_both};

on_both! {
    rel_29_an_authority_that_is_away_holds_up_no_portal_of_another
    sec_19_a_portal_that_left_after_the_backup_leaves_with_its_data
}

fn member_id(house: &House, number: usize) -> MemberId {
    MemberId::parse(house.cloud.portal(number).member_id()).unwrap()
}

/// Of four portals, the one that would be proved first has an authority that is never reached.
async fn rel_29_an_authority_that_is_away_holds_up_no_portal_of_another(base: Base) {
    let furniture = Furniture {
        portals: 4,
        ..Furniture::default()
    };
    let mut house = House::furnished("held-up", base, furniture).await;
    for number in [2, 3, 4, 1] {
        house.install(number).await;
        house.pass(Duration::from_secs(1));
    }
    let stuck = member_id(&house, 1);
    let known = house.store.portal(&stuck).await.unwrap().unwrap();
    let seen = SeenPortal {
        member_id: stuck.clone(),
        address: known.address,
        base: known.base.unwrap(),
        origin: known.origin,
        authority: "https://oauth.away.example".to_owned(),
        now: known.last_contact_at,
    };
    house.store.remember_opening(&seen).await.unwrap();
    let backup = house.backed_up().await;
    let other = match base {
        Base::Sqlite => Base::Postgres,
        Base::Postgres => Base::Sqlite,
    };
    house.come_back(&backup, other).await;
    house
        .until("all others are proved", async || {
            house.store.restored_left().await.unwrap() == 1
        })
        .await;
    let chains = house.store.chains(&stuck).await.unwrap();
    assert!(chains[0].restored, "{chains:?}");
    let portal = house.store.portal(&stuck).await.unwrap().unwrap();
    assert!(portal.restored && portal.state == PortalState::Ok);
    let proved = house.store.portal(&member_id(&house, 2)).await.unwrap();
    assert!(!proved.unwrap().restored);
}

/// What it asked for in its farewell is not known, so nothing of it stays. One that was proved and
/// leaves later without a word keeps its settings, as any portal does.
async fn sec_19_a_portal_that_left_after_the_backup_leaves_with_its_data(base: Base) {
    let furniture = Furniture {
        // By the database's clock, which does not pass with the others.
        backoff: Duration::from_secs(1),
        ..Furniture::default()
    };
    let mut house = House::furnished("left-since", base, furniture).await;
    house.install(1).await;
    house.install(2).await;
    let backup = house.backed_up().await;
    house.come_back(&backup, base).await;
    house.cloud.portal(1).uninstall(false);
    house
        .until("both are asked about", async || {
            house.store.restored_left().await.unwrap() == 0
        })
        .await;
    let (left, stays) = (member_id(&house, 1), member_id(&house, 2));
    house.pass(Duration::from_secs(2 * 3_600));
    house
        .until("nothing of it is left", async || {
            house.store.portal(&left).await.unwrap().is_none()
        })
        .await;

    house.cloud.portal(2).uninstall(false);
    for _ in 0..3 {
        house.cloud.portal(2).expire_access_tokens();
        house.services.check(&stays).await.unwrap();
        house.pass(Duration::from_secs(2 * 3_600));
    }
    let portal = house.store.portal(&stays).await.unwrap().unwrap();
    assert_eq!(portal.state, PortalState::Uninstalled);
    assert_eq!(house.store.verify().await.unwrap(), []);
}
