//! Two portals of a cabinet side by side.

use crmap_domain::EntityKind;
use crmap_domain::cabinet::Denial;
use crmap_domain::compare::{Comparison, HandMatch, Side, Verdict, field_key};
use crmap_domain::item::ItemKind;
use crmap_service::SidesCompared;

use super::{Owner, link, owner, portal};
use crate::support::{Stand, member};

fn now(number: u8) -> Side {
    Side {
        member_id: member(number),
        version: None,
    }
}

async fn with_two_portals(stand: &Stand) -> Owner {
    let owner = owner(stand, 1).await;
    for number in 1..=2 {
        let portal = portal(stand, number).await;
        link(stand, &portal, &owner).await;
        read(stand, &owner, number).await;
    }
    owner
}

async fn read(stand: &Stand, owner: &Owner, number: u8) {
    let lang = crmap_domain::Lang::Ru;
    let portal = member(number);
    let outcome = stand.services.refresh_portal(&owner.entered, &portal, lang);
    outcome.await.unwrap();
}

async fn compared(stand: &Stand, owner: &Owner, left: &Side, right: &Side) -> Comparison {
    match stand
        .services
        .compare(&owner.entered, left, right)
        .await
        .unwrap()
    {
        SidesCompared::Compared(comparison) => *comparison,
        missing @ SidesCompared::NotRead { .. } => panic!("{missing:?}"),
    }
}

/// The code of the only field of each portal.
fn code(comparison: &Comparison) -> String {
    let fields = &comparison.fields[0].rows.rows()[0];
    fields.row.ids.left().unwrap().code.clone()
}

#[tokio::test]
async fn two_portals_are_compared_and_what_is_said_by_hand_is_remembered() {
    let stand = Stand::new().await;
    let owner = with_two_portals(&stand).await;
    let (left, right) = (now(1), now(2));
    let comparison = compared(&stand, &owner, &left, &right).await;
    assert!(comparison.is_equal() && !comparison.same_portal);
    let code = code(&comparison);
    let alone = |left: &str, right: &str| HandMatch {
        kind: ItemKind::Field(EntityKind::Deal),
        left: left.to_owned(),
        right: right.to_owned(),
    };
    let key = field_key(&code);
    let said = vec![alone(&key, ""), alone("", &key)];
    let services = &stand.services;
    services
        .match_by_hand(&owner.entered, &left, &right, said)
        .await
        .unwrap();
    let verdicts = |comparison: &Comparison| -> Vec<Verdict> {
        let rows = comparison.fields[0].rows.rows().iter();
        rows.map(|field| field.row.verdict()).collect()
    };
    let apart = compared(&stand, &owner, &left, &right).await;
    assert_eq!(verdicts(&apart), [Verdict::OnlyRight, Verdict::OnlyLeft]);
    let turned = compared(&stand, &owner, &right, &left).await;
    assert_eq!(turned.totals().all.only_left, apart.totals().all.only_right);
    services
        .match_by_hand(&owner.entered, &right, &left, vec![alone(&key, &key)])
        .await
        .unwrap();
    let together = compared(&stand, &owner, &left, &right).await;
    assert_eq!(verdicts(&together), [Verdict::Equal]);
    assert!(together.fields[0].rows.rows()[0].row.by_hand);
    services
        .forget_match(&owner.entered, &left, &right, alone(&key, ""))
        .await
        .unwrap();
    let again = compared(&stand, &owner, &left, &right).await;
    assert!(!again.fields[0].rows.rows()[0].row.by_hand);
}

#[tokio::test]
async fn what_is_said_of_two_moments_of_a_portal_turns_with_the_sides() {
    let stand = Stand::new().await;
    let owner = with_two_portals(&stand).await;
    let then = Side {
        version: Some(1),
        ..now(1)
    };
    let comparison = compared(&stand, &owner, &then, &now(1)).await;
    assert!(comparison.same_portal && comparison.is_equal());
    let said = HandMatch {
        kind: ItemKind::Field(EntityKind::Deal),
        left: field_key(&code(&comparison)),
        right: String::new(),
    };
    let services = &stand.services;
    services
        .match_by_hand(&owner.entered, &then, &now(1), vec![said])
        .await
        .unwrap();
    let by_hand = |comparison: &Comparison, verdict: Verdict| {
        let rows = comparison.fields[0].rows.rows().iter();
        rows.filter(|field| field.row.by_hand && field.row.verdict() == verdict)
            .count()
    };
    let there = compared(&stand, &owner, &then, &now(1)).await;
    assert_eq!(by_hand(&there, Verdict::OnlyLeft), 1);
    let back = compared(&stand, &owner, &now(1), &then).await;
    assert_eq!(by_hand(&back, Verdict::OnlyRight), 1);
}

#[tokio::test]
async fn sec_77_nobody_compares_with_a_portal_of_another() {
    let stand = Stand::new().await;
    let one = with_two_portals(&stand).await;
    let other = owner(&stand, 2).await;
    let third = portal(&stand, 3).await;
    link(&stand, &third, &other).await;
    read(&stand, &other, 3).await;
    let services = &stand.services;
    for (left, right) in [(1, 3), (3, 1), (3, 3), (9, 1)] {
        let (left, right) = (now(left), now(right));
        let compared = services.compare(&one.entered, &left, &right).await;
        assert_eq!(compared.err(), Some(Denial::NotFound), "{left} {right}");
        let said = HandMatch {
            kind: ItemKind::Funnel,
            left: "0".to_owned(),
            right: "0".to_owned(),
        };
        let matched = services
            .match_by_hand(&one.entered, &left, &right, vec![said.clone()])
            .await;
        assert_eq!(matched, Err(Denial::NotFound));
        let forgotten = services
            .forget_match(&one.entered, &left, &right, said)
            .await;
        assert_eq!(forgotten, Err(Denial::NotFound));
    }
}

#[tokio::test]
async fn what_was_not_read_cannot_be_compared() {
    let stand = Stand::new().await;
    let owner = with_two_portals(&stand).await;
    let never = Side {
        version: Some(77),
        ..now(2)
    };
    let compared = stand
        .services
        .compare(&owner.entered, &now(1), &never)
        .await;
    assert_eq!(
        compared,
        Ok(SidesCompared::NotRead {
            left: false,
            right: true
        })
    );
}

#[tokio::test]
async fn nonsense_is_not_kept() {
    let stand = Stand::new().await;
    let owner = with_two_portals(&stand).await;
    let said = |kind, left: &str, right: &str| HandMatch {
        kind,
        left: left.to_owned(),
        right: right.to_owned(),
    };
    let long = "x".repeat(256);
    let nonsense = [
        vec![],
        vec![said(ItemKind::Funnel, "", "")],
        vec![said(ItemKind::User, "1", "1")],
        vec![said(ItemKind::Funnel, &long, "1")],
        vec![said(ItemKind::Funnel, "1", "1"); 3],
    ];
    for said in nonsense {
        let (left, right) = (now(1), now(2));
        let services = &stand.services;
        let kept = services.match_by_hand(&owner.entered, &left, &right, said.clone());
        assert_eq!(kept.await, Err(Denial::NotFound), "{said:?}");
    }
}
