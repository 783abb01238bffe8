//! What a sheet does: reading the portal again, copying, saving.

use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use crmap_domain::words::Advice;
use crmap_domain::{Lang, Specification, text};
use leptos::ev::MouseEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::loaded::Loaded;
use super::state::Sheet;
use crate::browser::{self, Copied};
use crate::data::{Marks, Tab};
use crate::say;
use crate::ui::use_toast;

/// How a reading ended: what was read and is new, or what to tell of it.
type Answer = Result<(Arc<Specification>, Option<Marks>), Advice>;
/// Reads the portal to the end, however long it takes.
pub(crate) type Reader = Rc<dyn Fn() -> Pin<Box<dyn Future<Output = Answer>>>>;

impl Sheet {
    /// Once hydrated: takes the way to read the portal, and goes on waiting where the portal was slow.
    pub(crate) fn come_alive(self, reader: Reader) {
        self.reader.set_value(Some(reader));
        browser::on_print(move |on_paper| self.draw(on_paper));
        Effect::new(move |_| self.prepare_search());
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
    pub(crate) fn refresh(self) {
        if self.waiting.get_untracked().is_none() {
            self.waiting.set(Some(0));
            self.read();
        }
    }

    fn read(self) {
        let Some(reader) = self.reader.with_value(Clone::clone) else {
            return;
        };
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
            match reader().await {
                Ok((read, marks)) => self.loaded.set(Some(Arc::new(Loaded::new(read, marks)))),
                Err(advice) => self.trouble.set(Some(advice)),
            }
            self.waiting.set(None);
        });
    }

    /// One listener for the whole page: tables of any length need none of their own.
    pub(crate) fn on_click(self, event: &MouseEvent) {
        if copy_clicked(event, self.lang) {
            return;
        }
        if let Some((field, _)) = browser::click_data(event, "unfold") {
            if let Ok(field) = field.parse() {
                self.unfold(field);
            }
        } else if let Some((funnel, _)) = browser::click_data(event, "funnel") {
            self.go(Tab::Stages, funnel.parse().ok());
            request_animation_frame(browser::focus_first_tab_sibling);
        } else if browser::click_data(event, "print").is_some() {
            // What a click changes is drawn when it is over; the browser writes down what is drawn.
            self.draw(true);
            request_animation_frame(browser::print);
        }
    }

    /// Saves the specification as a text file, made here by the same code as on the server.
    pub(crate) fn save_text(self, event: &MouseEvent) {
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

/// Copies the identifier that was clicked; says whether one was.
pub(crate) fn copy_clicked(event: &MouseEvent, lang: Lang) -> bool {
    let Some((_, element)) = browser::click_data(event, "copy") else {
        return false;
    };
    let text = element.text_content().unwrap_or_default();
    let toast = use_toast();
    let at = browser::pointer_of(&element);
    spawn_local(async move {
        let told = match browser::copy(&text, Some(element)).await {
            Copied::Yes => say!(lang, copied, text = text),
            Copied::No => say!(lang, copy_failed).to_owned(),
        };
        toast.tell(told, Some(at));
    });
    true
}
