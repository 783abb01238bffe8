//! What a portal was: as its page in the cabinet tells it, and as marks in the tabs inside the
//! portal.

use std::time::Duration;

use axum::http::StatusCode;
use crmap_app::api::cabinet::{HistoryOf, LookedAt, RefreshPortal};
use crmap_app::cabinet::data::HistoryRoom;
use crmap_app::data::{Marks, Tab};
use crmap_domain::Lang;
use crmap_domain::cabinet::{Denial, HistoryFilter, HistoryPage};
use portal_sim::UserRole;
use portal_sim::worlds::Entity;

use super::browser::Browser;
use super::owner;
use super::portals::{dashboard, linked, portal_room};
use crate::house::{Base, House, on_both};
use crate::support::Answer;

on_both! {
    what_changed_is_told_in_the_cabinet_with_and_without_a_script
    what_a_portal_was_is_shown_and_looking_at_it_counts
    a_long_history_is_read_in_parts
    sec_77_a_stranger_learns_nothing_of_a_portals_past
    what_is_new_since_the_last_visit_is_marked_inside_the_portal
}

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

async fn refresh(house: &House, browser: &Browser) {
    house.pass(Duration::from_secs(60));
    let refresh = RefreshPortal {
        member_id: house.member_id().to_string(),
        lang: Lang::Ru,
    };
    assert_eq!(browser.call(&refresh).await.status, StatusCode::OK);
}

async fn history(browser: &Browser, target: &str) -> HistoryRoom {
    portal_room(browser, target).await.history.unwrap()
}

fn sentences(room: &HistoryRoom) -> Vec<String> {
    let versions = room.page.versions.iter();
    let changes = versions.flat_map(|version| version.changes.iter());
    changes.map(|change| change.sentence(Lang::Ru)).collect()
}

async fn what_changed_is_told_in_the_cabinet_with_and_without_a_script(base: Base) {
    let (house, anna, page) = linked("history", base).await;
    let target = format!("{page}?view=history");
    let quiet = anna.get(&target).await;
    assert_eq!(quiet.status, StatusCode::OK);
    assert!(quiet.text().contains("С тех пор ничего не изменилось."));
    let portal = house.portal();
    let id = portal.add_field(Entity::Deal, "string", "<b>Канал</b>", &[]);
    refresh(&house, &anna).await;
    refresh(&house, &anna).await;
    portal.rename_field(id, "Источник");
    refresh(&house, &anna).await;
    let code = format!("UF_CRM_NEW_{id}");
    let told = [
        format!("Поле сделки {code} переименовано: «<b>Канал</b>» → «Источник»"),
        format!("Добавлено поле сделки {code} «<b>Канал</b>»"),
    ];
    assert_eq!(sentences(&history(&anna, &target).await), told);
    let text = anna.get(&target).await.text();
    assert!(text.contains("переименовано: «&lt;b&gt;Канал&lt;/b&gt;» → «Источник»"));
    assert!(text.contains(&format!(
        "href=\"/compare?left={}@2&amp;right=",
        house.member_id()
    )));
    assert!(
        text.contains("class=\"tab__news\""),
        "it is told how many were not seen"
    );

    let narrowed = format!("{target}&kind=added&what=deal_field&q=%D0%BA%D0%B0%D0%BD%D0%B0%D0%BB");
    assert_eq!(
        sentences(&history(&anna, &narrowed).await),
        [told[1].as_str()]
    );
    let narrowed = format!("{target}&what=user&from=2020-01-01&to=nonsense");
    let none = anna.get(&narrowed).await.text();
    assert!(none.contains("Подходящих изменений нет."));
}

async fn what_a_portal_was_is_shown_and_looking_at_it_counts(base: Base) {
    let (house, anna, page) = linked("then", base).await;
    let target = format!("{page}?view=history");
    let portal = house.portal();
    let id = portal.add_field(Entity::Deal, "string", "<b>Канал</b>", &[]);
    refresh(&house, &anna).await;
    portal.rename_field(id, "Источник");
    refresh(&house, &anna).await;
    let code = format!("UF_CRM_NEW_{id}");
    portal.remove_field(id);
    refresh(&house, &anna).await;
    let gone = format!("{target}&id={code}&on=2100-01-01");
    let gone = history(&anna, &gone).await.looked_up.unwrap();
    assert_eq!((gone.found.len(), gone.story.len()), (0, 3));
    // As it was then, with a sign that it is not so any more.
    let then = portal_room(&anna, &format!("{page}?version=2")).await;
    assert_eq!((then.version, then.old.unwrap().number), (4, 2));
    let fields = then.specification.unwrap();
    let was = fields
        .fields
        .deal
        .rows()
        .iter()
        .find(|field| field.code == code);
    assert_eq!(was.unwrap().label, "<b>Канал</b>");
    let text = anna.get(&format!("{page}?version=2")).await.text();
    assert!(text.contains("Это спецификация на"));
    assert_eq!(
        portal_room(&anna, &format!("{page}?version=4")).await.old,
        None
    );
    for unknown in ["9", "0", "-1", "x"] {
        let answer = anna.get(&format!("{page}?version={unknown}")).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{unknown}");
    }

    // Whoever looked at it has seen it.
    assert_eq!(dashboard(&anna).await.portals[0].changes, 3);
    let member_id = house.member_id().to_string();
    let looked = LookedAt {
        member_id,
        version: 4,
    };
    assert_eq!(anna.call(&looked).await.status, StatusCode::OK);
    let card = dashboard(&anna).await.portals.remove(0);
    assert_eq!(card.changes, 0);
    assert!(card.opened_at.is_some());
    assert!(
        !anna
            .get(&target)
            .await
            .text()
            .contains("class=\"tab__news\"")
    );
}

async fn a_long_history_is_read_in_parts(base: Base) {
    let (house, anna, page) = linked("long", base).await;
    for number in 0..55 {
        house
            .portal()
            .add_field(Entity::Contact, "string", &format!("Поле {number}"), &[]);
    }
    refresh(&house, &anna).await;
    let room = history(&anna, &format!("{page}?view=history")).await;
    assert_eq!(sentences(&room).len(), 50);
    let place = room.page.next.unwrap();
    let asked = HistoryOf {
        member_id: house.member_id().to_string(),
        filter: HistoryFilter::default(),
        after: Some(place),
    };
    let rest: HistoryPage = anna.call(&asked).await.given();
    assert_eq!((rest.versions[0].changes.len(), rest.next), (5, None));
    let target = format!("{page}?view=history&after={}.{}", place.number, place.place);
    assert_eq!(sentences(&history(&anna, &target).await).len(), 5);
}

async fn sec_77_a_stranger_learns_nothing_of_a_portals_past(base: Base) {
    let (house, anna, page) = linked("past", base).await;
    house
        .portal()
        .add_field(Entity::Deal, "string", "Канал", &[]);
    refresh(&house, &anna).await;
    let stranger = owner(&house, "Пётр", "petr@example.ru").await;
    for target in ["?view=history", "?version=1", "?view=history&id=NEW"] {
        let answer = stranger.get(&format!("{page}{target}")).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{target}");
        assert!(!answer.text().contains("Канал"));
    }
    let asked = HistoryOf {
        member_id: house.member_id().to_string(),
        filter: HistoryFilter::default(),
        after: None,
    };
    assert_eq!(stranger.call(&asked).await.denied(), Denial::NotFound);
}

fn marks(page: &Answer) -> Option<Marks> {
    page.island().unwrap().marks
}

async fn what_is_new_since_the_last_visit_is_marked_inside_the_portal(base: Base) {
    let house = House::installed("marks", base).await;
    let portal = house.portal();
    let first = house.open(UserRole::Employee).await;
    // Nothing is new to whoever sees it first; they are told how to begin.
    let welcome = marks(&first).unwrap();
    assert!(welcome.line.starts_with("Нажмите на любой ID"));
    assert!(welcome.tabs.is_empty() && first.text().contains(&welcome.line));
    assert!(!first.text().contains("badge--new"));
    let id = portal.add_field(Entity::Contact, "string", "Канал", &[]);
    house.pass(DAY);
    let second = house.open(UserRole::Employee).await;
    let told = marks(&second).unwrap();
    assert!(told.line.ends_with(": добавлено 1."), "{}", told.line);
    let of_contacts = &told.tabs[Tab::ContactFields.index()];
    assert_eq!(of_contacts.rows.len(), 1);
    assert!(of_contacts.rows[0].1, "it is new");
    assert_eq!(of_contacts.told, "Новых и изменённых строк: 1");
    let fields = second.specification().fields.contact;
    let row = &fields.rows()[of_contacts.rows[0].0 as usize];
    assert_eq!(row.code, format!("UF_CRM_NEW_{id}"));
    let text = second.text();
    assert!(text.contains(&told.line));
    assert!(text.contains("class=\"tab__news\""));
    assert!(!text.contains("badge--new"), "another tab is open");

    // A look at the same visit shows the same; the row itself has its mark.
    portal.rename_field(id, "Источник");
    house.pass(Duration::from_secs(600));
    let form = crate::support::Form::of(portal, UserRole::Employee).at("tab", "contact-fields");
    let again = house.post_form("/bitrix/app", &form).await;
    assert!(
        again
            .text()
            .contains("<span class=\"badge badge--new\">новое</span>")
    );
    house.pass(DAY);
    portal.rename_field(id, "Канал");
    let next = marks(&house.open(UserRole::Employee).await).unwrap();
    assert!(next.line.ends_with(": изменено 1."), "{}", next.line);
    assert!(!next.tabs[Tab::ContactFields.index()].rows[0].1);
    house.pass(DAY);
    let quiet = marks(&house.open(UserRole::Employee).await).unwrap();
    assert!(
        quiet.line.ends_with(": ничего не изменилось."),
        "{}",
        quiet.line
    );
    // What an administrator has not seen yet is no news either.
    let first = house.open(UserRole::Administrator).await;
    assert_eq!(marks(&first), Some(welcome));
}
