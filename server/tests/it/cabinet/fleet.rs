//! Order among many portals, as a browser without scripts and as the pages' own calls meet it.

use std::time::Duration;

use axum::http::StatusCode;
use crmap_app::api::fleet::{
    DeleteFilter, FavourPortals, LookAtRun, PortalCards, RenameFilter, SaveFilter, StartRun,
    TagPortals,
};
use crmap_app::cabinet::data::Cards;
use crmap_app::cabinet::filter::{Filter, Sort};
use crmap_domain::MemberId;
use crmap_domain::cabinet::{Denial, RunOf, RunProgress, SavedFilter, TagChange, Tagged};
use portal_sim::Fault;

use super::browser::Browser;
use super::owner;
use super::portals::{dashboard, link, linked};
use super::town::Town;
use crate::house::{Base, Furniture, House, on_both};

on_both! {
    what_needs_attention_stands_above_the_portals_and_nothing_where_all_is_well
    favourites_and_tags_of_many_are_kept_and_found_by_the_address
    filters_are_kept_as_addresses_whatever_a_page_sends
    sec_77_what_is_not_linked_is_left_out_of_what_is_done_to_many
}

const LIST: &str = "id=\"attention-title\"";

async fn what_needs_attention_stands_above_the_portals_and_nothing_where_all_is_well(base: Base) {
    let (house, anna, page) = linked("attention", base).await;
    let fine = anna.get("/dashboard").await.text();
    assert!(!fine.contains(LIST), "all is well");
    assert!(fine.contains("все работают"));
    let only = anna.get("/dashboard?attention=1").await.text();
    assert!(!only.contains("data-star"), "nothing needs any");

    house.pass(Duration::from_secs(4 * 24 * 60 * 60));
    anna.log_in("anna@example.ru", super::PASSWORD).await;
    let old = anna.get("/dashboard").await.text();
    for words in [
        LIST,
        "Требуют внимания: 1",
        "Давно не читался",
        "href=\"/dashboard?attention=1\"",
    ] {
        assert!(old.contains(words), "{words}");
    }
    let only = anna.get("/dashboard?attention=1").await.text();
    assert!(only.contains(&format!("href=\"{page}\"")));
    assert!(
        !only.contains(LIST),
        "the portals themselves are just these"
    );
}

async fn favourites_and_tags_of_many_are_kept_and_found_by_the_address(base: Base) {
    let town = Town::build("favourites", base).await;
    let anna = &town.anna;
    let ids = [1, 2].map(|number| town.member_id(number));
    let favour = FavourPortals {
        portals: vec![ids[1].clone()],
        favourite: true,
    };
    anna.call(&favour).await.given::<()>();
    let change = TagChange {
        add: vec!["Юг".to_owned()],
        remove: vec!["аннин ТЕГ 1".to_owned()],
    };
    let tag = TagPortals {
        portals: ids.to_vec(),
        change,
    };
    let tagged: Tagged = anna.call(&tag).await.given();
    assert_eq!((tagged.tags.len(), tagged.full.len()), (2, 0));
    let shows = async |query: &str| {
        let text = anna.get(&format!("/dashboard?{query}")).await.text();
        ids.each_ref()
            .map(|id| text.contains(&format!("data-star=\"{id}\"")))
    };
    assert_eq!(shows("favourite=1").await, [false, true]);
    assert_eq!(shows("tag=%D0%AE%D0%B3").await, [true, true]);
    let off = Filter {
        tag: Some("Аннин тег 1".to_owned()),
        ..Filter::default()
    };
    assert_eq!(
        shows(&off.to_query()).await,
        [false, false],
        "it was taken off"
    );
    let cards: Cards = anna.call(&PortalCards {}).await.given();
    assert_eq!(cards.portals, dashboard(anna).await.portals);
    let page = anna.get("/dashboard").await.text();
    for words in [
        "action=\"/portals/export\"",
        "name=\"portal\"",
        "form=\"bulk\"",
        "name=\"format\"",
    ] {
        assert!(page.contains(words), "{words}");
    }
    let long = TagPortals {
        portals: ids.to_vec(),
        change: TagChange {
            add: vec!["я".repeat(41)],
            remove: Vec::new(),
        },
    };
    assert_eq!(anna.call(&long).await.denied(), Denial::Description);
}

fn save(name: &str, filter: Filter) -> SaveFilter {
    SaveFilter {
        name: name.to_owned(),
        filter,
    }
}

async fn filters_are_kept_as_addresses_whatever_a_page_sends(base: Base) {
    let town = Town::build("filters", base).await;
    let (anna, boris) = (&town.anna, &town.boris);
    let filter = Filter {
        query: "окна & \"двери\"".to_owned(),
        favourite: true,
        sort: Sort::Opened,
        ..Filter::default()
    };
    let kept: SavedFilter = anna.call(&save("Окна", filter.clone())).await.given();
    let address = format!("/dashboard?{}", kept.query);
    assert_eq!(dashboard_at(anna, &address).await, filter);
    let page = anna.get("/dashboard").await.text();
    assert!(page.contains(&format!("href=\"{}\"", address.replace('&', "&amp;"))));

    let long = Filter {
        query: "я".repeat(10_000),
        ..Filter::default()
    };
    let kept_short: SavedFilter = anna.call(&save("Длинный", long)).await.given();
    assert_eq!(kept_short.query.len(), "q=".len() + 200 * "%D1%8F".len());

    let taken = anna.call(&save("ОКНА", Filter::default())).await;
    assert_eq!(taken.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(taken.denied(), Denial::FilterNameTaken);
    let id = kept.id.clone();
    let foreign = boris.call(&DeleteFilter { id: id.clone() }).await;
    assert_eq!(foreign.denied(), Denial::NotFound);
    let rename = RenameFilter {
        id: id.clone(),
        name: "Двери".to_owned(),
    };
    assert_eq!(boris.call(&rename).await.denied(), Denial::NotFound);
    let renamed: SavedFilter = anna.call(&rename).await.given();
    assert_eq!(
        (renamed.name.as_str(), &renamed.query),
        ("Двери", &kept.query)
    );
    anna.call(&DeleteFilter { id }).await.given::<()>();
    assert_eq!(dashboard(anna).await.filters, [kept_short]);
    assert_eq!(dashboard(boris).await.filters, []);
}

async fn dashboard_at(browser: &Browser, target: &str) -> Filter {
    match browser.inside(target).await.room {
        crmap_app::cabinet::data::Room::Dashboard(dashboard) => dashboard.filter,
        other => panic!("{other:?}"),
    }
}

async fn sec_77_what_is_not_linked_is_left_out_of_what_is_done_to_many(base: Base) {
    let town = Town::build("left-out", base).await;
    let before = dashboard(&town.boris).await.portals;
    let portals = vec![
        town.member_id(1),
        town.member_id(3),
        "no portal at all".to_owned(),
    ];
    let change = TagChange {
        add: vec!["Чужой".to_owned()],
        remove: Vec::new(),
    };
    let tag = TagPortals {
        portals: portals.clone(),
        change,
    };
    let tagged: Tagged = town.anna.call(&tag).await.given();
    let tagged: Vec<_> = tagged.tags.iter().map(|(id, _)| id.to_string()).collect();
    assert_eq!(tagged, [town.member_id(1)]);
    let favour = FavourPortals {
        portals,
        favourite: true,
    };
    town.anna.call(&favour).await.given::<()>();
    assert_eq!(dashboard(&town.boris).await.portals, before);
}

/// As slow as Bitrix24 lets a request be. It takes a minute: waits of the connector are real.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rel_20_a_portal_whose_answers_take_60_seconds_is_read_and_keeps_no_other_waiting() {
    let furniture = Furniture {
        portals: 4,
        ..Furniture::default()
    };
    let house = House::furnished("slowest", Base::Sqlite, furniture).await;
    let anna = owner(&house, "Анна Кабинетова", "anna@example.ru").await;
    for number in 1..=4 {
        house.install(number).await;
        link(&house, number, &anna).await;
    }
    house.pass(Duration::from_secs(60));
    let slow = house.cloud.portal(1);
    slow.set_fault(Fault::Latency { ms: 60_000 });
    let start = StartRun { which: RunOf::All };
    anna.call(&start).await.given::<RunProgress>();
    let progress = async || {
        let progress: Option<RunProgress> = anna.call(&LookAtRun {}).await.given();
        progress.unwrap()
    };
    house
        .until("the others are read", async || progress().await.read == 3)
        .await;
    let now = progress().await;
    let ids: Vec<&str> = now.reading.iter().map(MemberId::as_str).collect();
    assert_eq!(ids, [slow.member_id()], "it is still being read");
    let mut looks = 0;
    while progress().await.finished_at.is_none() {
        looks += 1;
        assert!(looks < 400, "it comes to no end");
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
    let ended = progress().await;
    assert_eq!((ended.read, ended.failed), (4, Vec::new()));
}
