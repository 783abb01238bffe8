//! What a cabinet is told of its portals' past, and what visitors inside a portal are told.

use crmap_crm::Clock as _;
use crmap_domain::cabinet::{Denial, HistoryFilter};
use crmap_domain::change::ChangeKind;
use crmap_domain::item::ItemKind;
use crmap_domain::{Lang, MemberId};
use crmap_service::{Opened, Outcome, Visit};
use time::Duration;
use time::macros::date;

use super::{Owner, card, link, owner, portal};
use crate::support::{ADMIN, EMPLOYEE, Stand};

async fn read(stand: &Stand, owner: &Owner, portal: &MemberId) {
    stand.clock.pass(Duration::minutes(10));
    let refreshed = stand
        .services
        .refresh_portal(&owner.entered, portal, Lang::Ru)
        .await;
    assert!(matches!(refreshed, Ok(Outcome::Read(_))), "{refreshed:?}");
}

/// A linked portal that was read with one funnel, then with three, and then with two.
async fn with_history(stand: &Stand) -> (MemberId, Owner) {
    let (portal, owner) = (portal(stand, 1).await, owner(stand, 1).await);
    link(stand, &portal, &owner).await;
    for more in [0, 2, 2, 1] {
        stand.world.has_more_funnels(more);
        read(stand, &owner, &portal).await;
    }
    (portal, owner)
}

async fn told(
    stand: &Stand,
    (portal, owner): &(MemberId, Owner),
    filter: &HistoryFilter,
) -> Vec<(u32, Vec<String>)> {
    let page = stand
        .services
        .history(&owner.entered, portal, filter, None)
        .await
        .unwrap();
    let versions = page.versions.into_iter().map(|version| {
        let changes = version.changes.iter();
        let told = changes.map(|change| change.sentence(Lang::Ru)).collect();
        (version.mark.number, told)
    });
    versions.collect()
}

#[tokio::test]
async fn what_changed_is_told_by_version_and_can_be_filtered() {
    let stand = Stand::new().await;
    let place = with_history(&stand).await;
    let all = told(&stand, &place, &HistoryFilter::default()).await;
    assert_eq!(all.len(), 2, "{all:?}");
    assert_eq!(all[0].0, 3);
    let removed = [
        "Удалена воронка 2 «Продажи 2»",
        "Удалён статус C2:UC_000000 «Согласование условий 0»",
    ];
    assert_eq!(all[0].1, removed);
    assert_eq!(all[1].1.len(), 4);
    let filter = HistoryFilter {
        kinds: vec![ChangeKind::Added],
        what: vec![ItemKind::Funnel],
        text: "продажи 2".to_owned(),
        ..HistoryFilter::default()
    };
    let found = told(&stand, &place, &filter).await;
    assert_eq!(
        found,
        [(2, vec!["Добавлена воронка 2 «Продажи 2»".to_owned()])]
    );
    let filter = HistoryFilter {
        from: Some(date!(2026 - 03 - 02)),
        ..HistoryFilter::default()
    };
    assert_eq!(told(&stand, &place, &filter).await, []);
    let filter = HistoryFilter {
        to: Some(date!(2026 - 03 - 01)),
        ..HistoryFilter::default()
    };
    assert_eq!(told(&stand, &place, &filter).await.len(), 2);
}

#[tokio::test]
async fn an_id_that_is_gone_is_looked_up_at_its_day() {
    let stand = Stand::new().await;
    let (portal, owner) = (portal(&stand, 1).await, owner(&stand, 1).await);
    link(&stand, &portal, &owner).await;
    stand.world.has_more_funnels(2);
    read(&stand, &owner, &portal).await;
    stand.clock.pass(Duration::days(3));
    stand.world.has_more_funnels(1);
    read(&stand, &owner, &portal).await;
    let look = async |id, on| {
        let looked = stand.services.look_up(&owner.entered, &portal, id, on);
        looked.await.unwrap()
    };
    let found = look(" c2:uc_000000 ", date!(2026 - 03 - 02)).await;
    assert_eq!(found.found.len(), 1);
    assert_eq!(found.found[0].row.item.label, "Согласование условий 0");
    assert!(!found.found[0].is_there);
    assert_eq!(found.version.unwrap().number, 2);
    assert_eq!(found.story.len(), 2, "added and removed");
    let later = look("C2:UC_000000", date!(2026 - 03 - 10)).await;
    assert_eq!((later.found.len(), later.story.len()), (0, 2));
    let before = look("C2:UC_000000", date!(2026 - 02 - 01)).await;
    assert_eq!(before.version, None);
    let there = look("C1:UC_000000", date!(2026 - 03 - 02)).await;
    assert!(there.found[0].is_there);
}

#[tokio::test]
async fn what_was_looked_at_is_not_new_any_more() {
    let stand = Stand::new().await;
    let (portal, owner) = with_history(&stand).await;
    let services = &stand.services;
    assert_eq!(card(&stand, &owner).await.changes, 6);
    let now = services.version_now(&owner.entered, &portal).await.unwrap();
    assert_eq!(now, 3);
    services
        .looked_at(&owner.entered, &portal, 2)
        .await
        .unwrap();
    assert_eq!(card(&stand, &owner).await.changes, 2);
    services
        .looked_at(&owner.entered, &portal, now)
        .await
        .unwrap();
    let card = card(&stand, &owner).await;
    assert_eq!((card.changes, card.opened_at), (0, Some(services.now())));
    let far = services.looked_at(&owner.entered, &portal, 99).await;
    assert_eq!(far, Err(Denial::NotFound));
}

#[tokio::test]
async fn sec_77_nobody_else_is_told_of_a_portals_past() {
    let stand = Stand::new().await;
    let (portal, owner_of_it) = with_history(&stand).await;
    let stranger = owner(&stand, 2).await;
    let services = &stand.services;
    let filter = HistoryFilter::default();
    let history = services.history(&stranger.entered, &portal, &filter, None);
    assert_eq!(history.await, Err(Denial::NotFound));
    let versions = services.versions(&stranger.entered, &portal).await;
    assert_eq!(versions, Err(Denial::NotFound));
    let one = services.specification_of(&stranger.entered, &portal, 1);
    assert_eq!(one.await, Err(Denial::NotFound));
    let looked = services.looked_at(&stranger.entered, &portal, 1).await;
    assert_eq!(looked, Err(Denial::NotFound));
    let looked = services.look_up(&stranger.entered, &portal, "1", date!(2026 - 03 - 01));
    assert_eq!(looked.await, Err(Denial::NotFound));
    // Whoever is linked later sees what was there then and nothing before.
    link(&stand, &portal, &stranger).await;
    let versions = services.versions(&stranger.entered, &portal).await.unwrap();
    assert_eq!(versions.len(), 1);
    let seen = async |owner: &Owner, version| {
        let found = services.specification_of(&owner.entered, &portal, version);
        found.await.unwrap().map(|of| of.funnels.rows().len())
    };
    assert_eq!(seen(&owner_of_it, 2).await, Some(3));
    assert_eq!(seen(&stranger, 2).await, None);
    assert_eq!(seen(&stranger, 3).await, Some(2));
}

/// What somebody is told who opens the application: how much is new, unless it is the first time.
async fn visit(stand: &Stand, user: i64) -> Option<(u32, u32, u32)> {
    let Ok(Opened::Page(page)) = stand.services.open(stand.arrival(user), Lang::Ru).await else {
        panic!("another page came");
    };
    let visit = stand.services.news_for(&page.session, &page.outcome).await;
    match visit {
        None => panic!("it was not read"),
        Some(Visit::First) => None,
        Some(Visit::Again(news)) => Some((news.added, news.changed, news.removed)),
    }
}

#[tokio::test]
async fn a_visitor_is_told_what_changed_since_the_last_visit() {
    let stand = Stand::installed().await;
    assert_eq!(visit(&stand, ADMIN).await, None, "the first visit");
    stand.world.has_more_funnels(1);
    stand.clock.pass(Duration::minutes(10));
    assert_eq!(visit(&stand, ADMIN).await, None, "still the first visit");
    stand.world.has_more_funnels(2);
    stand.clock.pass(Duration::days(1));
    assert_eq!(visit(&stand, ADMIN).await, Some((2, 0, 0)));
    stand.clock.pass(Duration::minutes(20));
    assert_eq!(visit(&stand, ADMIN).await, Some((2, 0, 0)), "the same one");
    assert_eq!(visit(&stand, EMPLOYEE).await, None, "another person");
    stand.world.has_more_funnels(0);
    stand.clock.pass(Duration::days(1));
    assert_eq!(visit(&stand, ADMIN).await, Some((0, 0, 4)));
    // Half a year later nobody remembers.
    stand.clock.pass(Duration::days(181));
    stand.services.round(true).await.unwrap();
    assert_eq!(visit(&stand, ADMIN).await, None);
}

#[tokio::test]
async fn rel_51_what_is_seen_again_at_once_is_not_noted_again() {
    let stand = Stand::installed().await;
    visit(&stand, ADMIN).await;
    let first = stand.clock.now() + Duration::seconds(1);
    stand.clock.pass(Duration::minutes(4));
    assert_eq!(visit(&stand, ADMIN).await, None);
    assert_eq!(visit(&stand, EMPLOYEE).await, None);
    // The administrator's alone is of before.
    let forgotten = stand.store.purge_sightings(first).await.unwrap();
    assert_eq!(forgotten, 1, "it was noted twice");
    stand.clock.pass(Duration::minutes(2));
    visit(&stand, ADMIN).await;
    let since = stand.clock.now() - Duration::seconds(30);
    assert_eq!(stand.store.purge_sightings(since).await.unwrap(), 1);
    stand.world.has_more_funnels(1);
    visit(&stand, ADMIN).await;
    stand.clock.pass(Duration::days(1));
    assert_eq!(
        visit(&stand, ADMIN).await,
        Some((0, 0, 0)),
        "a change is noted at once"
    );
}

#[tokio::test]
async fn rel_51_whoever_looks_again_at_once_is_told_the_same_however_much_it_is() {
    let stand = Stand::installed().await;
    assert_eq!(visit(&stand, ADMIN).await, None);
    for (day, (all, new)) in [(3, 6), (300, 594)].into_iter().enumerate() {
        stand.world.has_more_funnels(all);
        stand.clock.pass(Duration::days(1));
        let began = stand.clock.now();
        for minutes in [0, 1, 3] {
            stand.clock.pass(Duration::minutes(minutes));
            let told = visit(&stand, ADMIN).await;
            assert_eq!(told, Some((new, 0, 0)), "day {day}, minute {minutes}");
        }
        // Neither was any of it noted twice, nor is it put off for longer.
        let until = began + Duration::seconds(1);
        stand.clock.pass(Duration::minutes(2));
        assert_eq!(visit(&stand, ADMIN).await, Some((new, 0, 0)));
        assert_eq!(stand.store.purge_sightings(until).await.unwrap(), 0);
    }
}

/// Whoever sees a part of the portal may see less of it, or more, though nothing came or went.
#[tokio::test]
async fn who_sees_a_part_of_the_portal_is_told_of_nothing_that_came_or_went() {
    let stand = Stand::installed().await;
    stand.world.has_more_funnels(2);
    assert_eq!(visit(&stand, EMPLOYEE).await, None, "the first visit");
    stand.world.has_more_funnels(0);
    stand.clock.pass(Duration::days(1));
    assert_eq!(visit(&stand, EMPLOYEE).await, Some((0, 0, 0)));
    stand.world.has_more_funnels(1);
    stand.clock.pass(Duration::days(1));
    assert_eq!(visit(&stand, EMPLOYEE).await, Some((0, 0, 0)));
}

#[tokio::test]
async fn sec_19_what_visitors_saw_goes_with_the_application() {
    let stand = Stand::installed().await;
    visit(&stand, EMPLOYEE).await;
    stand.leave(false).await;
    stand.install().await;
    stand.clock.pass(Duration::days(1));
    assert_eq!(visit(&stand, EMPLOYEE).await, None);
}
