//! REL-23: the database is away for a while. Pages say so in words, and nobody has to start
//! anything anew when it is back.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::http::StatusCode;
use crmap_app::api::cabinet::{Rename, UnlinkPortal};
use crmap_app::cabinet::data::Outside;
use crmap_domain::Lang;
use crmap_domain::cabinet::Denial;
use crmap_domain::words::Advice;
use crmap_server::Site;
use tokio::io::copy_bidirectional;
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::watch;

use super::browser::Browser;
use super::{OTHER, PASSWORD};
use crate::house::{new_schema, open_store, socket};
use crate::support::{Answer, TestClock, folder, over_store, serving};

const SOCKET: &str = ".s.PGSQL.5432";

/// The way to the database, which can be shut: what is on it is cut off, and nobody new is let in.
struct Gate {
    is_open: watch::Sender<bool>,
}

impl Gate {
    /// A way from a socket in `folder` to the one of the cluster.
    fn new(folder: &Path) -> Self {
        let (is_open, open) = watch::channel(true);
        let listener = UnixListener::bind(folder.join(SOCKET)).unwrap();
        let cluster = PathBuf::from(socket()).join(SOCKET);
        tokio::spawn(async move {
            while let Ok((mut near, _)) = listener.accept().await {
                let (mut open, cluster) = (open.clone(), cluster.clone());
                tokio::spawn(async move {
                    if !*open.borrow_and_update() {
                        return;
                    }
                    let mut far = UnixStream::connect(cluster).await.unwrap();
                    tokio::select! {
                        _ = copy_bidirectional(&mut near, &mut far) => {}
                        _ = open.wait_for(|open| !open) => {}
                    }
                });
            }
        });
        Self { is_open }
    }

    fn shut(&self) {
        self.is_open.send_replace(false);
    }

    fn open(&self) {
        self.is_open.send_replace(true);
    }
}

/// A server behind a gate.
async fn behind_a_gate(name: &str) -> (Router, Gate) {
    let folder = folder(name);
    let way = folder.join("way");
    std::fs::create_dir(&way).unwrap();
    let gate = Gate::new(&way);
    let encoded = |path: &str| path.replace('/', "%2F");
    let url = new_schema(&folder).replace(&encoded(&socket()), &encoded(way.to_str().unwrap()));
    assert!(url.contains("way"), "{url}");
    let store = Arc::new(open_store(url, &folder).await);
    let clock = Arc::new(TestClock::default());
    let services = over_store(store, &clock, time::Duration::HOUR);
    (serving(services, Site::without_files()), gate)
}

#[track_caller]
fn assert_told(what: &str, answer: &Answer) {
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{what}");
    let denial = match answer.outside() {
        Outside::Trouble(denial) => Some(denial),
        Outside::Login(form) => form.denial,
        Outside::Register(form) => form.denial,
        Outside::NewPassword(form) => form.denial,
        Outside::Password(form) => form.denial,
    };
    assert_eq!(denial, Some(Denial::StoreUnavailable), "{what}");
    let Advice { what: words, cure } = crmap_domain::Trouble::StoreUnavailable.advice(Lang::Ru);
    let text = answer.text();
    assert!(text.contains(&*words) && text.contains(&*cure), "{what}");
    assert!(
        answer.set_cookies().is_empty(),
        "{what}: nobody is sent away"
    );
    for inside in ["sqlx", "postgres", "PGSQL", "select "] {
        assert!(!text.contains(inside), "{what}: {inside}");
    }
}

async fn is_soon<T>(what: &str, asked: impl Future<Output = T>) -> T {
    let before = Instant::now();
    let answer = asked.await;
    let took = before.elapsed();
    assert!(took < Duration::from_secs(5), "{what} took {took:?}");
    answer
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rel_23_without_the_database_pages_say_so_and_recover_by_themselves() {
    let (router, gate) = behind_a_gate("away").await;
    let anna = Browser::new(&router);
    anna.register("Анна", "anna@example.ru", PASSWORD).await;
    anna.log_in("anna@example.ru", PASSWORD).await;
    assert!(anna.is_in().await);
    for _ in 0..2 {
        gate.shut();
        let id = "0123456789abcdef0123456789abcdef";
        let portal = format!("/portals/{id}");
        let file = format!("{portal}/specification.txt");
        for page in ["/dashboard", "/profile", "/logout", &portal, &file] {
            let answer = is_soon(page, anna.get(page)).await;
            assert_told(page, &answer);
        }
        let forms = [
            (
                "/login",
                [("email", "anna@example.ru"), ("password", PASSWORD)],
            ),
            (
                "/password/new",
                [("code", &*"A".repeat(43)), ("password", OTHER)],
            ),
            ("/logout", [("a", "b"), ("c", "d")]),
        ];
        for (page, fields) in forms {
            let answer = is_soon(page, anna.submit(page, &fields)).await;
            assert_told(page, &answer);
        }
        let registering = anna.register("Вера", "vera@example.ru", PASSWORD);
        assert_told("/register", &is_soon("/register", registering).await);
        for denied in [
            anna.call(&Rename {
                name: "Вера".to_owned(),
            })
            .await,
            anna.call(&UnlinkPortal {
                member_id: id.to_owned(),
            })
            .await,
        ] {
            assert_eq!(denied.status, StatusCode::SERVICE_UNAVAILABLE);
            assert_eq!(denied.denied(), Denial::StoreUnavailable);
        }
        // What needs no database is there.
        for page in ["/healthz", "/password/new", "/legal/license"] {
            assert_eq!(anna.get(page).await.status, StatusCode::OK, "{page}");
        }
        // The choice is kept by the browser, if not by the account.
        let fields = [("theme", "auto"), ("back", "/login")];
        assert_eq!(anna.submit("/preferences", &fields).await.way(), "/login");

        gate.open();
        assert!(is_soon("recovery", back(&anna)).await);
        let profile = anna.get("/profile").await.text();
        assert!(profile.contains("Анна") && !profile.contains("Вера"));
    }
}

/// Within a moment, the browser is let in as before.
async fn back(browser: &Browser) -> bool {
    for _ in 0..40 {
        if browser.is_in().await {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    false
}
