//! A search over all portals of a cabinet: what it finds, in whose portals, and from when on it does
//! not.

use std::sync::Arc;

use crmap_crm::Clock as _;
use crmap_crm::sample::{Size, sample};
use crmap_domain::cabinet::{Denial, Found, ReadAs};
use crmap_domain::item::ItemKind;
use crmap_domain::{EntityKind, MemberId, Section, Specification};
use crmap_store::{Comparison, Keeping, NewReading, Renewal};

use super::{Owner, link, overlapping, owner, portal};
use crate::support::{Stand, member, settings};

/// A reading with one list field of this label.
fn with_field(label: &str) -> Specification {
    let mut made = sample(Size {
        funnels: 1,
        stages: 2,
        fields: 5,
        users: 1,
    });
    if let Section::Rows(fields) = &mut made.fields.deal {
        label.clone_into(&mut fields[4].label);
    }
    made
}

/// The portal was read once more.
async fn read(stand: &Stand, portal: &MemberId, specification: Specification) {
    stand.clock.pass(time::Duration::minutes(1));
    let (read, now) = (Arc::new(specification), stand.clock.now());
    let reading = NewReading::of(&read, now).await.unwrap();
    let renewed = stand.store.renew_snapshot(portal, 1, &reading).await;
    let Ok(Renewal::Differs(with)) = renewed else {
        panic!("it is no other reading: {renewed:?}");
    };
    let comparison = Comparison {
        with,
        changes: Vec::new(),
        known: None,
    };
    let kept = stand
        .store
        .put_snapshot(portal, 1, &reading, &comparison)
        .await;
    assert_eq!(kept.unwrap(), Keeping::Kept);
}

async fn find(stand: &Stand, owner: &Owner, query: &str) -> Found {
    stand.clock.pass(time::Duration::seconds(1));
    stand
        .services
        .find(&owner.entered, query, None)
        .await
        .unwrap()
}

/// In which portals something is found.
async fn found_in(stand: &Stand, owner: &Owner, query: &str) -> Vec<MemberId> {
    let found = find(stand, owner, query).await;
    assert_eq!(found.found_in as usize, found.groups.len());
    found
        .groups
        .into_iter()
        .map(|group| group.member_id)
        .collect()
}

#[tokio::test]
async fn sec_77_each_cabinet_finds_what_is_in_its_own_portals_alone() {
    let stand = Stand::new().await;
    let ([one, two], portals) = overlapping(&stand).await;
    for (name, portal) in ["первого", "второго", "третьего"].iter().zip(&portals)
    {
        read(&stand, portal, with_field(&format!("Отличие {name}"))).await;
    }
    // Asked twice: by whoever loads it first, and when it is at hand for everybody.
    for _ in 0..2 {
        assert_eq!(found_in(&stand, &one, "отличие").await, portals[..2]);
        assert_eq!(found_in(&stand, &two, "отличие").await, portals[1..]);
        assert_eq!(found_in(&stand, &one, "третьего отличие").await, []);
        assert_eq!(
            found_in(&stand, &two, "третьего отличие").await,
            portals[2..]
        );
    }
    let foreign = stand
        .services
        .find(&one.entered, "отличие", Some(&portals[2]))
        .await;
    assert_eq!(foreign, Err(Denial::NotFound));
    let unknown = stand
        .services
        .find(&one.entered, "отличие", Some(&member(9)))
        .await;
    assert_eq!(unknown, Err(Denial::NotFound));
}

#[tokio::test]
async fn sec_24_what_is_unlinked_or_has_left_is_not_found_from_then_on() {
    let stand = Stand::new().await;
    let owner = owner(&stand, 1).await;
    let (gone, left) = (portal(&stand, 2).await, portal(&stand, 1).await);
    for portal in [&gone, &left] {
        link(&stand, portal, &owner).await;
        read(&stand, portal, with_field("Отличие")).await;
    }
    assert_eq!(
        found_in(&stand, &owner, "отличие").await,
        [left.clone(), gone.clone()]
    );
    stand
        .services
        .unlink_portal(&owner.entered, &gone)
        .await
        .unwrap();
    assert_eq!(
        found_in(&stand, &owner, "отличие").await,
        std::slice::from_ref(&left)
    );
    stand.leave(false).await;
    let found = find(&stand, &owner, "отличие").await;
    assert_eq!(
        (found.portals, found.total, found.groups),
        (0, 0, Vec::new())
    );
}

#[tokio::test]
async fn what_was_read_last_is_what_is_found() {
    let stand = Stand::new().await;
    let (portal, owner) = (portal(&stand, 1).await, owner(&stand, 1).await);
    let found = find(&stand, &owner, "отличие").await;
    assert_eq!((found.portals, found.unread), (0, 0));
    link(&stand, &portal, &owner).await;
    for label in ["Отличие", "Различие", "Отличие"] {
        read(&stand, &portal, with_field(label)).await;
        let expected = usize::from(label == "Отличие");
        assert_eq!(found_in(&stand, &owner, "отличие").await.len(), expected);
        assert_eq!(found_in(&stand, &owner, label).await.len(), 1);
    }
}

#[tokio::test]
async fn a_hit_leads_to_its_row_and_says_what_it_is() {
    let stand = Stand::new().await;
    let (portal, owner) = (portal(&stand, 1).await, owner(&stand, 1).await);
    link(&stand, &portal, &owner).await;
    read(&stand, &portal, with_field("Канал")).await;
    let found = find(&stand, &owner, " Сайт 2 КАНАЛ ").await;
    assert_eq!(
        (found.query.as_str(), &found.read_as),
        ("Сайт 2 КАНАЛ", &ReadAs::Typed)
    );
    let group = &found.groups[0];
    assert_eq!((group.total, group.address.as_str()), (1, "p1.example"));
    let hit = &group.hits[0];
    assert_eq!(
        (hit.item.kind, hit.item.id.as_str()),
        (ItemKind::Item(EntityKind::Deal), "502")
    );
    assert_eq!(hit.parent.as_ref().unwrap().number, Some(5));
    let people = find(&stand, &owner, "сотрудник").await;
    assert_eq!(people.total, 0, "people are not searched");
}

#[tokio::test]
async fn the_other_layout_and_a_letter_off_are_tried_where_nothing_is_found() {
    let stand = Stand::new().await;
    let (portal, owner) = (portal(&stand, 1).await, owner(&stand, 1).await);
    link(&stand, &portal, &owner).await;
    read(&stand, &portal, with_field("Договор поставки")).await;
    let found = find(&stand, &owner, "Ljujdjh").await;
    assert_eq!(found.read_as, ReadAs::OtherLayout("Договор".to_owned()));
    assert_eq!((found.total, found.nearly), (1, false));
    let found = find(&stand, &owner, "ГА_СКЬ_1713790005").await;
    assert_eq!(
        found.read_as,
        ReadAs::OtherLayout("UF_CRM_1713790005".to_owned())
    );
    assert_eq!(found.total, 1);
    let found = find(&stand, &owner, "постваки догвоор").await;
    assert_eq!(
        (found.read_as, found.nearly, found.total),
        (ReadAs::Typed, true, 1)
    );
    let found = find(&stand, &owner, "gjcnfrdb ljujdjh").await;
    let meant = ReadAs::OtherLayout("постакви договор".to_owned());
    assert_eq!((found.read_as, found.nearly, found.total), (meant, true, 1));
    let found = find(&stand, &owner, "неведомое").await;
    assert_eq!(
        (found.read_as, found.nearly, found.total),
        (ReadAs::Typed, false, 0)
    );
}

#[tokio::test]
async fn too_little_is_said_to_be_so() {
    let stand = Stand::new().await;
    let (portal, owner) = (portal(&stand, 1).await, owner(&stand, 1).await);
    link(&stand, &portal, &owner).await;
    for (query, read_as) in [
        ("", ReadAs::Nothing),
        ("  ", ReadAs::Nothing),
        ("а", ReadAs::TooShort),
        ("0", ReadAs::Typed),
    ] {
        let found = find(&stand, &owner, query).await;
        assert_eq!((found.read_as, found.portals), (read_as, 1), "{query:?}");
    }
}

#[tokio::test]
async fn a_portal_among_others_shows_its_best_and_alone_all() {
    let stand = Stand::new().await;
    let (portal, owner) = (portal(&stand, 1).await, owner(&stand, 1).await);
    link(&stand, &portal, &owner).await;
    let many = sample(Size {
        funnels: 1,
        stages: 60,
        fields: 0,
        users: 0,
    });
    read(&stand, &portal, many).await;
    let found = find(&stand, &owner, "согласование").await;
    assert_eq!(
        (
            found.total,
            found.groups[0].total,
            found.groups[0].hits.len()
        ),
        (60, 60, 5)
    );
    let all = stand
        .services
        .find(&owner.entered, "согласование", Some(&portal))
        .await
        .unwrap();
    assert_eq!((all.total, all.groups[0].hits.len()), (60, 60));
    assert_eq!(all.only.unwrap().name, "p1.example");
}

#[tokio::test]
async fn what_does_not_fit_into_memory_is_found_all_the_same() {
    let stand = Stand::with(crmap_service::Settings {
        search_memory: 1,
        ..settings()
    })
    .await;
    let owner = owner(&stand, 1).await;
    for number in 1..=3 {
        let portal = portal(&stand, number).await;
        link(&stand, &portal, &owner).await;
    }
    for _ in 0..2 {
        assert_eq!(found_in(&stand, &owner, "источник").await.len(), 3);
        assert!(stand.services.search_memory() <= 1);
    }
}

#[tokio::test]
async fn sec_65_nobody_searches_faster_than_people_type() {
    let stand = Stand::new().await;
    let (one, two) = (owner(&stand, 1).await, owner(&stand, 2).await);
    let mut answers = Vec::new();
    for _ in 0..60 {
        answers.push(stand.services.find(&one.entered, "сделка", None).await);
    }
    let often = Err(Denial::TooOften { seconds: 1 });
    assert_eq!(
        answers.iter().filter(|answer| **answer == often).count(),
        20
    );
    assert!(
        stand
            .services
            .find(&two.entered, "сделка", None)
            .await
            .is_ok()
    );
}
