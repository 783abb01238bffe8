//! What a sheet knows and what can be asked of it.

use std::collections::HashSet;
use std::sync::Arc;

use crmap_domain::search::Query;
use crmap_domain::words::Advice;
use crmap_domain::{Lang, Specification};
use leptos::prelude::*;

use super::actions::Reader;
use super::loaded::Loaded;
use crate::data::{Marks, Place, Tab};

/// How many rows of a table are drawn at first and with each «more».
pub(super) const WINDOW: usize = 300;
/// How many are drawn while somebody types: each key draws them anew.
const WINDOW_WHILE_TYPING: usize = 100;

/// What a sheet begins with.
pub(crate) struct SheetData {
    /// The language of the page.
    pub(crate) lang: Lang,
    /// Where in the sheet the address points.
    pub(crate) place: Place,
    /// What is known of the portal.
    pub(crate) specification: Option<Arc<Specification>>,
    /// What is new in it.
    pub(crate) marks: Option<Marks>,
    /// Why there is nothing newer.
    pub(crate) trouble: Option<Advice>,
    /// Whether the portal is being read.
    pub(crate) waiting: bool,
}

/// The state of a sheet; every component reaches it by `Sheet::get`.
#[derive(Clone, Copy)]
pub(crate) struct Sheet {
    pub(crate) lang: Lang,
    /// The last specification that was read.
    pub(super) loaded: RwSignal<Option<Arc<Loaded>>>,
    /// Why there is no newer one.
    pub(super) trouble: RwSignal<Option<Advice>>,
    /// Whether a reading is under way, and since how many seconds.
    pub(super) waiting: RwSignal<Option<u32>>,
    pub(super) tab: RwSignal<Tab>,
    pub(super) query: RwSignal<String>,
    pub(super) funnel: RwSignal<Option<i64>>,
    pub(super) window: RwSignal<usize>,
    /// How many rows were drawn before every one was, for paper.
    before_paper: StoredValue<usize>,
    /// Fields whose list items are shown.
    pub(super) unfolded: RwSignal<HashSet<i64>>,
    /// How the portal is read anew; there once the page is alive.
    pub(super) reader: StoredValue<Option<Reader>, LocalStorage>,
}

impl Sheet {
    /// Makes the state of a sheet and gives it to everything below.
    #[must_use]
    pub(crate) fn provide(data: SheetData) -> Self {
        let loaded = data
            .specification
            .map(|specification| Arc::new(Loaded::new(specification, data.marks)));
        let Place {
            tab,
            query,
            funnel,
            unfold,
        } = data.place;
        let sheet = Self {
            lang: data.lang,
            loaded: RwSignal::new(loaded),
            trouble: RwSignal::new(data.trouble),
            waiting: RwSignal::new(data.waiting.then_some(0)),
            tab: RwSignal::new(tab),
            query: RwSignal::new(query),
            funnel: RwSignal::new(funnel),
            window: RwSignal::new(WINDOW),
            before_paper: StoredValue::new(WINDOW),
            unfolded: RwSignal::new(unfold.into_iter().collect()),
            reader: StoredValue::new_local(None),
        };
        provide_context(sheet);
        sheet
    }

    /// The state of the sheet around the calling component.
    pub(crate) fn get() -> Self {
        expect_context()
    }

    /// Whether the portal is being read.
    pub(crate) fn is_waiting(self) -> bool {
        self.waiting.get().is_some()
    }

    /// Whether there is nothing to show yet.
    pub(crate) fn is_empty(self) -> bool {
        self.loaded.with(Option::is_none)
    }

    /// Something of the last specification that was read.
    pub(crate) fn of_specification<T>(self, take: impl FnOnce(&Specification) -> T) -> Option<T> {
        self.loaded
            .with(|loaded| loaded.as_ref().map(|loaded| take(&loaded.specification)))
    }

    /// The search as it stands.
    pub(super) fn search(self) -> Query {
        self.query.with(|query| Query::parse(query))
    }

    /// The place in the sheet that the page's address should name.
    pub(crate) fn place(self) -> Place {
        Place {
            tab: self.tab.get(),
            query: self.query.get(),
            funnel: self.funnel.get(),
            // What is unfolded later is no place to come back to.
            unfold: None,
        }
    }

    /// Goes to a section.
    pub(crate) fn go(self, tab: Tab, funnel: Option<i64>) {
        self.window.set(WINDOW);
        self.funnel.set(funnel);
        self.tab.set(tab);
    }

    /// Draws every row of a section, as paper has it, or as many as before again.
    pub(super) fn draw(self, all: bool) {
        let now = self.window.get_untracked();
        if !all {
            self.window.set(self.before_paper.get_value());
        } else if now != usize::MAX {
            self.before_paper.set_value(now);
            self.window.set(usize::MAX);
        }
    }

    /// Searches.
    pub(crate) fn look_for(self, text: String) {
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
