//! A browser without scripts: it keeps cookies, sends forms, and follows nothing by itself.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::header::{CONTENT_TYPE, COOKIE, HeaderMap, SET_COOKIE, USER_AGENT};
use axum::http::{Method, Request, StatusCode};
use crmap_app::cabinet::data::{CabinetData, Inside, Outside, Page, Profile, Room};
use crmap_app::error::Denied;
use crmap_domain::cabinet::Denial;
use leptos::server_fn::ServerFn;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::support::{Answer, FORM, call, request, send};

pub const SESSION: &str = "__Host-crmap";
pub const DEVICE: &str = "__Host-crmap-device";

/// Each test has networks enough of its own, so that no limit is met by accident.
fn unseen() -> SocketAddr {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    let number = NEXT.fetch_add(1, Ordering::SeqCst);
    SocketAddr::from(((0x0a00_0000 | number).to_be_bytes(), 40_000))
}

/// The browser of one person.
pub struct Browser {
    pub router: Router,
    pub machine: SocketAddr,
    pub agent: String,
    jar: Mutex<BTreeMap<String, String>>,
}

impl Browser {
    /// A browser that was never here.
    pub fn new(router: &Router) -> Self {
        Self {
            router: router.clone(),
            machine: unseen(),
            agent: "Firefox".to_owned(),
            jar: Mutex::default(),
        }
    }

    /// The same browser, in front of another process.
    pub fn before(&self, router: &Router) -> Self {
        Self {
            router: router.clone(),
            machine: self.machine,
            agent: self.agent.clone(),
            jar: Mutex::new(self.jar.lock().unwrap().clone()),
        }
    }

    pub fn cookie(&self, name: &str) -> Option<String> {
        self.jar.lock().unwrap().get(name).cloned()
    }

    pub fn put_cookie(&self, name: &str, value: &str) {
        let mut jar = self.jar.lock().unwrap();
        jar.insert(name.to_owned(), value.to_owned());
    }

    pub async fn get(&self, target: &str) -> Answer {
        let mut asked = request(Method::GET, target, "");
        asked
            .headers_mut()
            .insert("sec-fetch-site", "none".parse().unwrap());
        self.send(asked).await
    }

    /// Sends a form of a page of ours.
    pub async fn submit(&self, target: &str, fields: &[(&str, &str)]) -> Answer {
        self.send(form(target, fields)).await
    }

    /// Calls a server function as the page's script does.
    pub async fn call<F: ServerFn + Serialize>(&self, arguments: &F) -> Answer {
        let arguments = postcard::to_allocvec(arguments).unwrap();
        self.send(call(F::PATH, None, arguments)).await
    }

    /// Sends a request with everything that this browser adds, and keeps the cookies that come.
    pub async fn send(&self, mut asked: Request<Body>) -> Answer {
        asked.extensions_mut().insert(ConnectInfo(self.machine));
        let headers = asked.headers_mut();
        headers.insert(USER_AGENT, self.agent.parse().unwrap());
        let cookies: Vec<_> = self
            .jar
            .lock()
            .unwrap()
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        if !cookies.is_empty() {
            headers.insert(COOKIE, cookies.join("; ").parse().unwrap());
        }
        let answer = send(&self.router, asked).await;
        self.keep(&answer.headers);
        answer
    }

    fn keep(&self, headers: &HeaderMap) {
        let mut jar = self.jar.lock().unwrap();
        for line in headers.get_all(SET_COOKIE) {
            let line = line.to_str().unwrap();
            let (cookie, marks) = line.split_once(';').unwrap();
            let (name, value) = cookie.split_once('=').unwrap();
            if marks.contains("Max-Age=0") {
                jar.remove(name);
            } else {
                jar.insert(name.to_owned(), value.to_owned());
            }
        }
    }

    /// Registers, and nothing more.
    pub async fn register(&self, name: &str, email: &str, password: &str) -> Answer {
        let fields = [("name", name), ("email", email), ("password", password)];
        self.submit("/register", &fields).await
    }

    pub async fn log_in(&self, email: &str, password: &str) -> Answer {
        let fields = [("email", email), ("password", password)];
        self.submit("/login", &fields).await
    }

    /// What stands around the room of a page of the cabinet.
    pub async fn inside(&self, target: &str) -> Inside {
        self.get(target).await.inside()
    }

    pub async fn profile(&self) -> Profile {
        match self.inside("/profile").await.room {
            Room::Profile(profile) => profile,
            other => panic!("{other:?}"),
        }
    }

    /// Whether the cabinet lets it in.
    pub async fn is_in(&self) -> bool {
        self.get("/dashboard").await.status == StatusCode::OK
    }
}

/// A form of a page of ours.
pub fn form(target: &str, fields: &[(&str, &str)]) -> Request<Body> {
    let mut body = url::form_urlencoded::Serializer::new(String::new());
    body.extend_pairs(fields);
    let mut form = request(Method::POST, target, body.finish());
    let headers = form.headers_mut();
    headers.insert(CONTENT_TYPE, FORM.parse().unwrap());
    headers.insert("sec-fetch-site", "same-origin".parse().unwrap());
    form
}

impl Answer {
    /// The data of a page of the cabinet.
    pub fn cabinet(&self) -> CabinetData {
        let bytes = self.island_bytes();
        let bytes = bytes.unwrap_or_else(|| panic!("{}: {}", self.status, self.text()));
        postcard::from_bytes(&bytes).unwrap()
    }

    pub fn inside(&self) -> Inside {
        match self.cabinet().page {
            Page::Inside(inside) => *inside,
            Page::Outside(outside) => panic!("before the door: {outside:?}"),
        }
    }

    pub fn outside(&self) -> Outside {
        match self.cabinet().page {
            Page::Outside(outside) => outside,
            Page::Inside(inside) => panic!("behind the door: {inside:?}"),
        }
    }

    /// What a server function gives.
    #[track_caller]
    pub fn given<T: DeserializeOwned>(&self) -> T {
        assert_eq!(self.status, StatusCode::OK, "{:?}", self.body);
        postcard::from_bytes(&self.body).unwrap()
    }

    /// Why a server function denies.
    #[track_caller]
    pub fn denied(&self) -> Denial {
        assert!(!self.status.is_success(), "{:?}", self.body);
        let Denied(denial) = postcard::from_bytes(&self.body).unwrap();
        denial
    }

    /// Where it leads.
    #[track_caller]
    pub fn way(&self) -> &str {
        assert_eq!(self.status, StatusCode::SEE_OTHER);
        self.header("location")
    }

    /// The cookies that it sets, with their marks, by name.
    pub fn set_cookies(&self) -> BTreeMap<String, String> {
        let lines = self.headers.get_all(SET_COOKIE).iter();
        let cookies = lines.map(|line| {
            let (name, rest) = line.to_str().unwrap().split_once('=').unwrap();
            (name.to_owned(), rest.to_owned())
        });
        cookies.collect()
    }
}
