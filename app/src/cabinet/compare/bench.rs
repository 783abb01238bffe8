//! What a living comparison remembers: which rows are shown and unfolded, and what somebody is about
//! to match by hand.

use std::collections::HashSet;
use std::sync::Arc;

use crmap_domain::Lang;
use crmap_domain::compare::{Comparison, HandMatch, Verdict};
use leptos::ev::MouseEvent;
use leptos::prelude::*;

use super::model::{self, Line};
use super::room::{Asked, Show, Spot};
use crate::api::comparing::{forget_match, match_items};
use crate::browser;
use crate::cabinet::sending::Sending;
use crate::sheet::copy_clicked;

/// How many rows of a section are drawn at first, and how many more on demand.
pub(super) const WINDOW: usize = 300;
/// The dialog that asks what a row belongs to.
pub(super) const MATCHING: &str = "match-dialog";

/// A comparison on a page.
#[derive(Clone, Copy)]
pub(super) struct Bench {
    pub(super) lang: Lang,
    pub(super) comparison: StoredValue<Arc<Comparison>>,
    asked: StoredValue<Asked>,
    pub(super) show: RwSignal<Show>,
    /// Rows that are not as rows like them are at first: unfolded or folded.
    pub(super) turned: RwSignal<HashSet<Spot>>,
    /// How many rows are drawn, by section.
    pub(super) windows: RwSignal<Vec<usize>>,
    /// The row that somebody matches by hand.
    pub(super) matching: RwSignal<Option<Spot>>,
    pub(super) sending: Sending,
}

impl Bench {
    pub(super) fn provide(lang: Lang, asked: &Asked, comparison: Arc<Comparison>) -> Self {
        let sections = model::sections(&comparison).len();
        let made = Self {
            lang,
            comparison: StoredValue::new(comparison),
            show: RwSignal::new(asked.show),
            turned: RwSignal::new(asked.open.into_iter().collect()),
            asked: StoredValue::new(asked.clone()),
            windows: RwSignal::new(vec![WINDOW; sections]),
            matching: RwSignal::new(None),
            sending: Sending::new(lang, None),
        };
        provide_context(made);
        made
    }

    pub(super) fn get() -> Self {
        expect_context()
    }

    pub(super) fn comparison(self) -> Arc<Comparison> {
        self.comparison.get_value()
    }

    /// The way to the page with something else in its address.
    pub(super) fn address(self, change: impl FnOnce(&mut Asked)) -> String {
        let mut asked = self.asked.get_value();
        asked.show = self.show.get_untracked();
        asked.open = None;
        change(&mut asked);
        asked.address("/compare")
    }

    /// One listener for the whole page: tables of any length need none of their own.
    pub(super) fn on_click(self, event: &MouseEvent) {
        if event.ctrl_key() || event.meta_key() || copy_clicked(event, self.lang) {
            return;
        }
        if let Some((slug, _)) = browser::click_data(event, "show") {
            event.prevent_default();
            self.narrow(Show::from_slug(&slug));
        } else if let Some(spot) = spot_of(event, "unfold") {
            event.prevent_default();
            self.turned.update(|turned| {
                if !turned.remove(&spot) {
                    turned.insert(spot);
                }
            });
        } else if let Some(spot) = spot_of(event, "match") {
            self.sending.forget();
            self.matching.set(Some(spot));
            browser::show_dialog(MATCHING);
        } else if let Some(spot) = spot_of(event, "part") {
            self.part(spot);
        } else if let Some(spot) = spot_of(event, "forget") {
            self.forget(spot);
        }
    }

    fn narrow(self, show: Show) {
        self.show.set(show);
        self.windows.update(|windows| windows.fill(WINDOW));
        let mut asked = self.asked.get_value();
        asked.show = show;
        asked.open = None;
        browser::name_in_address(&asked.parameters());
    }

    fn said(self, spot: Spot) -> Option<HandMatch> {
        let comparison = self.comparison();
        model::line_at(&comparison, spot, self.lang).map(|line: Line<'_>| line.said())
    }

    /// Says of a pair that nothing belongs to either.
    fn part(self, spot: Spot) {
        let Some(HandMatch { kind, left, right }) = self.said(spot) else {
            return;
        };
        let alone = |left, right| HandMatch { kind, left, right };
        let said = vec![alone(left, String::new()), alone(String::new(), right)];
        self.say(said);
    }

    /// Says that the row being matched belongs to the thing of this key.
    pub(super) fn match_with(self, key: String) {
        let Some(spot) = self.matching.get_untracked() else {
            return;
        };
        let comparison = self.comparison();
        let Some(line) = model::line_at(&comparison, spot, self.lang) else {
            return;
        };
        let mut said = line.said();
        match line.verdict {
            Verdict::OnlyLeft => said.right = key,
            _ => said.left = key,
        }
        self.say(vec![said]);
    }

    fn say(self, said: Vec<HandMatch>) {
        let (left, right) = self.sides();
        self.sending
            .send(match_items(left, right, said), |()| browser::reload());
    }

    /// Lets the rules decide again.
    fn forget(self, spot: Spot) {
        let Some(said) = self.said(spot) else {
            return;
        };
        let (left, right) = self.sides();
        self.sending
            .send(forget_match(left, right, said), |()| browser::reload());
    }

    fn sides(self) -> (String, String) {
        self.asked.with_value(|asked| {
            let text =
                |side: &Option<_>| side.as_ref().map_or_else(String::new, ToString::to_string);
            (text(&asked.left), text(&asked.right))
        })
    }
}

fn spot_of(event: &MouseEvent, name: &str) -> Option<Spot> {
    let (text, _) = browser::click_data(event, name)?;
    Spot::parse(&text)
}
