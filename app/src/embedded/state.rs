//! What the page knows and what can be asked of it.

use std::collections::HashSet;
use std::sync::Arc;

use crmap_domain::Lang;
use crmap_domain::search::Query;
use crmap_domain::words::Advice;
use leptos::prelude::*;

use super::loaded::Loaded;
use crate::browser::frame::Frame;
use crate::data::{Content, EmbeddedData, Place, PortalOnPage, Tab};
use crate::error::AppError;
use crate::say;

/// How many rows of a table are drawn at first and with each «more».
pub(super) const WINDOW: usize = 300;
/// How many are drawn while somebody types: each key draws them anew.
const WINDOW_WHILE_TYPING: usize = 100;

/// The state of the page; every component reaches it by `Embedded::get`.
#[derive(Clone, Copy)]
pub struct Embedded {
    pub(super) lang: Lang,
    pub(super) portal: StoredValue<PortalOnPage>,
    pub(super) frame: StoredValue<Option<Frame>, LocalStorage>,
    /// The last specification that was read.
    pub(super) loaded: RwSignal<Option<Arc<Loaded>>>,
    /// Why there is no newer one.
    pub(super) trouble: RwSignal<Option<AppError>>,
    /// Whether a reading is under way, and since how many seconds.
    pub(super) waiting: RwSignal<Option<u32>>,
    pub(super) tab: RwSignal<Tab>,
    pub(super) query: RwSignal<String>,
    pub(super) funnel: RwSignal<Option<i64>>,
    pub(super) window: RwSignal<usize>,
    /// Fields whose list items are shown.
    pub(super) unfolded: RwSignal<HashSet<i64>>,
}

impl Embedded {
    /// Makes the state of a page and gives it to everything below.
    #[must_use]
    pub fn provide(data: EmbeddedData) -> Self {
        let (mut loaded, mut trouble, mut waiting) = (None, None, None);
        match data.content {
            Content::Read(specification) => loaded = Some(Arc::new(Loaded::new(specification))),
            Content::Failed(why) => trouble = Some(AppError::Portal(why)),
            Content::Pending => waiting = Some(0),
        }
        let Place { tab, query, funnel } = data.place;
        let state = Self {
            lang: data.lang,
            portal: StoredValue::new(data.portal),
            frame: StoredValue::new_local(None),
            loaded: RwSignal::new(loaded),
            trouble: RwSignal::new(trouble),
            waiting: RwSignal::new(waiting),
            tab: RwSignal::new(tab),
            query: RwSignal::new(query),
            funnel: RwSignal::new(funnel),
            window: RwSignal::new(WINDOW),
            unfolded: RwSignal::new(HashSet::new()),
        };
        provide_context(state);
        state
    }

    /// The state of the page around the calling component.
    pub(super) fn get() -> Self {
        expect_context()
    }

    /// The search as it stands.
    pub(super) fn search(self) -> Query {
        self.query.with(|query| Query::parse(query))
    }

    /// The place in the page that its address should name.
    pub(super) fn place(self) -> Place {
        Place {
            tab: self.tab.get(),
            query: self.query.get(),
            funnel: self.funnel.get(),
        }
    }

    /// Goes to a section.
    pub(super) fn go(self, tab: Tab, funnel: Option<i64>) {
        self.window.set(WINDOW);
        self.funnel.set(funnel);
        self.tab.set(tab);
    }

    /// Searches.
    pub(super) fn look_for(self, text: String) {
        self.window.set(WINDOW_WHILE_TYPING);
        self.query.set(text);
    }

    /// Shows a field's list items, or puts them away.
    pub(super) fn unfold(self, field: i64) {
        self.unfolded.update(|unfolded| {
            if !unfolded.remove(&field) {
                unfolded.insert(field);
            }
        });
    }
}

/// What to tell of an error.
pub(super) fn advice(error: &AppError, lang: Lang) -> Advice {
    match error {
        AppError::Portal(trouble) => trouble.advice(lang),
        AppError::SessionOver => Advice {
            what: say!(lang, session_over).to_owned(),
            cure: say!(lang, session_over_cure).to_owned(),
        },
        AppError::Connection => Advice {
            what: say!(lang, unreachable_server).to_owned(),
            cure: say!(lang, unreachable_server_cure).to_owned(),
        },
        AppError::Internal => crmap_domain::Trouble::Internal.advice(lang),
    }
}
