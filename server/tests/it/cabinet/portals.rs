//! Portals of a cabinet: linked from inside them, shown, and unlinked from both sides.

use axum::http::StatusCode;
use crmap_app::api::cabinet::{NewsSeen, RefreshPortal, RequestsTo, UnlinkPortal};
use crmap_app::api::{Cabinets, LinkAnswer, LinkAsk};
use crmap_app::cabinet::data::{Dashboard, PortalRoom, Room};
use crmap_domain::cabinet::{CabinetPreview, DeedKind, Denial, Level, LinkOnPortal};
use crmap_domain::moment::to_ms;
use crmap_domain::{Lang, PortalState};
use portal_sim::UserRole;

use super::browser::Browser;
use super::owner;
use crate::house::{Base, House, on_both};
use crate::support::{Answer, call, send};

on_both! {
    a_portal_is_linked_in_two_steps_and_shown_with_what_it_holds
    news_are_told_until_they_were_seen_and_none_is_missed
    sec_24_what_is_unlinked_in_the_portal_is_gone_at_the_next_request
    sec_24_what_is_unlinked_in_the_cabinet_is_gone_at_the_next_request
}

/// What comes of a question about the cabinets of a portal, asked with a page's bearer.
pub async fn ask(house: &House, bearer: &str, ask: LinkAsk) -> Answer {
    let arguments = postcard::to_allocvec(&Cabinets { ask }).unwrap();
    send(
        &house.router,
        call("/api/cabinets", Some(bearer), arguments),
    )
    .await
}

/// The bearer of a page that an administrator has opened in a portal.
pub async fn administrator(house: &House, number: usize) -> String {
    let portal = house.cloud.portal(number);
    let page = house.open_at("/bitrix/app", portal, UserRole::Administrator);
    page.await.bearer()
}

/// Links a portal, which has the application, to the cabinet that a browser is logged in to.
pub async fn link(house: &House, number: usize, browser: &Browser) -> Vec<LinkOnPortal> {
    let token = browser.inside("/profile").await.token;
    let bearer = administrator(house, number).await;
    let linked = ask(house, &bearer, LinkAsk::Link(token, Level::Read)).await;
    links(&linked)
}

#[track_caller]
pub fn links(answer: &Answer) -> Vec<LinkOnPortal> {
    match answer.given() {
        LinkAnswer::Links(links) => links,
        LinkAnswer::Preview(preview) => panic!("{preview:?}"),
    }
}

#[track_caller]
fn preview(answer: &Answer) -> CabinetPreview {
    match answer.given() {
        LinkAnswer::Preview(preview) => preview,
        LinkAnswer::Links(links) => panic!("{links:?}"),
    }
}

pub async fn dashboard(browser: &Browser) -> Dashboard {
    match browser.inside("/dashboard").await.room {
        Room::Dashboard(dashboard) => dashboard,
        other => panic!("{other:?}"),
    }
}

pub async fn portal_room(browser: &Browser, target: &str) -> PortalRoom {
    match browser.inside(target).await.room {
        Room::Portal(room) => *room,
        other => panic!("{other:?}"),
    }
}

/// A house with one installed portal, linked to Anna's cabinet, and the address of its page.
pub async fn linked(name: &str, base: Base) -> (House, Browser, String) {
    let house = House::installed(name, base).await;
    let anna = owner(&house, "Анна Кабинетова", "anna@example.ru").await;
    link(&house, 1, &anna).await;
    let page = format!("/portals/{}", house.member_id());
    (house, anna, page)
}

async fn a_portal_is_linked_in_two_steps_and_shown_with_what_it_holds(base: Base) {
    let house = House::installed("linked", base).await;
    let anna = owner(&house, "Анна Кабинетова", "anna@example.ru").await;
    let page = format!("/portals/{}", house.member_id());
    assert_eq!(anna.get(&page).await.status, StatusCode::NOT_FOUND);
    let token = anna.inside("/dashboard").await.token;
    let bearer = administrator(&house, 1).await;

    assert_eq!(links(&ask(&house, &bearer, LinkAsk::List).await), []);
    let shown = ask(&house, &bearer, LinkAsk::Preview(token.clone())).await;
    let wanted = CabinetPreview {
        name: "Анна Кабинетова".to_owned(),
        email: "an•••@example.ru".to_owned(),
        linked: None,
    };
    assert_eq!(preview(&shown), wanted);
    assert_eq!(dashboard(&anna).await.portals, [], "nothing is linked yet");
    let linked = ask(&house, &bearer, LinkAsk::Link(token, Level::Read)).await;
    let linked = links(&linked);
    assert_eq!(linked.len(), 1);
    assert_eq!(
        (&*linked[0].name, &*linked[0].email),
        (&*wanted.name, &*wanted.email)
    );

    let world = house.portal().world();
    let shown = dashboard(&anna).await;
    let card = &shown.portals[0];
    assert_eq!(
        (shown.portals.len(), &card.member_id),
        (1, &house.member_id())
    );
    assert_eq!(
        (&card.address, card.level),
        (&house.portal().domain(), Level::Read)
    );
    assert_eq!(card.standing.state, PortalState::Ok);
    let totals = card.totals.unwrap();
    assert_eq!(totals.funnels, Some(world.funnels.len()));
    assert_eq!(totals.stages, Some(world.deal_stages().count()));
    assert_eq!(totals.users, Some(world.users.len()));
    let text = anna.get("/dashboard").await.text();
    assert!(text.contains(&format!("href=\"{page}\"")));

    let room = portal_room(&anna, &page).await;
    let specification = room.specification.unwrap();
    assert_eq!(
        specification.stages.rows().len(),
        world.deal_stages().count()
    );
    let text = anna.get(&format!("{page}?tab=stages")).await.text();
    for stage in specification.stages.rows() {
        let shown = text.contains(&stage.name) && text.contains(&stage.status_id);
        assert!(shown, "the page is drawn without any script: {stage:?}");
    }
    let connection = portal_room(&anna, &format!("{page}?view=connection")).await;
    assert_eq!(connection.specification, None);
    assert_eq!(connection.details.rights.len(), 1);
    let news = dashboard(&anna).await.news;
    assert!(matches!(news[0].kind, DeedKind::Linked { .. }), "{news:?}");
}

async fn news_are_told_until_they_were_seen_and_none_is_missed(base: Base) {
    let (house, anna, page) = linked("news", base).await;
    let told = async || dashboard(&anna).await.news;
    let news = told().await;
    assert_eq!(news.len(), 1);
    assert!(
        anna.get("/dashboard")
            .await
            .text()
            .contains(&format!("href=\"{page}\""))
    );
    let seen = NewsSeen {
        until_ms: to_ms(news[0].at),
    };
    anna.call(&seen).await.given::<()>();
    assert_eq!(told().await, []);
    house.clock.pass(time::Duration::seconds(1));
    let bearer = administrator(&house, 1).await;
    let linked = links(&ask(&house, &bearer, LinkAsk::List).await);
    ask(&house, &bearer, LinkAsk::Unlink(linked[0].id.clone())).await;
    assert_eq!(told().await.len(), 1);
    // Nobody can have seen what is yet to come.
    let seen = NewsSeen {
        until_ms: i64::MAX / 2_000_000,
    };
    anna.call(&seen).await.given::<()>();
    house.clock.pass(time::Duration::seconds(1));
    link(&house, 1, &anna).await;
    assert_eq!(told().await.len(), 1);
    for until_ms in [i64::MIN, i64::MAX] {
        let denied = anna.call(&NewsSeen { until_ms }).await;
        assert_eq!(denied.denied(), Denial::NotFound);
    }
}

/// Nothing of the portal is served to the browser, by whichever door.
pub async fn assert_gone(browser: &Browser, page: &str) {
    let member_id = page.strip_prefix("/portals/").unwrap().to_owned();
    for target in [
        "",
        "?view=connection",
        "/specification.txt",
        "/specification.json",
        "/specification.csv",
        "/specification.xlsx",
    ] {
        let answer = browser.get(&format!("{page}{target}")).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{target}");
    }
    assert_eq!(dashboard(browser).await.portals, []);
    let refresh = RefreshPortal {
        member_id: member_id.clone(),
        lang: Lang::Ru,
    };
    let requests = RequestsTo {
        member_id,
        after: None,
    };
    assert_eq!(browser.call(&refresh).await.denied(), Denial::NotFound);
    assert_eq!(browser.call(&requests).await.denied(), Denial::NotFound);
}

async fn sec_24_what_is_unlinked_in_the_portal_is_gone_at_the_next_request(base: Base) {
    let (house, anna, page) = linked("unlinked-there", base).await;
    assert_eq!(anna.get(&page).await.status, StatusCode::OK);
    let bearer = administrator(&house, 1).await;
    let linked = links(&ask(&house, &bearer, LinkAsk::List).await);
    let unlinked = ask(&house, &bearer, LinkAsk::Unlink(linked[0].id.clone())).await;
    assert_eq!(links(&unlinked), []);
    assert_gone(&anna, &page).await;
    let news = dashboard(&anna).await.news;
    assert!(
        matches!(
            news[0].kind,
            DeedKind::Unlinked {
                user_id: Some(_),
                ..
            }
        ),
        "{news:?}"
    );
    let again = ask(&house, &bearer, LinkAsk::Unlink(linked[0].id.clone())).await;
    assert_eq!(again.denied(), Denial::NotFound);
    // The portal keeps working, and can be linked again.
    link(&house, 1, &anna).await;
    assert_eq!(anna.get(&page).await.status, StatusCode::OK);
}

async fn sec_24_what_is_unlinked_in_the_cabinet_is_gone_at_the_next_request(base: Base) {
    let (house, anna, page) = linked("unlinked-here", base).await;
    let bearer = administrator(&house, 1).await;
    assert_eq!(links(&ask(&house, &bearer, LinkAsk::List).await).len(), 1);
    let member_id = house.member_id().to_string();
    let unlink = UnlinkPortal { member_id };
    anna.call(&unlink).await.given::<()>();
    assert_gone(&anna, &page).await;
    assert_eq!(anna.call(&unlink).await.denied(), Denial::NotFound);
    assert_eq!(links(&ask(&house, &bearer, LinkAsk::List).await), []);
}
