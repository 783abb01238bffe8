//! People who open the application inside portals and look at their cabinets, one after another.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::http::{Method, StatusCode};
use crmap_app::api::cabinet::Find;
use crmap_app::api::fleet::PortalCards;
use crmap_app::api::{Cabinets, LinkAsk};
use crmap_domain::cabinet::Level;
use leptos::server_fn::ServerFn;
use portal_sim::{Cloud, Portal, UserRole};
use serde::Serialize;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

use super::balancer::{Asked, Balancer};
use crate::support::{FORM, Form, POSTCARD, READ, nothing};

const PASSWORD: &str = "lampa-ozero-volk-42";
const EMAIL: &str = "anna@example.ru";

/// What is asked for over and over.
struct Wish {
    name: String,
    asked: Asked,
}

/// Somebody who is logged in, and a portal of hers.
pub struct Visitors {
    balancer: Arc<Balancer>,
    wishes: Arc<Vec<Wish>>,
}

/// Visitors who go on asking.
pub struct Visiting {
    asking: tokio::task::JoinHandle<()>,
    enough: Arc<AtomicBool>,
    count: Arc<AtomicUsize>,
    failed: Arc<Mutex<Vec<String>>>,
}

impl Visitors {
    pub async fn come(cloud: &Cloud, balancer: &Arc<Balancer>) -> Self {
        let cookies = log_in(balancer).await;
        let bearer = link(balancer, cloud.portal(1), &cookies).await;
        let portal = cloud.portal(1).member_id();
        let mut wishes = Vec::new();
        for target in [
            "/dashboard".to_owned(),
            format!("/portals/{portal}"),
            "/profile".to_owned(),
            format!("/portals/{portal}/specification.txt"),
        ] {
            let asked = get(&target).with("cookie", &cookies);
            wishes.push(Wish::new(&target, asked));
        }
        let find = Find {
            query: "UF".to_owned(),
            only: None,
        };
        wishes.push(Wish::new("find", call(&find).with("cookie", &cookies)));
        let cards = call(&PortalCards {}).with("cookie", &cookies);
        wishes.push(Wish::new("cards", cards));
        for role in [UserRole::Administrator, UserRole::Employee] {
            wishes.push(Wish::new("opening", opening(cloud.portal(2), role)));
        }
        let read = post(READ, POSTCARD, nothing());
        let read = read.with("authorization", &format!("Bearer {bearer}"));
        wishes.push(Wish::new("page goes on", read));
        Self {
            balancer: Arc::clone(balancer),
            wishes: Arc::new(wishes),
        }
    }

    /// Goes on asking so many times a second, without waiting for answers.
    pub fn ask_on(self, rate: u32) -> Visiting {
        let enough = Arc::new(AtomicBool::new(false));
        let count = Arc::new(AtomicUsize::new(0));
        let failed = Arc::new(Mutex::new(Vec::new()));
        let (over, counted, noted) = (enough.clone(), count.clone(), failed.clone());
        let asking = tokio::spawn(async move {
            let began = Instant::now();
            let mut under_way = JoinSet::new();
            while !over.load(Ordering::SeqCst) {
                let number = counted.fetch_add(1, Ordering::SeqCst);
                let due = Duration::from_secs_f64(number as f64 / f64::from(rate));
                sleep_until(began + due).await;
                let (balancer, wishes) = (self.balancer.clone(), self.wishes.clone());
                let failed = noted.clone();
                under_way.spawn(async move {
                    let wish = &wishes[number % wishes.len()];
                    if let Some(problem) = wish.problem(&balancer).await {
                        let at = began.elapsed().as_secs_f64();
                        let problem = format!("after {at:.1} s: {}: {problem}", wish.name);
                        failed.lock().unwrap().push(problem);
                    }
                });
            }
            under_way.join_all().await;
        });
        Visiting {
            asking,
            enough,
            count,
            failed,
        }
    }
}

impl Visiting {
    /// Waits for the last answers; how many there were, and what was wrong with which.
    pub async fn end(self) -> (usize, Vec<String>) {
        self.enough.store(true, Ordering::SeqCst);
        self.asking.await.unwrap();
        let failed = self.failed.lock().unwrap().clone();
        (self.count.load(Ordering::SeqCst), failed)
    }
}

impl Wish {
    fn new(name: &str, asked: Asked) -> Self {
        Self {
            name: name.to_owned(),
            asked,
        }
    }

    fn is_file(&self) -> bool {
        self.name.ends_with(".txt")
    }

    async fn problem(&self, balancer: &Balancer) -> Option<String> {
        match balancer.ask(&self.asked).await {
            Ok(answer) if answer.status == StatusCode::OK => None,
            // A slow machine writes more files at once than an account may have written.
            Ok(answer) if answer.status == StatusCode::TOO_MANY_REQUESTS && self.is_file() => None,
            Ok(answer) => Some(answer.status.to_string()),
            Err(problem) => Some(problem),
        }
    }
}

impl Asked {
    fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }
}

fn get(target: &str) -> Asked {
    Asked {
        method: Method::GET,
        target: target.to_owned(),
        headers: Vec::new(),
        body: Vec::new(),
    }
}

fn post(target: &str, kind: &str, body: Vec<u8>) -> Asked {
    let mut asked = get(target);
    (asked.method, asked.body) = (Method::POST, body);
    asked
        .with("content-type", kind)
        .with("sec-fetch-site", "same-origin")
}

fn call<F: ServerFn + Serialize>(arguments: &F) -> Asked {
    post(F::PATH, POSTCARD, postcard::to_allocvec(arguments).unwrap())
}

fn opening(portal: &Portal, role: UserRole) -> Asked {
    let form = Form::of(portal, role);
    let mut asked = post(&form.target(), FORM, form.encoded_body().into_bytes());
    asked.headers.retain(|(name, _)| *name != "sec-fetch-site");
    asked.with("sec-fetch-site", "cross-site")
}

fn form(target: &str, fields: &[(&str, &str)]) -> Asked {
    let mut body = url::form_urlencoded::Serializer::new(String::new());
    body.extend_pairs(fields);
    post(target, FORM, body.finish().into_bytes())
}

async fn log_in(balancer: &Balancer) -> String {
    let fields = [("name", "Анна"), ("email", EMAIL), ("password", PASSWORD)];
    let registered = balancer.ask(&form("/register", &fields)).await.unwrap();
    assert_eq!(registered.way(), "/login?done=registered");
    let logged_in = balancer.ask(&form("/login", &fields[1..])).await.unwrap();
    assert_eq!(logged_in.way(), "/dashboard");
    let cookies = logged_in.headers.get_all("set-cookie").iter();
    let cookies = cookies.map(|line| line.to_str().unwrap().split(';').next().unwrap());
    cookies.collect::<Vec<_>>().join("; ")
}

/// Links a portal to the cabinet; gives the bearer of the page that it was linked from.
async fn link(balancer: &Balancer, portal: &Portal, cookies: &str) -> String {
    let profile = get("/profile").with("cookie", cookies);
    let token = balancer.ask(&profile).await.unwrap().inside().token;
    let opening = opening(portal, UserRole::Administrator);
    let bearer = balancer.ask(&opening).await.unwrap().bearer();
    // The page's call meets the other process.
    let link = call(&Cabinets {
        ask: LinkAsk::Link(token, Level::Read),
    });
    let link = link.with("authorization", &format!("Bearer {bearer}"));
    let linked = balancer.ask(&link).await.unwrap();
    assert_eq!(linked.status, StatusCode::OK, "{linked:?}");
    bearer
}
