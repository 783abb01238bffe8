//! The page's side of the frame protocol: messages between an application and the portal around it
//! (bitrix24.md §6.2-6.4).

mod message;

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use futures::channel::oneshot;
use futures::future::{Either, select};
use leptos::prelude::window_event_listener;
use wasm_bindgen::JsValue;

use super::sleep;
use message::Questions;

/// How long the portal may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);

type Waiting = Rc<RefCell<Questions<oneshot::Sender<String>>>>;

/// The portal around this page.
#[derive(Clone)]
pub(crate) struct Frame {
    origin: Rc<str>,
    app_sid: Rc<str>,
    waiting: Waiting,
    asked: Rc<Cell<u32>>,
}

impl Frame {
    /// Meets the portal at `origin`, the one that the server has proved; nothing else is spoken to
    /// or listened to (SEC-44). Gives nothing where the page stands alone.
    pub(crate) fn meet(origin: &str) -> Option<Self> {
        let window = web_sys::window()?;
        let parent = window.parent().ok()??;
        if js_sys::Object::is(&parent, &window) {
            return None;
        }
        let name = window.name().ok()?;
        let app_sid = message::app_sid(&name)?;
        let frame = Self {
            origin: origin.into(),
            app_sid: app_sid.into(),
            waiting: Waiting::default(),
            asked: Rc::default(),
        };
        frame.listen();
        Some(frame)
    }

    /// Gives the frame the height of its content, in CSS pixels.
    pub(crate) fn set_height(&self, height: f64) {
        // Whole pixels; a height beyond the type's range does not exist.
        let height = height.ceil() as u32;
        let size = format!("{{\"width\":\"100%\",\"height\":{height}}}");
        self.send("resizeWindow", Some(&size), &self.ticket());
    }

    /// Tells the portal that the installation is finished; it opens the application in place of this
    /// page (bitrix24.md §1.5).
    #[cfg(feature = "hydrate")]
    pub(crate) fn finish_install(&self) {
        self.send("setInstallFinish", None, &self.ticket());
    }

    /// Asks for a fresh access token of the user; nothing when the portal does not answer.
    pub(crate) async fn refresh_token(&self) -> Option<String> {
        let answer = js_sys::JSON::parse(&self.ask("refreshAuth").await?).ok()?;
        js_sys::Reflect::get(&answer, &"AUTH_ID".into())
            .ok()?
            .as_string()
    }

    async fn ask(&self, command: &str) -> Option<String> {
        let ticket = self.ticket();
        let (tell, answer) = oneshot::channel();
        self.waiting.borrow_mut().ask(ticket.clone(), tell);
        self.send(command, None, &ticket);
        let outcome = match select(answer, Box::pin(sleep(PATIENCE))).await {
            Either::Left((answer, _)) => answer.ok(),
            Either::Right(_) => None,
        };
        self.waiting.borrow_mut().forget(&ticket);
        outcome
    }

    fn send(&self, command: &str, parameters: Option<&str>, ticket: &str) {
        let message = message::command(command, parameters, ticket, &self.app_sid);
        let parent = web_sys::window().and_then(|window| window.parent().ok().flatten());
        if let Some(parent) = parent {
            let _ = parent.post_message(&JsValue::from_str(&message), &self.origin);
        }
    }

    /// A name for one question. It need not be a secret: answers count only from the portal's
    /// origin.
    fn ticket(&self) -> String {
        self.asked.set(self.asked.get().wrapping_add(1));
        format!(
            "crmap{}x{:x}",
            self.asked.get(),
            (js_sys::Math::random() * 1e9) as u64
        )
    }

    fn listen(&self) {
        let (origin, waiting) = (Rc::clone(&self.origin), Rc::clone(&self.waiting));
        let handle = window_event_listener(leptos::ev::message, move |event| {
            if event.origin() != *origin {
                return;
            }
            let Some(text) = event.data().as_string() else {
                return;
            };
            let answered = waiting.borrow_mut().answered(&text);
            if let Some((tell, answer)) = answered {
                let _ = tell.send(answer.to_owned());
            }
        });
        // The page lives as long as its window.
        std::mem::forget(handle);
    }
}
