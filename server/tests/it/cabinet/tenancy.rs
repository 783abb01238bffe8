//! Cabinets do not see each other, nor portals that are not theirs, whoever they share one with
//! (SEC-53, SEC-77, SEC-78).

use axum::http::StatusCode;
use crmap_app::api::LinkAsk;
use crmap_app::api::cabinet::{
    DescribePortal, EndDevice, Find, JournalPart, RefreshPortal, RequestsTo, UnlinkPortal,
};
use crmap_app::api::fleet::{FavourPortals, TagPortals};
use crmap_domain::Lang;
use crmap_domain::cabinet::{Denial, Description, JournalPlace, TagChange};
use crmap_domain::moment::to_ms;

use super::browser::Browser;
use super::portals::{administrator, ask};
use super::town::Town;
use crate::house::{Base, on_both};
use crate::support::Answer;

on_both! {
    sec_78_nothing_that_a_cabinet_is_given_holds_anything_of_another
    sec_53_a_page_of_one_portal_holds_nothing_of_the_others
    sec_77_what_is_another_s_is_answered_like_what_is_not_there_and_nothing_comes_of_it
    sec_77_a_place_in_another_portal_s_record_leads_nowhere
    sec_77_a_link_is_ended_by_its_own_portal_alone
}

/// Whether an answer holds a text anywhere: as it is, in its headers, or in its data.
fn holds(answer: &Answer, text: &str) -> bool {
    let within = |bytes: &[u8]| {
        bytes
            .windows(text.len())
            .any(|window| window == text.as_bytes())
    };
    within(&answer.body)
        || answer
            .headers
            .values()
            .any(|value| within(value.as_bytes()))
        || answer.island_bytes().is_some_and(|data| within(&data))
}

async fn sec_78_nothing_that_a_cabinet_is_given_holds_anything_of_another(base: Base) {
    let town = Town::build("mixed", base).await;
    let (anna, boris) = (&town.anna, &town.boris);
    let of_anna = town.of_cabinet(anna, "Аннин", &[1, 2]).await;
    let of_boris = town.of_cabinet(boris, "Борисов", &[2, 3]).await;
    for (browser, own, portals, foreign, portal) in [
        (anna, &of_anna, [1, 2], &of_boris, 3),
        (boris, &of_boris, [2, 3], &of_anna, 1),
    ] {
        let everything = town.everything(browser, &portals).await;
        let foreign: Vec<_> = foreign
            .iter()
            .cloned()
            .chain(town.of_portal(portal))
            .collect();
        for (what, answer) in &everything {
            for text in &foreign {
                assert!(!holds(answer, text), "{text} in {what}");
            }
        }
        // The search does find what is there. Cookies are in no page, their owner's included.
        let cookies = [super::browser::SESSION, super::browser::DEVICE];
        let cookies = cookies.map(|name| browser.cookie(name).unwrap());
        let shown = own.iter().filter(|text| !cookies.contains(text)).cloned();
        for text in shown.chain(
            portals
                .into_iter()
                .flat_map(|number| town.of_portal(number)),
        ) {
            assert!(
                everything.iter().any(|(_, answer)| holds(answer, &text)),
                "{text}"
            );
        }
        for cookie in &cookies {
            assert!(everything.iter().all(|(_, answer)| !holds(answer, cookie)));
        }
    }
}

async fn sec_53_a_page_of_one_portal_holds_nothing_of_the_others(base: Base) {
    let town = Town::build("one-page", base).await;
    for (number, other) in [(1, 2), (2, 1)] {
        for page in town.pages_of(number) {
            let answer = town.anna.get(&page).await;
            assert_eq!(answer.status, StatusCode::OK, "{page}");
            let written = ["ярлык", "записка", "тег"].map(|what| format!("Аннин {what} {other}"));
            for text in town.of_portal(other).iter().chain(&written) {
                assert!(!holds(&answer, text), "{text} in {page}");
            }
        }
    }
}

/// What an answer says, without the id that was asked for and what is new in every answer.
fn said(answer: &Answer, id: &str) -> (StatusCode, Vec<String>, String) {
    let policy = answer.header("content-security-policy");
    let nonce = policy
        .split_once("'nonce-")
        .and_then(|(_, rest)| rest.split_once('\''))
        .map_or("no nonce", |(nonce, _)| nonce);
    let body = String::from_utf8_lossy(&answer.body);
    let drawn = body
        .split_once("id=\"crmap-data\">")
        .map_or(&*body, |(drawn, _)| drawn);
    let without = |text: &str| text.replace(nonce, "NONCE").replace(id, "ID");
    let headers = answer.headers.iter();
    let headers = headers
        // Each request has a name of its own.
        .filter(|(name, _)| *name != "content-length" && *name != "x-request-id")
        .map(|(name, value)| without(&format!("{name}: {}", value.to_str().unwrap())));
    (answer.status, headers.collect(), without(drawn))
}

/// Everything that a browser can ask for by the id of a portal.
async fn asked_by_id(browser: &Browser, id: &str) -> Vec<(StatusCode, Vec<String>, String)> {
    let member_id = id.to_owned();
    let mut told = Vec::new();
    for page in [
        "",
        "?view=connection",
        "?tab=users",
        "/specification.txt",
        "/specification.json",
        "/specification.csv",
        "/specification.xlsx",
    ] {
        told.push(said(
            &browser.get(&format!("/portals/{id}{page}")).await,
            id,
        ));
    }
    let search = format!("/search?q=0&portal={id}");
    told.push(said(&browser.get(&search).await, id));
    let find = Find {
        query: "0".to_owned(),
        only: Some(member_id.clone()),
    };
    let describe = DescribePortal {
        member_id: member_id.clone(),
        description: Description {
            label: "Мой теперь".to_owned(),
            ..Description::default()
        },
    };
    let refresh = RefreshPortal {
        member_id: member_id.clone(),
        lang: Lang::Ru,
    };
    let requests = RequestsTo {
        member_id: member_id.clone(),
        after: None,
    };
    let favour = FavourPortals {
        portals: vec![member_id.clone()],
        favourite: true,
    };
    let tag = TagPortals {
        portals: vec![member_id.clone()],
        change: TagChange {
            add: vec!["Мой теперь".to_owned()],
            remove: Vec::new(),
        },
    };
    let answers = [
        browser.call(&find).await,
        browser.call(&favour).await,
        browser.call(&tag).await,
        browser.call(&describe).await,
        browser.call(&refresh).await,
        browser.call(&requests).await,
        browser.call(&UnlinkPortal { member_id }).await,
    ];
    for answer in answers {
        assert_eq!(answer.denied(), Denial::NotFound, "{id}");
        told.push(said(&answer, id));
    }
    told
}

async fn sec_77_what_is_another_s_is_answered_like_what_is_not_there_and_nothing_comes_of_it(
    base: Base,
) {
    let town = Town::build("swapped", base).await;
    let (anna, boris) = (&town.anna, &town.boris);
    let before = (
        town.shown().await,
        town.links_of(2).await,
        town.links_of(3).await,
    );
    for number in 1..=3 {
        town.house.cloud.portal(number).clear_requests();
    }
    for (browser, foreign) in [(anna, 3), (boris, 1)] {
        let foreign = asked_by_id(browser, &town.member_id(foreign)).await;
        for (status, ..) in &foreign {
            assert_eq!(*status, StatusCode::NOT_FOUND);
        }
        let unknown = asked_by_id(browser, "0123456789abcdef0123456789abcdef").await;
        assert_eq!(foreign, unknown);
        let malformed = asked_by_id(browser, "not-the-id-of-any-portal").await;
        assert_eq!(foreign, malformed);
    }
    for number in 1..=3 {
        let requests = town.house.cloud.portal(number).requests();
        assert!(requests.is_empty(), "nobody was asked: {requests:?}");
    }
    let after = (
        town.shown().await,
        town.links_of(2).await,
        town.links_of(3).await,
    );
    assert_eq!(before, after);

    // Browsers of others are not there, either.
    let device = boris.profile().await.devices[0].id.clone();
    let foreign = anna.call(&EndDevice { id: device.clone() }).await;
    let unknown = "00000000-0000-4000-8000-000000000000".to_owned();
    let unknown = anna.call(&EndDevice { id: unknown }).await;
    assert_eq!(foreign.denied(), Denial::NotFound);
    assert_eq!(said(&foreign, ""), said(&unknown, ""));
    assert!(boris.is_in().await);
    boris.call(&EndDevice { id: device }).await.given::<()>();
    assert!(!boris.is_in().await, "it was the right one");
}

async fn sec_77_a_place_in_another_portal_s_record_leads_nowhere(base: Base) {
    let town = Town::build("record", base).await;
    let all = |lines: &JournalPart| lines.0.len();
    let own: JournalPart = town.anna.call(&town.requests(1, None)).await.given();
    let foreign: JournalPart = town.boris.call(&town.requests(3, None)).await.given();
    assert!(all(&own) > 0 && all(&foreign) > 0);
    let everything = |lines: &JournalPart| format!("{:?}", lines.0);
    assert!(everything(&own) != everything(&foreign));
    // From the far future on, by any name: it is all of one's own, and nothing else.
    for id in ["", "zzzzzzzz", "' or '1'='1", "\u{10ffff}"] {
        let place = JournalPlace {
            at_ms: i64::MAX,
            id: id.to_owned(),
        };
        let read: JournalPart = town.anna.call(&town.requests(1, Some(place))).await.given();
        assert_eq!(everything(&read), everything(&own), "{id}");
    }
    // From the moments of another's on, too.
    let last = to_ms(foreign.0.first().unwrap().at);
    let place = JournalPlace {
        at_ms: last,
        id: "x".to_owned(),
    };
    let read: JournalPart = town.anna.call(&town.requests(1, Some(place))).await.given();
    assert!(read.0.iter().all(|line| own.0.contains(line)));
}

async fn sec_77_a_link_is_ended_by_its_own_portal_alone(base: Base) {
    let town = Town::build("links", base).await;
    let before = town.links_of(3).await;
    let bearer = administrator(&town.house, 1).await;
    let foreign = ask(&town.house, &bearer, LinkAsk::Unlink(before[0].id.clone())).await;
    let unknown = "00000000-0000-4000-8000-000000000000".to_owned();
    let unknown = ask(&town.house, &bearer, LinkAsk::Unlink(unknown)).await;
    assert_eq!(foreign.denied(), Denial::NotFound);
    assert_eq!(said(&foreign, ""), said(&unknown, ""));
    assert_eq!(town.links_of(3).await, before);
    // Of a portal that two share, each link is its own.
    let shared = town.links_of(2).await;
    assert_eq!(shared.len(), 2);
    let bearer = administrator(&town.house, 2).await;
    let of_anna = shared.iter().find(|link| link.name.starts_with("Анна"));
    ask(
        &town.house,
        &bearer,
        LinkAsk::Unlink(of_anna.unwrap().id.clone()),
    )
    .await;
    let page = format!("/portals/{}", town.member_id(2));
    assert_eq!(town.anna.get(&page).await.status, StatusCode::NOT_FOUND);
    assert_eq!(town.boris.get(&page).await.status, StatusCode::OK);
    let text = town.boris.get(&page).await.text();
    assert!(text.contains("Борисов ярлык 2"), "what he wrote is there");
}
