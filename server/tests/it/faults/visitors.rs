//! People and portals who come all the time, and a note of how each was answered.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::http::{Method, StatusCode};
use crmap_app::api::fleet::PortalCards;
use portal_sim::UserRole;
use tokio::task::JoinHandle;

use super::program::{Left, Program};
use crate::cabinet::browser::Browser;
use crate::support::{Form, open, request, send};

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    /// Whether the process lives.
    Health,
    /// Whether it should be sent anybody.
    Readiness,
    /// A page of the cabinet.
    Dashboard,
    /// A portal's page of the cabinet.
    Portal,
    /// A server function.
    Cards,
    /// The application inside a portal.
    Opening,
}

pub const WISHES: [Wish; 6] = [
    Wish::Health,
    Wish::Readiness,
    Wish::Dashboard,
    Wish::Portal,
    Wish::Cards,
    Wish::Opening,
];

/// How somebody was answered.
#[derive(Debug, Clone, Copy)]
pub struct Answered {
    pub wish: Wish,
    pub began: Instant,
    pub took: Duration,
    pub status: StatusCode,
}

/// Asks for things.
pub struct Guest {
    browser: Browser,
    portal_page: String,
    left: Arc<Left>,
}

impl Guest {
    pub fn of(left: &Arc<Left>, program: &Program) -> Self {
        Self {
            browser: left.anna.before(&program.wire()),
            portal_page: format!("/portals/{}", left.cloud.portal(1).member_id()),
            left: Arc::clone(left),
        }
    }

    pub async fn ask(&self, wish: Wish) -> Answered {
        let began = Instant::now();
        let status = match wish {
            Wish::Health => self.browser.get("/healthz").await.status,
            Wish::Readiness => {
                let asked = request(Method::GET, "/readyz", "");
                send(&self.browser.router, asked).await.status
            }
            Wish::Dashboard => self.browser.get("/dashboard").await.status,
            Wish::Portal => self.browser.get(&self.portal_page).await.status,
            Wish::Cards => self.browser.call(&PortalCards {}).await.status,
            Wish::Opening => {
                let form = Form::of(self.left.cloud.portal(2), UserRole::Administrator);
                open(&self.browser.router, &form).await.status
            }
        };
        Answered {
            wish,
            began,
            took: began.elapsed(),
            status,
        }
    }
}

/// Guests who come until they are told to stop.
pub struct Crowd {
    stop: Arc<AtomicBool>,
    book: Arc<Mutex<Vec<Answered>>>,
    guests: Vec<JoinHandle<()>>,
}

impl Crowd {
    /// One guest for each wish, who comes again every `pause`.
    pub fn come(left: &Arc<Left>, program: &Program, pause: Duration) -> Self {
        let (stop, book) = (
            Arc::new(AtomicBool::new(false)),
            Arc::<Mutex<Vec<_>>>::default(),
        );
        let guests = WISHES.map(|wish| {
            let guest = Guest::of(left, program);
            let (stop, book) = (Arc::clone(&stop), Arc::clone(&book));
            tokio::spawn(async move {
                while !stop.load(Ordering::SeqCst) {
                    let answered = guest.ask(wish).await;
                    book.lock().unwrap().push(answered);
                    tokio::time::sleep(pause).await;
                }
            })
        });
        Self {
            stop,
            book,
            guests: guests.into(),
        }
    }

    /// They go; what is noted of all of them.
    pub async fn leave(self) -> Vec<Answered> {
        self.stop.store(true, Ordering::SeqCst);
        for guest in self.guests {
            guest.await.unwrap();
        }
        let mut book = self.book.lock().unwrap();
        std::mem::take(&mut *book)
    }
}
