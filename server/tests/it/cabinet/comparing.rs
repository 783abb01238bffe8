//! The page that shows two portals side by side, and what its owner matches by hand on it.

use axum::http::StatusCode;
use crmap_app::api::cabinet::{DescribePortal, RefreshPortal};
use crmap_app::api::comparing::{ForgetMatch, MatchItems};
use crmap_app::cabinet::compare::room::{CompareOutcome, CompareRoom};
use crmap_app::cabinet::data::Room;
use crmap_app::data::Content;
use crmap_domain::cabinet::{Description, PortalCard};
use crmap_domain::compare::{Comparison, HandMatch, Verdict, field_key, json, text};
use crmap_domain::item::ItemKind;
use crmap_domain::{EntityKind, Lang};
use portal_sim::worlds::Entity;

use super::browser::Browser;
use super::owner;
use super::portals::link;
use crate::house::{Base, Furniture, House, on_both};

on_both! {
    two_portals_stand_side_by_side_by_meaning
    what_is_matched_by_hand_is_remembered
    sides_are_chosen_on_the_page_itself
}

/// Two portals of Anna's, each with a field that the other has not.
struct Street {
    house: House,
    anna: Browser,
}

impl Street {
    async fn build(name: &str, base: Base) -> Self {
        let furniture = Furniture {
            portals: 2,
            ..Furniture::default()
        };
        let house = House::furnished(name, base, furniture).await;
        let anna = owner(&house, "Анна Кабинетова", "anna@example.ru").await;
        let street = Self { house, anna };
        for number in 1..=2 {
            street.house.install(number).await;
            let portal = street.house.cloud.portal(number);
            let label = format!("Отличие портала {number}-го");
            if number == 2 {
                // Its next field of deals has another number, and so another code.
                portal.add_field(Entity::Contact, "string", "Другое поле", &[]);
            }
            // Were they of one type, they would be taken for one field that was renamed.
            let kind = ["string", "date"][number - 1];
            portal.add_field(Entity::Deal, kind, &label, &[]);
            link(&street.house, number, &street.anna).await;
            street.house.pass(std::time::Duration::from_secs(60));
            street.read_and_describe(number).await;
        }
        street
    }

    async fn read_and_describe(&self, number: usize) {
        let (member_id, lang) = (self.member_id(number), Lang::Ru);
        let refresh = RefreshPortal { member_id, lang };
        let (read, _): (Content, PortalCard) = self.anna.call(&refresh).await.given();
        assert!(matches!(read, Content::Read(_)), "{read:?}");
        let description = Description {
            label: format!("Аннин ярлык {number}"),
            ..Description::default()
        };
        let member_id = self.member_id(number);
        let describe = DescribePortal {
            member_id,
            description,
        };
        self.anna.call(&describe).await.given::<Description>();
    }

    fn member_id(&self, number: usize) -> String {
        self.house.cloud.portal(number).member_id().to_owned()
    }
}

fn way(page: &str, left: &str, right: &str) -> String {
    format!("{page}?left={left}&right={right}")
}

async fn room(browser: &Browser, address: &str) -> CompareRoom {
    match browser.get(address).await.inside().room {
        Room::Compare(room) => *room,
        other => panic!("{other:?}"),
    }
}

async fn compared(browser: &Browser, left: &str, right: &str) -> Comparison {
    match room(browser, &way("/compare", left, right)).await.outcome {
        CompareOutcome::Compared(comparison) => comparison.as_ref().clone(),
        other => panic!("{other:?}"),
    }
}

/// Labels and codes of the fields of deals that stand so.
fn fields(comparison: &Comparison, verdict: Verdict) -> Vec<(String, String)> {
    let of_deals = comparison
        .fields
        .iter()
        .find(|fields| fields.entity == EntityKind::Deal);
    let rows = of_deals.unwrap().rows.rows().iter();
    rows.filter(|field| field.row.verdict() == verdict)
        .map(|field| {
            let ids = &field.row.ids;
            let id = ids.left().or(ids.right()).unwrap();
            (field.row.label.clone(), id.code.clone())
        })
        .collect()
}

async fn two_portals_stand_side_by_side_by_meaning(base: Base) {
    let street = Street::build("side-by-side", base).await;
    let (one, two) = (street.member_id(1), street.member_id(2));
    let comparison = compared(&street.anna, &one, &two).await;
    let labels = |verdict| -> Vec<String> {
        fields(&comparison, verdict)
            .into_iter()
            .map(|(label, _)| label)
            .collect()
    };
    assert_eq!(labels(Verdict::OnlyLeft), ["Отличие портала 1-го"]);
    assert_eq!(labels(Verdict::OnlyRight), ["Отличие портала 2-го"]);
    assert_eq!(labels(Verdict::Different), Vec::<String>::new());
    let page = street.anna.get(&way("/compare", &one, &two)).await;
    for words in [
        "Аннин ярлык 1",
        "Аннин ярлык 2",
        "Отличие портала 1-го",
        "только слева",
    ] {
        assert!(page.text().contains(words), "{words}");
    }
    let narrowed = street
        .anna
        .get(&format!("{}&show=right", way("/compare", &one, &two)))
        .await;
    let drawn = narrowed.text();
    let drawn = &drawn[..drawn.find("id=\"crmap-data\"").unwrap_or(drawn.len())];
    assert!(drawn.contains("Отличие портала 2-го"));
    assert!(!drawn.contains("Отличие портала 1-го"));

    let file = street
        .anna
        .get(&way("/compare/comparison.txt", &one, &two))
        .await;
    assert_eq!(file.text(), text::to_text(&comparison, Lang::Ru));
    let name = text::file_name(&comparison, "txt");
    assert_eq!(
        file.header("content-disposition"),
        format!("attachment; filename=\"{name}\"")
    );
    let file = street
        .anna
        .get(&way("/compare/comparison.json", &one, &two))
        .await;
    assert_eq!(file.text(), json::to_json(&comparison));
    let missing = street
        .anna
        .get(&way("/compare/comparison.csv", &one, &two))
        .await;
    assert_eq!(missing.status, StatusCode::NOT_FOUND);
    let boris = owner(&street.house, "Борис Дальний", "boris@elsewhere.example").await;
    let foreign = boris.get(&way("/compare", &one, &two)).await;
    assert_eq!(foreign.status, StatusCode::NOT_FOUND);
    let then = compared(&street.anna, &format!("{one}@1"), &one).await;
    assert!(then.same_portal);
}

async fn what_is_matched_by_hand_is_remembered(base: Base) {
    let street = Street::build("by-hand", base).await;
    let (one, two) = (street.member_id(1), street.member_id(2));
    let before = compared(&street.anna, &one, &two).await;
    let code = |verdict| fields(&before, verdict)[0].1.clone();
    let said = HandMatch {
        kind: ItemKind::Field(EntityKind::Deal),
        left: field_key(&code(Verdict::OnlyLeft)),
        right: field_key(&code(Verdict::OnlyRight)),
    };
    let matching = MatchItems {
        left: one.clone(),
        right: two.clone(),
        said: vec![said.clone()],
    };
    street.anna.call(&matching).await.given::<()>();
    let after = compared(&street.anna, &one, &two).await;
    assert_eq!(fields(&after, Verdict::OnlyLeft), []);
    assert_eq!(
        fields(&after, Verdict::Different)[0].0,
        "Отличие портала 1-го"
    );
    let turned = compared(&street.anna, &two, &one).await;
    assert_eq!(
        fields(&turned, Verdict::Different)[0].0,
        "Отличие портала 2-го"
    );
    let forgetting = ForgetMatch {
        left: one.clone(),
        right: two.clone(),
        said,
    };
    street.anna.call(&forgetting).await.given::<()>();
    assert_eq!(compared(&street.anna, &one, &two).await, before);
    let nonsense = MatchItems {
        left: "nonsense".to_owned(),
        ..matching
    };
    assert_eq!(
        street.anna.call(&nonsense).await.status,
        StatusCode::NOT_FOUND
    );
}

async fn sides_are_chosen_on_the_page_itself(base: Base) {
    let street = Street::build("choosing", base).await;
    let one = street.member_id(1);
    for address in [
        "/compare".to_owned(),
        format!("/compare?left={one}&right="),
        "/compare?left=x&right=y".to_owned(),
    ] {
        let room = room(&street.anna, &address).await;
        assert!(matches!(room.outcome, CompareOutcome::Choose), "{address}");
        let names: Vec<_> = room
            .portals
            .iter()
            .map(|portal| portal.name.as_str())
            .collect();
        assert_eq!(names, ["Аннин ярлык 1", "Аннин ярлык 2"]);
    }
    let missing = room(&street.anna, &way("/compare", &one, &format!("{one}@999"))).await;
    assert!(matches!(
        missing.outcome,
        CompareOutcome::NotRead {
            left: false,
            right: true
        }
    ));
    let page = street.anna.get(&format!("/compare?left={one}")).await;
    assert!(
        page.text()
            .contains(&format!("<option value=\"{one}\" selected"))
    );
}
