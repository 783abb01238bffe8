//! SEC-78: whatever happens in which order, each cabinet has exactly the portals that are linked to
//! it, with what its owner wrote on them, and nobody else sees any of it.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use axum::http::header::AUTHORIZATION;
use crmap_app::api::cabinet::{DescribePortal, UnlinkPortal};
use crmap_app::api::{Cabinets, LinkAnswer, LinkAsk};
use crmap_domain::cabinet::{Description, Level, LinkOnPortal, PortalCard};
use crmap_domain::{MemberId, PortalState};

use super::browser::Browser;
use super::owner;
use super::portals::{administrator, dashboard};
use crate::house::{Base, Furniture, House, on_both};
use crate::support::call;

on_both! { sec_78_whatever_happens_each_cabinet_has_its_own_portals_and_no_others }

const PEOPLE: usize = 3;
const PORTALS: usize = 3;
/// So many tries to link are let through at once for each portal (SEC-20).
const MOST_LINKS: u32 = 9;

/// A link as its cabinet shows it.
#[derive(Debug, Clone, Default, PartialEq)]
struct Link {
    level: Level,
    label: String,
    /// Whether the portal has left since it was linked.
    is_void: bool,
}

/// What is the case, as far as cabinets can see it.
#[derive(Default)]
struct Model {
    links: BTreeMap<(usize, usize), Link>,
    tries: BTreeMap<usize, u32>,
}

struct Town {
    house: House,
    people: Vec<Browser>,
    tokens: Vec<String>,
    model: Model,
}

impl Town {
    async fn build(base: Base) -> Self {
        let furniture = Furniture {
            portals: PORTALS,
            ..Furniture::default()
        };
        let house = House::furnished("random", base, furniture).await;
        for number in 1..=PORTALS {
            house.install(number).await;
        }
        let (mut people, mut tokens) = (Vec::new(), Vec::new());
        for person in 0..PEOPLE {
            let email = format!("owner{person}@example.ru");
            let browser = owner(&house, &format!("Владелец {person}"), &email).await;
            tokens.push(browser.inside("/profile").await.token);
            people.push(browser);
        }
        Self {
            house,
            people,
            tokens,
            model: Model::default(),
        }
    }

    fn member_id(&self, portal: usize) -> String {
        self.house.cloud.portal(portal).member_id().to_owned()
    }

    /// Asks from a machine of its own.
    async fn ask(&self, portal: usize, ask: LinkAsk) -> Vec<LinkOnPortal> {
        let bearer = administrator(&self.house, portal).await;
        let arguments = postcard::to_allocvec(&Cabinets { ask }).unwrap();
        let mut asked = call("/api/cabinets", None, arguments);
        let bearer = format!("Bearer {bearer}").parse().unwrap();
        asked.headers_mut().insert(AUTHORIZATION, bearer);
        let answer = Browser::new(&self.house.router).send(asked).await;
        match answer.given() {
            LinkAnswer::Links(links) => links,
            LinkAnswer::Preview(preview) => panic!("{preview:?}"),
        }
    }

    async fn link(&mut self, person: usize, portal: usize, level: Level) {
        let tries = self.model.tries.entry(portal).or_default();
        if *tries == MOST_LINKS {
            return;
        }
        *tries += 1;
        let token = self.tokens[person].clone();
        self.ask(portal, LinkAsk::Link(token, level)).await;
        let link = self.model.links.entry((person, portal)).or_default();
        (link.level, link.is_void) = (level, false);
    }

    async fn unlink_there(&mut self, person: usize, portal: usize) {
        let links = self.ask(portal, LinkAsk::List).await;
        let name = format!("Владелец {person}");
        let link = links.into_iter().find(|link| link.name == name);
        let is_good = |link: &&Link| !link.is_void;
        let known = self.model.links.get(&(person, portal)).filter(is_good);
        assert_eq!(link.is_some(), known.is_some());
        if known.is_some() {
            self.model.links.remove(&(person, portal));
        }
        if let Some(link) = link {
            self.ask(portal, LinkAsk::Unlink(link.id)).await;
        }
    }

    async fn unlink_here(&mut self, person: usize, portal: usize) {
        let member_id = self.member_id(portal);
        let answer = self.people[person].call(&UnlinkPortal { member_id }).await;
        let known = self.model.links.remove(&(person, portal));
        assert_eq!(answer.status == StatusCode::OK, known.is_some());
    }

    async fn describe(&mut self, person: usize, portal: usize, label: String) {
        let describe = DescribePortal {
            member_id: self.member_id(portal),
            description: Description {
                label: label.clone(),
                ..Description::default()
            },
        };
        let answer = self.people[person].call(&describe).await;
        let known = self.model.links.get_mut(&(person, portal));
        assert_eq!(answer.status == StatusCode::OK, known.is_some());
        if let Some(link) = known {
            link.label = label;
        }
    }

    /// A farewell, and a new installation a while later.
    async fn leave(&mut self, portal: usize, clean: bool) {
        let left = self.house.cloud.portal(portal);
        left.uninstall(clean);
        left.events_settled().await;
        let member_id = MemberId::parse(left.member_id()).unwrap();
        let is_left = async || {
            let known = self.house.store.portal(&member_id).await.unwrap();
            known.is_none_or(|known| known.state == PortalState::Uninstalled)
        };
        self.house.until("left", is_left).await;
        if clean {
            self.model.links.retain(|(_, linked), _| *linked != portal);
        }
        for ((_, linked), link) in &mut self.model.links {
            link.is_void |= *linked == portal;
        }
        self.check().await;
        self.house.pass(std::time::Duration::from_secs(300));
        self.house.install(portal).await;
    }

    /// Whether everybody sees what is the case.
    async fn check(&self) {
        for (person, browser) in self.people.iter().enumerate() {
            let shown = dashboard(browser).await.portals.into_iter();
            let shown: BTreeMap<String, Link> = shown
                .map(|card| (card.member_id.to_string(), link_of(card)))
                .collect();
            let own = self
                .model
                .links
                .iter()
                .filter(|((owner, _), _)| *owner == person);
            let own: BTreeMap<String, Link> = own
                .map(|((_, portal), link)| (self.member_id(*portal), link.clone()))
                .collect();
            assert_eq!(shown, own, "the cabinet of {person}");
            for portal in 1..=PORTALS {
                let member_id = self.member_id(portal);
                let is_own = own.contains_key(&member_id);
                let page = browser.get(&format!("/portals/{member_id}")).await;
                let expected = if is_own {
                    StatusCode::OK
                } else {
                    StatusCode::NOT_FOUND
                };
                assert_eq!(page.status, expected, "{portal} for {person}");
                let address = self.house.cloud.portal(portal).domain();
                assert_eq!(
                    page.text().contains(&address),
                    is_own,
                    "{portal} for {person}"
                );
            }
        }
    }
}

fn link_of(card: PortalCard) -> Link {
    Link {
        level: card.level,
        label: card.description.label,
        is_void: card.standing.state == PortalState::Uninstalled,
    }
}

/// The same every time: a generator whose next number is 1664525 times the last one and a bit.
struct Dice(u32);

impl Dice {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (self.0 >> 16) as usize % most
    }
}

async fn sec_78_whatever_happens_each_cabinet_has_its_own_portals_and_no_others(base: Base) {
    let mut town = Town::build(base).await;
    let mut dice = Dice(20_260_801);
    let mut most = 0;
    for step in 0..40 {
        let (person, portal) = (dice.below(PEOPLE), 1 + dice.below(PORTALS));
        match dice.below(10) {
            0..=3 => town.link(person, portal, Level::Read).await,
            4 => town.link(person, portal, Level::ReadWrite).await,
            5 => town.unlink_there(person, portal).await,
            6 => town.unlink_here(person, portal).await,
            7 | 8 => town.describe(person, portal, format!("ярлык {step}")).await,
            _ => town.leave(portal, dice.below(2) == 0).await,
        }
        town.check().await;
        most = most.max(town.model.links.len());
    }
    assert!(most >= 4, "too little happened: {most}");
}
