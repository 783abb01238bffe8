//! What a cabinet sees of its portals, and does not see of others'.

use std::time::Duration;

use crmap_crm::Clock as _;
use crmap_domain::cabinet::{Denial, Description, Mark};
use crmap_domain::{Lang, MemberId};
use crmap_store::JournalRow;
use time::OffsetDateTime;

use super::{Owner, card, cards, link, open, overlapping, owner, portal};
use crate::support::{ADMIN, EMPLOYEE, Stand, member};

fn described(label: &str) -> Description {
    Description {
        label: label.to_owned(),
        note: String::new(),
        mark: Some(Mark::Teal),
        tags: vec!["VIP".to_owned()],
    }
}

/// What comes of all that can be asked of one portal; [`Denial::NotFound`] of each.
async fn is_hidden(stand: &Stand, owner: &Owner, portal: &MemberId) {
    let (services, entered) = (&stand.services, &owner.entered);
    let missing = Some(Denial::NotFound);
    assert_eq!(services.portal(entered, portal).await.err(), missing);
    assert_eq!(services.snapshot(entered, portal).await.err(), missing);
    assert_eq!(
        services.requests_to(entered, portal, None).await.err(),
        missing
    );
    let refreshed = services.refresh_portal(entered, portal, Lang::Ru).await;
    assert_eq!(refreshed.err(), missing);
    let written = services.describe_portal(entered, portal, described("чужое"));
    assert_eq!(written.await.err(), missing);
    assert_eq!(services.unlink_portal(entered, portal).await.err(), missing);
}

#[tokio::test]
async fn sec_77_two_cabinets_and_three_portals_show_each_other_nothing() {
    let stand = Stand::new().await;
    let ([one, two], portals) = overlapping(&stand).await;
    stand.world.forget();
    is_hidden(&stand, &one, &portals[2]).await;
    is_hidden(&stand, &two, &portals[0]).await;
    is_hidden(&stand, &two, &member(9)).await;
    assert_eq!(stand.world.log(), Vec::<String>::new(), "nobody was asked");
    for (owner, own) in [(&one, &portals[..2]), (&two, &portals[1..])] {
        let cards = cards(&stand, owner).await;
        let shown: Vec<_> = cards.iter().map(|card| card.member_id.clone()).collect();
        assert_eq!(shown, own);
        for portal in own {
            let read = stand.services.snapshot(&owner.entered, portal).await;
            assert_eq!(
                read.unwrap().unwrap().portal.member_id.as_ref(),
                Some(portal)
            );
        }
        assert!(cards.iter().all(|card| card.description.label.is_empty()));
    }
}

#[tokio::test]
async fn what_an_owner_writes_on_a_shared_portal_is_the_owners_alone() {
    let stand = Stand::new().await;
    let portal = portal(&stand, 1).await;
    let (one, two) = (owner(&stand, 1).await, owner(&stand, 2).await);
    for owner in [&one, &two] {
        link(&stand, &portal, owner).await;
    }
    let typed = Description {
        label: "  Ромашка   Москва ".to_owned(),
        ..described("")
    };
    let kept = stand
        .services
        .describe_portal(&one.entered, &portal, typed)
        .await
        .unwrap();
    assert_eq!(kept, described("Ромашка Москва"));
    assert_eq!(card(&stand, &one).await.description, kept);
    assert_eq!(card(&stand, &two).await.description, Description::default());
    let long = described(&"я".repeat(81));
    let denied = stand
        .services
        .describe_portal(&one.entered, &portal, long)
        .await;
    assert_eq!(denied, Err(Denial::Description));
    assert_eq!(card(&stand, &one).await.description, kept);
}

#[tokio::test]
async fn sec_24_a_link_that_its_owner_ends_shows_nothing_from_then_on() {
    let stand = Stand::new().await;
    let portal = portal(&stand, 1).await;
    let (one, two) = (owner(&stand, 1).await, owner(&stand, 2).await);
    for owner in [&one, &two] {
        link(&stand, &portal, owner).await;
    }
    let ended = stand.services.unlink_portal(&one.entered, &portal).await;
    assert_eq!(ended, Ok(()));
    is_hidden(&stand, &one, &portal).await;
    assert!(cards(&stand, &one).await.is_empty());
    assert!(
        card(&stand, &two).await.read_at.is_some(),
        "the other one loses nothing"
    );
    let session = open(&stand, &portal, ADMIN).await;
    let links = stand.services.linked_cabinets(&session).await.unwrap();
    assert_eq!(links.len(), 1);
    // Its owner did it, which is no news.
    assert_eq!(stand.services.news(&one.entered).await.unwrap().len(), 1);
}

#[tokio::test]
async fn the_page_of_a_portal_says_whose_rights_there_are_and_which_serve() {
    let stand = Stand::new().await;
    let (portal, owner) = (portal(&stand, 1).await, owner(&stand, 1).await);
    open(&stand, &portal, EMPLOYEE).await;
    link(&stand, &portal, &owner).await;
    let details = stand
        .services
        .portal(&owner.entered, &portal)
        .await
        .unwrap();
    assert_eq!(details.card, card(&stand, &owner).await);
    assert_eq!((details.linked_by, details.version), (ADMIN, Some(3)));
    assert_eq!(details.plan.as_deref(), Some("ru_basic"));
    assert_eq!(details.scopes, ["crm", "placement"]);
    let rights = |user| details.rights.iter().find(|rights| rights.user_id == user);
    assert_eq!(
        details.rights[0].user_id, ADMIN,
        "administrators are tried first"
    );
    assert!(rights(ADMIN).unwrap().usable && rights(ADMIN).unwrap().administrator);
    assert!(rights(EMPLOYEE).unwrap().usable && !rights(EMPLOYEE).unwrap().administrator);

    stand.world.revoke(Some(ADMIN));
    stand.services.check(&portal).await.unwrap();
    let details = stand
        .services
        .portal(&owner.entered, &portal)
        .await
        .unwrap();
    let usable: Vec<_> = details
        .rights
        .iter()
        .map(|rights| (rights.user_id, rights.usable))
        .collect();
    assert_eq!(usable, [(ADMIN, false), (EMPLOYEE, true)]);
}

fn request(portal: &MemberId, at: OffsetDateTime) -> JournalRow {
    JournalRow {
        member_id: portal.clone(),
        user_id: Some(ADMIN),
        at,
        method: "batch".to_owned(),
        status: Some(200),
        duration: Duration::from_millis(120),
        error: None,
        request: "{}".to_owned(),
        response: "{}".to_owned(),
        response_bytes: 77,
    }
}

#[tokio::test]
async fn sec_38_requests_are_shown_in_parts_and_none_from_before_the_link() {
    let stand = Stand::new().await;
    let (portal, owner) = (portal(&stand, 1).await, owner(&stand, 1).await);
    let (start, seconds) = (stand.clock.now(), time::Duration::seconds);
    let rows: Vec<_> = (0..200)
        .map(|second| request(&portal, start + seconds(second)))
        .collect();
    stand.store.write_journal(&rows).await.unwrap();
    stand.clock.pass(seconds(80));
    link(&stand, &portal, &owner).await;
    let mut shown = Vec::new();
    let mut after = None;
    let mut parts = 0;
    loop {
        let page = stand
            .services
            .requests_to(&owner.entered, &portal, after)
            .await;
        let (lines, next) = page.unwrap();
        shown.extend(
            lines
                .into_iter()
                .map(|line| (line.at - start).whole_seconds()),
        );
        parts += 1;
        after = next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(shown, (80..200).rev().collect::<Vec<_>>());
    assert_eq!(parts, 3);
    let odd = crmap_domain::cabinet::JournalPlace {
        at_ms: i64::MIN,
        id: "\0'; drop table link; --".repeat(1000),
    };
    let page = stand
        .services
        .requests_to(&owner.entered, &portal, Some(odd))
        .await;
    assert_eq!(page, Ok((Vec::new(), None)));
}

#[tokio::test]
async fn news_are_what_others_did_until_they_were_seen() {
    let stand = Stand::new().await;
    let (portal, owner) = (portal(&stand, 1).await, owner(&stand, 1).await);
    stand.clock.pass(time::Duration::minutes(1));
    link(&stand, &portal, &owner).await;
    let news = stand.services.news(&owner.entered).await.unwrap();
    assert_eq!(news.len(), 1);
    let seen = stand.services.news_seen(&owner.entered, news[0].at).await;
    assert_eq!(seen, Ok(()));
    assert!(
        stand
            .services
            .news(&owner.entered)
            .await
            .unwrap()
            .is_empty()
    );
    // What is yet to come was not seen.
    let ahead = news[0].at + time::Duration::days(365);
    stand
        .services
        .news_seen(&owner.entered, ahead)
        .await
        .unwrap();
    stand.clock.pass(time::Duration::minutes(1));
    let session = open(&stand, &portal, ADMIN).await;
    let links = stand.services.linked_cabinets(&session).await.unwrap();
    stand
        .services
        .unlink_cabinet(&session, &links[0].id)
        .await
        .unwrap();
    assert_eq!(stand.services.news(&owner.entered).await.unwrap().len(), 1);
}
