//! Two cabinets and three portals: Anna's has the first two, Boris's the last two.

use crmap_app::api::LinkAsk;
use crmap_app::api::cabinet::{DescribePortal, Find, JournalPart, RefreshPortal, RequestsTo};
use crmap_app::cabinet::data::Room;
use crmap_app::data::Content;
use crmap_crm::Clock as _;
use crmap_domain::Lang;
use crmap_domain::cabinet::PortalCard;
use crmap_domain::cabinet::{Description, JournalPlace, LinkOnPortal, Mark};
use portal_sim::worlds::Entity;

use super::browser::{Browser, DEVICE, SESSION};
use super::owner;
use super::portals::{administrator, ask, dashboard, link, links};
use crate::house::{Base, Furniture, House};
use crate::support::Answer;

pub struct Town {
    pub house: House,
    pub anna: Browser,
    pub boris: Browser,
}

/// A label that one portal alone has.
fn mark_of(number: usize) -> String {
    format!("Отличие портала {number}-го")
}

impl Town {
    pub async fn build(name: &str, base: Base) -> Self {
        let furniture = Furniture {
            portals: 3,
            ..Furniture::default()
        };
        let house = House::furnished(name, base, furniture).await;
        for number in 1..=3 {
            house.install(number).await;
            let portal = house.cloud.portal(number);
            portal.add_field(Entity::Deal, "string", &mark_of(number), &[]);
        }
        let mut anna = owner(&house, "Анна Кабинетова", "anna@example.ru").await;
        let mut boris = owner(&house, "Борис Дальний", "boris@elsewhere.example").await;
        for (browser, email, agent) in [
            (&mut anna, "anna@example.ru", "Annas-browser/1"),
            (&mut boris, "boris@elsewhere.example", "Boriss-browser/2"),
        ] {
            agent.clone_into(&mut browser.agent);
            browser.log_in(email, super::PASSWORD).await;
        }
        for (number, browser) in [(1, &anna), (2, &anna), (2, &boris), (3, &boris)] {
            link(&house, number, browser).await;
        }
        let town = Self { house, anna, boris };
        town.describe(&town.anna, "Аннин", &[1, 2]).await;
        town.describe(&town.boris, "Борисов", &[2, 3]).await;
        town.read_all().await;
        town
    }

    /// Each portal was read for its cabinets, and the record of that is complete.
    async fn read_all(&self) {
        self.house.pass(std::time::Duration::from_secs(60));
        // From now on the worker may do so by itself, and then nobody else does for a while.
        let since = self.house.clock.now().unix_timestamp();
        for (browser, number) in [(&self.anna, 1), (&self.boris, 2), (&self.boris, 3)] {
            let (member_id, lang) = (self.member_id(number), Lang::Ru);
            let (read, _): (Content, PortalCard) = browser
                .call(&RefreshPortal { member_id, lang })
                .await
                .given();
            assert!(matches!(read, Content::Read(_)), "{read:?}");
            let recorded = async || {
                let requests: JournalPart =
                    browser.call(&self.requests(number, None)).await.given();
                let mut moments = requests.0.iter().map(|line| line.at);
                moments.any(|at| at.unix_timestamp() >= since)
            };
            self.house.until("recorded", recorded).await;
        }
    }

    pub fn requests(&self, number: usize, after: Option<JournalPlace>) -> RequestsTo {
        RequestsTo {
            member_id: self.member_id(number),
            after,
        }
    }

    async fn describe(&self, browser: &Browser, whose: &str, numbers: &[usize]) {
        for number in numbers {
            let description = Description {
                label: format!("{whose} ярлык {number}"),
                note: format!("{whose} записка {number}"),
                mark: Some(Mark::Teal),
                tags: vec![format!("{whose} тег {number}")],
            };
            let member_id = self.member_id(*number);
            let describe = DescribePortal {
                member_id,
                description,
            };
            browser.call(&describe).await.given::<Description>();
        }
    }

    pub fn member_id(&self, number: usize) -> String {
        self.house.cloud.portal(number).member_id().to_owned()
    }

    pub async fn links_of(&self, number: usize) -> Vec<LinkOnPortal> {
        let bearer = administrator(&self.house, number).await;
        links(&ask(&self.house, &bearer, LinkAsk::List).await)
    }

    /// What of a portal's own data nobody but its cabinets may see.
    pub fn of_portal(&self, number: usize) -> Vec<String> {
        let domain = self.house.cloud.portal(number).domain();
        vec![mark_of(number), domain, self.member_id(number)]
    }

    /// What of a cabinet nobody but its owner may see, with what he wrote on these portals.
    pub async fn of_cabinet(
        &self,
        browser: &Browser,
        whose: &str,
        numbers: &[usize],
    ) -> Vec<String> {
        let inside = browser.inside("/profile").await;
        let Room::Profile(profile) = inside.room else {
            panic!("another room");
        };
        let mut marks = vec![
            inside.token,
            profile.account.name,
            profile.account.email,
            browser.agent.clone(),
            browser.machine.ip().to_string(),
        ];
        marks.extend([SESSION, DEVICE].map(|name| browser.cookie(name).unwrap()));
        marks.extend(profile.devices.into_iter().map(|device| device.id));
        for number in numbers {
            for what in ["ярлык", "записка", "тег"] {
                marks.push(format!("{whose} {what} {number}"));
            }
        }
        marks
    }

    /// Every page, file and answer that a cabinet with these portals has, by what was asked.
    pub async fn everything(&self, browser: &Browser, numbers: &[usize]) -> Vec<(String, Answer)> {
        let mut pages = [
            "/dashboard",
            "/dashboard?q=а&sort=age",
            "/profile",
            "/logout",
            "/search",
            "/search?q=Отличие",
        ]
        .map(str::to_owned)
        .to_vec();
        pages.extend(["/password", "/password/new", "/no/such/page"].map(str::to_owned));
        for number in numbers {
            pages.extend(self.pages_of(*number));
            pages.extend(self.comparisons_of(*number));
        }
        let mut everything = Vec::new();
        for page in pages {
            let written = page.replace("Отличие", "%D0%9E%D1%82%D0%BB%D0%B8%D1%87%D0%B8%D0%B5");
            let answer = browser.get(&written.replace('а', "%D0%B0")).await;
            everything.push((page, answer));
        }
        for query in ["Отличие", "Jnkbxbt", "отлчие", "0", "UF_CRM"] {
            let find = Find {
                query: query.to_owned(),
                only: None,
            };
            everything.push((format!("find {query}"), browser.call(&find).await));
        }
        for number in numbers {
            let member_id = self.member_id(*number);
            let requests = self.requests(*number, None);
            let refresh = RefreshPortal {
                member_id,
                lang: Lang::Ru,
            };
            everything.push((format!("requests {number}"), browser.call(&requests).await));
            everything.push((format!("refresh {number}"), browser.call(&refresh).await));
        }
        everything
    }

    /// All pages and files of a portal.
    pub fn pages_of(&self, number: usize) -> Vec<String> {
        let page = format!("/portals/{}", self.member_id(number));
        let views = [
            "",
            "?view=connection",
            "?tab=stages",
            "?tab=deal-fields",
            "?tab=users&q=a",
            "/specification.txt",
            "/specification.json",
            "/specification.csv",
            "/specification.xlsx",
        ];
        views.map(|view| format!("{page}{view}")).to_vec()
    }

    /// A portal beside itself, as a page, which also offers the cabinet's others, and as files.
    fn comparisons_of(&self, number: usize) -> [String; 3] {
        let id = self.member_id(number);
        let pages = [
            "/compare",
            "/compare/comparison.txt",
            "/compare/comparison.json",
        ];
        pages.map(|page| format!("{page}?left={id}&right={id}"))
    }

    /// What both cabinets show of all their portals.
    pub async fn shown(&self) -> String {
        let (anna, boris) = (dashboard(&self.anna).await, dashboard(&self.boris).await);
        format!("{:?} {:?}", anna.portals, boris.portals)
    }
}
