//! What the page does: coming to life, reading the portal again, copying, saving.

use std::sync::Arc;
use std::time::Duration;

use crmap_domain::text;
use leptos::ev::MouseEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::loaded::Loaded;
use super::state::Embedded;
use crate::api::{read_specification, renew_session, set_bearer};
use crate::browser::frame::Frame;
use crate::browser::{self, Copied};
use crate::data::{Content, Tab, WHOLE_PAGE};
use crate::error::AppError;
use crate::say;
use crate::ui::use_toast;

/// The least height of the frame, so that a dialog fits into a page of few rows.
const LEAST_HEIGHT: f64 = 560.0;

impl Embedded {
    /// Once hydrated: meets the portal around the page, keeps the frame as high as the content and
    /// the address at the page's place, and goes on waiting where the portal was slow.
    pub(super) fn come_alive(self) {
        let origin = self.portal.with_value(|portal| portal.origin.clone());
        let frame = Frame::meet(&origin);
        if let Some(frame) = frame.clone() {
            browser::on_resize(WHOLE_PAGE, move |height| {
                frame.set_height(height.max(LEAST_HEIGHT));
            });
        }
        self.frame.set_value(frame);
        browser::on_key(move |event| self.on_key(event));
        if let Some(place) = browser::recall() {
            self.look_for(place.query);
            self.go(place.tab, place.funnel);
        }
        Effect::new(move |_| self.prepare_search());
        Effect::new(move |_| browser::remember(&self.place()));
        if self.waiting.get_untracked().is_some() {
            self.read();
        }
    }

    /// Makes the search keys of each section in a pause of its own, so that the first key somebody
    /// types finds them ready.
    fn prepare_search(self) {
        let Some(loaded) = self.loaded.get() else {
            return;
        };
        spawn_local(async move {
            for tab in Tab::ALL {
                browser::sleep(Duration::from_millis(40)).await;
                loaded.keys(tab);
            }
        });
    }

    /// Reads the portal anew, unless that is under way.
    pub(super) fn refresh(self) {
        if self.waiting.get_untracked().is_none() {
            self.waiting.set(Some(0));
            self.read();
        }
    }

    fn read(self) {
        self.trouble.set(None);
        spawn_local(async move {
            loop {
                browser::sleep(Duration::from_secs(1)).await;
                if self.waiting.get_untracked().is_none() {
                    break;
                }
                self.waiting
                    .update(|waiting| *waiting = waiting.map(|seconds| seconds + 1));
            }
        });
        spawn_local(async move {
            match self.read_to_the_end().await {
                Ok(loaded) => self.loaded.set(Some(Arc::new(loaded))),
                Err(error) => self.trouble.set(Some(error)),
            }
            self.waiting.set(None);
        });
    }

    async fn read_to_the_end(self) -> Result<Loaded, AppError> {
        let mut renewed = false;
        loop {
            match read_specification().await {
                Ok(Content::Read(specification)) => return Ok(Loaded::new(specification)),
                Ok(Content::Failed(crmap_domain::Trouble::Expired))
                | Err(AppError::SessionOver)
                    if !renewed =>
                {
                    renewed = true;
                    self.renew().await?;
                }
                Ok(Content::Failed(trouble)) => return Err(AppError::Portal(trouble)),
                Ok(Content::Pending) => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Asks the portal for a fresh token of the same user and the server for a new session.
    async fn renew(self) -> Result<(), AppError> {
        let frame = self
            .frame
            .with_value(Clone::clone)
            .ok_or(AppError::SessionOver)?;
        let fresh = frame.refresh_token().await.ok_or(AppError::SessionOver)?;
        let (member_id, address) = self
            .portal
            .with_value(|portal| (portal.member_id.clone(), portal.address.clone()));
        let bearer = renew_session(fresh, member_id, address, self.lang).await?;
        set_bearer(&bearer);
        Ok(())
    }

    /// One listener for the whole page: tables of any length need none of their own.
    pub(super) fn on_click(self, event: &MouseEvent) {
        if let Some((_, element)) = browser::click_data(event, "copy") {
            let text = element.text_content().unwrap_or_default();
            let toast = use_toast();
            let (at, lang) = (browser::pointer_of(&element), self.lang);
            spawn_local(async move {
                let told = match browser::copy(&text, Some(element)).await {
                    Copied::Yes => say!(lang, copied, text = text),
                    Copied::No => say!(lang, copy_failed).to_owned(),
                };
                toast.tell(told, Some(at));
            });
        } else if let Some((field, _)) = browser::click_data(event, "unfold") {
            if let Ok(field) = field.parse() {
                self.unfold(field);
            }
        } else if let Some((funnel, _)) = browser::click_data(event, "funnel") {
            self.go(Tab::Stages, funnel.parse().ok());
            browser::focus_first_tab_sibling();
        }
    }

    fn on_key(self, event: &web_sys::KeyboardEvent) {
        if event.ctrl_key() || event.meta_key() || event.alt_key() {
            return;
        }
        if event.key() == "/" {
            event.prevent_default();
            browser::focus("search");
        }
    }

    /// Saves the specification as a text file, made here by the same code as on the server.
    pub(super) fn save_text(self, event: &MouseEvent) {
        let Some(loaded) = self.loaded.get_untracked() else {
            return;
        };
        let name = text::file_name(&loaded.specification, "txt");
        let saved = browser::save_text(&name, &text::to_text(&loaded.specification, self.lang));
        let at =
            browser::click_data(event, "save").map(|(_, element)| browser::pointer_of(&element));
        let told = if saved {
            say!(self.lang, saved, name = name)
        } else {
            crmap_domain::Trouble::Internal.advice(self.lang).what
        };
        use_toast().tell(told, at);
    }
}
