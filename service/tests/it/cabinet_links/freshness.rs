//! Readings inside a portal freshen what its cabinets see, where an administrator made them.

use std::time::Duration;

use super::{card, link, open, owner, portal, try_to_link};
use crate::support::{ADMIN, EMPLOYEE, Stand};

fn minutes(count: i64) -> time::Duration {
    time::Duration::minutes(count)
}

#[tokio::test]
async fn an_administrators_reading_freshens_the_snapshot_every_five_minutes() {
    let stand = Stand::new().await;
    let (portal, owner) = (portal(&stand, 1).await, owner(&stand, 1).await);
    link(&stand, &portal, &owner).await;
    let read_at = async || card(&stand, &owner).await.read_at.unwrap();
    let first = read_at().await;
    stand.clock.pass(minutes(4));
    open(&stand, &portal, ADMIN).await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(read_at().await, first, "it was fresh");
    stand.clock.pass(minutes(2));
    open(&stand, &portal, ADMIN).await;
    let later = first + minutes(6);
    stand.settle(async || read_at().await == later).await;
}

#[tokio::test]
async fn sec_26_what_an_employee_reads_is_not_for_cabinets() {
    let stand = Stand::new().await;
    let (portal, owner) = (portal(&stand, 1).await, owner(&stand, 1).await);
    link(&stand, &portal, &owner).await;
    let first = card(&stand, &owner).await.read_at;
    stand.clock.pass(minutes(30));
    open(&stand, &portal, EMPLOYEE).await;
    // Nor what somebody reads who administered the portal once.
    stand.world.demote(ADMIN);
    open(&stand, &portal, ADMIN).await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(card(&stand, &owner).await.read_at, first);
    let read = stand.services.snapshot(&owner.entered, &portal).await;
    assert!(read.unwrap().unwrap().reading.viewer.administrator);
}

#[tokio::test]
async fn sec_24_what_is_read_after_the_last_link_has_ended_is_kept_nowhere() {
    let stand = Stand::new().await;
    let (portal, owner) = (portal(&stand, 1).await, owner(&stand, 1).await);
    link(&stand, &portal, &owner).await;
    stand.clock.pass(minutes(30));
    // A reading is under way while the link ends.
    stand.world.reads_late(true);
    let session = {
        let (services, arrival) = (stand.services.clone(), stand.arrival_at(&portal, ADMIN));
        tokio::spawn(async move { services.open(arrival, crmap_domain::Lang::Ru).await })
    };
    stand.settle(async || stand.world.count("read") > 1).await;
    stand
        .services
        .unlink_portal(&owner.entered, &portal)
        .await
        .unwrap();
    stand.world.reads_late(false);
    assert!(session.await.unwrap().is_ok());
    open(&stand, &portal, ADMIN).await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    // Whoever is linked next, with a portal that cannot be read, would see it.
    stand
        .world
        .readings_say(Some(|| crmap_crm::CrmError::RateLimited {
            retry_after: None,
        }));
    try_to_link(&stand, &portal, &owner.token).await.unwrap();
    assert_eq!(card(&stand, &owner).await.read_at, None);
}
